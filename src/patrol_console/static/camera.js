// The blurred camera: the newest picture wins, and its age is always said.

import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { Line } from "./api.js";
import { store } from "./store.js";
import { Age } from "./words.js";

const OLD_S = 1.5, HEAD_BYTES = 12, LOOK_MS = 250;

export function Camera() {
  const canvas = useRef(null), shown = useRef({ at: 0, age: Infinity });
  const [age, setAge] = useState(Infinity);
  const robot = store.robot;
  useEffect(() => {
    let drawing = false, waiting = null;
    const line = new Line(`/robots/${robot}/camera`, { heard: (data) => { waiting = data; draw(); } });
    async function draw() {
      if (drawing) return;
      drawing = true;
      while (waiting) {
        const data = waiting, came = performance.now(), head = new DataView(data);
        waiting = null;
        try {
          const picture = await createImageBitmap(new Blob([new Uint8Array(data, HEAD_BYTES)], { type: "image/jpeg" }));
          if (!canvas.current) return;
          Object.assign(canvas.current, { width: picture.width, height: picture.height });
          canvas.current.getContext("2d").drawImage(picture, 0, 0);
          picture.close();
          shown.current = { at: came, age: head.getFloat64(0, true) };
        } finally {
          line.say(String(head.getUint32(8, true)));
        }
      }
      drawing = false;
    }
    const look = setInterval(() => {
      const { at, age: when } = shown.current;
      setAge(at ? when + (performance.now() - at) / 1000 : Infinity);
    }, LOOK_MS);
    return () => { clearInterval(look); line.close(); };
  }, [robot]);
  const old = age > OLD_S;
  return html`<figure class="camera" aria-label="Camera, people blurred">
    <canvas ref=${canvas} class=${old ? "stale" : ""} width="640" height="480"></canvas>
    ${Number.isFinite(age) ? html`<${Age} seconds=${age} old=${OLD_S} />` : html`<p class="none">No picture yet.</p>`}
  </figure>`;
}
