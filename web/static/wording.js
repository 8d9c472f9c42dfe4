// Says dates, numbers and certainty as web/wording.py does.

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

export function period(first, last) {
  const [start, end] = [parse(first), parse(last)];
  if (!start || !end || start.getTime() === end.getTime()) return day(last ?? first);
  if (start.getUTCFullYear() !== end.getUTCFullYear()) return `${day(first)} – ${day(last)}`;
  const sameMonth = start.getUTCMonth() === end.getUTCMonth();
  return `${sameMonth ? start.getUTCDate() : DAY_MONTH.format(start)} – ${day(last)}`;
}

export function counted(number, thing) {
  return `${number.toLocaleString("en-GB")} ${thing}${number === 1 ? "" : "s"}`;
}

export function scope(index) {
  const dates = period(index.first_date, index.last_date);
  return [counted(index.articles, "article"), dates, `index of ${day(index.built_at)}`].filter(Boolean).join(", ");
}

// The words themselves come with the page, so that they are written down once.
function words(name) {
  return [...document.getElementById("words-template").content.querySelectorAll(`.${name}`)];
}

export function confidenceWord(confidence) {
  const all = words("sureness-word").filter((word) => word.dataset.calibrated === String(confidence.calibrated));
  return (all.find((word) => confidence.score >= Number(word.value)) ?? all.at(-1)).textContent;
}

export function kindWord(kind) {
  return words("kind-word").find((word) => word.value === kind)?.textContent ?? "";
}
