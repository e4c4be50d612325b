// Visitors' conversations: who wants a person, and speaking in the robot's place.

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { get, post } from "./api.js";
import { go, store } from "./store.js";
import { Mark } from "./words.js";

const EVERY_MS = 1000;

export function Talk() {
  const open = store.live.talk ?? [];
  const mine = open.find((one) => one.id === store.item);
  return html`<div class="narrow"><h1>Visitors</h1>
    <${Announce} />
    ${mine ? html`<${Conversation} key=${mine.id} talk=${mine} />` : html`
      ${!open.length && html`<p class="soft">Nobody is talking with the robot.</p>`}
      <ul class="list">${open.map((one) => html`<li key=${one.id}><a href="#/${store.robot}/talk/${one.id}">
        <${Mark} level=${one.wanted ? "warn" : "info"} />
        <span class="what">${one.wanted ? html`<b>Wants a person</b>` : one.holder ? `With ${one.holder}` : "With the robot"} <span class="soft">${one.language}</span></span>
        <span class="when">Open</span></a></li>`)}</ul>`}
  </div>`;
}

function Conversation({ talk }) {
  const [lines, setLines] = useState([]);
  const [text, setText] = useState("");
  const [trouble, setTrouble] = useState("");
  const root = `/robots/${store.robot}/talk/${talk.id}`;
  const mine = talk.holder === store.session.user;
  useEffect(() => {
    const read = () => get(root).then((value) => { setLines(value.lines); setTrouble(""); }, (refused) => setTrouble(refused.message));
    read();
    const timer = setInterval(read, EVERY_MS);
    return () => clearInterval(timer);
  }, [root]);
  const does = (what, body = {}) => post(`${root}/${what}`, body).then(() => setTrouble(""), (refused) => setTrouble(refused.message));
  const say = (event) => { event.preventDefault(); does("say", { text }); setText(""); };
  return html`<section class="panel"><div class="row apart"><h2>Conversation (${talk.language})</h2><button onClick=${() => go("talk")}>All conversations</button></div>
    <ol class="lines" aria-live="polite">${lines.map((line) => html`<li class=${line.speaker}><span class="small">${line.speaker}</span><br/>${line.text}</li>`)}</ol>
    ${trouble && html`<p class="error" role="alert">${trouble}</p>`}
    ${mine ? html`<form class="row" onSubmit=${say}><label>Your words, as the robot says them<input required maxlength="500" value=${text} onInput=${(e) => setText(e.target.value)} /></label><button class="main">Say</button></form>
      <button onClick=${() => does("release")}>Give it back to the robot</button>`
    : html`<button class="main" onClick=${() => does("take")}>Speak in the robot's place</button>`}
  </section>`;
}

function Announce() {
  const [text, setText] = useState("");
  const [answer, setAnswer] = useState("");
  const say = async (event) => {
    event.preventDefault();
    try {
      await post(`/robots/${store.robot}/announce`, { text });
      setText("");
      setAnswer("Given to the robot to say.");
    } catch (refused) {
      setAnswer(refused.message);
    }
  };
  return html`<form class="panel" onSubmit=${say}><label>Announce to everybody near the robot<input required maxlength="500" value=${text} onInput=${(e) => setText(e.target.value)} /></label>
    <div class="row"><button>Announce</button><span class="small soft" role="status">${answer}</span></div></form>`;
}
