// The panel beside the conversation: one message and the replies to it.

import { byId, el } from "./dom.js";
import { startComposer } from "./composer.js";
import { messageList } from "./messages.js";

/** `send(text, ts)` replies. The panel is shown with `open(ts)` and gives the focus back when it closes. */
export function threadPanel({ send, offers, redraw }) {
  const panel = byId("thread");
  const list = messageList(byId("thread-messages"), () => el("p", { class: "empty" }, "This message is gone."));
  const state = { ts: "", opener: null };

  function open(ts) {
    state.opener = document.activeElement;
    if (state.ts !== ts) list.forget();
    state.ts = ts;
    redraw();
    byId("thread-words").focus();
  }

  function close() {
    if (!state.ts) return;
    state.ts = "";
    panel.hidden = true;
    list.forget();
    (state.opener?.isConnected ? state.opener : byId("words")).focus();
  }

  function show(messages, room) {
    panel.hidden = !state.ts;
    if (!state.ts) return;
    const here = messages.filter((each) => each.ts === state.ts || each.thread === state.ts);
    list.show(here, { ...room, inThread: true });
  }

  byId("thread-close").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && close());
  startComposer({ form: byId("thread-composer"), words: byId("thread-words"), list: byId("thread-offers"), offers, send: (text) => send(text, state.ts) });
  return { open, close, show, follow: list.follow };
}
