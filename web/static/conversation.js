// What a follow-up carries along: the last few exchanges, in the address and in the request.
// The limits are those of web/page_urls.py.

import { create } from "./slots.js";
import { slicePoints } from "./text.js";

const MAX_EARLIER = 6;
const MAX_EARLIER_CHARS = 8000;
const MAX_ANSWER_CHARS = 4000; // of an earlier answer; what a follow-up refers to stands at its beginning

// The last exchanges that got an answer or an abstention, oldest first.
export function recent(exchanges) {
  const kept = [];
  let chars = 0;
  for (const exchange of exchanges.filter((one) => one.dataset.state !== "failed").slice(-MAX_EARLIER).reverse()) {
    chars += exchange.dataset.question.length;
    if (chars > MAX_EARLIER_CHARS) break;
    kept.unshift(exchange);
  }
  return kept;
}

// The address that asks the question again, for anybody; `filterPairs` are [field, value].
export function pageUrl(question, earlier, filterPairs) {
  const before = earlier.map((exchange) => ["h", exchange.dataset.question]);
  return `/?${new URLSearchParams([["q", question], ...before, ...filterPairs])}`;
}

export function requestBody(question, earlier, filters) {
  const history = earlier.flatMap((exchange) => {
    const turns = [{ role: "user", content: exchange.dataset.question }];
    const { answer } = exchange.dataset;
    if (answer) turns.push({ role: "assistant", content: slicePoints(answer, 0, MAX_ANSWER_CHARS) });
    return turns;
  });
  const conversation = earlier.at(-1)?.dataset.conversation;
  return {
    question,
    history,
    ...(conversation ? { conversation_id: conversation } : {}),
    ...(Object.keys(filters).length ? { filters } : {}),
  };
}

// Puts the questions into the plain form, which works the same without scripts.
export function fillCarried(container, earlier) {
  container.replaceChildren(
    ...earlier.map((exchange) => create("input", { type: "hidden", name: "h", value: exchange.dataset.question })),
  );
}
