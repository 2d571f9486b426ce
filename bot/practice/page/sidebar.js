// Who one is and where one is: lists on a wide page, two menus on a narrow one.

import { avatar, byId, el } from "./dom.js";

function entry(text, { current, unread, choose, before }) {
  const button = el(
    "button",
    { type: "button", className: unread ? "unread" : "", on: { click: choose } },
    before ?? null,
    el("span", { textContent: text }),
    unread ? el("span", { className: "count", textContent: String(unread) }) : null,
  );
  if (current) button.setAttribute("aria-current", "true");
  return el("li", {}, button);
}

function fill(select, options, current, choose) {
  select.replaceChildren(...options.map(([value, text]) => el("option", { value, textContent: text, selected: value === current })));
  select.onchange = () => choose(select.value);
}

export function drawSidebar({ places, place, people, me, unread, goTo, become }) {
  byId("channels").replaceChildren(
    ...places.map((one) =>
      entry(one.label, { current: one.id === place.id, unread: unread.get(one.id), choose: () => goTo(one.key) }),
    ),
  );
  byId("members").replaceChildren(
    ...people.map((one) =>
      entry(one.name, { current: one.id === me.id, before: avatar(one), choose: () => become(one.username) }),
    ),
  );
  const marked = (one) => (unread.get(one.id) ? `${one.label} (${unread.get(one.id)})` : one.label);
  fill(byId("channel-select"), places.map((one) => [one.key, marked(one)]), place.key, goTo);
  fill(byId("member-select"), people.map((one) => [one.username, one.name]), me.username, become);
}
