// Zones, checkpoints, routes and schedules of the site: changed on the map, checked, saved, undone.

import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { get, post, put } from "./api.js";
import { Fields } from "./edit_fields.js";
import { EditTool, found } from "./edit_map.js";
import { SiteMap } from "./map.js";
import { made, nameOf, told, withItem } from "./site_text.js";
import { store } from "./store.js";
import { Mark, clock } from "./words.js";

const LISTS = { zones: "Zones", checkpoints: "Checkpoints", routes: "Routes", schedules: "Schedules" };
const CHECK_AFTER_MS = 500, REACH_M = 1.5;
// What was changed and is not saved, by robot: it is still there for who comes back to this page.
const kept = {};

addEventListener("beforeunload", (event) => Object.values(kept).some(Boolean) && event.preventDefault());

export function Edit() {
  const root = `/robots/${store.robot}/editing`;
  const [served, setServed] = useState(kept[root]?.served ?? null), [steps, setSteps] = useState(kept[root]?.steps ?? []), [dragged, setDragged] = useState(null);
  const [list, setList] = useState("zones"), [chosen, setChosen] = useState(null), [spot, setSpot] = useState(null);
  const [verdict, setVerdict] = useState({ problems: [], warnings: [] }), [trouble, setTrouble] = useState("");
  const tool = useRef(new EditTool());
  const documents = dragged ?? steps[steps.length - 1] ?? served?.documents;
  const load = () => get(root).then((value) => {
    setServed(value); setSteps([]); setDragged(null); setChosen(null); setTrouble("");
    setVerdict({ problems: value.problems, warnings: [] });
  }, (refused) => setTrouble(refused.message));
  useEffect(() => { if (!kept[root]) load(); }, [root]);
  kept[root] = steps.length ? { served, steps } : undefined;
  useEffect(() => {
    if (!steps.length) return undefined;
    let over = false;
    const said = (tell) => (value) => over || tell(value);
    const timer = setTimeout(() => post(`${root}/check`, { documents: steps[steps.length - 1] })
      .then(said(setVerdict), said((refused) => setTrouble(refused.message))), CHECK_AFTER_MS);
    return () => { over = true; clearTimeout(timer); };
  }, [steps]);
  if (!documents) return html`<div class="narrow"><h1>Site</h1><p class=${trouble ? "error" : "soft"}>${trouble || "Asking the robot …"}</p>
    ${verdict.problems.map((one) => html`<${Problem} one=${one} />`)}</div>`;

  // Warnings are of the documents that were checked: whoever saves before the next check is warned by the answer.
  const step = (next) => { setSteps([...steps, next]); setDragged(null); setTrouble(""); setVerdict({ ...verdict, warnings: [] }); };
  const change = (item) => { step(withItem(documents, chosen.list, chosen.index, item)); if (item === null) setChosen(null); };
  const choose = (one) => { setChosen(one); if (one) setList(one.list); };
  const add = () => {
    const middle = spot ?? store.live.pose ?? [0, 0];
    step({ ...documents, [list]: [...documents[list], made(documents, list, middle)] });
    choose({ list, index: documents[list].length });
  };
  Object.assign(tool.current, {
    documents, chosen,
    change: (item) => setDragged(withItem(documents, chosen.list, chosen.index, item)),
    done: () => dragged && step(dragged),
  });
  const item = chosen && documents[chosen.list][chosen.index];
  const back = () => { setSteps(steps.slice(0, -1)); setChosen(null); setVerdict({ problems: served.problems, warnings: [] }); };
  const send = (promise) => promise.then(load, (refused) => {
    setTrouble(refused.message);
    if (refused.body.problems) setVerdict(refused.body);
  });
  return html`<div class="overview"><h1 class="unseen">Site</h1>
    <${SiteMap} spot=${spot} tool=${tool.current} onSpot=${(at) => { setSpot(at); choose(found(documents, at, REACH_M)); }} />
    <div class="side">
      <${Save} count=${steps.length} verdict=${verdict} trouble=${trouble} back=${back} load=${load}
        save=${(words, although) => send(put(root, { base: served.version, documents, words, although }))} />
      ${item && html`<${Fields} key=${`${chosen.list} ${chosen.index}`} list=${chosen.list} item=${item} documents=${documents} change=${change} />`}
      <section class="panel" aria-label="What there is">
        <div class="row" role="group" aria-label="Which">${Object.entries(LISTS).map(([key, name]) => html`
          <button aria-pressed=${String(list === key)} onClick=${() => { setList(key); setChosen(null); }}>${name}</button>`)}</div>
        <ul class="list">${documents[list].map((one, index) => html`<li key=${told(list, one).id}><button class=${tool.current.is(list, index) ? "chosen" : ""}
          aria-pressed=${String(tool.current.is(list, index))} onClick=${() => choose({ list, index })}>${nameOf(list, one)}${one.properties?.kind && list === "zones" ? ` (${one.properties.kind.replace("_", " ")})` : ""}</button></li>`)}</ul>
        <div class="row"><button onClick=${add}>One more${spot && (list === "zones" || list === "checkpoints") ? " at the mark" : ""}</button></div>
      </section>
      <${Versions} key=${served.version} served=${served} changed=${steps.length > 0}
        undo=${(version, although) => send(post(`${root}/undo`, { base: served.version, version, words: `back to version ${version}`, although }))} />
    </div>
  </div>`;
}

