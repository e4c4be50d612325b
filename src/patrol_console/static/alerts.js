// The inbox: what nobody has looked after yet, with its evidence.

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { get, post } from "./api.js";
import { Question, ask } from "./commands.js";
import { SiteMap } from "./map.js";
import { go, may, set, store } from "./store.js";
import { Mark, age } from "./words.js";

const LEVELS = { high: "bad", medium: "warn", low: "info" };
const STATES = [["open", "Open"], ["new", "New"], ["acknowledged", "Taken"], ["shelved", "Shelved"], ["resolved", "Resolved"], ["all", "All"]];
const SHELVE_H = [1, 8, 24, 168];

export function Alerts() {
  return store.item ? html`<${One} key=${store.item} id=${store.item} />` : html`<${Inbox} />`;
}

const unit = (measure) => (measure.unit === "1" ? "" : measure.unit);
const ago = (stamp_s) => `${age(Math.max(0, Date.now() / 1000 - stamp_s))} ago`;

function Inbox() {
  const [state, setState] = useState("open"), [page, setPage] = useState(null), [trouble, setTrouble] = useState("");
  const { alerts, conditions = [] } = store.live;
  const read = (more) => {
    const last = more && page.incidents[page.incidents.length - 1];
    const after = last ? `&before=${encodeURIComponent(last.mark)}` : "";
    get(`/robots/${store.robot}/incidents?state=${state}&limit=30${after}`).then((value) => {
      const known = new Set((more ? page.incidents : []).map((one) => one.group));
      setPage({ ...value, incidents: [...(more ? page.incidents : []), ...value.incidents.filter((one) => !known.has(one.group))] });
      setTrouble("");
    }, (refused) => setTrouble(refused.message));
  };
  useEffect(() => read(false), [state, alerts?.new, alerts?.open, alerts?.top?.[0]?.id]);
  return html`<div class="narrow"><h1>Alerts</h1>
    ${conditions.length > 0 && html`<section class="panel" aria-label="The robot now"><h2>The robot now</h2><ul class="list">${conditions.map((one) => html`
      <li class="row" key=${one.key}><${Mark} level=${LEVELS[one.severity]} /><span>${one.words}</span></li>`)}</ul></section>`}
    <div class="row" role="group" aria-label="Which">${STATES.map(([key, name]) => html`<button aria-pressed=${String(state === key)} onClick=${() => setState(key)}>${name}</button>`)}<${Sound} /></div>
    ${trouble && html`<p class="error" role="alert">${trouble}</p>`}
    ${page && !page.incidents.length && html`<p class="soft">Nothing here.</p>`}
    <ul class="list">${(page?.incidents ?? []).map((one) => html`<li key=${one.group}><a href="#/${store.robot}/alerts/${one.id}">
      <${Mark} level=${LEVELS[one.severity]} />
      <span class="what"><b>${one.kind}</b>${one.escalated ? html` <b class="bad">overdue</b>` : ""} <span class="soft">${one.state}${one.count > 1 ? `, ${one.count} times` : ""}</span><br/>${one.reason}</span>
      <span class="when">${ago(one.last_s)}</span></a></li>`)}</ul>
    ${page?.more && html`<button onClick=${() => read(true)}>More</button>`}
  </div>`;
}

