// How every process of the robot is.

import { html } from "./vendor/htm-preact.js";
import { store } from "./store.js";
import { Mark } from "./words.js";

const LEVELS = { ok: "good", warn: "warn", error: "bad", stale: "bad" };

export function Health() {
  const entries = store.live.health ?? [];
  return html`<div class="narrow"><h1>Health</h1>
    ${!entries.length && html`<p class="soft">No process has said how it is.</p>`}
    <ul class="list">${entries.map((entry) => html`<li key=${entry.name}><div class="item">
      <${Mark} level=${LEVELS[entry.level]} />
      <div class="what"><b>${entry.name}</b> <span class="soft">${entry.level}</span><p class="small">${entry.message}</p>
        <p class="small soft number">${entry.values.map(([name, value]) => `${name} ${value}`).join(" · ")}</p></div><span></span>
    </div></li>`)}</ul></div>`;
}
