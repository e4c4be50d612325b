// The way on the site's map, north up.

import { html } from "./vendor/htm-preact.js";
import { placeName, say, state } from "./state.js";

const MARGIN_M = 16;
const MIN_SIDE_M = 70;
const LETTER = 4.6;

export function Map({ way }) {
  const { map } = state;
  if (!way || !map) return null;
  const box = bounds(way.points);
  const unit = Math.max(box.width, box.height) / 100;
  const path = (points) => points.map(([x, y]) => `${x},${-y}`).join(" ");
  const place = map.places.find((one) => one.id === way.place);
  const others = map.places.filter((one) => one.id !== way.place);
  const name = place ? placeName(place) : "";
  const facts = say("map_facts", {
    metres: way.length_m, minutes: Math.max(1, Math.round(way.duration_s / 60)),
  });
  const [startX, startY] = way.points[0];
  const [endX, endY] = way.points.at(-1);
  const labels = fitting([
    { text: name, x: endX, y: -endY - 11 * unit, kind: "strong" },
    { text: say("map_here"), x: startX, y: -startY + 8 * unit, kind: "strong" },
    ...others.map((one) => (
      { text: placeName(one), x: one.at[0], y: -one.at[1] - 2 * unit, kind: "" })),
  ], [
    { x: endX, y: -endY - 4 * unit, half: 4 * unit }, { x: endX, y: -endY, half: 4 * unit },
    { x: startX, y: -startY, half: 3 * unit },
  ], box, unit);
  return html`<figure class="map">
    <svg viewBox="${box.x} ${box.y} ${box.width} ${box.height}" role="img"
        aria-label=${`${say("map", { place: name })}. ${facts}`}>
      <polygon class="ground" points=${path(map.outline)} stroke-width=${unit * 0.6} />
      ${map.buildings.map((ring) => html`<polygon class="building" points=${path(ring)} />`)}
      <polyline class="way" points=${path(way.points)} stroke-width=${unit * 1.8} />
      ${others.map((one) => html`<circle class="place" cx=${one.at[0]} cy=${-one.at[1]} r=${unit} />`)}
      <circle class="start" cx=${startX} cy=${-startY} r=${unit * 2.2} stroke-width=${unit} />
      <path class="goal" d="M${endX} ${-endY} l${-3 * unit} ${-6 * unit} a${3.4 * unit} ${3.4 * unit} 0 1 1 ${6 * unit} 0 z" />
      ${labels.map((one) => html`<text class=${one.kind} x=${one.x} y=${one.y} text-anchor="middle"
        font-size=${LETTER * unit} stroke-width=${unit}>${one.text}</text>`)}
    </svg>
    <figcaption><strong>${name}</strong> · ${facts}${way.step_free ? ` · ${say("step_free")}` : ""}</figcaption>
  </figure>`;
}

// The labels that have room beside the marks, moved into the picture; earlier ones have it first.
function fitting(labels, marks, box, unit) {
  const placed = [...marks];
  for (const label of labels) {
    const half = label.text.length * LETTER * 0.28 * unit;
    const x = Math.min(Math.max(label.x, box.x + half), box.x + box.width - half);
    const y = Math.min(Math.max(label.y, box.y + LETTER * unit), box.y + box.height - unit);
    const far = Math.hypot(x - label.x, y - label.y) > half + LETTER * unit;
    const taken = placed.some((one) => Math.abs(one.x - x) < one.half + half + unit
      && Math.abs(one.y - y) < LETTER * 1.1 * unit);
    if (label.text && !far && !taken) placed.push({ ...label, x, y, half });
  }
  return placed.slice(marks.length);
}

// A box around the way, at least MIN_SIDE_M wide, in the picture's axes (y down).
function bounds(points) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => -y);
  const side = (low, high, least) => {
    const size = Math.max(high - low + 2 * MARGIN_M, least);
    return [(low + high - size) / 2, size];
  };
  const [x, width] = side(Math.min(...xs), Math.max(...xs), MIN_SIDE_M);
  const [y, height] = side(Math.min(...ys), Math.max(...ys), width * 0.5);
  return { x, y, width, height };
}
