// The page: who is looking, at which conversation, and what is there.

import * as api from "./api.js";
import { byId, el } from "./dom.js";
import { startComposer } from "./composer.js";
import { forgetMessages, showMessages } from "./messages.js";
import { showView } from "./modal.js";

const SLOW = 1000;
const FAST = 200;
const known = await api.frame();
const state = { user: sessionStorage.getItem("person") || known.people[0].id, channel: "", seen: "", hurryUntil: 0, drawn: null, read: {}, channels: "" };

async function refresh() {
  try {
    const drawn = await api.screen(state.user, state.seen);
    byId("toast").hidden = true;
    if (drawn) draw(drawn);
  } catch {
    toast("The demo is not answering. Is it still running?");
  }
}

async function act(target, actionId, selected) {
  try {
    await api.click(state.user, target, actionId, selected);
  } catch (error) {
    toast(error.message);
  }
  hurry();
}

async function send(text) {
  try {
    const sent = api.say(state.user, state.channel, text);
    hurry();
    await sent;
  } catch (error) {
    toast(error.message);
  }
  hurry();
}

/** Look more often for a while: an answer is on its way. */
function hurry() {
  state.hurryUntil = Date.now() + 10_000;
  refresh();
}

function draw(drawn) {
  state.seen = drawn.version;
  state.drawn = drawn;
  if (!drawn.channels.some((channel) => channel.id === state.channel)) state.channel = drawn.channels[0].id;
  byId("install").hidden = drawn.installed;
  byId("room").hidden = !drawn.installed;
  byId("uninstall").hidden = !drawn.installed;
  byId("sage-off").checked = drawn.is_sage_off;
  drawChannels(drawn);
  drawRoom(drawn);
  showView(drawn.view, { user: state.user, names: known.names, act, refresh });
}

/** Buttons are only made anew when something about them changed, so the one in focus keeps it. */
function drawChannels(drawn) {
  const newest = {};
  for (const message of drawn.messages) if (message.author !== state.user) newest[message.channel] = message.ts;
  state.read[state.channel] = newest[state.channel];
  const shown = drawn.channels.map((channel) => ({ ...channel, isOpen: channel.id === state.channel, isNew: newest[channel.id] !== state.read[channel.id] }));
  const print = JSON.stringify(shown);
  if (state.channels === print) return;
  state.channels = print;
  byId("channels").replaceChildren(...shown.map(channelItem));
}

function channelItem(channel) {
  const mark = el("span", { class: "mark", "aria-hidden": "true" }, channel.is_app ? "●" : "#");
  const news = channel.isNew ? el("span", { class: "new" }, "new") : null;
  const current = channel.isOpen ? "page" : null;
  return el("li", {}, el("button", { type: "button", class: "channel", "aria-current": current, onclick: () => open(channel.id) }, mark, channel.name, news));
}

function drawRoom(drawn) {
  const channel = drawn.channels.find((each) => each.id === state.channel);
  byId("room-title").textContent = channel.is_app ? channel.name : `# ${channel.name}`;
  byId("words").placeholder = channel.is_app ? "Type / for commands, or just write" : `Type / for commands, or write to #${channel.name}`;
  byId("words-label").textContent = `Message in ${channel.name}`;
  byId("status").textContent = channel.is_app && drawn.status ? `Sage 200 ${drawn.status}` : "";
  const here = drawn.messages.filter((message) => message.channel === state.channel);
  showMessages(here, { names: known.names, act, isApp: channel.is_app });
}

function open(channel) {
  state.channel = channel;
  forgetMessages();
  draw(state.drawn);
  byId("words").focus();
}

function become(user) {
  state.user = user;
  Object.assign(state, { channel: "", seen: "", read: {} });
  sessionStorage.setItem("person", user);
  forgetMessages();
  refresh();
}

function toast(words) {
  byId("toast").textContent = words;
  byId("toast").hidden = false;
}

function start() {
  byId("workspace").textContent = known.workspace;
  byId("install-link").href = known.install_url;
  byId("person").append(...known.people.map((each) => el("option", { value: each.id }, `${each.name} (${each.role})`)));
  byId("person").value = state.user;
  byId("person").addEventListener("change", (event) => become(event.target.value));
  byId("sage-off").addEventListener("change", (event) => api.setSageOff(event.target.checked).then(hurry));
  byId("uninstall").addEventListener("click", () => window.confirm("Remove the app from this demo workspace?") && api.uninstall().then(hurry));
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  startComposer(known.commands, send);
  loop();
}

async function loop() {
  if (!document.hidden) await refresh();
  setTimeout(loop, Date.now() < state.hurryUntil ? FAST : SLOW);
}

start();
