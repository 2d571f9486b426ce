// The page: it holds what is shown, hears the server's feed, and draws.

import { Feed, get, post } from "./api.js";
import { Composer } from "./composer.js";
import { byId, el, show } from "./dom.js";
import { messageItem } from "./message.js";
import { openModal } from "./modal.js";
import { namesFor } from "./names.js";
import { drawSidebar } from "./sidebar.js";
import { dayOf, refreshStamps } from "./times.js";

const PAGE = 100;
const TYPING_MS = 9000;
const FAILED = "This interaction failed.";

const state = { world: null, member: "tessa", channel: "orders", messages: [], unread: new Map(), typing: new Map() };
const list = byId("list");
const feed = new Feed(hear, (here) => (byId("offline").hidden = here));
const composer = new Composer({
  where: () => ({ member: state.member, channel: place().id }),
  commands: () => state.world?.commands ?? [],
  lastOwn: () => state.messages.findLast((message) => message.author.id === me().id && !message.visible_to),
  onOutcome: (outcome) => settle(outcome, null),
});

const me = () => state.names.everyone.find((person) => person.username === state.member);
const place = () => places().find((one) => one.key === state.channel) ?? places()[0];

function places() {
  const { channels, threads, direct } = state.world;
  const open = threads.filter((thread) => !thread.thread_metadata.archived);
  const row = (label, topic) => (one) => ({ id: one.id, key: one.type === 0 ? one.name : one.id, label: label(one), topic: topic(one) });
  return [
    ...channels.map(row((one) => `# ${one.name}`, (one) => one.topic)),
    ...open.map(row((one) => `↳ ${one.name}`, () => "Thread")),
    { id: direct[state.member], key: "dm", label: "@ Desk", topic: "Direct messages. The desk does not listen here." },
  ];
}

async function become(member) {
  state.member = member;
  state.unread.clear();
  state.typing.clear();
  state.names = namesFor(state.world, member);
  feed.open(member);
  moved();
}

function goTo(channel) {
  state.channel = channel;
  moved();
  load();
}

function moved() {
  const address = new URLSearchParams({ member: state.member, channel: state.channel });
  history.replaceState(null, "", `?${address}`);
  state.unread.delete(place().id);
  composer.setPlace(place().label);
  byId("title").textContent = place().label;
  byId("topic").textContent = place().topic;
  drawAround();
}

function drawAround() {
  const people = state.names.everyone.filter((person) => !person.bot);
  drawSidebar({ places: places(), place: place(), people, me: me(), unread: state.unread, goTo, become });
  const waiting = [...state.unread.values()].reduce((sum, count) => sum + count, 0);
  document.title = `${waiting ? `(${waiting}) ` : ""}${place().label} · ${me().name} · practice chat`;
  const here = state.world.bots > 0;
  byId("bot-state").textContent = here ? "Desk is here" : "Desk is away";
  byId("bot-state").className = here ? "here" : "away";
  drawTyping();
}

async function load() {
  const words = { member: state.member, channel: place().id, limit: PAGE };
  const found = await get("messages", words);
  if (words.channel !== place().id || words.member !== state.member) return;
  state.messages = found;
  byId("earlier").hidden = found.length < PAGE;
  drawMessages();
  list.scrollTop = list.scrollHeight;
}

async function loadEarlier() {
  const words = { member: state.member, channel: place().id, limit: PAGE, before: state.messages[0].id };
  const found = await get("messages", words);
  const height = list.scrollHeight;
  state.messages = [...found, ...state.messages];
  byId("earlier").hidden = found.length < PAGE;
  drawMessages();
  list.scrollTop += list.scrollHeight - height;
}

// Return the nodes of the n-th message: itself, under a divider when its day is new.
function itemsAt(n) {
  const [before, message] = [state.messages[n - 1], state.messages[n]];
  if (before && dayOf(before) === dayOf(message)) return [draw(message, before)];
  return [el("li", { className: "day", textContent: dayOf(message) }), draw(message, null)];
}

function drawMessages() {
  const items = state.messages.flatMap((_, n) => itemsAt(n));
  const empty = el("li", { className: "nothing", textContent: "Nothing has been said here yet." });
  byId("messages").replaceChildren(...(items.length ? items : [empty]));
}

function draw(message, before) {
  return messageItem(message, before, { names: state.names, me: me(), acts });
}

