// Filters: the form's fields are what is applied; chips say so and take them away again.

import { create } from "./slots.js";
import { filterLabels } from "./wording.js";

const form = document.getElementById("ask");
const details = document.getElementById("filters");
const chips = form.querySelector(".chips");
const LISTS = { sources: "source", authors: "author" };

// What is applied, in the words of the API; empty when nothing is.
export function applied() {
  const data = new FormData(form);
  const found = {};
  for (const name of ["date_from", "date_to"]) if (data.get(name)) found[name] = data.get(name);
  for (const [plural, name] of Object.entries(LISTS)) {
    const values = [...new Set(data.getAll(name).map((value) => value.trim()).filter(Boolean))];
    if (values.length) found[plural] = values;
  }
  return found;
}

export const filterPairs = (filters) => filterLabels(filters).map(([field, value]) => [field, value]);

function chip([field, value, label]) {
  const link = create("a", { className: "chip", href: "#ask" }, label);
  const cross = create("span", {}, " ×");
  cross.setAttribute("aria-hidden", "true");
  link.append(cross, create("span", { className: "visually-hidden" }, " – remove"));
  Object.assign(link.dataset, { field, value });
  return create("li", {}, link);
}

function showChips() {
  tieDays();
  chips.replaceChildren(...filterLabels(applied()).map(chip));
}

function inputs(field) {
  return [...details.querySelectorAll("input")].filter((input) => input.name === field);
}

function remove(field, value) {
  for (const input of inputs(field)) {
    if (input.type === "checkbox") input.checked &&= input.value !== value;
    else if (input.value.trim() === value) input.value = "";
  }
}

// Takes all filters away.
export function clear() {
  for (const [field, value] of filterPairs(applied())) remove(field, value);
  showChips();
}

// A name that was typed becomes one that is ticked.
function tick(typed) {
  const name = typed.value.trim();
  if (!name) return;
  typed.value = "";
  const known = inputs(typed.name).find((input) => input.type === "checkbox" && input.value === name);
  if (known) {
    known.checked = true;
    return;
  }
  const box = create("input", { type: "checkbox", name: typed.name, value: name, checked: true });
  const label = create("label", { className: "tick" }, box, create("span", {}, name));
  typed.closest("fieldset").querySelector(".ticks").prepend(label);
}

// Neither day can be chosen so that the first lies after the last.
const [from, until] = ["date_from", "date_to"].map((name) => inputs(name)[0]);
const [firstDay, lastDay] = [from.min, until.max];

function tieDays() {
  from.max = until.value || lastDay;
  until.min = from.value || firstDay;
}

tieDays();

// What does not fit has to be seen: a form is not sent with it, and says so only where it can be seen.
form.addEventListener("invalid", (event) => (details.open ||= details.contains(event.target)), true);

// In a name that is typed, Enter takes the name; it asks nothing yet.
details.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.list) return;
  event.preventDefault();
  tick(event.target);
  showChips();
});

details.addEventListener("change", (event) => {
  if (event.target.list) tick(event.target);
  showChips();
});

chips.addEventListener("click", (event) => {
  const link = event.target.closest(".chip");
  if (!link) return;
  event.preventDefault();
  remove(link.dataset.field, link.dataset.value);
  showChips();
  if (document.getElementById("main").dataset.page === "empty") {
    history.replaceState(history.state, "", `/?${new URLSearchParams(filterPairs(applied()))}`.replace(/\?$/, ""));
  }
  (chips.querySelector(".chip") ?? details.querySelector("summary")).focus();
});

// The names to choose from are many: they come when the form is opened, and only where not all are listed.
details.addEventListener("toggle", async () => {
  const lists = [...details.querySelectorAll("datalist")].filter((list) => !list.options.length);
  if (!details.open || !lists.length) return;
  const facets = await fetch("/api/v1/facets?limit=1000").then((response) => (response.ok ? response.json() : {}), () => ({}));
  for (const list of lists) {
    const [plural] = Object.entries(LISTS).find(([, name]) => list.id === `${name}-names`);
    list.append(...(facets[plural] ?? []).map((one) => create("option", { value: one.name })));
  }
});

details.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !details.open) return;
  event.preventDefault();
  details.open = false;
  details.querySelector("summary").focus();
});
