// The panel on a page of its own, beside any other: what needs the simulated Slack is said instead of done.
import { mount as mountPanel } from "/panel/panel.js";
import { mount as mountTour } from "/panel/tour.js";

const said = document.getElementById("toast");
const toast = (text) => { said.textContent = text; };
const api = {
  toast,
  on: () => {},
  switchTo: () => {},
  openChannel: () => {},
  compose: (text) => toast(`Type this in the demo's Slack: ${text}`),
};
mountPanel(document.getElementById("panel"), api);
mountTour(document.getElementById("tour"), api);
