// The map: a canvas that is drawn when something has changed; moved by fingers, wheel and keys.

import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { View } from "./map_view.js";
import { showCosts } from "./connect.js";
import { onChange, store } from "./store.js";

const TAP_PX = 8;

// `past`: a moment of a recording, drawn in place of now. `tool`: what an editor adds: draw(pen, view), and down, move, up of a finger that has taken hold.
export function SiteMap({ spot, onSpot, tool, past, children }) {
  const canvas = useRef(null), view = useRef(null), fingers = useRef(new Map());
  const [follow, setFollow] = useState(false);
  const moved = useRef(0), held = useRef(false);
  useEffect(() => {
    view.current = new View(canvas.current);
    const redraw = () => view.current.draw(view.current.spot);
    const watch = new ResizeObserver(() => { if (!view.current.moved) view.current.scale = 0; redraw(); });
    watch.observe(canvas.current);
    const forget = onChange(redraw);
    const wheel = (event) => {
      event.preventDefault();
      view.current.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, event.offsetX, event.offsetY);
      redraw();
    };
    canvas.current.addEventListener("wheel", wheel, { passive: false });
    return () => { watch.disconnect(); forget(); };
  }, []);
  useEffect(() => { Object.assign(view.current, { spot, follow, tool, past }); view.current.draw(spot); });

  const down = (event) => {
    event.target.setPointerCapture(event.pointerId);
    if (!fingers.current.size && tool?.down(view.current, event.offsetX, event.offsetY)) { held.current = true; return; }
    fingers.current.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (fingers.current.size === 1) moved.current = 0;
  };
  const move = (event) => {
    if (held.current) { tool.move(view.current.metres(event.offsetX, event.offsetY)); return; }
    const before = fingers.current.get(event.pointerId);
    if (!before) return;
    const others = [...fingers.current].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const now = [event.offsetX, event.offsetY];
    moved.current += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (others.length) {
      const [other] = others, far = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]);
      view.current.zoom(far(now) / Math.max(far(before), 1), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else if (moved.current > TAP_PX) {
      view.current.moved = true;
      view.current.x -= (now[0] - before[0]) / view.current.scale;
      view.current.y += (now[1] - before[1]) / view.current.scale;
      if (follow) setFollow(false);
    }
    fingers.current.set(event.pointerId, now);
    view.current.draw(spot);
  };
  const up = (event) => {
    if (held.current) { held.current = false; tool.up(); return; }
    if (fingers.current.size === 1 && moved.current <= TAP_PX) onSpot?.(view.current.metres(event.offsetX, event.offsetY));
    fingers.current.delete(event.pointerId);
  };
  const keys = (event) => {
    const step = 40 / view.current.scale, moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const { clientWidth, clientHeight } = canvas.current;
    if (moves[event.key]) { view.current.x += moves[event.key][0]; view.current.y += moves[event.key][1]; }
    else if (event.key === "+") view.current.zoom(1.2, clientWidth / 2, clientHeight / 2);
    else if (event.key === "-") view.current.zoom(1 / 1.2, clientWidth / 2, clientHeight / 2);
    else if (event.key === "Enter") onSpot?.([view.current.x, view.current.y]);
    else return;
    event.preventDefault();
    view.current.draw(spot);
  };
  const zoom = (factor) => () => { view.current.zoom(factor, canvas.current.clientWidth / 2, canvas.current.clientHeight / 2); view.current.draw(spot); };
  return html`<div class="map">
    <canvas ref=${canvas} tabindex="0" role="img" aria-label="Map of the site. Arrows move it, plus and minus zoom, Enter marks the middle."
      onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up} onKeyDown=${keys}></canvas>
    <div class="tools">
      <button aria-label="Zoom in" onClick=${zoom(1.4)}>+</button>
      <button aria-label="Zoom out" onClick=${zoom(1 / 1.4)}>−</button>
      <button aria-label="Show the whole site" onClick=${() => { setFollow(false); Object.assign(view.current, { follow: false, moved: false }); view.current.fit(); view.current.draw(spot); }}>⤢</button>
      <button aria-label="Follow the robot" aria-pressed=${String(follow)} onClick=${() => setFollow(!follow)}>◎</button>
      ${!tool && !past && html`<button aria-label="Show what is in the robot's way" aria-pressed=${String(store.costs)} onClick=${() => showCosts(!store.costs)}>▦</button>`}
    </div>
    ${children}
  </div>`;
}
