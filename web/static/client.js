// Asks the API; every failure becomes an AskError whose message can be shown.

import { events } from "./events.js";
import { day, wait } from "./wording.js";

const SILENCE_MS = 45_000; // the server sends a sign of life every 15 seconds

export class AskError extends Error {
  constructor(message, { wasStopped = false, requestId = "", status = 0 } = {}) {
    super(message);
    Object.assign(this, { wasStopped, requestId, status });
  }
}

// Asks, tells `onEvent(name, data)` what comes, and returns the whole answer. `signal` stops it.
export async function ask(body, { signal, onEvent }) {
  const inner = new AbortController();
  const stop = () => inner.abort();
  signal.addEventListener("abort", stop);
  let timer = setTimeout(stop, SILENCE_MS);
  const isAlive = () => {
    clearTimeout(timer);
    timer = setTimeout(stop, SILENCE_MS);
  };
  try {
    const response = await fetch("/api/v1/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify(body),
      signal: inner.signal,
    });
    if (!response.ok) throw await refusal(response);
    return await read(response, onEvent, isAlive);
  } catch (error) {
    if (error instanceof AskError) throw error;
    if (signal.aborted) throw new AskError("Stopped before the answer came.", { wasStopped: true });
    if (inner.signal.aborted) throw new AskError("The server has fallen silent. It may be busy; try again in a moment.");
    throw new AskError(
      navigator.onLine
        ? "The server cannot be reached. It may have stopped, or the connection is down."
        : "This device is offline. Ask again when the connection is back.",
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

async function read(response, onEvent, isAlive) {
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) return response.json();
  for await (const [name, data] of events(response.body)) {
    isAlive();
    if (!name) continue;
    const value = parsed(data);
    if (name === "done") return value;
    if (name === "error") throw new AskError(value.detail, { requestId: value.request_id });
    onEvent(name, value);
  }
  throw new AskError("The connection broke off before the answer was complete.");
}

function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    throw new AskError("The server sent something that cannot be read as an answer.");
  }
}

// What the API says of fields, in the words of the page; web/error_wording.py does the same.
function plain(detail) {
  const [, first, last] = /date_from (\S+) lies after date_to ([^\s;]+)/.exec(detail) ?? [];
  return first ? `The first day, ${day(first)}, lies after the last, ${day(last)}. Swap them.` : detail;
}

async function refusal(response) {
  const problem = await response.json().catch(() => null);
  const message = plain(problem?.detail) ?? `The server answered ${response.status} without saying why.`;
  const pause = wait(response.headers.get("Retry-After"));
  return new AskError(pause ? `${message} Ask again ${pause}.` : message, { requestId: problem?.request_id, status: response.status });
}

export async function send(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw await refusal(response);
  return response.status === 204 ? null : response.json();
}
