// The page's whole memory. It is in no cookie and no store, and goes with the page.

export const EMPTY_TALK = {
  session: "", lines: [], holder: "robot", choices: [], way: null, sourced: new Set(),
  panel: "", busy: false, guided: false, notice: "", ended: "", draft: "",
};

export const state = {
  ...EMPTY_TALK,
  languages: [], code: "", direction: "ltr", texts: {}, map: null, phoneCode: false,
  silence_s: 75, silence_warning_s: 60, secondsLeft: 0,
  answers: true, aloud: false, listening: false,
  onRobot: new URLSearchParams(location.search).has("robot"),
};

const readers = [];

export function onChange(reader) {
  readers.push(reader);
}

export function set(change) {
  Object.assign(state, change);
  readers.forEach((reader) => reader());
}

export function say(key, values = {}) {
  const text = state.texts[`kiosk_${key}`] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function placeName(place) {
  return place.names[state.code] ?? place.names[state.map.language] ?? Object.values(place.names)[0];
}
