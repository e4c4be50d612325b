// The stop, in the same corner of every page. It shows what the gate has said, never the wish.

import { html, useState } from "./vendor/htm-preact.js";
import { post } from "./api.js";
import { isOld, may, store } from "./store.js";
import { Mark } from "./words.js";

export function StopCorner() {
  const [trouble, setTrouble] = useState("");
  const [clearing, setClearing] = useState(false);
  const stop = store.live.stop;
  const state = stop?.state ?? "unknown";
  const press = async () => {
    setTrouble("");
    setClearing(false);
    try {
      await post(`/robots/${store.robot}/stop`, {});
    } catch (refused) {
      setTrouble(`The stop was NOT taken: ${refused.message} Use the robot's own button.`);
    }
  };
  const stopped = ["stopped", "latched", "asked", "unanswered", "clearing"].includes(state);
  const others = store.session.robots.length > 1;
  return html`<aside class="corner" aria-label="Stop">
    ${trouble && html`<div class="stop-words" role="alert"><p class="row"><${Mark} level="bad" /><b>${trouble}</b></p></div>`}
    ${stopped && !trouble && html`<div class="stop-words ${state === "asked" || state === "clearing" ? "asked" : ""}" role="status">
      <p class="row"><${Mark} level=${state === "asked" || state === "clearing" ? "warn" : "bad"} /><b>${wordsOf(state, stop)}</b></p>
      ${stop.words && html`<p class="small soft">${stop.words}</p>`}
      ${isOld() && html`<p class="small bad">This is old: the robot is not heard now.</p>`}
      ${may("clear_stop") && ["stopped", "latched", "unanswered"].includes(state) && !clearing && html`
        <button onClick=${() => setClearing(true)}>Clear this stop</button>`}
      ${clearing && html`<${Clear} done=${() => setClearing(false)} />`}
      ${!may("clear_stop") && html`<p class="small soft">A supervisor can clear it.</p>`}
    </div>`}
    <button class="stop-button" onClick=${press} aria-label="Stop ${others ? store.robot : "the robot"} (software stop)">STOP<small>${others ? `${store.robot}, ` : ""}software</small></button>
  </aside>`;
}

function wordsOf(state, stop) {
  if (state === "asked") return "Stop asked, not yet confirmed";
  if (state === "unanswered") return "STOP NOT CONFIRMED. Use the robot's own button.";
  if (state === "clearing") return "Clearing asked, not yet confirmed";
  if (state === "latched") return "Stopped by the robot itself";
  const others = stop.sources.filter((source) => source !== "console");
  return `Stopped${stop.by ? ` by ${stop.by}` : ""}${others.length ? ` (${others.join(", ")})` : ""}`;
}

function Clear({ done }) {
  const [why, setWhy] = useState("");
  const [password, setPassword] = useState("");
  const [trouble, setTrouble] = useState("");
  const clear = async (event) => {
    event.preventDefault();
    try {
      await post("/session/confirm", { password });
      await post(`/robots/${store.robot}/stop/clear`, { why });
      done();
    } catch (refused) {
      setTrouble(refused.message);
    }
  };
  return html`<form class="list" onSubmit=${clear}>
    <p class="small">Clearing moves nothing. Is the cause gone, and nobody near?</p>
    <label>Why it may be cleared<input required maxlength="200" value=${why} onInput=${(e) => setWhy(e.target.value)} /></label>
    <input class="unseen" tabindex="-1" aria-hidden="true" autocomplete="username" value=${store.session.user} readonly />
    <label>Your password<input required type="password" autocomplete="current-password" value=${password} onInput=${(e) => setPassword(e.target.value)} /></label>
    ${trouble && html`<p class="error" role="alert">${trouble}</p>`}
    <div class="row"><button class="main">Clear</button><button type="button" onClick=${done}>Leave it stopped</button></div>
  </form>`;
}
