// The chat page: asks without a reload, keeps the conversation, the address and the back button in step.

import { ask } from "./client.js";
import { fillCarried, pageUrl, recent, requestBody } from "./conversation.js";
import { create, showAnswer, showFailure, showLoading } from "./exchange.js";
import { counted } from "./wording.js";

const main = document.getElementById("main");
const thread = document.getElementById("thread");
const form = document.getElementById("ask");
const field = document.getElementById("q");
const button = form.querySelector("button");
const carried = document.getElementById("carried");
const status = document.getElementById("status");
const documentId = crypto.randomUUID?.() ?? String(Math.random());
const plainTitle = "Ask the archive";
let busy = false;

const exchanges = () => [...thread.children];
const visible = () => exchanges().filter((exchange) => !exchange.hidden);

function settle() {
  main.dataset.page = visible().length ? "conversation" : "empty";
  fillCarried(carried, recent(visible()));
  const last = visible().at(-1);
  document.title = last ? `${last.dataset.question.slice(0, 80)} – ${plainTitle}` : plainTitle;
  field.placeholder = last ? "Ask on, or ask something new" : "Ask a question";
}

function say(answer) {
  status.textContent =
    answer.status === "answered"
      ? `${answer.answer} (${counted(answer.citations.length, "source")})`
      : answer.abstention.message;
}

async function fetchInto(exchange, earlier) {
  busy = true;
  button.disabled = true;
  showLoading(exchange);
  status.textContent = exchange.querySelector(".loading p").textContent;
  try {
    const answer = await ask(requestBody(exchange.dataset.question, earlier));
    showAnswer(exchange, answer, exchanges().indexOf(exchange) + 1);
    say(answer);
  } catch (error) {
    showFailure(exchange, error.message);
    status.textContent = error.message;
  } finally {
    busy = false;
    button.disabled = false;
    settle();
  }
}

function submit(question) {
  for (const gone of exchanges().filter((exchange) => exchange.hidden)) gone.remove();
  const earlier = recent(exchanges());
  const exchange = create(question, pageUrl(question, earlier));
  thread.append(exchange);
  history.pushState({ documentId, shown: exchanges().length }, "", exchange.dataset.url);
  field.value = "";
  const done = fetchInto(exchange, earlier);
  settle();
  exchange.scrollIntoView({ block: "start" });
  return done;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = field.value.trim();
  if (!question || busy) return;
  submit(question);
});

document.querySelector(".suggestions")?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (!busy) submit(link.textContent.trim());
});

thread.addEventListener("click", (event) => {
  const retry = event.target.closest('[data-slot="retry"]');
  if (retry) {
    event.preventDefault();
    const exchange = retry.closest(".exchange");
    const before = visible().slice(0, visible().indexOf(exchange));
    if (!busy) fetchInto(exchange, recent(before));
    return;
  }
  const ref = event.target.closest(".ref");
  if (ref) {
    event.preventDefault();
    openSource(document.getElementById(ref.hash.slice(1)));
  }
});

function openSource(body) {
  body.closest("details").open = true;
  body.focus({ preventScroll: true });
  body.scrollIntoView({ block: "nearest" });
}

// Back and forward hide and show exchanges of this document; another document's are loaded from the server.
window.addEventListener("popstate", (event) => {
  if (event.state?.documentId !== documentId) {
    if (!location.hash) location.reload();
    return;
  }
  exchanges().forEach((exchange, position) => {
    exchange.hidden = position >= event.state.shown;
  });
  settle();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  field.focus();
});

history.replaceState({ documentId, shown: exchanges().length }, "");
settle();
if (exchanges().length > 1 && !location.hash) exchanges().at(-1).scrollIntoView({ block: "start", behavior: "instant" });
