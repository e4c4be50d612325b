// The views. What has to be touched lies in the lower half of the screen.

import { choose, clearTalk, leave, tell } from "./conversation.js";
import { Face } from "./face.js";
import { Map } from "./map.js";
import { stillHere } from "./silence.js";
import { canListen, toggleAloud, toggleListening } from "./speech.js";
import { placeName, say, set, state } from "./state.js";
import { html, useEffect, useRef } from "./vendor/htm-preact.js";

const KINDS = ["fire", "medical", "violence", "danger"];
let byKeyboard = false;
addEventListener("keydown", () => { byKeyboard = true; }, true);
addEventListener("pointerdown", () => { byKeyboard = false; }, true);

export function Page() {
  if (!state.code) return html`<main class="screen"><div class="stage">
    <${Face} mood=${state.answers ? "calm" : "away"} />
    ${state.answers ? null : html`<p class="alarm" role="alert">The robot does not answer. I keep trying.</p>`}
  </div></main>`;
  return html`<main class=${`screen ${state.way ? "with-map" : ""}`}>
    <${Stage} />
    <section class="controls">
      <${Working} />
      <${AlwaysThere} />
    </section>
  </main>`;
}

function mood() {
  if (!state.answers) return "away";
  if (state.busy) return "thinking";
  return state.listening || state.draft ? "listening" : "calm";
}

function Stage() {
  const talking = state.lines.length > 0;
  return html`<div class=${`stage ${talking ? "talking" : ""}`}>
    <${Face} mood=${mood()} />
    <div class="words">
      <h1 class=${talking ? "hidden" : ""}>${talking ? say("title") : say("hello")}</h1>
      ${talking ? null : html`<p class="first">${say("machine")}</p>`}
      <${Lines} />
      <p class="notice" role="status">${state.busy ? say("wait") : state.notice}</p>
      ${state.answers ? null : html`<p class="alarm" role="alert">${say("no_answer")}</p>`}
    </div>
    <${Map} way=${state.way} />
    ${!talking && state.onRobot && state.phoneCode ? html`<figure class="phone">
      <img src="api/address.svg" alt=${say("phone_code")} />
      <figcaption>${say("phone")}</figcaption></figure>` : null}
  </div>`;
}

function Lines() {
  const log = useRef(null);
  useEffect(() => {
    const latest = log.current.lastElementChild;
    if (latest) log.current.scrollTop = latest.offsetTop; // its beginning, if it is long
  }, [state.lines.length, state.way, state.busy]);
  return html`<div class="lines" ref=${log} role="log" aria-live="polite" aria-label=${say("conversation")}
      tabindex=${state.lines.length ? 0 : undefined}>
    ${state.lines.map((line) => html`<div key=${line.number} class=${lineClass(line)}>
      <span class="who">${say(line.speaker)}</span>
      <p dir="auto">${line.text}</p>
      ${state.sourced.has(line.number) ? html`<small>${say("source")}</small>` : null}
    </div>`)}
  </div>`;
}

function lineClass(line) {
  return `line ${line.speaker} ${line === state.lines.at(-1) ? "latest" : ""}`;
}

// The part that changes with what is to be done.
function Working() {
  if (state.secondsLeft) return html`<${Panel} name="silence" title=${say("still")} role="alertdialog">
    <p aria-live="off">${say("still_detail", { seconds: state.secondsLeft })}</p>
    <div class="answers"><button class="main" onClick=${stillHere}>${say("still_here")}</button></div>
  <//>`;
  if (state.panel === "emergency") return html`<${Panel} name="emergency" title=${say("emergency_what")}
      note=${say("emergency_sent")} close>
    <div class="answers kinds">${KINDS.map((kind) => html`<button class="danger" key=${kind}
      onClick=${() => tell(say(`say_${kind}`), true)}>${say(kind)}</button>`)}</div>
  <//>`;
  if (state.panel === "places") return html`<${Panel} name="places" title=${say("way_which")} close>
    <div class="answers">${state.map.places.map((place) => html`<button key=${place.id}
      onClick=${() => tell(say("say_way", { place: placeName(place) }))}>${placeName(place)}</button>`)}</div>
  <//>`;
  if (state.panel === "languages") return html`<${Panel} name="languages" title=${say("language")} close>
    <${Languages} /><//>`;
  if (state.ended) return html`<${Ended} />`;
  return state.session ? html`<${Talking} />` : html`<${Panel} name="begin" title=${say("begin")} quiet>
    <${Languages} /><//>`;
}

