// Builds the parts of an answer out of its JSON, as web/exchanges.py does.

import { blank, create, fill, slot } from "./slots.js";
import { appendLit, indexOfPoints, isolated, pointCount, shortAnswerStart } from "./text.js";
import { day, kindWord, page } from "./wording.js";

const anchor = (turn, number) => `e${turn}-s${number}`;

function byArticle(citations) {
  const groups = new Map();
  for (const one of citations) groups.set(one.article_id, [...(groups.get(one.article_id) ?? []), one]);
  return [...groups.values()];
}

function cited(citation, turn) {
  const root = blank("cited");
  const element = root.querySelector(".cited");
  element.id = anchor(turn, citation.number);
  Object.assign(element.dataset, { number: citation.number, start: citation.start_char, end: citation.end_char });
  const start = indexOfPoints(citation.paragraph_text, citation.quote);
  appendLit(slot(root, "paragraph"), citation.paragraph_text, start, start + pointCount(citation.quote));
  fill(root, { page: page(citation.page) });
  const fragment = citation.paragraph_index === null ? "" : `#p${citation.paragraph_index}`;
  const address = `/articles/${encodeURIComponent(citation.article_id)}`;
  slot(root, "link").href = `${address}?quote=${citation.start_char}-${citation.end_char}${fragment}`;
  return root;
}

function source(citations, turn) {
  const root = blank("source");
  const [first] = citations;
  const date = day(first.published_at, first.published_at_inferred);
  const kind = [...new Set(citations.map((one) => kindWord(one.kind)).filter(Boolean))].join(", ");
  fill(root, {
    numbers: citations.map((one) => one.number).join(", "),
    title: isolated(first.title),
    date,
    name: isolated(first.source ?? ""),
    kind,
  });
  const [afterDate, beforeKind] = root.querySelectorAll(".dot");
  afterDate.textContent = date && first.source ? " · " : "";
  beforeKind.textContent = kind && (date || first.source) ? " · " : "";
  root.querySelector(".source-head").href = `#${anchor(turn, first.number)}`;
  const item = root.querySelector(".source");
  item.dataset.article = first.article_id;
  item.dataset.original = /^https?:\/\//.test(first.url ?? "") ? first.url : "";
  item.append(...citations.map((one) => cited(one, turn)));
  return root;
}

export function sources(citations, turn) {
  return byArticle(citations).map((group) => source(group, turn));
}

function reference(number, turn) {
  const link = create("a", { className: "ref", href: `#${anchor(turn, number)}` }, String(number));
  link.setAttribute("aria-label", `Source ${number}`);
  return link;
}

function sentence(one, answer, citations, turn) {
  const element = create("span", { className: "sentence" });
  const start = shortAnswerStart(one, answer);
  const words = element.appendChild(create("bdi"));
  appendLit(words, one.text, start, start < 0 ? -1 : start + pointCount(answer.short_answer.text));
  element.append(...citations.map((citation) => reference(citation.number, turn)));
  return element;
}

// The answer's sentences in blocks, those that stand on the same articles together, each block with its articles.
export function blocks(answer, turn) {
  const known = new Map(answer.citations.map((citation) => [citation.id, citation]));
  const told = new Set();
  const groups = [];
  for (const one of answer.sentences) {
    const citations = one.citation_ids.map((id) => known.get(id));
    const key = JSON.stringify(citations.map((citation) => citation.article_id));
    if (groups.at(-1)?.key !== key) groups.push({ key, sentences: [], fresh: [] });
    const group = groups.at(-1);
    group.sentences.push(sentence(one, answer, citations, turn));
    for (const citation of citations) {
      if (!told.has(citation.id)) group.fresh.push(citation);
      told.add(citation.id);
    }
  }
  return groups.map(block(turn));
}

const block = (turn) => (group) => {
  const root = blank("block");
  const said = root.querySelector(".said");
  group.sentences.forEach((one, place) => said.append(...(place ? [" ", one] : [one])));
  const listed = sources(group.fresh, turn);
  root.querySelector(".block").dataset.sources = listed.length;
  root.querySelector(".sources").append(...listed);
  return root;
};
