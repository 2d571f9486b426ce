// A modal that the bot opened: one dialog with its text inputs.

import { Refused, post } from "./api.js";
import { byId, el, show } from "./dom.js";

const PARAGRAPH = 2;

function input(row) {
  const part = row.component ?? row.components[0];
  const shared = {
    name: part.custom_id,
    value: part.value ?? "",
    placeholder: part.placeholder ?? "",
    required: part.required ?? true,
    maxLength: part.max_length ?? 4000,
    minLength: part.min_length ?? 0,
  };
  const box = part.style === PARAGRAPH ? el("textarea", { ...shared, rows: 4 }) : el("input", { ...shared, type: "text", autocomplete: "off" });
  const note = row.description ? el("small", { textContent: row.description }) : null;
  return el("label", {}, el("span", { textContent: (row.label ?? part.label) + (shared.required ? " *" : "") }), note, box);
}

// Show the modal of an interaction and send what is typed as `member`.
export function openModal(member, interaction, modal, afterwards) {
  const dialog = byId("modal");
  const form = byId("modal-form");
  byId("modal-title").textContent = modal.title;
  byId("modal-fields").replaceChildren(...modal.components.map(input));
  show(byId("modal-problem"), "");
  byId("modal-cancel").onclick = () => dialog.close();
  form.onsubmit = async (event) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(form));
    form.classList.add("busy");
    try {
      const outcome = await post("modal", { member, interaction, fields });
      if (outcome.state === "failed") throw new Refused("Something went wrong. Try again.");
      dialog.close();
      afterwards(outcome);
    } catch (problem) {
      show(byId("modal-problem"), problem.message);
    } finally {
      form.classList.remove("busy");
    }
  };
  dialog.showModal();
}
