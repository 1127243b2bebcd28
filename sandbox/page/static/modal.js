// The modal that an app opened for this person.

import * as api from "./api.js";
import { blocks } from "./blocks.js";
import { byId, el } from "./dom.js";

let shown = "";

/** Show, refresh or close it. What has been typed stays until the app shows other content. */
export function showView(view, { user, names, act, refresh }) {
  const dialog = byId("modal");
  if (!view) {
    shown = "";
    if (dialog.open) dialog.close();
    return;
  }
  if (shown !== `${view.id} ${view.hash}`) {
    shown = `${view.id} ${view.hash}`;
    dialog.replaceChildren(form(view, { user, names, act: (...how) => act({ view_id: view.id }, ...how), refresh }));
    dialog.oncancel = (event) => {
      event.preventDefault();
      leave(view, refresh);
    };
    if (!dialog.open) dialog.showModal();
  }
  complain(dialog, view.errors);
}

function form(view, context) {
  const { title, submit, close } = view.content;
  const body = el("div", { class: "modal-body" }, ...blocks(view.content.blocks, context), el("p", { class: "error general", hidden: true }));
  const buttons = el("div", { class: "modal-buttons" });
  buttons.append(el("button", { type: "button", class: "press", onclick: () => leave(view, context.refresh) }, close?.text || "Close"));
  if (submit) buttons.append(el("button", { type: "submit", class: "press primary" }, submit.text));
  const node = el("form", { class: "modal-form" }, el("h2", { id: "modal-title" }, title.text), body, buttons);
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    send(node, view, context);
  });
  return node;
}

async function send(node, view, { user, refresh }) {
  const values = {};
  for (const each of node.querySelectorAll(".field")) values[each.dataset.block] = each.read();
  const press = node.querySelector("button[type=submit]");
  press.disabled = true;
  try {
    await api.submit(user, view.id, values);
  } catch (error) {
    complain(node, { "": error.message });
  }
  press.disabled = false;
  await refresh();
}

async function leave(view, refresh) {
  await api.close(view.id);
  await refresh();
}

function complain(node, errors) {
  for (const each of node.querySelectorAll(".field")) each.complain(errors[each.dataset.block]);
  const general = node.querySelector(".general");
  general.textContent = errors[""] || "";
  general.hidden = !errors[""];
  node.querySelector("[aria-invalid]")?.focus();
}