function One({ id }) {
  const [one, setOne] = useState(null), [trouble, setTrouble] = useState(""), [busy, setBusy] = useState(false), [why, setWhy] = useState("");
  const root = `/robots/${store.robot}/incidents/${id}`;
  useEffect(() => { get(root).then(setOne, (refused) => setTrouble(refused.message)); }, [root, store.live.alerts?.open, store.live.alerts?.new]);
  const does = (path, body) => async () => {
    setBusy(true);
    try { setOne(await post(`${root}/${path}`, { ...body, why: why.trim() })); setTrouble(""); setWhy(""); }
    catch (refused) { setTrouble(refused.message); }
    setBusy(false);
  };
  if (!one) return html`<div class="narrow"><button onClick=${() => go("alerts")}>All alerts</button><p class=${trouble ? "error" : "soft"}>${trouble || "Asking the records …"}</p></div>`;
  const ready = why.trim() && !busy;
  return html`<div class="narrow">
    <div class="row apart"><h1>${one.kind} ${one.id}</h1><button onClick=${() => go("alerts")}>All alerts</button></div>
    <p class="row"><${Mark} level=${LEVELS[one.severity]} /><b>${one.state}</b>${one.escalated ? html`<b class="bad">overdue</b>` : ""}<span class="soft">${ago(one.last_s)}${one.count > 1 ? `, ${one.count} times since ${ago(one.first_s)}` : ""}</span></p>
    <p>${one.reason}</p>
    <div class="columns">${one.photo && html`<figure><img class="photo" src=${one.photo} alt="What the robot saw" /><figcaption class="small soft">As the robot saw it</figcaption></figure>`}
      ${one.before && html`<figure><img class="photo" src=${one.before} alt="The same place before" /><figcaption class="small soft">The same place before</figcaption></figure>`}</div>
    ${one.recording && html`<p><a class="button" href="#/${store.robot}/replay/${one.recording}">See how it came about</a></p>`}
    ${may("act") && html`<section class="panel" aria-label="What to do">
      <label>What you see, or why (kept in the record)<input maxlength="500" value=${why} onInput=${(e) => setWhy(e.target.value)} /></label>
      <div class="row">
        ${one.state === "new" && html`<button class="main" disabled=${!ready} onClick=${does("acts", { act: "acknowledge" })}>I take it</button>`}
        ${one.state !== "resolved" && html`<button disabled=${!ready} onClick=${does("acts", { act: "resolve" })}>Resolved</button>`}
        ${["resolved", "shelved"].includes(one.state) && html`<button disabled=${!ready} onClick=${does("acts", { act: "reopen" })}>Open again</button>`}
        ${["new", "acknowledged"].includes(one.state) && html`<label><span class="unseen">Shelve for</span><select disabled=${!ready} value="" onChange=${(e) => e.target.value && does("acts", { act: "shelve", for_s: Number(e.target.value) * 3600 })()}>
          <option value="">Shelve …</option>${SHELVE_H.map((hours) => html`<option value=${hours}>${hours < 48 ? `${hours} h` : `${hours / 24} days`}</option>`)}</select></label>`}
      </div>
      ${may("verdict") && html`<div class="row" role="group" aria-label="What it was">
        <button disabled=${!ready} onClick=${does("verdicts", { verdict: "true" })}>Rightly told</button>
        <button disabled=${!ready} onClick=${does("verdicts", { verdict: "false" })}>Nothing there</button>
        <button disabled=${!ready} onClick=${does("verdicts", { verdict: "known" })}>Belongs there</button>
        <button disabled=${!ready} onClick=${does("verdicts", { verdict: "ignore" })}>Tell nothing here</button></div>`}
      ${!why.trim() && html`<p class="small soft">Say in a few words what you see, then choose.</p>`}
      ${trouble && html`<p class="error" role="alert">${trouble}</p>`}
    </section>`}
    ${one.x != null && one.y != null && html`<${SiteMap} spot=${[one.x, one.y]} />`}
    ${may("command") && one.x != null && one.y != null && html`<div class="row"><button onClick=${() => ask({ do: "look", x: one.x, y: one.y })}>Send the robot to look again</button></div>`}
    <${Question} />
    <section class="panel"><h2>Why it was told</h2><div class="scroll"><table><thead><tr><th>Measure</th><th>Value</th><th>Threshold</th></tr></thead><tbody>${one.evidence.map((m) => html`
      <tr><td>${m.name}</td><td class="number">${m.value} ${unit(m)}</td><td class="number">${m.threshold} ${unit(m)}</td></tr>`)}</tbody></table></div>
      <dl class="facts">${[["Place", one.x == null ? "none" : `${one.x.toFixed(1)}, ${one.y.toFixed(1)}`], ["Size", one.size.every((v) => v != null) ? `${one.size[0]} × ${one.size[1]} m` : "not known"], ["Confidence", one.confidence], ["Patrol", one.route ? `${one.route}, towards ${one.checkpoint || "no stop"}` : "none"], ["Moved by", one.authority || "nobody"], ["Configuration", one.configuration], ["Same cause", one.same_cause.join(", ")]].map(([name, words]) => html`<dt>${name}</dt><dd>${words}</dd>`)}</dl></section>
    <section class="panel"><h2>History</h2>${!one.history.length && html`<p class="soft">Nobody has done anything about it.</p>`}<ol class="list">${one.history.map((act) => html`
      <li><b>${act.what.replace("_", " ")}</b> by ${act.who} <span class="soft">${ago(act.s)}${act.for_s ? `, for ${age(act.for_s)}` : ""}</span><br/>${act.why}</li>`)}</ol></section>
  </div>`;
}

// A sound while something urgent or overdue is new. It can be muted for half an hour at most.
const MUTE_S = 1800, BEEP_EVERY_MS = 6000;
let mutedUntil = 0, audio = null, lastBeep = 0;

export function sound() {
  const robots = [store.live, ...Object.values(store.others)];
  const overdue = robots.some((one) => one.alerts?.overdue), urgent = robots.some((one) => one.alerts?.urgent);
  const trouble = robots.some((one) => one.conditions?.some((condition) => condition.severity === "high"));
  if (!(urgent || overdue || trouble) || Date.now() < mutedUntil || Date.now() - lastBeep < BEEP_EVERY_MS) return;
  audio ??= new AudioContext();
  if (audio.state !== "running") return void audio.resume().catch(() => {});
  lastBeep = Date.now();
  for (const [at, hertz] of [[0, 660], [0.18, 880], ...(overdue ? [[0.36, 880], [0.54, 660]] : [])]) {
    const tone = audio.createOscillator(), gain = audio.createGain(), start = audio.currentTime + at;
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(0.25, start + 0.02);
    gain.gain.linearRampToValueAtTime(0, start + 0.15);
    tone.connect(gain).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.16);
  }
}

function Sound() {
  const left = Math.ceil((mutedUntil - Date.now()) / 60000);
  return html`<button aria-pressed=${String(left > 0)} onClick=${() => { mutedUntil = left > 0 ? 0 : Date.now() + MUTE_S * 1000; set({}); }}>
    ${left > 0 ? `Sound off for ${left} min` : "Sound off for 30 min"}</button>`;
}
