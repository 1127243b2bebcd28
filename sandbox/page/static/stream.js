// Screens as they change, by server-sent events. The browser reconnects by itself; a refused stream is asked for again.

let source = null;
let again = 0;

/** `draw(screen)` at once and after every change; `lost()` when the sandbox is not there, until it is. */
export function listen(user, { draw, lost }) {
  source?.close();
  clearTimeout(again);
  source = new EventSource(`/control/live?${new URLSearchParams({ user })}`);
  source.addEventListener("message", (event) => draw(JSON.parse(event.data)));
  source.addEventListener("error", (event) => {
    lost();
    if (event.target.readyState === EventSource.CLOSED) again = setTimeout(() => listen(user, { draw, lost }), 1000);
  });
}
