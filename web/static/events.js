// Server-Sent Events out of a response's body. Source: WHATWG HTML, section 9.2.

// Yields [name, data] of each event; comments, which only keep the line open, are yielded as ["", ""].
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
      rest = parts.pop();
      for (const part of parts) yield read(part);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function read(part) {
  let name = "";
  const data = [];
  for (const line of part.split("\n")) {
    const value = line.slice(line.indexOf(":") + 1).replace(/^ /, "");
    if (line.startsWith("event:")) name = value;
    if (line.startsWith("data:")) data.push(value);
  }
  return [name, data.join("\n")];
}
