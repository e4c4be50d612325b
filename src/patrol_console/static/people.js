// Signing in, oneself, and (for administrators) users.

import { html, useEffect, useState } from "./vendor/htm-preact.js";
import { get, patch, post, remove } from "./api.js";
import { whoAmI } from "./connect.js";
import { set, store, theme } from "./store.js";

const ROLES = ["viewer", "operator", "supervisor", "administrator"];

function Field({ label, value, put, ...more }) {
  return html`<label>${label}<input required value=${value} onInput=${(e) => put(e.target.value)} ...${more} /></label>`;
}

export function Entry() {
  const [code, setCode] = useState(""), [user, setUser] = useState(""), [password, setPassword] = useState("");
  const [trouble, setTrouble] = useState("");
  const first = store.firstStart;
  const enter = async (event) => {
    event.preventDefault();
    try {
      await (first ? post("/first-user", { code, user, password }) : post("/session", { user, password }));
      await whoAmI();
    } catch (refused) {
      setTrouble(refused.message);
    }
  };
  return html`<main class="entry"><form onSubmit=${enter}>
    <h1>${first ? "First start" : "Ronda"}</h1>
    ${first && html`<p class="soft">Make the first administrator. The code was printed when the console started, and is in first-start.txt in its folder.</p>
      <${Field} label="Code" value=${code} put=${setCode} autocomplete="one-time-code" spellcheck="false" />`}
    <${Field} label="Name" value=${user} put=${setUser} autocomplete="username" autocapitalize="none" spellcheck="false" />
    <${Field} label="Password" value=${password} put=${setPassword} type="password" autocomplete=${first ? "new-password" : "current-password"} />
    ${(trouble || store.notice) && html`<p class="error" role="alert">${trouble || store.notice}</p>`}
    <button class="main">${first ? "Make it and sign in" : "Sign in"}</button>
  </form></main>`;
}

// Whoever signs in with a password that somebody else has made chooses one first.
export function Choose() {
  const [old, setOld] = useState(""), [fresh, setFresh] = useState(""), [trouble, setTrouble] = useState("");
  const change = async (event) => {
    event.preventDefault();
    try {
      await post("/session/password", { old, new: fresh });
      await whoAmI();
    } catch (refused) {
      setTrouble(refused.message);
    }
  };
  return html`<main class="entry"><form onSubmit=${change}>
    <h1>Your own password</h1>
    <p class="soft">Somebody else knows the one that you were given. What you do is logged in your name, so choose one that nobody knows.</p>
    <${Field} label="The one you were given" value=${old} put=${setOld} type="password" autocomplete="current-password" />
    <${Field} label="Your own (10 characters or more)" value=${fresh} put=${setFresh} type="password" autocomplete="new-password" />
    ${trouble && html`<p class="error" role="alert">${trouble}</p>`}
    <div class="row"><button class="main">Choose it</button><button type="button" onClick=${leave}>Sign out</button></div>
  </form></main>`;
}

const leave = async () => { await remove("/session").catch(() => {}); set({ session: null }); location.reload(); };

export function Me() {
  const [old, setOld] = useState(""), [fresh, setFresh] = useState(""), [answer, setAnswer] = useState("");
  const change = async (event) => {
    event.preventDefault();
    try {
      await post("/session/password", { old, new: fresh });
      setAnswer("Changed. Your other sessions have ended.");
      setOld(""); setFresh("");
    } catch (refused) {
      setAnswer(refused.message);
    }
  };
  return html`<div class="narrow"><h1>${store.session.user}</h1><p class="soft">${store.session.role}</p>
    <section class="panel"><h2>Theme</h2><div class="row">${["", "dark", "light"].map((name) => html`
      <button aria-pressed=${String(store.theme === name)} onClick=${() => { theme(name); set({}); }}>${name || "as this device"}</button>`)}</div></section>
    <form class="panel" onSubmit=${change}><h2>Password</h2>
      <${Field} label="Now" value=${old} put=${setOld} type="password" autocomplete="current-password" />
      <${Field} label="New (10 characters or more)" value=${fresh} put=${setFresh} type="password" autocomplete="new-password" />
      <div class="row"><button>Change</button><span class="small" role="status">${answer}</span></div></form>
    <button onClick=${leave}>Sign out</button></div>`;
}

// Which robots somebody has: all of them, also those to come, or some.
function Robots({ user, put }) {
  const all = user.robots.includes("*"), known = store.session.robots.map((one) => one.name);
  const toggle = (name) => {
    const had = all ? known : user.robots, now = had.includes(name) ? had.filter((one) => one !== name) : [...had, name];
    if (now.length) put(now);
  };
  return html`<div class="row small" role="group" aria-label="Robots of ${user.name}">
    <button aria-pressed=${String(all)} onClick=${() => put(["*"])}>all</button>
    ${known.map((name) => html`<button aria-pressed=${String(!all && user.robots.includes(name))} onClick=${() => toggle(name)}>${name}</button>`)}</div>`;
}

export function Users() {
  const [users, setUsers] = useState([]), [trouble, setTrouble] = useState("");
  const [name, setName] = useState(""), [password, setPassword] = useState(""), [role, setRole] = useState("operator");
  const does = (promise) => promise.then((value) => { setUsers(value.users); setTrouble(""); }, (refused) => setTrouble(refused.message));
  useEffect(() => { does(get("/users")); }, []);
  const add = (event) => {
    event.preventDefault();
    does(post("/users", { user: name, role, robots: ["*"], password }));
    setPassword("");
  };
  return html`<div class="narrow"><h1>Users</h1>
    ${trouble && html`<p class="error" role="alert">${trouble}</p>`}
    <ul class="list">${users.map((user) => html`<li key=${user.name}><div class="item">
      <b class="what">${user.name}</b>
      <label><span class="unseen">Role of ${user.name}</span><select value=${user.role} onChange=${(e) => does(patch(`/users/${user.name}`, { role: e.target.value }))}>
        ${ROLES.map((one) => html`<option value=${one}>${one}</option>`)}</select></label>
      ${store.session.robots.length > 1 && html`<${Robots} user=${user} put=${(robots) => does(patch(`/users/${user.name}`, { robots }))} />`}
      <button onClick=${() => does(remove(`/users/${user.name}`))} aria-label="Remove ${user.name}">Remove</button></div></li>`)}</ul>
    <form class="panel" onSubmit=${add}><h2>Add somebody</h2>
      <${Field} label="Name" value=${name} put=${setName} autocomplete="off" />
      <${Field} label="First password" value=${password} put=${setPassword} type="password" autocomplete="new-password" />
      <label>Role<select value=${role} onChange=${(e) => setRole(e.target.value)}>${ROLES.map((one) => html`<option value=${one}>${one}</option>`)}</select></label>
      <div class="row"><button class="main">Add</button></div></form></div>`;
}
