// Requests and WebSockets to the robot that served this page.

export class Refused extends Error {
  constructor(status, body) {
    super(body?.error ?? `The console has answered ${status}.`);
    this.status = status;
    this.body = body ?? {};
  }
}

async function ask(method, path, body) {
  const headers = method === "GET" ? {} : { "X-Ronda": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/api${path}`, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new Refused(0, { error: "The robot cannot be reached." });
  }
  const value = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, value);
  return value;
}

// Ask for a file and let the browser keep it.
export async function download(path, body, name) {
  const answer = await fetch(`/api${path}`, { method: "POST", headers: { "X-Ronda": "1", "Content-Type": "application/json" }, body: JSON.stringify(body) })
    .catch(() => { throw new Refused(0, { error: "The robot cannot be reached." }); });
  if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => null));
  const address = URL.createObjectURL(await answer.blob());
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

export const get = (path) => ask("GET", path);
export const post = (path, body) => ask("POST", path, body);
export const patch = (path, body) => ask("PATCH", path, body);
export const put = (path, body) => ask("PUT", path, body);
export const remove = (path) => ask("DELETE", path);

const FIRST_WAIT_MS = 300, LONGEST_WAIT_MS = 5000;

// A WebSocket that comes back by itself. `close` ends it for good.
export class Line {
  constructor(path, { heard, opened = () => {}, closed = () => {} }) {
    Object.assign(this, { path, heard, opened, closed, ended: false, wait: FIRST_WAIT_MS });
    this.open();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api${this.path}`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => { this.wait = FIRST_WAIT_MS; this.opened(); };
    socket.onmessage = ({ data }) => this.heard(data);
    socket.onclose = ({ code, reason }) => {
      if (this.ended) return;
      this.closed(code, reason);
      if (code >= 4400 && code < 4500 && code !== 4429) return;
      setTimeout(() => this.ended || this.open(), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    };
    this.socket = socket;
  }

  say(text) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text);
  }

  close() {
    this.ended = true;
    this.socket.close();
  }
}