function Panel({ name, title, note, close, quiet, role, children }) {
  const heading = useRef(null);
  useEffect(() => {
    if (!quiet) heading.current?.focus();
  }, [name]);
  const onKeyDown = (event) => {
    if (close && event.key === "Escape") set({ panel: "" });
  };
  return html`<div class="working panel" role=${role ?? "group"} aria-labelledby=${`title-${name}`}
      onKeyDown=${onKeyDown}>
    <div class="panel-head"><h2 id=${`title-${name}`} ref=${heading} tabindex="-1">${title}</h2>
      ${close ? html`<button class="quiet" onClick=${() => set({ panel: "" })}>${say("close")}</button>` : null}
    </div>
    ${note ? html`<p class="told">${note}</p>` : null}
    ${children}
  </div>`;
}

function Languages() {
  return html`<div class="answers">${state.languages.map(({ code, name, direction }) => html`
    <button key=${code} lang=${code} dir=${direction} onClick=${() => choose(code)}>${name}</button>`)}
  </div>`;
}

function Ended() {
  const said = state.ended === "said";
  return html`<${Panel} name="ended" title=${say(state.ended === "lost" ? "lost" : "ended")} quiet=${said}>
    <div class="answers"><button class="main" onClick=${() => clearTalk()}>${say("again")}</button></div>
  <//>`;
}

function Talking() {
  const robot = state.holder === "robot";
  return html`<div class="working">
    ${robot ? null : html`<p class="held" role="status">${say("with_human")}</p>`}
    ${state.choices.length ? html`<div class="answers choices" role="group" aria-label=${say("answers")}>
      ${state.choices.map((choice) => html`<button key=${choice} disabled=${state.busy}
        onClick=${() => tell(choice)}>${choice}</button>`)}</div>` : null}
    ${robot ? html`<div class="answers topics">
      <button onClick=${() => set({ panel: "places" })}>${say("way")}</button>
      <button onClick=${() => tell(say("say_report"))}>${say("report")}</button>
    </div>` : null}
    <${Writing} />
  </div>`;
}

// Who uses a keyboard finds the focus here when what had it is gone.
function Writing() {
  const field = useRef(null);
  useEffect(() => {
    if (byKeyboard && document.activeElement === document.body) field.current?.focus();
  }, [state.lines.length, state.panel]);
  const send = (event) => {
    event.preventDefault();
    tell(state.draft);
  };
  return html`<form class="writing" onSubmit=${send}>
    <label class="hidden" for="draft">${say("write")}</label>
    <input id="draft" ref=${field} dir="auto" maxlength="500" autocomplete="off" placeholder=${say("write")}
      value=${state.draft} onInput=${(event) => set({ draft: event.target.value })} />
    ${canListen ? html`<button type="button" class="quiet" aria-pressed=${state.listening}
      title=${say("speak_note")} onClick=${() => toggleListening(tell)}>
      ${say(state.listening ? "listening" : "speak")}</button>` : null}
    <button class="main" disabled=${state.busy}>${say("send")}</button>
    ${state.listening ? html`<p class="note">${say("speak_note")}</p>` : null}
  </form>`;
}

function AlwaysThere() {
  return html`<div class="always">
    <div class="small">
      <button class="quiet" onClick=${() => tell(say("say_recorded"))}>${say("recorded")}</button>
      ${state.session ? html`
        <button class="quiet" onClick=${() => set({ panel: "languages" })}>${say("language")}</button>
        <button class="quiet" aria-pressed=${state.aloud} onClick=${toggleAloud}>${say("aloud")}</button>
        <button class="quiet" onClick=${leave}>${say("leave")}</button>` : null}
    </div>
    <div class="help">
      <button class="human" onClick=${() => tell(say("say_human"), true)}>${say("human")}</button>
      <button class="emergency" onClick=${() => set({ panel: "emergency" })}>${say("emergency")}</button>
    </div>
  </div>`;
}
