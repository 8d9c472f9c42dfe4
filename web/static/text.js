// Texts by code points, as the service counts them; JavaScript counts UTF-16 units.

export function pointCount(text) {
  return Array.from(text).length;
}

export function indexOfPoints(text, part) {
  const at = text.indexOf(part);
  return at < 0 ? -1 : pointCount(text.slice(0, at));
}

export function slicePoints(text, start, end) {
  return Array.from(text).slice(start, end).join("");
}

const EMBEDDING = "\u202a\u202b\u202d\u202e";
const ISOLATE = "\u2066\u2067\u2068";

// What has to stand before and after `text`, so that it turns the direction of nothing beside it; as web/bidi.py does.
function guards(text) {
  let opened = [];
  let strays = 0;
  for (const control of text.match(/[\u202a-\u202e\u2066-\u2069]/g) ?? []) {
    if ((EMBEDDING + ISOLATE).includes(control)) opened.push(control);
    else if (control === "\u202c") opened = EMBEDDING.includes(opened.at(-1) ?? "-") ? opened.slice(0, -1) : opened;
    else {
      const last = opened.findLastIndex((one) => ISOLATE.includes(one));
      strays += last < 0;
      opened = opened.slice(0, Math.max(last, 0));
    }
  }
  if (!opened.length && !strays) return ["", ""];
  const unclosed = opened.filter((one) => ISOLATE.includes(one)).length;
  return ["\u2068".repeat(1 + strays), "\u2069".repeat(1 + unclosed)];
}

export const isolated = (text) => guards(text).join(text);

// Puts `text` into `parent`, its code points from `start` to `end` lit; none are when `start` is negative.
export function appendLit(parent, text, start, end) {
  const lit = start >= 0 ? slicePoints(text, start, end) : "";
  const [before, after] = guards(text);
  if (!lit) {
    parent.append(before + text + after);
    return;
  }
  const mark = document.createElement("mark");
  mark.textContent = lit;
  parent.append(before + slicePoints(text, 0, start), mark, slicePoints(text, end) + after);
}

// Where the short answer stands in `sentence`; -1 when it is not there.
export function shortAnswerStart(sentence, answer) {
  const short = answer.short_answer;
  if (!short?.text || !sentence.citation_ids.includes(short.citation_id)) return -1;
  const quoted = answer.citations.find((citation) => citation.id === short.citation_id);
  const at = indexOfPoints(quoted.quote, sentence.text);
  const start = at < 0 ? indexOfPoints(sentence.text, short.text) : short.start_char - quoted.start_char - at;
  const words = slicePoints(sentence.text, Math.max(start, 0), start + pointCount(short.text));
  return start >= 0 && words === short.text ? start : -1;
}
