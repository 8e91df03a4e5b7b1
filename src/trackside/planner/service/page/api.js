// Asking the service; what it refuses is an Error with its sentence and its status.

export async function ask(path, method = "GET", body) {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
  });
  const text = await answer.text();
  const content = text ? JSON.parse(text) : null;
  if (!answer.ok) {
    const error = new Error(content?.detail ?? `The service answers ${answer.status}.`);
    error.status = answer.status;
    throw error;
  }
  return content;
}

export const runnerPath = (id, rest = "") => `/runners/${encodeURIComponent(id)}${rest}`;
