// The chat page: asks without a reload, keeps the conversation, the address and the back button in step.

import "./citations.js";
import { ask } from "./client.js";
import { fillCarried, pageUrl, recent, requestBody } from "./conversation.js";
import { createExchange, shorten, showAnswer, showFailure, showLoading, showProgress } from "./exchange.js";
import { applied, clear, filterPairs } from "./filters.js";
import { preview, reserve } from "./panel.js";
import { refreshPast } from "./past.js";
import { announce } from "./slots.js";
import { offerTools } from "./tools.js";
import { counted } from "./wording.js";

const main = document.getElementById("main");
const thread = document.getElementById("thread");
const form = document.getElementById("ask");
const field = document.getElementById("q");
const button = form.querySelector("[type=submit]");
const stopButton = document.getElementById("stop");
const carried = document.getElementById("carried");
const offline = document.getElementById("offline");
const documentId = crypto.randomUUID?.() ?? String(Math.random());
const plainTitle = "Ask the archive";
const keeps = main.dataset.keeps === "true";
let running = null; // {exchange, controller} of the question that is being answered

const exchanges = () => [...thread.children];
const visible = () => exchanges().filter((exchange) => !exchange.hidden);

function settle() {
  main.dataset.page = visible().length ? "conversation" : "empty";
  fillCarried(carried, recent(visible()));
  const last = visible().at(-1);
  document.title = last ? `${last.dataset.question.slice(0, 80)} – ${plainTitle}` : plainTitle;
  field.placeholder = last ? "Your next question" : "Ask a question";
}

// The address of this page: the question for anybody, and for its owner the conversation that it belongs to.
function addressOf(exchange, conversation) {
  return keeps && conversation ? `${exchange.dataset.url}&c=${encodeURIComponent(conversation)}` : exchange.dataset.url;
}

function setRunning(value) {
  const hadFocus = [button, stopButton].includes(document.activeElement);
  running = value;
  button.hidden = Boolean(value);
  stopButton.hidden = !value;
  if (hadFocus) (value ? stopButton : field).focus({ preventScroll: true });
}

// The focus goes where the next question is written; under a finger that would raise the keyboard over the answer.
function leaveFor(exchange) {
  if (form.contains(document.activeElement)) return;
  exchange.tabIndex = -1;
  (matchMedia("(pointer: coarse)").matches ? exchange : field).focus({ preventScroll: true });
}

function spoken(answer) {
  if (answer.status !== "answered") return answer.abstention.message;
  return `${answer.answer} (${counted(answer.citations.length, "source")})`;
}

async function fetchInto(exchange, earlier, filters) {
  const controller = new AbortController();
  const words = `Searching ${main.dataset.articles}…`;
  setRunning({ exchange, controller });
  showLoading(exchange, words);
  announce(words);
  try {
    const body = requestBody(exchange.dataset.question, earlier, filters);
    const onEvent = (name, value) => showProgress(exchange, name, value);
    const answer = await ask(body, { signal: controller.signal, onEvent });
    showAnswer(exchange, answer);
    if (!keeps) delete exchange.dataset.answerId; // no opinion can be kept on what is not
    offerTools(exchange);
    if (!exchange.hidden) {
      preview(exchange);
      if (exchange === visible().at(-1)) history.replaceState(history.state, "", addressOf(exchange, answer.conversation_id));
    }
    announce(spoken(answer));
    if (keeps) refreshPast(answer.conversation_id);
  } catch (error) {
    showFailure(exchange, error);
    announce(error.message);
  } finally {
    if (running?.controller === controller) setRunning(null);
    settle();
  }
}

function submit(question) {
  if (running || !question) return;
  for (const gone of exchanges().filter((exchange) => exchange.hidden)) gone.remove();
  const earlier = recent(exchanges());
  const filters = applied();
  const url = pageUrl(question, earlier, filterPairs(filters));
  const exchange = createExchange(question, url, exchanges().length + 1);
  exchange.filters = filters;
  thread.append(exchange);
  history.pushState({ documentId, shown: exchanges().length }, "", addressOf(exchange, earlier.at(-1)?.dataset.conversation));
  document.getElementById("keep")?.remove();
  document.getElementById("filters").open = false;
  reserve();
  fetchInto(exchange, earlier, filters);
  settle();
  leaveFor(exchange);
  exchange.scrollIntoView({ block: "start" });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) return;
  const question = field.value.trim();
  field.value = "";
  submit(question);
});

stopButton.addEventListener("click", () => running?.controller.abort());

// Forms of an exchange: the question as it was understood, changed; one of several that it could mean.
thread.addEventListener("submit", (event) => {
  if (!event.target.matches(".reask, .choices")) return;
  event.preventDefault();
  submit((event.submitter?.value || event.target.q?.value || "").trim());
});

document.querySelector(".suggestions")?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  submit(link.textContent.trim());
});

thread.addEventListener("click", (event) => {
  const link = event.target.closest(".unfiltered");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (running) return;
  clear();
  submit(link.closest(".exchange").dataset.question);
});

thread.addEventListener("click", (event) => {
  const retry = event.target.closest('[data-slot="retry"]');
  if (!retry) return;
  event.preventDefault();
  if (running) return;
  const exchange = retry.closest(".exchange");
  const before = visible().slice(0, visible().indexOf(exchange));
  leaveFor(exchange);
  fetchInto(exchange, recent(before), exchange.filters ?? applied());
});

// Back and forward hide and show exchanges of this document; another document's are loaded from the server.
window.addEventListener("popstate", (event) => {
  if (event.state?.documentId !== documentId) {
    if (!location.hash) location.reload();
    return;
  }
  exchanges().forEach((exchange, position) => {
    exchange.hidden = position >= event.state.shown;
  });
  if (running?.exchange.hidden) running.controller.abort();
  preview(visible().at(-1));
  settle();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  field.focus();
});

for (const name of ["online", "offline"]) {
  window.addEventListener(name, () => {
    offline.hidden = navigator.onLine;
  });
}

history.replaceState({ documentId, shown: exchanges().length }, "");
exchanges().forEach(offerTools);
exchanges().forEach(shorten);
settle();
if (exchanges().length && !location.hash) {
  preview(exchanges().at(-1));
  if (exchanges().length > 1) exchanges().at(-1).scrollIntoView({ block: "start", behavior: "instant" });
}
