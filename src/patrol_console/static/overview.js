// One look: is all well, what does the robot do, what does it see.

import { html, useState } from "./vendor/htm-preact.js";
import { Camera } from "./camera.js";
import { PatrolCommands, SpotCommands } from "./commands.js";
import { SiteMap } from "./map.js";
import { may, store } from "./store.js";
import { Mark, clock, percent } from "./words.js";

export function Overview() {
  const [spot, setSpot] = useState(null);
  return html`<div class="overview"><h1 class="unseen">Overview</h1>
    <${SiteMap} spot=${spot} onSpot=${may("command") ? setSpot : null}>
      ${spot && html`<${SpotCommands} spot=${spot} close=${() => setSpot(null)} />`}
    <//>
    <div class="side">
      <${Camera} />
      <${PatrolCommands} />
      <${Newest} />
      <${Facts} />
    </div>
    <div class="line"><${TimeLine} /></div>
  </div>`;
}

function Newest() {
  const top = store.live.alerts?.top ?? [];
  if (!top.length) return "";
  return html`<section class="panel" aria-label="New alerts"><h2>New alerts</h2><ul class="list">${top.map((one) => html`
    <li key=${one.id}><a href="#/${store.robot}/alerts/${one.id}"><${Mark} level=${{ high: "bad", medium: "warn", low: "info" }[one.severity]} />
      <span class="what"><b>${one.kind}</b>${one.escalated ? html` <b class="bad">overdue</b>` : ""}<br/><span class="small">${one.reason}</span></span></a></li>`)}</ul></section>`;
}

export function Facts() {
  const { speed, battery, localization, gate, patrol, viewers } = store.live;
  const facts = [
    ["Patrol", patrol ? `${patrol.route || "none"}, ${patrol.state}${patrol.laps ? `, lap ${patrol.lap} of ${patrol.laps}` : ""}` : "not heard"],
    ["Moved by", gate ? { none: "nobody", mission: "the mission", teleop: "a person", estop: "nobody: stopped" }[gate.authority] : "not heard"],
    ["Speed", speed ? `${Math.abs(speed[0]).toFixed(2)} m/s${gate ? `, limit ${gate.limit_mps.toFixed(2)}` : ""}` : "not heard"],
    ["Battery", battery ? `${percent(battery.fraction)}${battery.charging ? ", charging" : ""}` : "not heard"],
    ["Place", localization ? `${localization.level}: ${localization.reason}` : "not heard"],
    ["Watching", viewers === 1 ? "this page alone" : `${viewers ?? 0} pages`],
  ];
  return html`<section class="panel" aria-label="State"><dl class="facts">${facts.map(([name, words]) => html`
    <dt>${name}</dt><dd class="number">${words}</dd>`)}</dl></section>`;
}

const STATES = { done: "done", passed: "passed by", skipped: "skipped", failed: "failed", later: "later", now: "on the way", ahead: "ahead" };

export function TimeLine() {
  const stops = store.live.patrol?.timeline ?? [];
  if (!stops.length) return html`<p class="soft">No patrol is under way.</p>`;
  return html`<ol class="timeline" tabindex="0" aria-label="Stops of this lap">${stops.map((stop) => html`
    <li class=${stop.state} key=${stop.checkpoint}><b>${stop.name}</b><span class="number">${STATES[stop.state]}${stop.s != null ? ` ${clock(stop.s)}` : ""}</span></li>`)}</ol>`;
}
