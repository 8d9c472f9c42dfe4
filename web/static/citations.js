// Citation numbers: they light their sentence and source, open the source, and the arrow keys go from one to the next.

import { close, isOpen, openSource, show, step } from "./panel.js";

const thread = document.getElementById("thread");
const panel = document.getElementById("panel");

const citedOf = (link) => document.getElementById(link.hash.slice(1));

function light(link) {
  for (const lit of thread.querySelectorAll(".is-lit")) lit.classList.remove("is-lit");
  const source = link && citedOf(link)?.closest(".source");
  if (!source) return;
  source.classList.add("is-lit");
  const isLit = link.matches(".ref") ? (ref) => ref === link : (ref) => source.contains(citedOf(ref));
  for (const ref of source.closest(".exchange").querySelectorAll(".ref")) {
    if (isLit(ref)) ref.closest(".sentence").classList.add("is-lit");
  }
}

const linkOf = (event) => event.target.closest?.(".ref, .source-head");

thread.addEventListener("pointerover", (event) => light(linkOf(event)));
thread.addEventListener("pointerleave", () => light(null));
thread.addEventListener("focusin", (event) => light(linkOf(event)));
thread.addEventListener("focusout", () => light(null));

thread.addEventListener("click", (event) => {
  const link = linkOf(event);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openSource(citedOf(link), link);
});

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

thread.addEventListener("keydown", (event) => {
  const by = STEPS[event.key];
  const kind = [".ref", ".source-head"].find((selector) => event.target.matches(selector));
  if (!by || !kind) return;
  const all = [...event.target.closest(".exchange").querySelectorAll(kind)];
  const next = all[all.indexOf(event.target) + by];
  event.preventDefault();
  if (!next) return;
  next.focus();
  if (isOpen()) show(citedOf(next));
});

panel.addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by && step(by)) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) close();
});
