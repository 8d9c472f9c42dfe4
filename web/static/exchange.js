// The states of one exchange: waiting, answered, abstained, failed. Fills the blanks of web/templates/_exchange.html.

import { blocks, sources } from "./answer.js";
import { blank, create, fill, slot } from "./slots.js";
import { isolated, pointCount } from "./text.js";
import { searched, sureness } from "./wording.js";

const FILTERS = ["date_from", "date_to", "source", "author"];
const LONG_QUESTION = 240; // what is longer scrolls away with the rest

function show(exchange, state, content) {
  const { question } = exchange.dataset;
  exchange.dataset.state = state;
  fill(content, { question });
  slot(content, "question").classList.toggle("is-long", pointCount(question) > LONG_QUESTION);
  exchange.replaceChildren(content);
  shorten(exchange);
}

// Shows the first lines of a very long question, and a button for the rest where there is one.
export function shorten(exchange) {
  const question = slot(exchange, "question");
  if (!question.matches(".is-long")) return;
  question.classList.add("is-short");
  requestAnimationFrame(() => {
    slot(exchange, "all").hidden = question.scrollHeight <= question.clientHeight;
  });
}

function blankState(state) {
  const content = blank(state);
  content.prepend(blank("question"));
  return content;
}

export function createExchange(question, url, turn) {
  const exchange = create("article", { className: "exchange", id: `e${turn}` });
  Object.assign(exchange.dataset, { question, url, state: "loading" });
  return exchange;
}

const turnOf = (exchange) => Number(exchange.id.slice(1));

export function showLoading(exchange, words) {
  const content = blankState("loading");
  fill(content, { progress: words });
  show(exchange, "loading", content);
}

// Shows what the stream has told so far; the sources follow when the answer is whole.
export function showProgress(exchange, name, value) {
  if (name === "retrieval") {
    fill(exchange, { progress: "The nearest paragraphs are found; reading them…" });
    showUnderstood(exchange, value.query);
  } else if (name === "delta") {
    slot(exchange, "skeleton").hidden = true;
    fill(exchange, { progress: "" });
    slot(exchange, "said").append(value.text);
  }
}

function showUnderstood(root, query) {
  if (query.standalone.trim() === query.original.trim()) return;
  fill(root, { standalone: isolated(query.standalone) });
  const details = slot(root, "understood");
  details.hidden = false;
  details.querySelector("[name=q]").value = query.standalone;
}

export function showAnswer(exchange, answer) {
  const content = blankState(answer.status);
  const turn = turnOf(exchange);
  showUnderstood(content, answer.query);
  fill(content, { scope: searched(answer.index, answer.filters_applied) });
  const verdict = content.querySelector(".verdict");
  verdict.append(...answer.warnings.map((text) => create("p", { className: "warning" }, text)));
  if (answer.status === "answered") fillAnswered(content, answer, turn);
  else fillAbstained(content, answer, turn, exchange.dataset.url);
  Object.assign(exchange.dataset, {
    answer: answer.answer ?? "",
    conversation: answer.conversation_id,
    answerId: answer.id,
    talk: isTalk(answer) ? "1" : "",
  });
  show(exchange, answer.status, content);
}

function fillAnswered(content, answer, turn) {
  const [word, level] = sureness(answer.confidence);
  slot(content, "answer").append(...blocks(answer, turn));
  fill(content, { sureness: word });
  slot(content, "sureness").dataset.level = level;
}

// Whether nothing was asked, as in a greeting; the time that searching took is told where there was any.
function isTalk(answer) {
  return answer.timings_ms.retrieve === undefined && !answer.query.alternatives?.length;
}

function withoutFilters(url) {
  const address = new URL(url, location.href);
  for (const name of FILTERS) address.searchParams.delete(name);
  return address.pathname + address.search;
}

function fillAbstained(content, answer, turn, url) {
  const { message, nearest, reason } = answer.abstention;
  const fitsNothing = reason === "filters_empty";
  const alternatives = answer.query.alternatives ?? [];
  fill(content, { message });
  slot(content, "nearest").hidden = nearest.length === 0;
  slot(content, "sources").append(...sources(nearest, turn));
  slot(content, "hints").hidden = alternatives.length > 0 || isTalk(answer) || fitsNothing;
  slot(content, "searched").hidden = isTalk(answer) || fitsNothing;
  slot(content, "unfiltered").hidden = !fitsNothing;
  if (fitsNothing) content.querySelector(".unfiltered").href = withoutFilters(url);
  slot(content, "alternatives").hidden = alternatives.length === 0;
  slot(content, "alternatives").append(
    ...alternatives.map((text) => create("button", { className: "choice", name: "q", value: text }, text)),
  );
}

export function showFailure(exchange, error) {
  const content = blankState("failed");
  fill(content, { message: error.message, request: error.requestId ? `Request ${error.requestId}` : "" });
  if (error.wasStopped) fill(content, { headline: "Stopped." });
  slot(content, "retry").href = exchange.dataset.url;
  show(exchange, "failed", content);
}
