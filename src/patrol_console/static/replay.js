// What happened, seen again: a recording on the map, with its pictures, under a slider.

import { html, useEffect, useMemo, useRef, useState } from "./vendor/htm-preact.js";
import { download, get } from "./api.js";
import { SiteMap } from "./map.js";
import { go, may, store } from "./store.js";
import { Mark, age } from "./words.js";

const KINDS = { incident: ["warn", "Incident"], latched_stop: ["bad", "Stopped"], teleop: ["info", "Taken by a person"], estop: ["bad", "Stop pressed"] };
const SPEEDS = [1, 4], PICTURE_MS = 200;

const when = (stamp_s) => new Date(stamp_s * 1000).toLocaleString();
const words = (one) => [KINDS[one.kind]?.[1] ?? one.kind, one.incident ?? "", one.kind === "incident" || one.kind === "latched_stop" ? `: ${one.words}` : ""].join(" ").replace(" :", ":");
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export function Replay() {
  return store.item ? html`<${One} key=${store.item} id=${store.item} />` : html`<${Shelf} />`;
}

function Shelf() {
  const [list, setList] = useState(null), [trouble, setTrouble] = useState("");
  useEffect(() => { get(`/robots/${store.robot}/recordings`).then((value) => setList(value.recordings), (refused) => setTrouble(refused.message)); }, []);
  return html`<div class="narrow replays"><h1>Replay</h1>
    <p class="soft small">The minute before an incident, a stop or a takeover, and half a minute after it. People are blurred; what visitors said is not kept.</p>
    ${trouble && html`<p class="error" role="alert">${trouble}</p>`}
    ${list && !list.length && html`<p class="soft">Nothing was recorded on this run.</p>`}
    <ul class="list">${(list ?? []).map((one) => html`<li key=${one.id}><a href="#/${store.robot}/replay/${one.id}">
      <${Mark} level=${KINDS[one.occasions[0]?.kind]?.[0] ?? "info"} />
      <span class="what"><b>${when(one.from_s)}</b> <span class="soft">${age(one.to_s - one.from_s)}</span><br/>${one.occasions.slice(0, 4).map(words).join(", ")}${one.occasions.length > 4 ? ` and ${one.occasions.length - 4} more` : ""}</span>
      <span class="when">${(one.bytes / 2 ** 20).toFixed(1)} MB</span></a></li>`)}</ul>
  </div>`;
}

function One({ id }) {
  const [recording, setRecording] = useState(null), [trouble, setTrouble] = useState("");
  const [at, setAt] = useState(0), [playing, setPlaying] = useState(false), [speed, setSpeed] = useState(1);
  const root = `/robots/${store.robot}/recordings/${id}`;
  useEffect(() => { get(root).then(setRecording, (refused) => setTrouble(refused.message)); }, [root]);
  // Each moment is told as what has changed: the whole of each is put together once.
  const moments = useMemo(() => {
    let state = {};
    return (recording?.frames ?? []).map((changed) => (state = { ...state, ...changed }));
  }, [recording]);
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => setAt((now) => Math.min(now + 1, moments.length - 1)), (1000 * recording.step_s) / speed);
    return () => clearInterval(timer);
  }, [playing, speed, moments]);
  useEffect(() => { if (at >= moments.length - 1) setPlaying(false); }, [at, moments]);
  if (!moments.length) return html`<div class="narrow replays"><button onClick=${() => go("replay")}>All recordings</button><p class=${trouble ? "error" : "soft"} role="status">${trouble || "Reading the recording …"}</p></div>`;
  const past = { ...moments[at], trail: moments.slice(0, at + 1).map((one) => one.pose).filter(Boolean) };
  const seconds = at * recording.step_s, length = (moments.length - 1) * recording.step_s;
  const jump = (to) => { setPlaying(false); setAt(Math.max(0, Math.min(moments.length - 1, Math.round(to / recording.step_s)))); };
  return html`<div class="overview"><h1 class="unseen">Replay</h1>
    <${SiteMap} past=${past}><p class="past">RECORDING, not now</p><//>
    <div class="side">
      <button onClick=${() => go("replay")}>All recordings</button>
      <${Picture} root=${root} times=${recording.pictures} seconds=${seconds} />
      <${Facts} past=${past} />
      <${Occasions} recording=${recording} jump=${jump} />
    </div>
    <div class="line slider">
      <div class="row"><button onClick=${() => { if (at >= moments.length - 1) setAt(0); setPlaying(!playing); }}>${playing ? "Pause" : "Play"}</button>
        ${SPEEDS.map((one) => html`<button aria-pressed=${String(speed === one)} onClick=${() => setSpeed(one)}>${one}×</button>`)}
        <span class="number">${clock(seconds)} of ${clock(length)}</span><span class="soft small">${when(recording.from_s + seconds)}</span></div>
      <input type="range" aria-label="Time in the recording" min="0" max=${moments.length - 1} value=${at} aria-valuetext="${clock(seconds)} of ${clock(length)}"
        onInput=${(event) => { setPlaying(false); setAt(Number(event.target.value)); }} />
    </div></div>`;
}

