// The line one types in: sending, replying, editing, slash commands, examples.

import { post } from "./api.js";
import { byId, el, show } from "./dom.js";

const THREE_WEEKS_MS = 21 * 24 * 3600 * 1000;
const TYPING_MS = 8000;

// Return the first monthly expiry on or after a day, as traders write it: 18dec. It is the third Friday.
export function nextMonthly(day) {
  const found = new Date(day);
  while (found.getDay() !== 5 || found.getDate() < 15 || found.getDate() > 21) found.setDate(found.getDate() + 1);
  return `${found.getDate()}${found.toLocaleDateString("en-US", { month: "short" }).toLowerCase()}`;
}

export class Composer {
  constructor({ where, commands, lastOwn, onOutcome }) {
    Object.assign(this, { where, commands, lastOwn, onOutcome, context: null, typedAt: 0 });
    this.input = byId("input");
    byId("composer").onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
    byId("context-cancel").onclick = () => this.clearContext();
    this.input.onkeydown = (event) => this.onKey(event);
    this.input.oninput = () => this.onInput();
    byId("examples").replaceChildren("Try ", ...[`!tt bto 2 SPY ${nextMonthly(new Date(Date.now() + THREE_WEEKS_MS))} 600c`, "!tt help"].map((text) => this.example(text)));
  }

  example(text) {
    return el("button", { type: "button", textContent: text, on: { click: () => this.fill(text) } });
  }

  fill(text) {
    this.input.value = text;
    this.onInput();
    this.input.focus();
  }

  onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      this.clearContext();
    } else if (event.key === "ArrowUp" && !this.input.value && this.lastOwn()) {
      event.preventDefault();
      this.edit(this.lastOwn());
    }
  }

  onInput() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 240)}px`;
    show(byId("problem"), "");
    this.suggest();
    if (this.input.value && Date.now() - this.typedAt > TYPING_MS) {
      this.typedAt = Date.now();
      post("typing", this.where()).catch(() => {});
    }
  }

  suggest() {
    const list = byId("commands");
    const typed = /^\/([-\w]*)$/.exec(this.input.value);
    const found = typed ? this.commands().filter((command) => command.name.startsWith(typed[1])) : [];
    list.hidden = !found.length;
    list.replaceChildren(...found.map((command) => this.suggestion(command)));
  }

  suggestion(command) {
    const options = command.options.map((option) => `${option.name}:`).join(" ");
    const text = `/${command.name}${options ? ` ${options}` : ""}`;
    const note = el("small", { textContent: command.description });
    return el("li", {}, el("button", { type: "button", on: { click: () => this.fill(text) } }, text, note));
  }

  reply(message, name) {
    this.setContext({ reply: message }, `Replying to ${name}`);
  }

  edit(message) {
    this.setContext({ edit: message }, "Editing your message · Enter saves, Escape leaves it");
    this.fill(message.content);
  }

  setContext(context, text) {
    this.context = context;
    byId("context-text").textContent = text;
    byId("context").hidden = false;
    this.input.focus();
  }

  clearContext() {
    if (this.context?.edit) this.fill("");
    this.context = null;
    byId("context").hidden = true;
  }

  setPlace(label) {
    this.clearContext();
    this.input.placeholder = `Message ${label}`;
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const context = this.context;
    this.context = null;
    byId("context").hidden = true;
    this.typedAt = 0;
    this.fill(""); // at once: what is typed while the server answers belongs to the next message
    try {
      await this.send(text, context);
    } catch (problem) {
      if (!this.input.value) this.fill(text);
      show(byId("problem"), problem.message);
    }
  }

  send(text, context) {
    if (context?.edit) return post("edit", { ...this.where(), message: context.edit.id, content: text });
    return text.startsWith("/") ? this.slash(text) : this.say(text, context?.reply);
  }

  say(content, original) {
    return post("say", { ...this.where(), content, ...(original ? { reply_to: original.id } : {}) });
  }

  // "/name option:value other:more words": a value ends where the next option begins.
  async slash(text) {
    const [, name, rest] = /^\/([-\w]+)\s*(.*)$/s.exec(text) ?? [];
    const command = this.commands().find((one) => one.name === name);
    if (!command) throw new Error(`There is no command /${name ?? ""}.`);
    const options = {};
    for (const [, key, value] of rest.matchAll(/([-\w]+):\s*(.*?)(?=\s+[-\w]+:|$)/gs)) {
      const type = command.options.find((option) => option.name === key)?.type;
      if (value) options[key] = type === 4 || type === 10 ? Number(value) : type === 5 ? value === "true" : value;
    }
    this.onOutcome(await post("slash", { ...this.where(), name, options }));
  }
}
