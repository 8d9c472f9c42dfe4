// The blanks of web/templates/_exchange.html and how they are filled. Text goes in as text, never as markup.

export function blank(name) {
  return document.getElementById(`${name}-template`).content.cloneNode(true);
}

export function slot(root, name) {
  return root.querySelector(`[data-slot="${name}"]`);
}

export function fill(root, texts) {
  for (const [name, text] of Object.entries(texts)) {
    for (const element of root.querySelectorAll(`[data-slot="${name}"]`)) element.textContent = text;
  }
}

export function create(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Says something to those who do not see the page; the same words twice are said twice.
export function announce(text) {
  const status = document.getElementById("status");
  status.textContent = status.textContent === text ? `${text}\u00a0` : text;
}
