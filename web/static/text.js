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

// Puts `text` into `parent`, its code points from `start` to `end` lit; none are when `start` is negative.
export function appendLit(parent, text, start, end) {
  const lit = start >= 0 ? slicePoints(text, start, end) : "";
  if (!lit) {
    parent.append(text);
    return;
  }
  const mark = document.createElement("mark");
  mark.textContent = lit;
  parent.append(slicePoints(text, 0, start), mark, slicePoints(text, end));
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
