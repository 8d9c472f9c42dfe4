// Other versions of an article, as the panel names them: a newer one first of all, else where it was published too.

import { create } from "./slots.js";
import { isolated } from "./text.js";
import { counted, day } from "./wording.js";

const NAMED = 3;

function link(version) {
  const href = `/articles/${encodeURIComponent(version.article_id)}`;
  const names = [version.source ?? version.title, day(version.published_at)].filter(Boolean);
  return create("a", { href, title: version.title }, create("bdi", {}, isolated(names.join(", "))));
}

// Returns the words and links for the other versions of `article`; none where there are none.
export function otherVersions(article) {
  const others = article.also_in ?? [];
  if (others.length === 0) return [];
  const newest = others.find((one) => one.is_newest);
  if (newest) return ["There is a newer version: ", link(newest), "."];
  const named = others.slice(0, NAMED).flatMap((one, place) => (place ? ["; ", link(one)] : [link(one)]));
  const rest = others.length - NAMED;
  const more = rest > 0 ? [` and ${counted(rest, "more version")}`] : [];
  return [article.is_newest ? "Newest version. Also in " : "Also in ", ...named, ...more, "."];
}
