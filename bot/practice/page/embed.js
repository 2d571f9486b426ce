// An embed: a card with a colour bar.

import { el } from "./dom.js";
import { inline, markup } from "./markup.js";
import { clock, full } from "./times.js";

function field(one, names) {
  return el(
    "div",
    { className: one.inline ? "field" : "field wide" },
    el("dt", {}, ...inline(one.name, names)),
    el("dd", {}, markup(one.value, names)),
  );
}

function footer(embed) {
  const moment = embed.timestamp ? new Date(embed.timestamp) : null;
  if (!embed.footer?.text && !moment) return null;
  const text = [embed.footer?.text, moment && clock(moment)].filter(Boolean).join(" · ");
  return el("p", { className: "embed-foot", textContent: text, title: moment ? full(moment) : "" });
}

export function embedCard(embed, names) {
  const card = el(
    "article",
    { className: "embed" },
    embed.author?.name ? el("p", { className: "embed-author", textContent: embed.author.name }) : null,
    embed.title ? el("h3", {}, ...inline(embed.title, names)) : null,
    embed.description ? el("div", { className: "text" }, markup(embed.description, names)) : null,
    embed.fields?.length ? el("dl", {}, ...embed.fields.map((one) => field(one, names))) : null,
    footer(embed),
  );
  if (embed.color) card.style.borderLeftColor = `#${embed.color.toString(16).padStart(6, "0")}`;
  return card;
}
