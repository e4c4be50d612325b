// Puts the page together.

import { html, render } from "./vendor/htm-preact.js";
import { Alerts, sound } from "./alerts.js";
import { choose, whoAmI } from "./connect.js";
import { Drive } from "./drive.js";
import { Edit } from "./edit.js";
import { Health } from "./health.js";
import { Log } from "./log.js";
import { Overview } from "./overview.js";
import { Choose, Entry, Me, Users } from "./people.js";
import { Replay } from "./replay.js";
import { StopCorner } from "./stop.js";
import { OLD_S, ageOfLive, may, onChange, set, store, theme } from "./store.js";
import { Talk } from "./talk.js";
import { Age, Mark, elsewhere, summary } from "./words.js";

const PAGES = {
  overview: { name: "Overview", show: Overview, full: true },
  alerts: { name: "Alerts", show: Alerts },
  replay: { name: "Replay", show: Replay, full: true },
  drive: { name: "Drive", show: Drive, full: true, needs: "drive" },
  talk: { name: "Visitors", show: Talk, needs: "talk" },
  edit: { name: "Site", show: Edit, full: true, needs: "edit" },
  health: { name: "Health", show: Health },
  log: { name: "Log", show: Log, needs: "log" },
  users: { name: "Users", show: Users, needs: "users" },
  me: { name: "Me", show: Me, last: true },
};
const LOOK_MS = 250;

function Shell() {
  if (!store.ready) return html`<p class="entry">Asking the robot …</p>`;
  if (!store.session) return html`<${Entry} />`;
  if (!may("view")) return html`<${Choose} />`;
  if (!store.robot) return html`<main class="entry"><p>There is no robot that you may see: ask an administrator.</p></main>`;
  const page = PAGES[store.page] && (!PAGES[store.page].needs || may(PAGES[store.page].needs)) ? store.page : "overview";
  const [level, words] = summary();
  const robots = store.session.robots;
  return html`<div class="shell">
    <header class="top">
      ${robots.length > 1 ? html`<nav class="robots" aria-label="Robots">${robots.map((one) => html`
          <a href="#/${one.name}/${page}" title=${one.site} aria-current=${one.name === store.robot ? "true" : null}>${one.name !== store.robot && html`<${Elsewhere} name=${one.name} />`}${one.name}</a>`)}</nav>`
        : html`<span class="where">${store.robot} <span class="soft">${robots[0]?.site}</span></span>`}
      <p class="sentence" role="status"><${Mark} level=${level} /><span class=${level}>${words}</span></p>
      <${Age} seconds=${ageOfLive()} old=${OLD_S} />
    </header>
    <nav class="ways" aria-label="Pages">${Object.entries(PAGES).filter(([, one]) => !one.needs || may(one.needs)).map(([key, one]) => html`
      <a href="#/${store.robot}/${key}" class=${one.last ? "last" : ""} aria-current=${key === page ? "page" : null}>${one.name}${count(key)}</a>`)}</nav>
    <main class="content ${PAGES[page].full ? "full" : ""}" id="main"><${PAGES[page].show} key=${store.robot} /></main>
    <${StopCorner} />
  </div>`;
}

// How a robot is that is not looked at.
function Elsewhere({ name }) {
  const [level, words] = elsewhere(name);
  return html`<${Mark} level=${level} /><span class="unseen">${words}: </span>`;
}

function count(page) {
  const { alerts, conditions = [] } = store.live;
  if (page === "alerts" && alerts && (alerts.new || conditions.length)) {
    const level = alerts.urgent || alerts.overdue || conditions.some((one) => one.severity === "high") ? "bad" : "warn";
    return html` <b class=${level}>${alerts.new + conditions.length} new</b>`;
  }
  const wanted = page === "talk" ? (store.live.talk ?? []).filter((one) => one.wanted).length : 0;
  return wanted ? html` <b class="warn">${wanted} waiting</b>` : "";
}

function follow() {
  const [robot = "", page = "overview", item = ""] = location.hash.slice(2).split("/").map(decodeURIComponent);
  const another = store.session && robot !== store.robot && store.session.robots.some((one) => one.name === robot);
  if (page !== store.page) requestAnimationFrame(() => setTimeout(showWay));
  set({ page: page || "overview", item, robot: store.session ? store.robot : robot });
  if (another) choose(robot);
}

// On a phone the ways to go are wider than the screen.
function showWay() {
  document.querySelector(".ways [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

theme(store.theme);
onChange(() => render(html`<${Shell} />`, document.getElementById("app")));
addEventListener("hashchange", follow);
setInterval(() => { set({}); sound(); }, LOOK_MS);
follow();
whoAmI();
