// Signing in, choosing a robot, and the line on which it tells how it is.

import { Line, get } from "./api.js";
import { COSTS, go, set, store } from "./store.js";

const TRAIL_POINTS = 600, TRAIL_STEP_M = 0.25;
const WANTED = ["tracks", "plan", "trajectory", "scan"];
// What nobody sees any more when a session has ended.
const NOTHING = { live: {}, liveAt: 0, others: {}, trail: [], site: null, map: null, mapImage: null };
let line = null;
// Lines to the robots that are not looked at, by name: what is wrong with one is told on every page.
const others = new Map();

export async function whoAmI() {
  try {
    const session = await get("/session");
    if (session.user) {
      set({ session, ready: true, ended: "", notice: "" });
      if (session.permissions.includes("view")) choose(store.robot);
      return;
    }
    set({ ...NOTHING, session: null, ready: true, firstStart: session.first_start });
  } catch (refused) {
    set({ session: null, ready: true, notice: refused.message });
  }
  line?.close();
  watch([]);
}

// Look at one of the robots; the first where none is named.
export async function choose(name) {
  const robots = store.session?.robots ?? [];
  const robot = robots.find((one) => one.name === name) ?? robots[0];
  line?.close();
  if (!robot) return;
  set({ ...NOTHING, others: store.others, robot: robot.name, online: false });
  if (!location.hash.startsWith(`#/${robot.name}`)) go(store.page, store.item);
  listen(robot.name);
  watch(robots.map((one) => one.name).filter((one) => one !== robot.name));
  await draw(robot.name);
}

// Hear, of robots that are not looked at, what every page is told.
function watch(names) {
  for (const [name, one] of others) if (!names.includes(name)) { one.close(); others.delete(name); }
  store.others = Object.fromEntries(names.map((name) => [name, store.others[name] ?? {}]));
  for (const name of names) {
    if (others.has(name)) continue;
    const tell = (change) => others.has(name) && set({ others: { ...store.others, [name]: { ...store.others[name], ...change } } });
    const one = new Line(`/robots/${name}/live`, {
      closed: () => tell({ liveAt: 0 }),
      heard: (text) => {
        const { n, alerts, conditions, stop } = JSON.parse(text);
        one.say(JSON.stringify({ ack: n }));
        tell({ liveAt: performance.now(), ...(alerts && { alerts }), ...(conditions && { conditions }), ...(stop && { stop }) });
      },
    });
    others.set(name, one);
  }
}

// The site as it is by now, and its map.
async function draw(robot) {
  try {
    const [site, map] = await Promise.all([get(`/robots/${robot}/site`), get(`/robots/${robot}/map`)]);
    if (store.robot !== robot) return;
    const known = store.map?.version === map.version;
    set({ site, map });
    if (known) return;
    const image = new Image();
    image.onload = () => store.robot === robot && set({ mapImage: image });
    image.src = `/api/robots/${robot}/map.png?version=${map.version}`;
  } catch (refused) {
    set({ notice: refused.message });
  }
}

function listen(robot) {
  line = new Line(`/robots/${robot}/live`, {
    opened: () => { set({ online: true, ended: "" }); ask(); },
    closed: (code, reason) => {
      set({ online: false, ended: code >= 4400 && code !== 4429 ? reason : "" });
      if (code === 4401) whoAmI();
    },
    heard: (text) => {
      const said = JSON.parse(text);
      line.say(JSON.stringify({ ack: said.n }));
      take(said);
    },
  });
}

// What the map shows beside the rest.
function ask() {
  line?.say(JSON.stringify({ want: store.costs ? [...WANTED, "costmap"] : WANTED }));
}

export function showCosts(shown) {
  localStorage.setItem(COSTS, shown ? "yes" : "");
  set({ costs: shown, live: { ...store.live, costmap: null } });
  ask();
}

function take(said) {
  if (said.pose) {
    const last = store.trail[store.trail.length - 1], [x, y] = said.pose;
    if (!last || Math.hypot(last[0] - x, last[1] - y) > TRAIL_STEP_M) {
      store.trail.push([x, y]);
      if (store.trail.length > TRAIL_POINTS) store.trail.shift();
    }
  }
  if (said.site && store.live.site && said.site !== store.live.site) draw(store.robot);
  set({ live: { ...store.live, ...said }, liveAt: performance.now(), online: true });
}
