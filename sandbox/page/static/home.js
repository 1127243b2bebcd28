// The app's home tab, as it was published for this person.

import { blocks, valuesIn } from "./blocks.js";
import { byId, el } from "./dom.js";

let shown = "";

export function forgetHome() {
  shown = "";
}

export function showHome(view, room) {
  const print = view ? `${view.id} ${view.hash}` : "none";
  if (shown === print) return;
  shown = print;
  const home = byId("home");
  if (!view) {
    home.replaceChildren(el("p", { class: "soft" }, "The app has published nothing here yet."));
    return;
  }
  const target = { view_id: view.id };
  const context = {
    ...room,
    act: (actionId, selected) => room.act(target, actionId, selected, valuesIn(home)),
    suggest: (actionId, words) => room.suggest(target, actionId, words),
  };
  home.replaceChildren(el("div", { class: "home-body content" }, ...blocks(view.content.blocks, context)));
}
