// Commands: first what the robot will really do, then what it has said of it.

import { html, useState } from "./vendor/htm-preact.js";
import { post } from "./api.js";
import { may, set, store } from "./store.js";
import { Mark } from "./words.js";

// Ask what a command would do; the answer is shown by `Question`.
export async function ask(body) {
  try {
    const { words } = await post(`/robots/${store.robot}/commands`, { ...body, preview: true });
    set({ question: { body, words }, notice: "" });
  } catch (refused) {
    set({ question: { body: null, words: refused.message } });
  }
}

export function Question() {
  const question = store.question;
  if (!question) return "";
  const close = () => set({ question: null });
  const send = async () => {
    try {
      await post(`/robots/${store.robot}/commands`, question.body);
      set({ question: null });
    } catch (refused) {
      set({ question: { body: null, words: refused.message } });
    }
  };
  return html`<section class="panel ask" role="status" aria-label="Before it is sent">
    <p>${question.words}</p>
    <div class="row">
      ${question.body && html`<button class="main" onClick=${send}>Do it</button>`}
      <button onClick=${close}>${question.body ? "Not now" : "Close"}</button>
    </div>
  </section>`;
}

const OVER = ["idle", "finished", "failed"];

export function PatrolCommands() {
  const [route, setRoute] = useState("");
  const patrol = store.live.patrol, routes = store.site?.routes ?? [], docks = store.site?.docks ?? [];
  if (!may("command")) return "";
  const running = patrol && !OVER.includes(patrol.state);
  const chosen = route || routes[0]?.id || "";
  return html`<section class="panel" aria-label="Commands">
    ${running ? html`<div class="row">
        ${patrol.state === "paused" || patrol.state === "asking"
          ? html`<button class="main" onClick=${() => ask({ do: "resume" })}>Resume</button>`
          : html`<button class="main" onClick=${() => ask({ do: "pause" })}>Pause</button>`}
        <button onClick=${() => ask({ do: "skip" })}>Skip this stop</button>
        <button onClick=${() => ask({ do: "stop" })}>End patrol</button>
      </div>`
    : html`<div class="row">
        ${routes.length > 1 && html`<label>Route<select value=${chosen} onChange=${(e) => setRoute(e.target.value)}>
          ${routes.map((one) => html`<option value=${one.id}>${one.id}</option>`)}</select></label>`}
        <button class="main" disabled=${!chosen} onClick=${() => ask({ do: "start", route: chosen })}>Start patrol</button>
        ${docks[0] && html`<button onClick=${() => ask({ do: "dock", dock: docks[0].id })}>To the dock</button>`}
      </div>`}
    <${Question} />
    <${Commands} />
  </section>`;
}

const LEVELS = { sent: "info", acknowledged: "info", done: "good", refused: "bad", unanswered: "bad" };

export function Commands() {
  const commands = (store.live.commands ?? []).slice(0, 3);
  return commands.length > 0 && html`<ol class="list" aria-label="What became of commands">${commands.map((one) => html`
    <li class="row small"><${Mark} level=${LEVELS[one.state]} />
      <span class="what"><b>${one.do.replace("_", " ")}</b>: ${one.state}${one.answer ? `, ${one.answer}` : ""} <span class="soft">(${one.who})</span></span></li>`)}</ol>`;
}

export function SpotCommands({ spot, close }) {
  const [x, y] = spot.map((value) => Math.round(value * 100) / 100);
  const asks = (body) => () => { ask({ ...body, x, y }); close(); };
  return html`<div class="spot"><b class="number">${x.toFixed(1)}, ${y.toFixed(1)}</b><div class="row">
    <button onClick=${asks({ do: "look" })}>Look here</button>
    <button onClick=${asks({ do: "go" })}>Go here</button>
    <button onClick=${asks({ do: "set_pose", yaw: store.live.pose?.[2] ?? 0 })}>Robot is here</button>
    <button onClick=${close}>Close</button></div></div>`;
}
