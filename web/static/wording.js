// Says dates, numbers and certainty as web/wording.py does.

import { isolated } from "./text.js";

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const DAY_MONTH = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", timeZone: "UTC" });

function parse(iso) {
  const date = new Date(`${(iso ?? "").slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}

export function day(iso, inferred = false) {
  if (!iso) return "";
  const date = parse(iso);
  const text = date ? DAY.format(date) : iso;
  return inferred ? `about ${text}` : text;
}

function period(first, last) {
  const [start, end] = [parse(first), parse(last)];
  if (!start || !end || start.getTime() === end.getTime()) return day(last ?? first);
  if (start.getUTCFullYear() !== end.getUTCFullYear()) return `${day(first)} – ${day(last)}`;
  const sameMonth = start.getUTCMonth() === end.getUTCMonth();
  return `${sameMonth ? start.getUTCDate() : DAY_MONTH.format(start)} – ${day(last)}`;
}

export function counted(number, thing) {
  return `${number.toLocaleString("en-GB")} ${thing}${number === 1 ? "" : "s"}`;
}

export function page(number) {
  return number ? `page ${number.toLocaleString("en-GB")}` : "";
}

// Each filter that is set as [field, value, words for people].
export function filterLabels(filters) {
  return [
    ...(filters.date_from ? [["date_from", filters.date_from, `from ${day(filters.date_from)}`]] : []),
    ...(filters.date_to ? [["date_to", filters.date_to, `until ${day(filters.date_to)}`]] : []),
    ...(filters.sources ?? []).map((name) => ["source", name, isolated(name)]),
    ...(filters.authors ?? []).map((name) => ["author", name, `by ${isolated(name)}`]),
  ];
}

export function searched(index, filters) {
  const dates = period(index.first_date, index.last_date);
  const scope = [counted(index.articles, "article"), dates, `index of ${day(index.built_at)}`].filter(Boolean).join(", ");
  const narrowed = filterLabels(filters).map(([, , label]) => label).join(", ");
  return narrowed ? `${scope}; only ${narrowed}` : scope;
}

// A Retry-After header, seconds or a date, in words.
export function wait(header) {
  if (!header) return "";
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  if (!(seconds > 0)) return "in a moment";
  if (seconds < 90) return `in ${counted(seconds, "second")}`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `in ${counted(minutes, "minute")}` : `in ${counted(Math.ceil(minutes / 60), "hour")}`;
}

// The words themselves come with the page, so that they are written down once.
function words(name) {
  return [...document.getElementById("words-template").content.querySelectorAll(`.${name}`)];
}

// How sure the service is: the word, and a level from 3, sure, to 1.
export function sureness(confidence) {
  const all = words("sureness-word").filter((word) => word.dataset.calibrated === String(confidence.calibrated));
  const at = all.findIndex((word) => confidence.score >= Number(word.value));
  const place = at < 0 ? all.length - 1 : at;
  return [all[place].textContent, all.length - place];
}

export function kindWord(kind) {
  return words("kind-word").find((word) => word.value === kind)?.textContent ?? "";
}
