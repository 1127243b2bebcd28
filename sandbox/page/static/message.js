// One message: its author, its words or blocks, its files, and what one can do with it.

import { objectCard } from "./beside.js";
import { blocks, valuesIn } from "./blocks.js";
import { clock, fully } from "./dates.js";
import { el } from "./dom.js";
import { menuButton } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { attached } from "./pictures.js";

export function nameOf(message, names) {
  return message.is_notice ? "Slackbot (simulated)" : names[message.author] || message.author;
}

/** `room` is {names, act, suggest, fileUrl, shortcut, openThread, shortcuts, inThread, ...}; `replies` are below it. */
export function messageNode(message, replies, room) {
  const content = el("div", { class: "content" });
  const target = { ts: message.ts };
  const context = {
    ...room,
    act: (actionId, selected) => room.act(target, actionId, selected, valuesIn(content)),
    suggest: (actionId, words) => room.suggest(target, actionId, words),
  };
  const name = nameOf(message, room.names);
  content.append(
    ...[
      message.is_private ? el("p", { class: "only" }, "Only visible to you") : null,
      byline(message, name),
      message.is_broadcast && !room.inThread ? el("p", { class: "only" }, "replied to a thread") : null,
      ...(message.blocks.length ? blocks(message.blocks, context) : words(message, room.names)),
      ...message.objects.map((each) => objectCard(each, () => room.openObject(message.ts))),
      ...message.files.map((file) => attached(file, room)),
      replies.length && !room.inThread ? threadLink(message, replies, room) : null,
    ].filter(Boolean),
  );
  const kind = message.is_app ? "app" : message.is_notice ? "notice" : `person-${[...message.author].reduce((sum, each) => sum + each.codePointAt(0), 0) % 5}`;
  const face = el("span", { class: `face ${kind}`, "aria-hidden": "true" }, message.is_app ? "S" : name.slice(0, 1));
  const attributes = { class: `message${message.is_private ? " private" : ""}`, "data-ts": message.ts, "aria-label": `${name}, ${clock(message.ts)}` };
  return el("article", attributes, face, content, toolbar(message, room));
}

function words(message, names) {
  return message.text ? [el("p", { class: "plain" }, ...mrkdwn(message.text, names))] : [];
}

function byline(message, name) {
  return el(
    "p",
    { class: "by" },
    el("strong", {}, name),
    message.is_app ? el("span", { class: "badge" }, "APP") : null,
    el("time", { title: fully(message.ts) }, clock(message.ts)),
    message.is_edited && !message.is_private ? el("span", { class: "edited" }, "(edited)") : null,
  );
}

function threadLink(message, replies, room) {
  const count = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  return el("button", { type: "button", class: "thread-link", onclick: () => room.openThread(message.ts) }, count, el("span", { class: "soft" }, ` last ${clock(replies.at(-1).ts)}`));
}

function toolbar(message, room) {
  if (message.is_notice) return null;
  const items = room.shortcuts.filter((each) => each.is_message).map((each) => ({ words: each.name, about: each.about, choose: () => room.shortcut(each.id, message.ts) }));
  const reply = room.inThread || message.is_private ? null : el("button", { type: "button", class: "press tool", "aria-label": "Reply in thread", title: "Reply in thread", onclick: () => room.openThread(message.thread || message.ts) }, el("span", { class: "drawn reply", "aria-hidden": "true" }));
  const more = items.length && !message.is_private ? menuButton({ label: "More actions", face: "⋮", kind: "tool", items }) : null;
  return reply || more ? el("div", { class: "toolbar" }, reply, more) : null;
}
