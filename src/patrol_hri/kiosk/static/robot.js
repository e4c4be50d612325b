// The requests that the robot answers. `Refused` carries the status; any other error: no answer.

const PATIENCE_MS = 25000;
const KEEP_ALIVE_MS = 15000;

export class Refused extends Error {
  constructor(status) {
    super(`status ${status}`);
    this.status = status;
  }
}

async function ask(path, options = {}) {
  const answer = await fetch(path, {
    cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS), ...options,
  });
  if (!answer.ok) throw new Refused(answer.status);
  return answer.json();
}

function post(path, session, body, options = {}) {
  const headers = { "Content-Type": "application/json" };
  if (session) headers.Authorization = `Bearer ${session}`;
  return ask(path, { method: "POST", headers, body: JSON.stringify(body), ...options });
}

export const start = () => ask("api/start");
export const texts = (code) => ask(`api/texts/${encodeURIComponent(code)}`);
export const siteMap = () => ask("api/map");
export const open = (language, front_end) => post("api/open", "", { language, front_end });
export const tell = (session, text, after) => post("api/say", session, { text, after });
export const speak = (session, number, language) =>
  post("api/speak", session, { number, language });
export const leave = (session) => post("api/leave", session, {}, { keepalive: true });

// Read on: every update goes to `onUpdate`. Ends when the robot ends it, throws when it is cut.
export async function follow(session, after, onUpdate, signal) {
  const answer = await fetch(`api/lines?after=${after}`, {
    headers: { Authorization: `Bearer ${session}` },
    cache: "no-store", credentials: "omit", signal,
  });
  if (!answer.ok) throw new Refused(answer.status);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await within(reader.read(), KEEP_ALIVE_MS);
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    onUpdate(null);
    for (const event of events) {
      if (event.startsWith("data: ")) onUpdate(JSON.parse(event.slice(6)));
    }
  }
}

function within(promise, limit_ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("silent")), limit_ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
