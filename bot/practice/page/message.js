// One message of the list.

import { rows } from "./components.js";
import { avatar, el } from "./dom.js";
import { embedCard } from "./embed.js";
import { inline, markup } from "./markup.js";
import { clock, full } from "./times.js";

const LOADING = 128;
const SUPPRESS_EMBEDS = 4;
const GROUP_MS = 7 * 60 * 1000;

// Tell whether a message goes on under the same head as the one before it.
export function continues(message, before) {
  return Boolean(
    before &&
      before.author.id === message.author.id &&
      !message.message_reference &&
      !message.interaction_metadata &&
      !before.visible_to === !message.visible_to &&
      new Date(message.timestamp) - new Date(before.timestamp) < GROUP_MS,
  );
}

function head(message, person) {
  const moment = new Date(message.timestamp);
  return el(
    "p",
    { className: "head" },
    el("span", { className: "name", textContent: person.name }),
    person.bot ? el("span", { className: "badge", textContent: "bot" }) : null,
    el("time", { textContent: clock(moment), title: full(moment) }),
  );
}

function quoted(message, names, jump) {
  const used = message.type === 20 && message.interaction_metadata;
  if (used) return el("p", { className: "reply", textContent: `↱ ${names.user(used.user.id)} used /${used.name}` });
  if (!message.message_reference || message.type !== 19) return null;
  const original = message.referenced_message;
  if (!original) return el("p", { className: "reply gone", textContent: "↱ the original message was deleted" });
  const said = el("p", {}, ...inline(original.content.replaceAll("\n", " "), names)).textContent;
  const summary = said || original.embeds[0]?.title || "an embed";
  return el(
    "p",
    { className: "reply" },
    el("button", {
      type: "button",
      textContent: `↱ ${names.user(original.author.id)}: ${summary}`,
      on: { click: () => jump(original.id) },
    }),
  );
}

function body(message, names) {
  if (message.flags & LOADING) return el("div", { className: "text thinking", textContent: "Thinking…" });
  const text = el("div", { className: "text" }, markup(message.content, names));
  if (message.edited_timestamp) {
    text.append(el("span", { className: "edited", textContent: "(edited)", title: full(new Date(message.edited_timestamp)) }));
  }
  return text;
}

function attachment(file) {
  return el("p", { className: "file" }, el("a", { attributes: { href: file.url, download: file.filename }, textContent: `⬇ ${file.filename} (${file.size} bytes)` }));
}

function reaction(message, one, acts) {
  return el("button", {
    className: "reaction",
    type: "button",
    textContent: `${one.emoji.name} ${one.count}`,
    on: { click: () => acts.react(message, one.emoji.name) },
  });
}

function onlyYou(message, acts) {
  return el(
    "p",
    { className: "only-you" },
    "Only you can see this · ",
    el("button", { type: "button", textContent: "Dismiss", on: { click: () => acts.remove(message) } }),
  );
}

function tools(message, own, acts) {
  const tool = (text, act) => el("button", { type: "button", textContent: text, on: { click: (event) => act(message, event.currentTarget) } });
  if (message.visible_to) return null;
  return el(
    "p",
    { className: "tools" },
    tool("Reply", acts.reply),
    own ? tool("Edit", acts.edit) : null,
    own ? tool("Delete", acts.confirmRemove) : null,
  );
}

export function messageItem(message, before, { names, me, acts }) {
  const person = names.person(message.author.id);
  const joined = continues(message, before);
  const mine = message.mentions.some((user) => user.id === me.id) || message.mention_roles.some(names.isMine) || message.mention_everyone;
  const classes = ["message", joined && "joined", mine && "for-me", message.visible_to && "ephemeral"];
  const item = el(
    "li",
    { className: classes.filter(Boolean).join(" ") },
    joined ? el("span", { className: "avatar none" }) : avatar(person),
    el(
      "div",
      { className: "content" },
      quoted(message, names, acts.jump),
      joined ? null : head(message, person),
      body(message, names),
      ...(message.flags & SUPPRESS_EMBEDS ? [] : message.embeds.map((embed) => embedCard(embed, names))),
      ...message.attachments.map(attachment),
      ...rows(message.components, (node, path, words) => acts.press(message, node, path, words)),
      message.reactions.length ? el("p", { className: "reactions" }, ...message.reactions.map((one) => reaction(message, one, acts))) : null,
      el("p", { className: "failed", role: "alert", hidden: true }),
      message.visible_to ? onlyYou(message, acts) : null,
    ),
    tools(message, message.author.id === me.id, acts),
  );
  item.dataset.id = message.id;
  return item;
}
