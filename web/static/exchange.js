// Fills the blanks of web/templates/_exchange.html. Text goes in as text, never as markup.

import { confidenceWord, day, kindWord, scope } from "./wording.js";

function blank(name) {
  return document.getElementById(`${name}-template`).content.cloneNode(true);
}

function fill(root, slots) {
  for (const [name, text] of Object.entries(slots)) {
    for (const element of root.querySelectorAll(`[data-slot="${name}"]`)) element.textContent = text;
  }
}

function slot(root, name) {
  return root.querySelector(`[data-slot="${name}"]`);
}

// Puts `text` into `parent`, its code points from `start` to `end` lit.
function appendLit(parent, text, start, end) {
  const points = Array.from(text);
  const lit = start >= 0 ? points.slice(start, end).join("") : "";
  if (!lit) {
    parent.append(text);
    return;
  }
  const mark = document.createElement("mark");
  mark.textContent = lit;
  parent.append(points.slice(0, start).join(""), mark, points.slice(end).join(""));
}

function indexOfPoints(text, part) {
  const at = text.indexOf(part);
  return at < 0 ? -1 : Array.from(text.slice(0, at)).length;
}

function pointCount(text) {
  return Array.from(text).length;
}

// Where the short answer stands in `sentence`, in code points; -1 when it is not there.
function shortAnswerStart(sentence, answer) {
  const short = answer.short_answer;
  if (!short || !sentence.citation_ids.includes(short.citation_id)) return -1;
  const quoted = answer.citations.find((citation) => citation.id === short.citation_id);
  const at = indexOfPoints(quoted.quote, sentence.text);
  const start = at < 0 ? indexOfPoints(sentence.text, short.text) : short.start_char - quoted.start_char - at;
  const words = Array.from(sentence.text).slice(start, start + pointCount(short.text)).join("");
  return start >= 0 && words === short.text ? start : -1;
}

function sourceItem(citation, turn, isOpen) {
  const item = blank("source");
  const published = day(citation.published_at, citation.published_at_inferred);
  fill(item, {
    number: citation.number,
    title: citation.title,
    byline: [citation.source, published, kindWord(citation.kind)].filter(Boolean).join(" · "),
  });
  const quoteStart = indexOfPoints(citation.paragraph_text, citation.quote);
  appendLit(slot(item, "paragraph"), citation.paragraph_text, quoteStart, quoteStart + pointCount(citation.quote));
  slot(item, "body").id = `e${turn}-s${citation.number}`;
  const fragment = citation.paragraph_index === null ? "" : `#p${citation.paragraph_index}`;
  slot(item, "link").href = `/articles/${encodeURIComponent(citation.article_id)}${fragment}`;
  item.querySelector("details").open = isOpen;
  return item;
}

function reference(citation, turn) {
  const link = document.createElement("a");
  link.className = "ref";
  link.href = `#e${turn}-s${citation.number}`;
  link.setAttribute("aria-label", `Source ${citation.number}`);
  link.textContent = citation.number;
  return link;
}

function fillAnswer(root, answer, turn) {
  let paragraph = null;
  let cited = null;
  for (const sentence of answer.sentences) {
    const ids = sentence.citation_ids.join(" ");
    if (ids !== cited) {
      paragraph = document.createElement("p");
      slot(root, "answer").append(paragraph);
      cited = ids;
    } else {
      paragraph.append(" ");
    }
    const start = shortAnswerStart(sentence, answer);
    appendLit(paragraph, sentence.text, start, start < 0 ? -1 : start + pointCount(answer.short_answer.text));
    const citations = answer.citations.filter((citation) => sentence.citation_ids.includes(citation.id));
    paragraph.append(...citations.map((citation) => reference(citation, turn)));
  }
  const word = confidenceWord(answer.confidence);
  fill(root, { sureness: word });
  slot(root, "sureness").dataset.level = word.toLowerCase().replaceAll(" ", "-");
}

function show(exchange, state, content) {
  exchange.dataset.state = state;
  exchange.replaceChildren(content);
}

export function create(question, url) {
  const exchange = document.createElement("article");
  exchange.className = "exchange";
  Object.assign(exchange.dataset, { question, url });
  return exchange;
}

export function showLoading(exchange) {
  const content = blank("loading");
  fill(content, { question: exchange.dataset.question });
  show(exchange, "loading", content);
}

export function showAnswer(exchange, answer, turn) {
  const content = blank(answer.status);
  fill(content, { question: exchange.dataset.question, scope: scope(answer.index) });
  if (answer.status === "answered") {
    fillAnswer(content, answer, turn);
  } else {
    fill(content, { message: answer.abstention.message });
    slot(content, "nearest").hidden = answer.abstention.nearest.length === 0;
  }
  const cited = answer.status === "answered" ? answer.citations : answer.abstention.nearest;
  const isOpen = answer.status === "abstained";
  slot(content, "sources").append(...cited.map((citation) => sourceItem(citation, turn, isOpen)));
  Object.assign(exchange.dataset, { answer: answer.answer ?? "", conversation: answer.conversation_id });
  show(exchange, answer.status, content);
}

export function showFailure(exchange, message) {
  const content = blank("failed");
  fill(content, { question: exchange.dataset.question, message });
  slot(content, "retry").href = exchange.dataset.url;
  show(exchange, "failed", content);
}
