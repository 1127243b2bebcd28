// A list of messages. Those that did not change keep their nodes, so focus and half-made choices survive.

import { dayOf } from "./dates.js";
import { el } from "./dom.js";
import { messageNode } from "./message.js";

const NEAR = 80;
const ANSWERED_WITHIN = 20_000;

/** `empty()` makes what stands there when there is nothing. What is new is scrolled to, or told of by a button. */
export function messageList(list, empty) {
  const kept = new Map();
  const newer = el("button", { type: "button", class: "newer", onclick: () => toNewest() }, "New messages ↓");
  let last = "";
  let follows = 0; // until when the answer to what the person did is followed
  let before = ""; // the newest message when they did it
  let sticks = true; // whether the newest stays in view when the list is resized or a picture arrives
  newer.hidden = true;
  list.after(newer);

  function nodeOf(key, print, make) {
    const held = kept.get(key);
    if (held && held.print === print) return held.node;
    const node = make();
    kept.set(key, { print, node });
    return node;
  }

  function nodesOf(messages, room, repliesTo) {
    let day = "";
    return messages.flatMap((message) => {
      const replies = repliesTo(message);
      const today = dayOf(message.ts);
      const print = JSON.stringify([message, replies.map((each) => each.ts), today]);
      const node = nodeOf(message.ts, print, () => messageNode(message, replies, room));
      if (today === day) return [node];
      day = today;
      return [nodeOf(`day ${message.ts}`, day, () => el("p", { class: "day" }, el("span", {}, today))), node];
    });
  }

  function show(messages, room, repliesTo = () => []) {
    const wasAtEnd = isAtEnd();
    const nodes = nodesOf(messages, room, repliesTo);
    if (nodes.length) place(list, nodes);
    else if (!list.querySelector(".empty")) list.replaceChildren(empty(room));
    const newest = messages.at(-1)?.ts ?? "";
    const isNew = newest > last;
    last = newest;
    if (wasAtEnd || (isNew && Date.now() < follows)) toNewest();
    else if (isNew) newer.hidden = false;
  }

  const isAtEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR;

  /** To the end, or as far as the beginning of the answer, or of a last message that is higher than the list. */
  function toNewest() {
    const all = [...list.querySelectorAll(".message")];
    const first = (Date.now() < follows && all.find((each) => each.dataset.ts > before)) || all.at(-1);
    const beginning = first ? first.offsetTop - list.offsetTop : 0;
    list.scrollTop = Math.min(list.scrollHeight - list.clientHeight, beginning);
    newer.hidden = true;
    sticks = true;
  }

  /** The person did something: its answer is what they look for. */
  function follow() {
    follows = Date.now() + ANSWERED_WITHIN;
    before = last;
  }

  function forget() {
    kept.clear();
    list.replaceChildren();
    newer.hidden = sticks = true;
    last = "";
  }

  list.addEventListener("load", () => sticks && toNewest(), true);
  new ResizeObserver(() => sticks && toNewest()).observe(list);
  list.addEventListener("scroll", () => {
    if (isAtEnd()) newer.hidden = true;
  });
  for (const moved of ["wheel", "touchmove", "pointerdown", "keydown"]) list.addEventListener(moved, () => (sticks = false), { passive: true });
  for (const moved of ["wheel", "touchmove"]) list.addEventListener(moved, () => (follows = 0), { passive: true });
  return { show, forget, follow, toNewest };
}

/** Move as little as possible: a node that stays where it is keeps the focus. */
function place(list, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] || null);
  });
}
