// What can be done with an answer: copy it with its citations, copy its address, say whether it is right.

import { AskError, send } from "./client.js";
import { shownSource } from "./panel.js";
import { announce, blank, fill, slot } from "./slots.js";
import { isolated } from "./text.js";

const SHOWN_MS = 2000;

function credit(cited) {
  const source = cited.closest(".source");
  const words = ["title", "name", "date"].map((name) => slot(source, name).textContent).filter(Boolean);
  return `${words.join(", ")}. ${source.dataset.original || slot(cited, "link").href}`;
}

function answerWithCitations(exchange) {
  const said = [...exchange.querySelectorAll(".said")].map((paragraph) => {
    const copy = paragraph.cloneNode(true);
    for (const ref of copy.querySelectorAll(".ref")) ref.textContent = ` [${ref.textContent}]`;
    return copy.textContent;
  });
  const cited = [...exchange.querySelectorAll(".cited")].map((one) => `[${one.dataset.number}] ${credit(one)}`);
  return [...said, "", ...cited].join("\n");
}

function quoteWithCitation(cited) {
  const quote = cited.querySelector("mark")?.textContent ?? slot(cited, "paragraph").textContent;
  return `“${quote}” – ${credit(cited)}`;
}

async function copy(button, text) {
  const before = button.dataset.label ?? button.textContent;
  button.dataset.label = before;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "The browser did not allow it";
  }
  announce(button.textContent);
  setTimeout(() => {
    button.textContent = before;
  }, SHOWN_MS);
}

function press(exchange, rating) {
  for (const button of slot(exchange, "votes").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.vote === rating));
  }
}

// Gives an exchange its tools, if anything was looked up in it; an opinion can be given on what is stored.
export function offerTools(exchange) {
  const { state, talk, answerId, rating, note } = exchange.dataset;
  if (talk || !["answered", "abstained"].includes(state)) return;
  exchange.append(blank("tools"));
  if (state === "abstained") exchange.querySelector("[data-tool=copy]").remove();
  slot(exchange, "votes").hidden = !answerId;
  press(exchange, rating);
  if (!note) return;
  slot(exchange, "opinion").note.value = note;
  fill(exchange, { noted: `Your note: “${isolated(note)}”` });
}

// Says what came of an opinion, beside the buttons and to those who do not see them.
function tell(exchange, text) {
  fill(exchange, { noted: text });
  announce(text);
}

function reason(error) {
  if (!(error instanceof AskError)) return "The server cannot be reached.";
  return error.status === 404 ? "The server does not keep this answer any more." : error.message;
}

async function vote(exchange, rating, more = {}) {
  try {
    await send("POST", "/api/v1/feedback", { answer_id: exchange.dataset.answerId, rating, ...more });
  } catch (error) {
    tell(exchange, `This could not be noted. ${reason(error)}`);
    return false;
  }
  press(exchange, rating);
  tell(exchange, "Thank you, noted.");
  return true;
}

const thread = document.getElementById("thread");

thread.addEventListener("click", (event) => {
  const button = event.target.closest(".show-all");
  if (!button) return;
  const isShort = slot(button.closest(".exchange"), "question").classList.toggle("is-short");
  button.textContent = isShort ? "Show all" : "Show less";
  button.setAttribute("aria-expanded", String(!isShort));
});

thread.addEventListener("click", async (event) => {
  const button = event.target.closest(".tools button");
  if (!button) return;
  const exchange = button.closest(".exchange");
  if (button.dataset.tool === "copy") copy(button, answerWithCitations(exchange));
  if (button.dataset.tool === "link") copy(button, new URL(exchange.dataset.url, location.href).href);
  if (!button.dataset.vote) return;
  const form = slot(exchange, "opinion");
  if (button.getAttribute("aria-pressed") === "true") {
    form.hidden = !form.hidden; // said already; the note can be read and changed
  } else {
    if (!(await vote(exchange, button.dataset.vote))) return;
    form.note.value = ""; // that was a word on the other opinion
    form.hidden = false;
  }
  form.scrollIntoView({ block: "nearest" });
});

thread.addEventListener("submit", async (event) => {
  const form = event.target.closest(".opinion");
  if (!form) return;
  event.preventDefault();
  const exchange = form.closest(".exchange");
  const rating = exchange.querySelector('[data-vote][aria-pressed="true"]').dataset.vote;
  if (!(await vote(exchange, rating, { note: form.note.value.trim() }))) return;
  form.hidden = true;
  slot(exchange, "votes").querySelector(`[data-vote="${rating}"]`).focus();
});

document.querySelector('[data-panel="copy"]').addEventListener("click", (event) => {
  if (shownSource()) copy(event.currentTarget, quoteWithCitation(shownSource()));
});
