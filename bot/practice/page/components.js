// Rows of buttons and selects under a message.

import { el } from "./dom.js";

const BUTTON = 2;
const SELECT = 3;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link-button" };

function label(part) {
  return [part.emoji?.name, part.label].filter(Boolean).join(" ");
}

function button(part, press) {
  if (part.style === 5) {
    const safe = /^https?:\/\//.test(part.url);
    const attributes = safe ? { href: part.url, target: "_blank", rel: "noreferrer noopener" } : {};
    return el("a", { className: "button link-button", attributes, title: part.url, textContent: `${label(part)} ↗` });
  }
  const node = el("button", {
    className: `button ${STYLES[part.style]}`,
    type: "button",
    disabled: Boolean(part.disabled),
    textContent: label(part),
  });
  node.addEventListener("click", () => press(node, "click", { custom_id: part.custom_id }));
  return node;
}

function select(part, press) {
  const options = part.options.map((option) => el("option", { value: option.value, textContent: option.label, selected: Boolean(option.default) }));
  const blank = el("option", { value: "", textContent: part.placeholder ?? "Choose…", selected: !part.options.some((o) => o.default) });
  const node = el("select", { className: "menu", disabled: Boolean(part.disabled), ariaLabel: part.placeholder ?? "Choose" }, blank, ...options);
  node.addEventListener("change", () => {
    if (node.value) press(node, "select", { custom_id: part.custom_id, values: [node.value] });
  });
  return node;
}

// `press(node, path, words)` sends the interaction.
export function rows(components, press) {
  const makers = { [BUTTON]: button, [SELECT]: select };
  return components.map((row) =>
    el("div", { className: "buttons" }, ...row.components.map((part) => makers[part.type]?.(part, press))),
  );
}
