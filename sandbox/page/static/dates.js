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
  return near || new Intl.DateTimeFormat(LOCALE, FORMATS[plain]).format(when);
}

function nearby(when) {
  const days = Math.round((midnight(new Date()) - midnight(when)) / 86_400_000);
  return { "0": "today", "1": "yesterday", "-1": "tomorrow" }[String(days)] || "";
}

function midnight(when) {
  return new Date(when.getFullYear(), when.getMonth(), when.getDate()).getTime();
}

function ago(when) {
  const minutes = Math.round((when.getTime() - Date.now()) / 60_000);
  const words = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
  return Math.abs(minutes) < 60 ? words.format(minutes, "minute") : words.format(Math.round(minutes / 60), "hour");
}

/** A message's time of day. */
export function clock(ts) {
  return new Intl.DateTimeFormat(LOCALE, FORMATS.time).format(new Date(Number(ts.split(".")[0]) * 1000));
}
