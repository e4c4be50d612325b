// The page for driving: picture, stick, who has the robot, how late the link is.

import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { Camera } from "./camera.js";
import { DriveLine, clamp, gamepad, keyboard } from "./driving.js";
import { may, set, store } from "./store.js";
import { Facts } from "./overview.js";
import { Mark } from "./words.js";

export function Drive() {
  const line = useRef(null), stick = useRef(null), [why, setWhy] = useState(""), [asking, setAsking] = useState(false);
  useEffect(() => {
    line.current = new DriveLine(store.robot, () => set({}));
    stick.current = line.current.hand();
    const ends = [keyboard(line.current.hand()), gamepad(line.current.hand())];
    return () => { ends.forEach((end) => end()); line.current.close(); };
  }, [store.robot]);
  const { state = {}, trouble } = line.current ?? {};
  const elsewhere = state.holder && !state.mine, another = elsewhere && state.holder !== store.session.user;
  const takeOver = (event) => { event.preventDefault(); line.current.take(true, why); setAsking(false); setWhy(""); };
  return html`<div class="drive"><h1 class="unseen">Drive</h1>
    <${Camera} />
    <div class="side">
      <section class="panel" aria-label="Who drives">
        <p class="row"><${Mark} level=${state.mine ? "good" : another ? "warn" : "info"} />
          <b>${state.mine ? "You have the robot" : another ? `${state.holder} has the robot` : elsewhere ? "You have the robot, not on this page" : "Nobody drives by hand"}</b></p>
        ${(trouble || state.words) && html`<p class="error" role="alert">${trouble || state.words}</p>`}
        ${state.mine ? html`<button onClick=${() => line.current.giveBack()}>Give the robot back</button>`
          : another ? (asking ? html`<form class="list" onSubmit=${takeOver}><label>Why you take over<input required maxlength="200" value=${why} onInput=${(e) => setWhy(e.target.value)} /></label>
              <div class="row"><button class="main">Take over</button><button type="button" onClick=${() => setAsking(false)}>Leave it</button></div></form>`
            : html`<button onClick=${() => setAsking(true)}>Take over from ${state.holder}</button>`)
          : html`<button class="main" disabled=${state.holder === undefined} onClick=${() => line.current.take()}>Take the robot</button>`}
      </section>
      ${state.mine && may("override") && html`<${Override} line=${line.current} left_s=${state.override_s} />`}
      <${Latency} state=${state} />
      <${Facts} />
    </div>
    <div class="pad">
      <${Stick} hand=${stick} ready=${Boolean(state.mine)} driving=${Boolean(state.driving)} />
      <p class="small soft">Hold to drive: the stick, the arrow keys, or a gamepad's shoulder button with its stick. Let go, and it stops.</p>
    </div>
  </div>`;
}

// The fence is lifted and nothing else: the robot creeps, and stands before what it sees as ever.
function Override({ line, left_s }) {
  const [asking, setAsking] = useState(false), [why, setWhy] = useState("");
  const ask = (event) => { event.preventDefault(); line.override(true, why); setAsking(false); setWhy(""); };
  return html`<section class="panel" aria-label="Past the fence">
    ${left_s > 0 ? html`<p class="row"><${Mark} level="warn" /><b>The fence does not hold: creeping for ${Math.ceil(left_s)} s</b></p><button onClick=${() => line.override(false)}>Inside the fence again</button>`
      : asking ? html`<form class="list" onSubmit=${ask}><label>Why it must go past the fence (kept in the log)<input required maxlength="200" value=${why} onInput=${(e) => setWhy(e.target.value)} /></label>
          <div class="row"><button class="main">Creep past the fence</button><button type="button" onClick=${() => setAsking(false)}>Leave it</button></div></form>`
      : html`<button onClick=${() => setAsking(true)}>Creep past the fence …</button>`}
  </section>`;
}

function Latency({ state }) {
  const late = state.latency_ms, level = late == null ? "info" : state.slowed ? "warn" : "good";
  const { gate } = store.live;
  return html`<section class="panel" aria-label="Link">
    <p class="row"><${Mark} level=${level} /><span class="latency number">${late == null ? "–" : `${late} ms`}</span>
      <span class="soft">${late == null ? "from hand to robot, while you drive" : state.slowed ? "late: the robot drives slower" : "from hand to robot"}</span></p>
    ${gate && gate.state !== "passing" && html`<p class="small">${gate.reasons.join("; ")}</p>`}
  </section>`;
}

function Stick({ hand, ready, driving }) {
  const [at, setAt] = useState([0, 0]), finger = useRef(null);
  const place = (event) => {
    const box = event.currentTarget.getBoundingClientRect(), half = box.width / 2;
    const x = clamp((event.clientX - box.left - half) / (half * 0.8)), y = clamp((event.clientY - box.top - half) / (half * 0.8));
    setAt([x, y]);
    hand.current(-y, -x, true);
  };
  const press = (event) => { if (!ready) return; finger.current = event.pointerId; event.currentTarget.setPointerCapture(event.pointerId); place(event); };
  const lift = (event) => { if (finger.current !== event.pointerId) return; finger.current = null; setAt([0, 0]); hand.current(0, 0, false); };
  return html`<div class="stick ${driving ? "held" : ""}" role="application" tabindex="0" aria-disabled=${String(!ready)}
      aria-label=${ready ? "Stick: hold and move to drive; or hold the arrow keys" : "Stick: take the robot first"}
      onPointerDown=${press} onPointerMove=${(event) => finger.current === event.pointerId && place(event)}
      onPointerUp=${lift} onPointerCancel=${lift} onLostPointerCapture=${lift}>
    <i ref=${(node) => { if (node) node.style.transform = `translate(${at[0] * 2.9}rem, ${at[1] * 2.9}rem)`; }}></i>
  </div>`;
}
