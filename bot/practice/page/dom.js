// Make elements. Text only ever becomes a text node: nothing here parses HTML.

export function el(tag, options = {}, ...children) {
  const { className, attributes = {}, on = {}, ...properties } = options;
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  for (const [event, listener] of Object.entries(on)) node.addEventListener(event, listener);
  Object.assign(node, properties);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

export function initials(name) {
  const words = name.split(/[\s_-]+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words[1][0] : name.slice(0, 2);
  return letters.toUpperCase();
}

export function avatar(person) {
  const node = el("span", { className: "avatar", textContent: initials(person.name), ariaHidden: "true" });
  node.style.backgroundColor = person.colour;
  return node;
}

export function show(node, text) {
  node.textContent = text;
  node.hidden = !text;
}