function Problem({ one }) {
  const place = one.where || (one.file ? `${one.file}${one.line ? `, line ${one.line}` : ""}` : "");
  return html`<p class="row"><${Mark} level="bad" /><span class="what">${place && html`<b>${place}</b>: `}${one.words}${one.expected ? ` (expected: ${one.expected})` : ""}${one.remedy ? `. ${one.remedy}` : ""}</span></p>`;
}

function Save({ count, verdict, trouble, back, load, save }) {
  const [words, setWords] = useState(""), { problems, warnings } = verdict;
  const send = (event) => { event.preventDefault(); save(words, warnings.length > 0); setWords(""); };
  return html`<form class="panel" aria-label="Save" onSubmit=${send}>
    <p class="row"><${Mark} level=${problems.length ? "bad" : warnings.length ? "warn" : count ? "info" : "good"} />
      <b>${count ? `${count} ${count === 1 ? "change" : "changes"}, not saved` : "As the robot has it"}</b></p>
    ${problems.map((one) => html`<${Problem} one=${one} />`)}
    ${warnings.map((one) => html`<p class="row"><${Mark} level="warn" /><span class="what">${one}</span></p>`)}
    ${trouble && html`<p class="error" role="alert">${trouble}</p>`}
    ${count > 0 && html`<label>What was changed, and why<input required maxlength="200" value=${words} onInput=${(e) => setWords(e.target.value)} /></label>
      <div class="row"><button class="main" disabled=${problems.length > 0}>${warnings.length ? "Save in spite of it" : "Save"}</button>
        <button type="button" onClick=${back}>Undo last</button>
        <button type="button" onClick=${load}>Drop all</button></div>`}
  </form>`;
}

// Going back to an older version; a second press where the first was answered by warnings.
function Versions({ served, changed, undo }) {
  const [asked, setAsked] = useState(0);
  const back = (version) => () => { setAsked(version); undo(version, asked === version); };
  return html`<section class="panel" aria-label="Versions"><h2>Versions</h2><ol class="list">${served.history.map((one) => html`
    <li key=${one.version}><div class="item"><b class="number">${one.version}</b>
      <span class="what">${one.error ?? html`${one.words} <span class="soft">(${one.who}, ${new Date(one.s * 1000).toLocaleDateString()} ${clock(one.s)})</span>`}</span>
      ${one.version !== served.version && !one.error ? html`<button disabled=${changed} aria-label="Back to version ${one.version}" onClick=${back(one.version)}>${asked === one.version ? "Back in spite of it" : "Back to it"}</button>` : html`<span></span>`}</div></li>`)}</ol></section>`;
}
