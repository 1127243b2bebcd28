// A list of messages. Those that did not change keep their nodes, so focus and half-made choices survive.

import { messageNode } from "./message.js";

/** `empty()` makes what stands there when there is nothing. */
export function messageList(list, empty) {
  const kept = new Map();

  function nodeOf(message, replies, room) {
    const print = JSON.stringify([message, replies.map((each) => each.ts)]);
    const held = kept.get(message.ts);
    if (held && held.print === print) return held.node;
    const node = messageNode(message, replies, room);
    kept.set(message.ts, { print, node });
    return node;
  }

  function show(messages, room, repliesTo = () => []) {
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    const nodes = messages.map((message) => nodeOf(message, repliesTo(message), room));
    if (nodes.length) place(list, nodes);
    else if (!list.querySelector(".empty")) list.replaceChildren(empty(room));
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  }

  function forget() {
    kept.clear();
    list.replaceChildren();
  }

  // Pictures arrive later and push the last words out of sight.
  list.addEventListener("load", () => {
    if (list.scrollHeight - list.scrollTop - list.clientHeight < 600) list.scrollTop = list.scrollHeight;
  }, true);
  return { show, forget };
}

/** Move as little as possible: a node that stays where it is keeps the focus. */
function place(list, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] || null);
  });
}
