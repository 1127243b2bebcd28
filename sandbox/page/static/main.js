// The page: who is looking, at which conversation, and what is there.

import { fileUrl, frame, post } from "./api.js";
import { startBeside } from "./beside.js";
import { startComposer } from "./composer.js";
import { sureOf } from "./confirm.js";
import { setZone } from "./dates.js";
import { byId, el } from "./dom.js";
import { forgetHome, showHome } from "./home.js";
import { menuButton } from "./menu.js";
import { nameOf } from "./message.js";
import { messageList } from "./messages.js";
import { showView } from "./modal.js";
import { mountOthers } from "./mounting.js";
import { showChannels, startSide, startTheme } from "./sidebar.js";
import { listen } from "./stream.js";
import { threadPanel } from "./thread.js";
import { offersFor } from "./typeahead.js";

const known = await frame();
const remembered = sessionStorage.getItem("person");
const state = { user: known.names[remembered] ? remembered : known.people[0].id, channel: "", tab: "messages", drawn: null, read: {}, heard: "" };
const events = new EventTarget();
const side = startSide();
const list = messageList(byId("messages"), empty);
const offers = (before) => offersFor({ commands: known.commands, people, channels }, before);
const beside = startBeside({ done: (name, body) => done(name, body), tried: (doing) => tried(doing), user: () => state.user, names: known.names });
const thread = threadPanel({ send: (text, ts) => say(text, ts), offers, redraw: () => state.drawn && draw(state.drawn) });

/** What every part needs to show blocks and to act; names are as of the last screen. */
function room() {
  const names = { ...known.names };
  for (const each of state.drawn.channels) names[each.id] = each.name;
  for (const each of state.drawn.groups) names[each.id] = each.handle;
  return { names, handles: known.handles, channels: () => state.drawn.channels, channel: () => state.channel, user: () => state.user, fileUrl: (id) => fileUrl(id, state.user), act, suggest, shortcut, openThread: thread.open, openObject: beside.openObject, shortcuts: known.shortcuts, toast, isApp: isApp() };
}

async function tried(doing) {
  try {
    return await doing;
  } catch (error) {
    toast(error.message);
    return undefined;
  }
}

/** What the app answers to this comes into view. */
function done(name, body) {
  list.follow();
  thread.follow();
  return tried(post(name, { user: state.user, ...body }));
}

const act = (target, actionId, selected, values) => done("click", { ...target, action_id: actionId, selected, values });
const suggest = (target, actionId, value) => post("suggest", { user: state.user, ...target, action_id: actionId, value });
const shortcut = (id, ts) => done("shortcut", { callback_id: id, ts });
const say = (text, ts) => done("say", { channel: state.channel, text, thread_ts: ts });

const isApp = () => state.drawn.channels.find((each) => each.id === state.channel)?.kind === "app";
const channels = () => state.drawn.channels.filter((each) => each.kind !== "app");
const people = () => [...Object.entries(known.handles).map(([id, name]) => ({ name, about: known.names[id] })), { name: "sage200", about: "Sage 200 (the app)" }, ...state.drawn.groups.map((each) => ({ name: each.handle, about: "user group" }))];

function draw(drawn) {
  state.drawn = drawn;
  setZone(drawn.zone, drawn.now);
  if (!drawn.channels.some((channel) => channel.id === state.channel)) state.channel = drawn.channels[0].id;
  byId("install").hidden = drawn.installed;
  byId("room").hidden = !drawn.installed;
  for (const each of ["uninstall", "assistant"]) byId(each).hidden = !drawn.installed;
  drawChannels(drawn);
  drawRoom(drawn);
  showView(drawn.view, room());
  events.dispatchEvent(new CustomEvent("screen", { detail: drawn }));
}

function drawChannels(drawn) {
  const newest = {};
  for (const message of drawn.messages) if (message.author !== state.user) newest[message.channel] = message.ts;
  state.read[state.channel] = newest[state.channel];
  showChannels(drawn.channels.map((channel) => ({ ...channel, isOpen: channel.id === state.channel, isNew: newest[channel.id] !== state.read[channel.id] })), open);
}

function drawRoom(drawn) {
  const channel = drawn.channels.find((each) => each.id === state.channel);
  const isHome = isApp() && known.has_home && state.tab === "home";
  const here = drawn.messages.filter((message) => message.channel === state.channel);
  byId("room-title").textContent = isApp() ? channel.name : `# ${channel.name}`;
  byId("tabs").hidden = !(isApp() && known.has_home);
  for (const tab of ["home", "messages"]) {
    byId(`tab-${tab}`).setAttribute("aria-selected", String((tab === "home") === isHome));
    byId(`tab-${tab}`).tabIndex = (tab === "home") === isHome ? 0 : -1;
  }
  byId("home").hidden = !isHome;
  byId("talk").hidden = isHome;
  byId("words").placeholder = isApp() ? "Write, or / for commands" : `Message #${channel.name}`;
  byId("words-label").textContent = `Message in ${channel.name}`;
  byId("status").textContent = isApp() && drawn.status ? `Sage 200 ${drawn.status}` : "";
  drawPrompts(isApp() ? drawn.prompts : []);
  showHome(drawn.home, room());
  list.show(here.filter((each) => !each.thread || each.thread === each.ts || each.is_broadcast), room(), (root) => here.filter((each) => each.thread === root.ts && each.ts !== root.ts));
  thread.show(here, room());
  announce(here);
}

