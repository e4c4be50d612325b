// The tamper-evident log, newest first.

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { get } from "./api.js";
import { store } from "./store.js";

const KINDS = [["", "All"], ["act", "People"], ["incident_act", "Alerts"], ["latched", "Stops"], ["reset", "Cleared"], ["authority", "Who drives"], ["incident", "Incidents"]];

const when = (seconds) => new Date(seconds * 1000).toLocaleString();

function words({ kind, data }) {
  if (kind === "act") return `${data.who} (${data.role || "not signed in"}): ${data.what.replaceAll("_", " ")}, ${data.to}${data.details ? `: ${data.details}` : ""}`;
  if (kind === "incident") return `incident ${data.incident} stored (revision ${data.revision})`;
  if (kind === "incident_act" || kind === "verdict") return `${data.who}: incident ${data.incident}, ${data.what}: ${data.why}`;
  if (kind === "authority") return `moved by: ${data.authority}`;
  if (kind === "latched") return `stopped: ${data.why}`;
  if (kind === "reset") return `${data.who} ended a stop: ${data.why}`;
  return Object.entries(data).map(([key, value]) => `${key} ${value}`).join(", ");
}

export function Log() {
  const [kind, setKind] = useState(""), [page, setPage] = useState(null), [trouble, setTrouble] = useState("");
  const read = (more) => {
    const before = more ? `&before=${page.entries[page.entries.length - 1].number}` : "";
    get(`/robots/${store.robot}/log?kind=${kind}${before}`).then((value) => {
      setPage({ ...value, entries: [...(more ? page.entries : []), ...value.entries] });
      setTrouble("");
    }, (refused) => setTrouble(refused.message));
  };
  useEffect(() => read(false), [kind]);
  return html`<div class="narrow"><h1>Log</h1>
    <p class="soft small">Nothing in it can be changed unnoticed: <code>./ronda incidents verify</code> checks it against a checkpoint that was kept elsewhere.</p>
    <div class="row" role="group" aria-label="Which">${KINDS.map(([key, name]) => html`<button aria-pressed=${String(kind === key)} onClick=${() => setKind(key)}>${name}</button>`)}</div>
    ${trouble && html`<p class="error" role="alert">${trouble}</p>`}
    <ol class="list">${(page?.entries ?? []).map((one) => html`<li key=${one.number}><div class="item"><span class="number soft">${one.number}</span><span class="what">${words(one)}</span><span class="when">${when(one.s)}</span></div></li>`)}</ol>
    ${page?.more && html`<button onClick=${() => read(true)}>More</button>`}
    ${page && html`<dl class="facts small"><dt>Entries</dt><dd class="number">${page.size}</dd><dt>Root</dt><dd class="number">${page.root}</dd><dt>Key</dt><dd class="number">${page.verifier}</dd></dl>`}
  </div>`;
}
