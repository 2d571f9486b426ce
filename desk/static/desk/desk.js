// Ages and countdowns tick in the browser, so that a page only asks for facts.
function spell(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d`;
}
function tick() {
  const now = Date.now();
  for (const el of document.querySelectorAll("time[data-since]"))
    el.textContent = spell((now - Date.parse(el.dataset.since)) / 1000);
  for (const el of document.querySelectorAll("time[data-until]"))
    el.textContent = spell((Date.parse(el.dataset.until) - now) / 1000);
}
document.addEventListener("DOMContentLoaded", () => { tick(); setInterval(tick, 1000); });
document.addEventListener("htmx:afterSettle", tick);