const nodeOf = (id) => byId("messages").querySelector(`[data-id="${CSS.escape(id)}"]`);
const atEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 80;

// Put a new or changed message in its place and keep the end in sight.
function put(message) {
  const follow = atEnd();
  const found = state.messages.findIndex((one) => one.id === message.id);
  if (found < 0) {
    // Only added to, so that a button elsewhere is never replaced under the pointer.
    state.messages.push(message);
    byId("messages").querySelector(".nothing")?.remove();
    byId("messages").append(...itemsAt(state.messages.length - 1));
  } else {
    state.messages[found] = message;
    nodeOf(message.id).replaceWith(itemsAt(found).at(-1));
  }
  if (follow || (found < 0 && message.author.id === me().id)) list.scrollTop = list.scrollHeight;
}

function remove(id) {
  state.messages = state.messages.filter((message) => message.id !== id);
  drawMessages();
}

async function refreshWorld() {
  state.world = await get("world");
  state.names = namesFor(state.world, state.member);
  drawAround();
}

const listeners = {
  message({ message }) {
    stopTyping(message.channel_id, message.author.id);
    if (message.channel_id === place().id) put(message);
    else if (!message.edited_timestamp && places().some((one) => one.id === message.channel_id)) {
      state.unread.set(message.channel_id, (state.unread.get(message.channel_id) ?? 0) + 1);
      drawAround();
    }
  },
  delete({ id, channel_id }) {
    if (channel_id === place().id) remove(id);
  },
  typing({ channel_id, user_id }) {
    if (channel_id !== place().id || user_id === me().id) return;
    clearTimeout(state.typing.get(user_id));
    state.typing.set(user_id, setTimeout(() => stopTyping(channel_id, user_id), TYPING_MS));
    drawTyping();
  },
  bots: refreshWorld, // its slash commands may be new, too
  threads: refreshWorld,
  welcome: load,
  reload: load,
};

function hear(news) {
  listeners[news.type]?.(news);
}

function stopTyping(channel, user) {
  if (channel !== place().id) return;
  clearTimeout(state.typing.get(user));
  state.typing.delete(user);
  drawTyping();
}

function drawTyping() {
  const names = [...state.typing.keys()].map(state.names.user);
  byId("typing").textContent = names.length ? `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} typing…` : "";
}

// Write a problem under its message, or under the composer when that is gone.
function complain(message, text) {
  const follow = atEnd();
  show((message && nodeOf(message.id)?.querySelector(".failed")) ?? byId("problem"), text);
  if (follow) list.scrollTop = list.scrollHeight;
}

function settle(outcome, message) {
  if (outcome.state === "modal") openModal(state.member, outcome.interaction, outcome.modal, (next) => settle(next, message));
  if (outcome.state === "failed") complain(message, FAILED);
}

const acts = {
  async press(message, node, path, words) {
    const buttons = node.closest(".content").querySelectorAll("button, select");
    buttons.forEach((one) => (one.inert = true));
    node.classList.add("busy");
    try {
      settle(await post(path, { member: state.member, message: message.id, ...words }), message);
    } catch (problem) {
      complain(message, problem.message);
    } finally {
      node.classList.remove("busy");
      buttons.forEach((one) => (one.inert = false));
    }
  },
  reply: (message) => composer.reply(message, state.names.user(message.author.id)),
  edit: (message) => composer.edit(message),
  remove: (message) => post("delete", { member: state.member, message: message.id }),
  confirmRemove(message, button) {
    if (button.dataset.sure) return acts.remove(message);
    button.dataset.sure = "yes";
    button.textContent = "Delete now?";
    button.classList.add("sure");
    return null;
  },
  react(message, emoji) {
    return post("react", { member: state.member, message: message.id, emoji, toggle: true });
  },
  jump(id) {
    nodeOf(id)?.scrollIntoView({ block: "center" });
  },
};

async function start() {
  const asked = new URLSearchParams(location.search);
  state.world = await get("world");
  const people = state.world.members.filter((one) => !one.user.bot).map((one) => one.user.username);
  state.channel = asked.get("channel") ?? "orders";
  byId("earlier").onclick = loadEarlier;
  setInterval(refreshStamps, 1000);
  await become(people.includes(asked.get("member")) ? asked.get("member") : "tessa");
}

start();
