// What each tour goes through.
import { send } from "/panel/calls.js";

const OUTSIDERS = ["U0GARY", "U0SAM"];
const talk = (api) => api.openChannel(`D0${api.currentUser().slice(2)}`);
const be = async (api, user) => { if (api.currentUser() !== user) await api.switchTo(user); };
const inSales = async (api) => {
  if (OUTSIDERS.includes(api.currentUser())) await be(api, "U0PRIYA");
  api.openChannel("C0SALES");
};


async function makeRep(api) {
  await be(api, "U0PRIYA");
  talk(api);
  await api.say("/sage roles @george sales");
  await new Promise((later) => setTimeout(later, 1500));
  return api.say('/sage roles @george customers "sales rep":George');
}

// name, title, what to do as things are (`seen`), and doing it; without the last nobody can do it for you.
const ADMIN = [
  ["connect", "Connect", connecting, (seen) => {
    if (!seen.is_installed) return (api) => api.install();
    if (seen.has_companies) return (api) => { talk(api); return api.say("/sage company 2"); };
    if (seen.has_link) return null;
    return (api) => { talk(api); return api.say("/sage connect"); };
  }],
  ["ask", "Ask", () => "Type /customer ABS001: the balance, the credit limit, and whether the account is on hold.",
    () => (api) => { talk(api); return api.say("/customer ABS001"); }],
  ["overdue", "Overdue", () => "Type /overdue: who is overdue, the oldest debt first. /overdue suggested are those to put on hold.",
    () => (api) => { talk(api); return api.say("/overdue"); }],
  ["refused", "Be refused", () => "Be Guest Gary (“You are”), and ask the same: guests and strangers get no figure.",
    () => async (api) => { await api.switchTo("U0GARY"); api.openChannel("C0SALES"); return api.say("/customer ABS001"); }],
  ["subscribe", "Subscribe", () => "As Priya, in #sales: type /sage subscribe holds,releases here, and press Join.",
    () => async (api) => { await inSales(api); return api.say("/sage subscribe holds,releases here"); }],
  ["hold", "Hold", (seen) => seen.is_held
    ? "ABS001 is on hold in Sage 200. In a moment #sales is told."
    : "Put ABS001 on hold inside Sage 200 (the black button, top right), and watch #sales.",
    () => async (api) => { await inSales(api); return (await send("hold", { reference: "ABS001", reason: "Over terms" })).said; }],
  ["request", "Release", releasing, (seen) => async (api) => {
    if (seen.is_asked) {
      await be(api, "U0PRIYA");
      talk(api);
      return api.say(`/sage approve ${seen.request}`);
    }
    if (seen.has_rep) {
      await be(api, "U0GEORGE");
      talk(api);
      return api.say("/customer ABS001 request-release Paid this morning");
    }
    return makeRep(api);
  }],
  ["outage", "Outage", () => "Turn the site off inside Sage 200, then ask again: the app says how old its copy is.",
    () => async (api) => {
      await inSales(api);
      const { said } = await send("site", { state: "offline" });
      await api.say("/customer ABS001");
      return said;
    }],
];

function connecting(seen) {
  if (!seen.is_installed) return "Install the app as an admin would, allow it, and come back to this page.";
  if (!seen.has_link) return "Type /sage connect in the message box below.";
  if (seen.has_companies) return "Your sign-in opens two companies. Pick ABS Motor Factors, or type /sage company 2.";
  return "Press Continue to Sage ID, sign in as Priya, and type the code that you are shown: /sage verify CODE.";
}

function releasing(seen) {
  if (seen.is_asked) return "Be Priya again: in Sage 200's conversation press Approve. #sales is told.";
  if (seen.has_rep) return "Be George, and type /customer ABS001 request-release Paid this morning.";
  return "As Priya: /sage roles @george sales, then /sage roles @george customers rep:George.";
}

const asPriya = (line) => async (api) => { await be(api, "U0PRIYA"); talk(api); return api.say(line); };
const as = (user, line) => async (api) => { await be(api, user); talk(api); return api.say(line); };
const AFTER = "The admin's tour comes first, as far as Connect: choose it at the left of this line.";

