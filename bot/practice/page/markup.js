// Discord's markdown, the part a desk uses, made into DOM nodes.

import { el } from "./dom.js";
import { full, stamp } from "./times.js";

const WRAP = { "**": "strong", "__": "u", "~~": "s", "||": "span" };
// Drawn by the style sheet, for where no font has them.
const LIGHTS = { "🟡": "amber", "🔵": "blue", "🟢": "green", "⚪": "grey", "🔴": "red" };
const INLINE = [
  [/\\([*_`~|>\\<#-])/, (m) => m[1]],
  [/``(.+?)``|`([^`\n]+)`/s, (m) => el("code", { textContent: m[1] ?? m[2] })],
  [/(\*\*|__|~~|\|\|)(?=\S)(.+?)\1(?!\*)/s, (m, names) => el(WRAP[m[1]], {}, ...inline(m[2], names))],
  [/\*(?=[^\s*])([^*]+?)\*|(?<!\w)_(?=\S)([^_]+?)_(?!\w)/s, (m, names) => el("em", {}, ...inline(m[1] ?? m[2], names))],
  [/<@!?(\d{17,20})>/, (m, names) => mention(`@${names.user(m[1])}`, names.isMe(m[1]))],
  [/<@&(\d{17,20})>/, (m, names) => mention(`@${names.role(m[1])}`, names.isMine(m[1]))],
  [/<#(\d{17,20})>/, (m, names) => mention(`#${names.channel(m[1])}`, false)],
  [/@(?:everyone|here)\b/, (m) => mention(m[0], true)],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, (m) => time(Number(m[1]), m[2] ?? "f")],
  [/\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/, (m) => el("span", { className: "link", title: m[2], textContent: `${m[1]} (${m[2]})` })],
  [/[🟡🔵🟢⚪🔴]/u, (m) => el("span", { className: `light ${LIGHTS[m[0]]}`, textContent: m[0] })],
  [/<?(https?:\/\/[^\s<>]+)>?/, (m) => el("span", { className: "link", textContent: m[1] })],
];

function mention(text, forMe) {
  return el("span", { className: forMe ? "mention me" : "mention", textContent: text });
}

function time(unix, style) {
  const node = el("time", { className: "stamp", textContent: stamp(unix, style), title: full(new Date(unix * 1000)) });
  node.dataset.unix = unix;
  node.dataset.style = style;
  return node;
}

// Return the nodes of a run of text without blocks.
export function inline(text, names) {
  const nodes = [];
  let rest = text;
  while (rest) {
    const next = first(rest);
    if (!next) break;
    const [match, make] = next;
    if (match.index) nodes.push(rest.slice(0, match.index));
    nodes.push(make(match, names));
    rest = rest.slice(match.index + match[0].length);
  }
  return rest ? [...nodes, rest] : nodes;
}

function first(text) {
  let best = null;
  for (const [pattern, make] of INLINE) {
    const match = pattern.exec(text);
    if (match && (!best || match.index < best[0].index)) best = [match, make];
  }
  return best;
}

function line(text, names) {
  const heading = /^(#{1,3}) (.+)$/.exec(text);
  if (heading) return el("div", { className: `heading h${heading[1].length}` }, ...inline(heading[2], names));
  const small = /^-# (.+)$/.exec(text);
  if (small) return el("div", { className: "small" }, ...inline(small[1], names));
  const item = /^(\s*)[-*] (.+)$/.exec(text);
  if (item) return el("div", { className: item[1] ? "item deep" : "item" }, ...inline(item[2], names));
  return el("div", { className: text ? "line" : "line empty" }, ...inline(text, names));
}

function lines(text, names) {
  const nodes = [];
  let quote = null;
  for (const one of text.split("\n")) {
    if (one.startsWith("> ")) {
      if (!quote) nodes.push((quote = el("blockquote")));
      quote.append(line(one.slice(2), names));
    } else {
      quote = null;
      nodes.push(line(one, names));
    }
  }
  return nodes;
}

// Return the nodes of a whole text: code blocks, quotes, lines.
export function markup(text, names) {
  const fragment = document.createDocumentFragment();
  text.split(/```/).forEach((part, n, parts) => {
    if (n % 2 && n < parts.length - 1) {
      fragment.append(el("pre", {}, el("code", { textContent: part.replace(/^[\w+-]*\n/, "").replace(/\n$/, "") })));
      return;
    }
    const open = n % 2 ? "```" + part : part;
    const trimmed = open.replace(n ? /^\n/ : /^$/, "").replace(n < parts.length - 1 ? /\n$/ : /$^/, "");
    if (trimmed) fragment.append(...lines(trimmed, names));
  });
  return fragment;
}
