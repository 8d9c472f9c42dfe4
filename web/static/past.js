// The list of the latest conversations, after something was asked.

import { create } from "./slots.js";

const list = document.getElementById("past-list");

export async function refreshPast(conversationId) {
  if (!list) return;
  const found = await fetch("/api/v1/conversations?limit=12").then((response) => (response.ok ? response.json() : null), () => null);
  if (!found) return;
  list.replaceChildren(
    ...found.data.map((one) => {
      const link = create("a", { href: `/c/${encodeURIComponent(one.id)}` }, one.title);
      if (one.id === conversationId) link.setAttribute("aria-current", "page");
      return create("li", {}, link);
    }),
  );
}
