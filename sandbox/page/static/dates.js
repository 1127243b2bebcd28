// Slack's date formats, in the reader's own zone.

const LOCALE = "en-GB";
const SHORT = { day: "numeric", month: "short", year: "numeric" };
const FORMATS = {
  date_num: { dateStyle: "short" },
  date_slash: { dateStyle: "short" },
  date: { day: "numeric", month: "long", year: "numeric" },
  date_short: SHORT,
  date_long: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  time: { hour: "2-digit", minute: "2-digit" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};

let zone;
let ahead = 0;

/** The zone of whoever looks, by its IANA name, and the demo's own time, which can be moved: later dates are told by them. */
export function setZone(name, nowSeconds) {
  zone = name;
  ahead = nowSeconds * 1000 - Date.now();
}

const now = () => new Date(Date.now() + ahead);

function told(when, options) {
  return new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: zone }).format(when);
}

/** `{date_short_pretty} {time}` and the like; empty when the moment is not one. */
export function formatDate(seconds, format) {
  const when = new Date(seconds * 1000);
  if (Number.isNaN(when.getTime())) return "";
  return format.replace(/\{(\w+)\}/g, (whole, name) => part(when, name) ?? whole);
}

function part(when, name) {
  if (name === "ago") return ago(when);
  const plain = name.replace(/_pretty$/, "");
  if (!FORMATS[plain]) return undefined;
  const near = name.endsWith("_pretty") ? nearby(when) : "";
  return near || told(when, FORMATS[plain]);
}

function nearby(when) {
  const days = Math.round((day(now()) - day(when)) / 86_400_000);
  return { "0": "today", "1": "yesterday", "-1": "tomorrow" }[String(days)] || "";
}

/** The moment's calendar day in that zone, as a number that can be compared. */
function day(when) {
  return Date.parse(new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(when));
}

function ago(when) {
  const minutes = Math.round((when.getTime() - now().getTime()) / 60_000);
  const words = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
  return Math.abs(minutes) < 60 ? words.format(minutes, "minute") : words.format(Math.round(minutes / 60), "hour");
}

/** A message's time of day; a divider above it says the day. */
export function clock(ts) {
  return told(new Date(Number(ts.split(".")[0]) * 1000), FORMATS.time);
}

/** The day of a message, as a divider says it. */
export function dayOf(ts) {
  const when = new Date(Number(ts.split(".")[0]) * 1000);
  const near = nearby(when);
  return near ? near[0].toUpperCase() + near.slice(1) : told(when, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

/** In full, for who asks. */
export function fully(ts) {
  return told(new Date(Number(ts.split(".")[0]) * 1000), { dateStyle: "full", timeStyle: "long" });
}
