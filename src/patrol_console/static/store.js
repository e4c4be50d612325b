// What the page knows. One object, changed by `set`, drawn anew when it has.

const THEME = "ronda theme";
export const COSTS = "ronda costs";

export const store = {
  session: null, firstStart: false, ready: false,
  robot: "", page: "overview", item: "",
  site: null, map: null, mapImage: null,
  live: {}, liveAt: 0, others: {}, online: false, ended: "", trail: [],
  notice: "", theme: localStorage.getItem(THEME) ?? "", costs: localStorage.getItem(COSTS) === "yes", now: performance.now(),
};

const readers = new Set();
let drawing = false;

export function set(change) {
  Object.assign(store, change);
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    readers.forEach((reader) => reader());
  });
}

// Returns the way to be told no more.
export function onChange(reader) {
  readers.add(reader);
  return () => readers.delete(reader);
}

export const may = (permission) => store.session?.permissions.includes(permission) ?? false;

// How old what is shown is [s]; Infinity before the first word.
export const ageOfLive = () => (store.liveAt ? (performance.now() - store.liveAt) / 1000 : Infinity);

export const OLD_S = 2;
export const isOld = () => !store.online || ageOfLive() > OLD_S;

// `name`: dark, light, or empty for what the device asks for; remembered in this browser.
export function theme(name) {
  localStorage.setItem(THEME, name);
  store.theme = name;
  document.documentElement.dataset.theme = name || (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
}

export function go(page, item = "") {
  location.hash = `#/${[store.robot, page, item].filter(Boolean).map(encodeURIComponent).join("/")}`;
}
