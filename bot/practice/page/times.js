// Times as Discord writes them: today by the clock, and <t:unix:R> as "in 4 minutes".

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

export function clock(moment) {
  const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (moment.toDateString() === new Date().toDateString()) return time;
  return `${moment.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}

export function dayOf(message) {
  const options = { weekday: "long", day: "numeric", month: "long" };
  return new Date(message.timestamp).toLocaleDateString("en-GB", options);
}

export const full = (moment) => moment.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "medium" });

export function stamp(unix, style) {
  const moment = new Date(unix * 1000);
  if (style !== "R") return moment.toLocaleString("en-GB", STYLES[style] ?? STYLES.f);
  const seconds = Math.round(unix - Date.now() / 1000);
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? STEPS.at(-1);
  return relative.format(Math.trunc(seconds / size), unit);
}

export function refreshStamps() {
  for (const node of document.querySelectorAll("time[data-style='R']")) {
    const text = stamp(Number(node.dataset.unix), "R");
    if (node.textContent !== text) node.textContent = text;
  }
}
