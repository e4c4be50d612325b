// The fields of one zone, checkpoint, route or schedule.

import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { DAYS, ZONE_KINDS, isFeature, nameOf, pointsOf, told, withKeys, withPoints } from "./site_text.js";

// `change(item)`: the item with what was entered; null: taken out.
export function Fields({ list, item, documents, change }) {
  const one = told(list, item), put = (keys) => change(withKeys(list, item, keys));
  const panel = useRef(null);
  useEffect(() => panel.current.scrollIntoView({ block: "nearest" }), []);
  return html`<section class="panel" ref=${panel} aria-label="What is chosen"><h2>${nameOf(list, item)}</h2>
    <${Text} label="Id" value=${one.id} put=${(id) => put({ id })} />
    ${list === "zones" && html`<${Zone} one=${one} put=${put} />`}
    ${list === "checkpoints" && html`<${Checkpoint} one=${one} put=${put} />`}
    ${list === "routes" && html`<${Route} one=${one} documents=${documents} put=${put} />`}
    ${list === "schedules" && html`<${Schedule} one=${one} documents=${documents} put=${put} />`}
    ${isFeature(list) && html`<${Points} list=${list} item=${item} change=${change} />`}
    <div class="row"><button onClick=${() => change(null)}>Take it out</button></div>
  </section>`;
}

// What is typed is kept until it is done: the page is drawn anew many times meanwhile.
function Typed({ label, value, put, ...more }) {
  const [draft, setDraft] = useState(null);
  const done = (e) => { setDraft(null); put(e.target.value.trim()); };
  return html`<label>${label}<input ...${more} value=${draft ?? value ?? ""} onInput=${(e) => setDraft(e.target.value)} onChange=${done} /></label>`;
}

const Text = (props) => html`<${Typed} maxlength="200" ...${props} />`;

const Figure = ({ put, step = "any", ...more }) => html`<${Typed} type="number" step=${step} ...${more} put=${(text) => put(text === "" ? null : Number(text))} />`;

const Choice = ({ label, value, options, put }) => html`<label>${label}<select value=${value} onChange=${(e) => put(e.target.value)}>
  ${options.map((name) => html`<option value=${name}>${name.replaceAll("_", " ")}</option>`)}</select></label>`;

function Zone({ one, put }) {
  const hours = (one.hours ?? []).join(", ");
  return html`<${Choice} label="Kind" value=${one.kind} options=${ZONE_KINDS} put=${(kind) => put({ kind, speed_limit_mps: kind === "speed" ? one.speed_limit_mps ?? 0.6 : null })} />
    ${one.kind === "speed" && html`<${Figure} label="Speed limit [m/s]" value=${one.speed_limit_mps} put=${(speed_limit_mps) => put({ speed_limit_mps })} />`}
    <${Text} label="Hours (empty: always)" value=${hours} put=${(text) => put({ hours: text ? text.split(",").map((part) => part.trim()).filter(Boolean) : null })} />`;
}

function Checkpoint({ one, put }) {
  return html`<${Text} label="Name" value=${one.name} put=${(name) => put({ name })} />
    <${Figure} label="Looks towards [degrees, 0 is east]" value=${one.yaw_deg} put=${(yaw_deg) => put({ yaw_deg })} />
    <${Figure} label="Stays [s]" value=${one.dwell_s} put=${(dwell_s) => put({ dwell_s })} />`;
}

function Route({ one, documents, put }) {
  const stops = one.checkpoints ?? [], all = documents.checkpoints.map((item) => item.properties.id);
  const swap = (index, other) => { const next = [...stops]; [next[index], next[other]] = [next[other], next[index]]; put({ checkpoints: next }); };
  return html`<${Figure} label="Speed [m/s]" value=${one.speed_mps} put=${(speed_mps) => put({ speed_mps })} />
    <ol class="list orders" aria-label="Stops in order">${stops.map((id, index) => html`<li><span class="what">${index + 1}. ${id}</span>
      <button disabled=${index === 0} aria-label="${id} earlier" onClick=${() => swap(index, index - 1)}>↑</button>
      <button disabled=${index === stops.length - 1} aria-label="${id} later" onClick=${() => swap(index, index + 1)}>↓</button>
      <button aria-label="${id} no more" onClick=${() => put({ checkpoints: stops.filter((_, at) => at !== index) })}>✕</button></li>`)}</ol>
    <label>One more stop<select value="" onChange=${(e) => e.target.value && put({ checkpoints: [...stops, e.target.value] })}>
      <option value="">…</option>${all.filter((id) => !stops.includes(id)).map((id) => html`<option value=${id}>${id}</option>`)}</select></label>`;
}

function Schedule({ one, documents, put }) {
  const days = one.days ?? [];
  return html`<${Choice} label="Route" value=${one.route} options=${documents.routes.map((route) => route.id)} put=${(route) => put({ route })} />
    <div class="row" role="group" aria-label="Days">${DAYS.map((day) => html`<button aria-pressed=${String(days.includes(day))}
      onClick=${() => put({ days: DAYS.filter((other) => (other === day) !== days.includes(other)) })}>${day}</button>`)}</div>
    <${Text} label="Starts at (hh:mm)" value=${one.start} put=${(start) => put({ start })} />
    <${Figure} label="Laps" step="1" value=${one.laps} put=${(laps) => put({ laps })} />`;
}

// Corners as numbers: what a finger drags on the map, a keyboard types here.
function Points({ list, item, change }) {
  const points = pointsOf(list, item), set = (next) => change(withPoints(list, item, next));
  const at = (index, axis) => (value) => value !== null && set(points.map((point, other) => (other === index ? point.map((old, which) => (which === axis ? value : old)) : point)));
  const between = (index) => { const [a, b] = [points[index], points[(index + 1) % points.length]]; set([...points.slice(0, index + 1), [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], ...points.slice(index + 1)]); };
  return html`<ol class="vertices" aria-label="Corners">${points.map(([x, y], index) => html`<li>
    <${Figure} label="x [m]" value=${x} put=${at(index, 0)} />
    <${Figure} label="y [m]" value=${y} put=${at(index, 1)} />
    ${list === "zones" && html`<span class="row"><button aria-label="One more corner after ${index + 1}" onClick=${() => between(index)}>+</button>
      <button aria-label="Corner ${index + 1} away" disabled=${points.length <= 3} onClick=${() => set(points.filter((_, other) => other !== index))}>✕</button></span>`}</li>`)}</ol>`;
}
