// The way on the site's map, north up.

import { html } from "./vendor/htm-preact.js";
import { placeName, say, state } from "./state.js";

const MARGIN_M = 16;
const MIN_SIDE_M = 70;

export function Map({ way }) {
  const { map } = state;
  if (!way || !map) return null;
  const box = bounds(way.points);
  const unit = Math.max(box.width, box.height) / 100;
  const path = (points) => points.map(([x, y]) => `${x},${-y}`).join(" ");
  const place = map.places.find((one) => one.id === way.place);
  const name = place ? placeName(place) : "";
  const facts = say("map_facts", {
    metres: way.length_m, minutes: Math.max(1, Math.round(way.duration_s / 60)),
  });
  const [startX, startY] = way.points[0];
  const [endX, endY] = way.points.at(-1);
  return html`<figure class="map">
    <svg viewBox="${box.x} ${box.y} ${box.width} ${box.height}" role="img"
        aria-label=${`${say("map", { place: name })}. ${facts}`}>
      <polygon class="ground" points=${path(map.outline)} stroke-width=${unit * 0.6} />
      ${map.buildings.map((ring) => html`<polygon class="building" points=${path(ring)} />`)}
      <polyline class="way" points=${path(way.points)} stroke-width=${unit * 1.8} />
      ${map.places.map((one) => one.id === way.place ? null : html`
        <circle class="place" cx=${one.at[0]} cy=${-one.at[1]} r=${unit} />
        ${near(one.at, way.points[0], 12 * unit) ? null : label(placeName(one), one.at, box, unit, "")}`)}
      <circle class="start" cx=${startX} cy=${-startY} r=${unit * 2.2} stroke-width=${unit} />
      <path class="goal" d="M${endX} ${-endY} l${-3 * unit} ${-6 * unit} a${3.4 * unit} ${3.4 * unit} 0 1 1 ${6 * unit} 0 z" />
      ${label(name, [endX, endY + 11 * unit], box, unit, "strong")}
      ${label(say("map_here"), [startX, startY - 8 * unit], box, unit, "strong")}
    </svg>
    <figcaption><strong>${name}</strong> · ${facts}${way.step_free ? ` · ${say("step_free")}` : ""}</figcaption>
  </figure>`;
}

function near([x, y], [otherX, otherY], reach) {
  return Math.hypot(x - otherX, y - otherY) < reach;
}

function label(text, [x, y], box, unit, kind) {
  if (x < box.x || x > box.x + box.width) return null;
  const width = text.length * 2.7 * unit;
  const middle = Math.min(Math.max(x, box.x + width / 2), box.x + box.width - width / 2);
  return html`<text class=${kind} x=${middle} y=${-y - (kind ? 0 : 2 * unit)} font-size=${5 * unit}
    stroke-width=${unit} text-anchor="middle">${text}</text>`;
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