function drawPrompts(prompts) {
  const print = JSON.stringify(prompts);
  const node = byId("prompts");
  if (node.dataset.print === print) return;
  node.dataset.print = print;
  node.replaceChildren(...prompts.map((each) => el("button", { type: "button", class: "prompt", onclick: () => say(each.message) }, each.title)));
  node.hidden = !prompts.length;
}

/** Says what came in, and nothing of what was there before. */
function announce(here) {
  const last = here.at(-1);
  if (state.heard && last && last.ts > state.heard && last.author !== state.user) byId("news").textContent = `${nameOf(last, known.names)}: ${last.text.slice(0, 300)}`;
  state.heard = last?.ts || "0";
}

function open(channel) {
  if (!state.drawn) return;
  const isNewRoom = channel !== state.channel;
  Object.assign(state, { channel, heard: "" });
  if (isNewRoom) {
    thread.close();
    list.forget();
  }
  draw(state.drawn);
  list.toNewest();
  tellOpened();
  side.close();
  byId("words").focus();
  events.dispatchEvent(new CustomEvent("channel", { detail: channel }));
}

/** The app hears that its conversation is open, as it would from Slack; right after its installation not before it has spoken. */
function tellOpened(isReady = true) {
  const { installed, messages } = state.drawn;
  if (!installed || !isApp() || !(isReady || messages.some((each) => each.is_app && each.channel === state.channel))) return;
  state.isTold = true;
  tried(post("open", { user: state.user, tab: state.tab }));
}

function showTab(tab) {
  state.tab = tab;
  draw(state.drawn);
  byId(`tab-${tab}`).focus();
  tellOpened();
}

/** Resolves when their first screen is drawn. */
function become(user) {
  Object.assign(state, { user, channel: "", read: {}, heard: "", tab: "messages", drawn: null, isTold: false });
  sessionStorage.setItem("person", user);
  byId("person").value = user;
  byId("me").textContent = known.names[user].slice(0, 1);
  thread.close();
  beside.close();
  byId("prompts").hidden = true;
  forgetHome();
  list.forget();
  showView(null);
  showChannels([], open); // until the first screen: what the last person saw is not theirs
  return new Promise((resolve) => {
    let isFirst = true;
    const drawFor = (drawn) => {
      byId("toast").hidden = true;
      draw(drawn);
      if (isFirst) events.dispatchEvent(new CustomEvent("user", { detail: user }));
      if (isFirst || !state.isTold) tellOpened(isFirst);
      isFirst = false;
      resolve();
    };
    listen(user, { draw: drawFor, lost: () => toast("The demo is not answering. Is it still running?", true) });
  });
}

let toasting = 0;
function toast(words, stays = false) {
  clearTimeout(toasting);
  byId("toast").textContent = words;
  byId("toast").hidden = false;
  if (!stays) toasting = setTimeout(() => (byId("toast").hidden = true), 6000);
}

function compose(text) {
  byId("words").value = text;
  byId("words").dispatchEvent(new Event("input"));
  byId("words").focus();
}

function empty({ isApp: isWithApp }) {
  const hint = isWithApp ? "to begin. You can also just write to the app, in plain words." : "here: only you will see the answer.";
  return el("p", { class: "empty" }, "Nothing here yet. Type ", el("code", {}, isWithApp ? "/sage connect" : "/customer ABS001"), ` ${hint}`);
}

function start() {
  byId("workspace").textContent = known.workspace;
  byId("install-link").href = known.install_url;
  const isOfCast = known.people.some((each) => each.id === state.user);
  const people = [...known.people, ...(isOfCast ? [] : [{ id: state.user, name: known.names[state.user], role: "colleague" }])];
  byId("person").append(...people.map((each) => el("option", { value: each.id }, `${each.name} (${each.role})`)));
  byId("person").addEventListener("change", (event) => become(event.target.value));
  byId("uninstall").addEventListener("click", async () => {
    if (await sureOf("Remove the app?", "It loses its access to this demo workspace. You can install it again.", "Remove")) tried(post("uninstall", {}));
  });
  for (const tab of ["home", "messages"]) byId(`tab-${tab}`).addEventListener("click", () => showTab(tab));
  byId("tabs").addEventListener("keydown", (event) => ["ArrowLeft", "ArrowRight"].includes(event.key) && showTab(state.tab === "home" ? "messages" : "home"));
  const globals = known.shortcuts.filter((each) => !each.is_message).map((each) => ({ words: each.name, about: each.about, choose: () => shortcut(each.id) }));
  if (globals.length) byId("shortcuts").replaceChildren(menuButton({ label: "Shortcuts", face: "⚡", items: globals }));
  startTheme();
  startComposer({ form: byId("composer"), words: byId("words"), list: byId("commands"), offers, send: (text) => say(text) });
  become(state.user);
  mountOthers({ post, frame: known, currentUser: () => state.user, on: (name, handler) => events.addEventListener(name, (event) => handler(event.detail)), toast, switchTo: become, openChannel: open, compose, say, install: () => byId("install-link").click() });
}

start();
