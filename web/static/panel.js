// The source of a citation: its paragraph in its article, the quote lit. Beside the conversation on wide
// screens; on narrow ones a sheet, which is a modal dialog and so keeps the focus.

import { otherVersions } from "./family.js";
import { blank, create, fill, slot } from "./slots.js";
import { appendLit, slicePoints } from "./text.js";

const NEIGHBOURS = 3;
const panel = document.getElementById("panel");
const body = panel.querySelector(".panel-body");
const wide = matchMedia("(min-width: 64rem)");
const articles = new Map();
let cited = null; // the .cited element that is shown
let opener = null;
let isUnwanted = false; // closed by the person, so it does not come back by itself

export const isOpen = () => panel.open;

// Keeps the panel's place beside a conversation, so that nothing moves aside when it opens.
export function reserve() {
  panel.parentElement.classList.toggle("has-place", !isUnwanted);
}

// Shows the source of `element`, a .cited; `from` gets the focus back.
export function openSource(element, from) {
  opener = from;
  isUnwanted = false;
  reserve();
  reveal(element);
  slot(panel, "title").focus({ preventScroll: true });
}

// Shows the first source of an answer where there is room for it; the focus stays where it is.
export function preview(exchange) {
  const first = exchange?.querySelector(".block .cited");
  if (first && wide.matches && !isUnwanted) reveal(first);
  else if (panel.open && (isGone() || !panel.contains(document.activeElement))) hide();
}

// Whether what the panel shows is on the page no more, as after a step back.
const isGone = () => !cited?.isConnected || Boolean(cited.closest("[hidden]"));

function reveal(element) {
  show(element);
  if (panel.open) return;
  if (wide.matches) panel.setAttribute("open", ""); // show() would take the focus
  else panel.showModal();
}

export function close() {
  if (!panel.open) return;
  const held = panel.contains(document.activeElement);
  isUnwanted = true;
  reserve();
  hide();
  if (held && opener?.isConnected) opener.focus({ preventScroll: true });
}

function hide() {
  panel.close();
  panel.removeAttribute("open");
  markOpen(null);
}

// Shows the source `by` places further on; says whether there was one.
export function step(by) {
  const all = siblings();
  const next = all[all.indexOf(cited) + by];
  if (!next) return false;
  show(next);
  return true;
}

function siblings() {
  return [...(cited?.closest(".exchange")?.querySelectorAll(".cited") ?? [])];
}

function markOpen(element) {
  for (const ref of document.querySelectorAll(".ref.is-open")) ref.classList.remove("is-open");
  if (!element) return;
  const exchange = element.closest(".exchange");
  for (const ref of exchange.querySelectorAll(`.ref[href="#${CSS.escape(element.id)}"]`)) ref.classList.add("is-open");
}

export function show(element) {
  cited = element;
  const source = element.closest(".source");
  const all = siblings();
  const place = all.indexOf(element);
  fill(panel, {
    place: `Source ${element.dataset.number} of ${all.length}`,
    title: slot(source, "title").textContent,
    byline: [source.querySelector(".source-byline").textContent, slot(element, "page").textContent].filter(Boolean).join(" · "),
    note: "",
    versions: "",
  });
  slot(panel, "link").href = slot(element, "link").href;
  panel.querySelector('[data-panel="previous"]').disabled = place === 0;
  panel.querySelector('[data-panel="next"]').disabled = place === all.length - 1;
  markOpen(element);
  showAlone(element);
  load(source.dataset.article).then(
    (article) => cited === element && showAmongNeighbours(element, article),
    () => cited === element && fill(panel, { note: "The rest of the article cannot be loaded at the moment." }),
  );
}

function showAlone(element) {
  const words = [...slot(element, "paragraph").cloneNode(true).childNodes];
  slot(panel, "paragraphs").replaceChildren(create("p", { className: "is-cited" }, ...words));
}

function showAmongNeighbours(element, article) {
  slot(panel, "versions").replaceChildren(...otherVersions(article));
  const [start, end] = [Number(element.dataset.start), Number(element.dataset.end)];
  const quote = element.querySelector("mark")?.textContent;
  const shown = article.paragraphs.filter((one) => one.kind !== "headline");
  const at = shown.findIndex((one) => one.start_char <= start && end <= one.end_char);
  if (at < 0 || slicePoints(article.text, start, end) !== quote) {
    fill(panel, { note: "The article has changed since this was answered." });
    return;
  }
  const around = shown.slice(Math.max(at - NEIGHBOURS, 0), at + NEIGHBOURS + 1);
  while (around.at(-1).kind === "subhead" && around.at(-1) !== shown[at]) around.pop(); // it heads what is not shown
  slot(panel, "paragraphs").replaceChildren(...around.map((one) => paragraph(one, one === shown[at] ? [start, end] : null)));
  const main = panel.querySelector(".is-cited");
  const top = main.offsetTop - body.offsetTop;
  const head = slot(panel, "paragraphs").offsetTop - body.offsetTop; // goes as a whole or not at all
  const isSeen = top + main.offsetHeight <= body.clientHeight;
  body.scrollTop = isSeen ? 0 : Math.max(head, top - body.clientHeight / 3);
}

function paragraph(one, span) {
  const element = create("p", { className: span ? "is-cited" : "" });
  element.dataset.kind = one.kind;
  if (span) appendLit(element, one.text, span[0] - one.start_char, span[1] - one.start_char);
  else element.append(one.text);
  return element;
}

function load(articleId) {
  if (!articles.has(articleId)) {
    const loading = fetch(`/api/v1/articles/${encodeURIComponent(articleId)}`).then((response) => {
      if (!response.ok) throw new Error(String(response.status));
      return response.json();
    });
    loading.catch(() => articles.delete(articleId));
    articles.set(articleId, loading);
  }
  return articles.get(articleId);
}

panel.addEventListener("click", (event) => {
  const action = event.target.closest("[data-panel]")?.dataset.panel;
  if (action === "close" || (event.target === panel && panel.matches(":modal"))) close(); // hit beside the sheet
  if (action === "previous") step(-1);
  if (action === "next") step(1);
});

panel.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});

wide.addEventListener("change", () => {
  if (!panel.open) return;
  hide();
  if (wide.matches) reveal(cited);
});

export const shownSource = () => cited;
