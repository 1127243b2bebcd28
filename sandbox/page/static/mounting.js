// Where others' parts are put: the guided tour above the page, and the Sage 200 drawer at its right. Without them the page works.

import { byId } from "./dom.js";

/** Both modules export mount(element, api). */
export function mountOthers(api) {
  const tour = byId("tour");
  import("/panel/tour.js").then((part) => part.mount(tour, api)).catch(() => tour.replaceChildren());
  const press = byId("sage-button");
  const drawer = byId("sage-panel");
  let mounted = null;
  const set = (isOpen) => {
    drawer.hidden = !isOpen;
    press.setAttribute("aria-expanded", String(isOpen));
  };
  press.addEventListener("click", async () => {
    if (!drawer.hidden) return set(false);
    mounted ??= import("/panel/panel.js").then((part) => part.mount(drawer, api));
    try {
      set(true);
      await mounted;
    } catch {
      mounted = null;
      set(false);
      api.toast("The Sage 200 panel is not here.");
    }
  });
  drawer.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    set(false);
    press.focus();
  });
}
