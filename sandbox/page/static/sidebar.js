// Who is looking, and the conversations on their list.

import { byId, el } from "./dom.js";

const MARKS = { app: "S", private: "", shared: "", archived: "", public: "#" };
let drawn = "";

/** `channels` carry isOpen and isNew; buttons are only made anew when something about them changed. */
export function showChannels(channels, open) {
  const print = JSON.stringify(channels);
  if (drawn === print) return;
  const focused = document.activeElement?.dataset.channel;
  drawn = print;
  const item = (channel) => channelItem(channel, open);
  byId("channels").replaceChildren(...channels.filter((each) => each.kind !== "app").map(item));
  byId("apps").replaceChildren(...channels.filter((each) => each.kind === "app").map(item));
  if (focused) document.querySelector(`[data-channel="${CSS.escape(focused)}"]`)?.focus();
}

function channelItem(channel, open) {
  const mark = el("span", { class: `mark ${channel.kind}`, "aria-hidden": "true" }, MARKS[channel.kind]);
  const news = channel.isNew ? el("span", { class: "new" }, "new") : null;
  const kind = { private: " (private)", shared: " (shared with another company)", archived: " (archived)" }[channel.kind];
  const attributes = { type: "button", class: `channel${channel.isNew ? " unread" : ""}`, "aria-current": channel.isOpen ? "page" : null, "data-channel": channel.id, onclick: () => open(channel.id) };
  return el("li", {}, el("button", attributes, mark, el("span", { class: "channel-name" }, channel.name), kind ? el("span", { class: "unseen" }, kind) : null, news));
}

/** The side slides in on a narrow screen. */
export function startSide() {
  const press = byId("side-toggle");
  const set = (isOpen) => {
    document.body.classList.toggle("side-open", isOpen);
    press.setAttribute("aria-expanded", String(isOpen));
  };
  press.addEventListener("click", () => {
    set(!document.body.classList.contains("side-open"));
    if (document.body.classList.contains("side-open")) byId("person").focus();
  });
  byId("side").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !document.body.classList.contains("side-open")) return;
    set(false);
    press.focus();
  });
  return { close: () => set(false) };
}

/** Light, dark, or as the system has it. */
export function startTheme() {
  const press = byId("theme");
  const name = () => document.documentElement.dataset.theme || "system";
  const say = () => press.setAttribute("aria-label", `Colours: ${name()}. Change`);
  press.addEventListener("click", () => {
    const next = { system: "dark", dark: "light", light: "system" }[name()];
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
    say();
  });
  say();
}