function Picture({ root, times, seconds }) {
  const index = times.findLastIndex((time) => time <= seconds + 0.001), asked = useRef(0);
  const [shown, setShown] = useState(null);
  useEffect(() => {
    if (index < 0) { setShown(null); return undefined; }
    const wait = Math.max(0, asked.current + PICTURE_MS - performance.now());
    const timer = setTimeout(() => { asked.current = performance.now(); setShown(times[index]); }, wait);
    return () => clearTimeout(timer);
  }, [index]);
  return html`<figure class="camera" aria-label="Camera at that time, people blurred">
    ${shown == null ? html`<p class="none">No picture of that time.</p>` : html`<img src="/api${root}/picture?ms=${Math.round(shown * 1000)}" alt="What the camera saw, people blurred" />`}
    ${shown != null && html`<span class="age">at ${clock(shown)}</span>`}</figure>`;
}

function Facts({ past }) {
  const { speed, gate, patrol, localization, drive } = past;
  const facts = [
    ["Moved by", gate ? `${{ none: "nobody", mission: "the mission", teleop: "a person", estop: "nobody: stopped" }[gate.authority]}${drive?.holder ? ` (${drive.holder})` : ""}` : "not heard"],
    ["Gate", gate ? `${gate.state}${gate.reasons.length ? `: ${gate.reasons.join("; ")}` : ""}` : "not heard"],
    ["Speed", speed ? `${Math.abs(speed[0]).toFixed(2)} m/s${gate ? `, limit ${gate.limit_mps?.toFixed(2) ?? "none"}` : ""}` : "not heard"],
    ["Place", localization ? `${localization.level}: ${localization.reason}` : "not heard"],
    ["Patrol", patrol ? patrol.words || patrol.state : "not heard"],
  ];
  return html`<section class="panel" aria-label="State at that time"><dl class="facts">${facts.map(([name, text]) => html`<dt>${name}</dt><dd class="number">${text}</dd>`)}</dl></section>`;
}

function Occasions({ recording, jump }) {
  const [trouble, setTrouble] = useState(""), [places, setPlaces] = useState(true);
  const pack = (incident) => () => download(`/robots/${store.robot}/incidents/${incident}/package`, { coordinates: places }, `${store.robot}-incident-${incident}.zip`)
    .then(() => setTrouble(""), (refused) => setTrouble(refused.message));
  return html`<section class="panel" aria-label="What it was made for"><h2>What it was made for</h2>
    <ul class="list">${recording.occasions.map((one) => html`<li class="row apart"><button onClick=${() => jump(one.s - recording.from_s)}>${clock(Math.max(0, one.s - recording.from_s))} ${words(one)}</button>
      ${one.incident && html`<span class="row"><a href="#/${store.robot}/alerts/${one.incident}">Evidence</a>${may("export") && html`<button onClick=${pack(one.incident)}>Package</button>`}</span>`}</li>`)}</ul>
    ${may("export") && recording.occasions.some((one) => one.incident) && html`<label class="row small"><input type="checkbox" checked=${places} onChange=${(e) => setPlaces(e.target.checked)} /> Coordinates in the package</label>`}
    ${recording.lost > 0 && html`<p class="warn small">${recording.lost} messages are missing: the disk was too slow.</p>`}
    ${recording.mended && html`<p class="soft small">The recorder was cut off; this is what it had written.</p>`}
    ${trouble && html`<p class="error" role="alert">${trouble}</p>`}</section>`;
}
