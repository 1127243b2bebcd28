// The message list. Messages that did not change keep their nodes, so focus and half-made choices survive.

import { blocks } from "./blocks.js";
import { byId, el } from "./dom.js";
import { clock } from "./dates.js";
import { mrkdwn } from "./mrkdwn.js";

const kept = new Map();

export function showMessages(messages, context) {
  const list = byId("messages");
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const nodes = messages.map((message) => nodeOf(message, context));
  const current = [...list.children];
  const isSame = nodes.length ? nodes.length === current.length && nodes.every((node, place) => node === current[place]) : list.querySelector(".empty");
  if (isSame) return;
  if (nodes.length) place(list, nodes);
  else list.replaceChildren(empty(context));
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}

/** Move as little as possible: a node that stays where it is keeps the focus. */
function place(list, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] || null);
  });
}

export function forgetMessages() {
  kept.clear();
  byId("messages").replaceChildren();
}

function nodeOf(message, context) {
  const print = JSON.stringify(message);
  const held = kept.get(message.ts);
  if (held && held.print === print) return held.node;
  const node = build(message, context);
  kept.set(message.ts, { print, node });
  return node;
}

function build(message, { names, act }) {
  const name = message.is_notice ? "Slackbot (simulated)" : names[message.author] || message.author;
  const context = { names, act: (...how) => act({ ts: message.ts }, ...how) };
  const content = message.blocks.length ? blocks(message.blocks, context) : [el("p", { class: "plain" }, ...mrkdwn(message.text, names))];
  return el(
    "article",
    { class: `message${message.is_private ? " private" : ""}`, "data-ts": message.ts },
    el("span", { class: `face ${message.is_app ? "app" : message.is_notice ? "notice" : ""}`, "aria-hidden": "true" }, name.slice(0, 1)),
    el(
      "div",
      { class: "content" },
      message.is_private ? el("p", { class: "only" }, "Only visible to you") : null,
      el(
        "p",
        { class: "by" },
        el("strong", {}, name),
        message.is_app ? el("span", { class: "badge" }, "APP") : null,
        el("time", {}, clock(message.ts)),
        message.is_edited && !message.is_private ? el("span", { class: "edited" }, "(edited)") : null,
      ),
      ...content,
    ),
  );
}

function empty({ isApp }) {
  const hint = isApp ? "to begin. You can also just write to the app, in plain words." : "here: only you will see the answer.";
  return el("p", { class: "empty" }, "Nothing here yet. Type ", el("code", {}, isApp ? "/sage connect" : "/customer ABS001"), ` ${hint}`);
}