const CONTROLLER = [
  ["controller-connect", "Sign in", (seen) => {
    if (!seen.done.connect) return AFTER;
    if (!seen.has_controller) return "As Priya, make Clare a credit controller: /sage roles @clare controller";
    return "Be Clare, and press Continue to Sage ID in her message: holds go into Sage 200 under her own name.";
  }, (seen) => (seen.done.connect && !seen.has_controller ? asPriya("/sage roles @clare controller") : null)],
  ["controller-chase", "Chase", () => "As Clare: /overdue chase lists the late debts that nobody promised to pay.", () => as("U0CLARE", "/overdue chase")],
  ["controller-promise", "Promise", () => "They promise to pay: /customer ABS001 promise 500 by Friday", () => as("U0CLARE", "/customer ABS001 promise 500 by Friday")],
  ["controller-kept", "Kept", () => "Inside Sage 200 (the black button), post a receipt of 500 to ABS001: Clare gets a message.",
    () => async () => (await send("receipt", { reference: "ABS001", amount: "500" })).said],
  ["controller-dispute", "Dispute", (seen) => `An invoice in dispute is not chased: /customer ABS001 dispute ${seen.invoice} Wrong price`,
    (seen) => as("U0CLARE", `/customer ABS001 dispute ${seen.invoice} Wrong price`)],
  ["controller-hold", "Hold", () => "Put the account on hold from Slack: /customer ABS001 hold Over terms, or by the card's button.",
    () => as("U0CLARE", "/customer ABS001 hold Over terms")],
  ["controller-decide", "Decide", (seen) => {
    if (seen.is_asked) return "Be Clare: the figures stand above Approve. Approve it, until a day if you like.";
    if (seen.has_rep) return "As George, ask for the release: /customer ABS001 request-release Paid this morning";
    return "Give George his customers: as Priya, /sage roles @george sales, then /sage roles @george customers rep:George";
  }, (seen) => {
    if (seen.is_asked) return as("U0CLARE", `/sage approve ${seen.request} Seen in the bank`);
    return seen.has_rep ? as("U0GEORGE", "/customer ABS001 request-release Paid this morning") : makeRep;
  }],
  ["controller-broken", "Broken", () => "Note another promise, /customer ABS001 promise 400 by tomorrow, and move the clock eight days on inside Sage 200.",
    () => async (api) => {
      await as("U0CLARE", "/customer ABS001 promise 400 by tomorrow")(api);
      await new Promise((later) => setTimeout(later, 2500));
      return (await send("clock", { hours: 192 })).said;
    }],
];

const REP = [
  ["rep-role", "Role", (seen) => seen.done.connect
    ? "As Priya: /sage roles @george sales, then /sage roles @george customers rep:George. George gets a message."
    : AFTER, (seen) => (seen.done.connect ? makeRep : null)],
  ["rep-ask", "Ask", () => "Be George, and type /customer ABS001. Press Aged debt or Open invoices.", () => as("U0GEORGE", "/customer ABS001")],
  ["rep-order", "Order", () => "May they have it? /customer ABS001 order 1500: OK, check or stop, and why.", () => as("U0GEORGE", "/customer ABS001 order 1500")],
  ["rep-late", "Late", () => "Whom to ring: /overdue mine", () => as("U0GEORGE", "/overdue mine")],
  ["rep-others", "Others", (seen) => `Another rep's customer shows nothing: /customer ${seen.others}`, (seen) => as("U0GEORGE", `/customer ${seen.others}`)],
  ["rep-request", "Release", (seen) => seen.is_held
    ? "ABS001 is on hold: press Request release on its card, or type /customer ABS001 request-release Paid this morning"
    : "Put ABS001 on hold inside Sage 200 (the black button, top right): George gets a message.",
    (seen) => (seen.is_held
      ? as("U0GEORGE", "/customer ABS001 request-release Paid this morning")
      : async () => (await send("hold", { reference: "ABS001", reason: "Over terms" })).said)],
];

export const TOURS = { Admin: ADMIN, Controller: CONTROLLER, "Sales rep": REP };
