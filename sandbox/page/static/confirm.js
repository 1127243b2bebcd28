// "Are you sure?", as the app words it. The browser's own dialog keeps the focus in, and gives it back.

import { el } from "./dom.js";
import { text } from "./mrkdwn.js";

/** `object` is Block Kit's confirmation; resolves to whether they are sure. */
export function sure(object, names = {}) {
  return new Promise((resolve) => {
    const kind = object.style === "danger" ? "danger full" : "primary";
    const yes = el("button", { type: "button", class: `press ${kind}`, onclick: () => dialog.close("yes") }, object.confirm.text);
    const no = el("button", { type: "button", class: "press", onclick: () => dialog.close("") }, object.deny.text);
    const dialog = el(
      "dialog",
      { class: "modal small", "aria-labelledby": "confirm-title" },
      el("h2", { id: "confirm-title", class: "modal-title" }, object.title.text),
      el("div", { class: "modal-body" }, el("p", {}, ...text(object.text, names))),
      el("div", { class: "modal-buttons" }, no, yes),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

const plain = (words) => ({ type: "plain_text", text: words });

/** The page's own question. */
export const sureOf = (title, words, yes) => sure({ title: plain(title), text: plain(words), confirm: plain(yes), deny: plain("Cancel"), style: "danger" });
