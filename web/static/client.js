// Asks the API; every failure becomes an Error whose message can be shown.

const PATIENCE_MS = 60_000;

export async function ask(body) {
  let response;
  try {
    response = await fetch("/api/v1/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    throw new Error(
      error.name === "TimeoutError"
        ? "The server took too long. It may be busy; try again in a moment."
        : "The server cannot be reached. It may have stopped, or the connection is down.",
    );
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  throw new Error(answer?.detail ?? `The server answered ${response.status} without saying why.`);
}
