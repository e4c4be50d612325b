"use strict";
// Plays the form "ronda.replay": one clock, a map that is drawn once, and what moves above it.
const form = JSON.parse(document.getElementById("data").textContent);
const drawing = JSON.parse(document.getElementById("drawing").textContent);
const [frameX, frameY, frameWidth, frameHeight] = drawing.frame;
const TRAIL_S = 180;
const length_s = form.end_s - form.start_s;
const element = (id) => document.getElementById(id);
const map = element("map"), strip = element("strip"), slider = element("slider");
const base = document.createElement("canvas");
const wallsPicture = new Image();
const clockForm = new Intl.DateTimeFormat("en-GB", { timeZone: form.site.timezone,
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
let colors = {}, scale = 1, left = 0, top_ = 0;

function column(name, Type) {
  const bytes = Uint8Array.from(atob(form.samples[name]), (letter) => letter.charCodeAt(0));
  return new Type(bytes.buffer);
}
const samples = {
  count: form.samples.count,
  time: column("time", Uint32Array), x: column("x", Int32Array), y: column("y", Int32Array),
  yaw: column("yaw", Int16Array), speed: column("speed", Int16Array),
  battery: column("battery", Uint8Array), state: column("state", Uint8Array),
  reason: column("reason", Uint16Array),
};
const stateOf = (index) => samples.state[index] & 127;
const begins = (index) => samples.state[index] > 127;
const stateColor = (state) => [colors.muted, colors.accent, colors.warn, colors.bad, colors.unsure][state];

// What is listed: events and incidents in order of time.
const moments = [
  ...form.events.map((e) => ({ at: e.stamp_s - form.start_s, tone: e.tone, title: e.words,
    text: e.message || e.subject })),
  ...form.incidents.map((i) => ({ at: i.first_seen_s - form.start_s, tone: "bad",
    title: `${i.number} ${i.title}`, text: i.reason, incident: i })),
].filter((m) => m.at >= 0 && m.at <= length_s).sort((a, b) => a.at - b.at);

const player = { at: 0, playing: false, speed: 60, stamp: 0, shown: -1 };
const buttons = [];

// The last sample at or before a time, or -1.
function indexAt(at) {
  let low = 0, high = samples.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (samples.time[middle] <= at * 10 + 0.5) low = middle + 1; else high = middle;
  }
  return low - 1;
}

// Where the robot is: between two samples of one stretch; null where that is not recorded.
function robotAt(at) {
  const index = indexAt(at), next = index + 1;
  if (index < 0) return null;
  const since = at - samples.time[index] / 10;
  if (next >= samples.count || begins(next) || !stateOf(index) || !stateOf(next)) {
    return since > 2 || !stateOf(index) ? null : poseOf(index, index, 0);
  }
  const span = (samples.time[next] - samples.time[index]) / 10;
  return poseOf(index, next, span > 0 ? Math.min(since / span, 1) : 0);
}

function poseOf(index, next, share) {
  const mix = (values) => values[index] + share * (values[next] - values[index]);
  const turn = (samples.yaw[next] - samples.yaw[index]) / 1000;
  const shortest = Math.atan2(Math.sin(turn), Math.cos(turn));
  return { x: mix(samples.x) / 100, y: mix(samples.y) / 100,
    yaw: samples.yaw[index] / 1000 + share * shortest, index };
}

const toX = (x) => left + (x - frameX) * scale;
const toY = (y) => top_ + (frameY + frameHeight - y) * scale;

function path(context, points, close) {
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(toX(x), toY(y)) : context.moveTo(toX(x), toY(y))));
  if (close) context.closePath();
}

function drawBase() {
  base.width = map.width;
  base.height = map.height;
  const context = base.getContext("2d");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  if (wallsPicture.complete && wallsPicture.naturalWidth) {
    const [, x, top, width, height] = drawing.walls;
    context.filter = dark ? "invert(1) hue-rotate(180deg) brightness(1.15)" : "none";
    context.drawImage(wallsPicture, toX(x), toY(top), width * scale, height * scale);
    context.filter = "none";
  }
  for (const zone of form.site.zones.filter((z) => z.kind !== "public")) {
    path(context, zone.polygon, true);
    const tint = { keep_out: colors.bad, keep_clear: colors.bad, privacy: colors.unsure }[zone.kind];
    context.strokeStyle = context.fillStyle = tint || colors.muted;
    context.globalAlpha = 0.12;
    context.fill();
    context.globalAlpha = 0.6;
    context.stroke();
  }
  context.globalAlpha = 1;
  for (const dock of form.site.docks) {
    path(context, dock.outline, true);
    context.fillStyle = colors.ink;
    context.fill();
  }
  context.strokeStyle = colors.accent;
  context.globalAlpha = 0.3;
  context.lineWidth = 1.5 * devicePixelRatio;
  context.lineJoin = "round";
  context.beginPath();
  for (let i = 0; i < samples.count; i += 1) {
    if (!stateOf(i)) continue;
    const x = toX(samples.x[i] / 100), y = toY(samples.y[i] / 100);
    if (begins(i)) context.moveTo(x, y); else context.lineTo(x, y);
  }
  context.stroke();
  context.globalAlpha = 1;
  for (const point of form.site.checkpoints) {
    circle(context, toX(point.x_m), toY(point.y_m), 3.5, colors.paper, colors.good);
  }
}

function circle(context, x, y, radius, fill, edge) {
  context.beginPath();
  context.arc(x, y, radius * devicePixelRatio, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 2 * devicePixelRatio;
  context.strokeStyle = edge;
  context.stroke();
}

function drawTrail(context, at, robot) {
  context.lineWidth = 3.5 * devicePixelRatio;
  context.lineCap = context.lineJoin = "round";
  const last = robot.index;
  let first = last;
  while (first > 0 && samples.time[first] > (at - TRAIL_S) * 10) first -= 1;
  for (let i = first + 1; i <= last; i += 1) {
    if (begins(i) || !stateOf(i) || !stateOf(i - 1)) continue;
    line(context, samples.x[i - 1] / 100, samples.y[i - 1] / 100, samples.x[i] / 100,
      samples.y[i] / 100, stateOf(i), 1 - (at - samples.time[i] / 10) / TRAIL_S);
  }
  if (stateOf(last)) line(context, samples.x[last] / 100, samples.y[last] / 100, robot.x, robot.y, stateOf(last), 1);
  context.globalAlpha = 1;
}

function line(context, x0, y0, x1, y1, state, strength) {
  context.globalAlpha = Math.max(0.08, Math.min(strength, 1));
  context.strokeStyle = stateColor(state);
  context.beginPath();
  context.moveTo(toX(x0), toY(y0));
  context.lineTo(toX(x1), toY(y1));
  context.stroke();
}

function drawRobot(context, robot) {
  context.save();
  context.translate(toX(robot.x), toY(robot.y));
  context.rotate(-robot.yaw);
  const size = 9 * devicePixelRatio;
  context.beginPath();
  context.moveTo(1.3 * size, 0);
  context.lineTo(-size, 0.85 * size);
  context.lineTo(-0.55 * size, 0);
  context.lineTo(-size, -0.85 * size);
  context.closePath();
  context.fillStyle = stateColor(stateOf(robot.index));
  context.fill();
  context.lineWidth = 2 * devicePixelRatio;
  context.strokeStyle = colors.paper;
  context.stroke();
  context.restore();
}

function drawIncidents(context, at) {
  context.font = `700 ${11 * devicePixelRatio}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const incident of form.incidents) {
    if (incident.x_m === null || incident.first_seen_s - form.start_s > at) continue;
    const fresh = at - (incident.first_seen_s - form.start_s) < 4 * Math.min(player.speed, 60);
    const x = toX(incident.x_m), y = toY(incident.y_m);
    if (fresh) circle(context, x, y, 15, "transparent", colors.bad);
    circle(context, x, y, 9, colors.bad, colors.paper);
    context.fillStyle = colors.paper;
    context.fillText(String(incident.number), x, y);
  }
}

function drawStrip() {
  const context = strip.getContext("2d");
  const across = (stamp_s) => ((stamp_s - form.start_s) / length_s) * strip.width;
  const band = (from_s, to_s, tint, alpha) => {
    context.globalAlpha = alpha;
    context.fillStyle = tint;
    context.fillRect(across(from_s), 0, Math.max(across(to_s) - across(from_s), 1), strip.height);
  };
  context.clearRect(0, 0, strip.width, strip.height);
  band(form.start_s, form.end_s, colors.soft, 1);
  form.patrols.forEach((patrol) => band(patrol.start_s, patrol.end_s, colors.accent, 0.3));
  for (let i = 0; i + 1 < samples.count; i += 1) {
    if (stateOf(i) === 3) {
      const from_s = form.start_s + samples.time[i] / 10;
      band(from_s, Math.min(form.start_s + samples.time[i + 1] / 10, from_s + 12), colors.bad, 0.5);
    }
  }
  form.gaps.forEach((gap) => band(gap.start_s, gap.end_s, colors.muted, 0.8));
  context.globalAlpha = 1;
  for (const moment of moments) {
    context.fillStyle = moment.incident ? colors.ink : colors.good;
    if (!moment.incident && moment.tone === "plain") continue;
    const x = across(form.start_s + moment.at), half = strip.height / 2;
    context.fillRect(x - devicePixelRatio, moment.incident ? 0 : half, 2 * devicePixelRatio, half);
  }
}

function words(at) {
  const gap = form.gaps.find((g) => g.start_s - form.start_s < at && at < g.end_s - form.start_s);
  if (gap) return gap.why;
  const robot = robotAt(at);
  if (!robot) return "the place is not recorded";
  const i = robot.index, reason = form.samples.reasons[samples.reason[i]];
  const charge = samples.battery[i] === 255 ? "" : ` · battery ${samples.battery[i]} %`;
  const state = form.samples.states[stateOf(i)].replace("limited", "slowed");
  return `${state} · ${(samples.speed[i] / 100).toFixed(1)} m/s${charge}${reason ? " · " + reason : ""}`;
}

function draw() {
  const context = map.getContext("2d"), at = player.at, robot = robotAt(at);
  context.clearRect(0, 0, map.width, map.height);
  context.drawImage(base, 0, 0);
  if (robot) drawTrail(context, at, robot);
  drawIncidents(context, at);
  if (robot) drawRobot(context, robot);
  slider.value = at;
  element("clock").textContent = clockForm.format(new Date((form.start_s + at) * 1000));
  element("now").textContent = words(at);
  showMoment();
}

// Marks the newest moment that has come; a list that the reader scrolls is followed all the same.
function showMoment() {
  let current = -1;
  while (current + 1 < moments.length && moments[current + 1].at <= player.at + 0.05) current += 1;
  const before = player.shown;
  if (current === before) return;
  player.shown = current;
  for (let i = Math.min(before, current) + 1; i <= Math.max(before, current); i += 1) {
    buttons[i].classList.toggle("later", i > current);
  }
  if (buttons[before]) buttons[before].removeAttribute("aria-current");
  if (buttons[current]) buttons[current].setAttribute("aria-current", "true");
  const list = element("events"), item = list.children[current];
  if (item) list.scrollTop = item.offsetTop - list.clientHeight / 2;
  const detail = element("detail"), moment = moments[current];
  detail.hidden = !(moment && moment.incident);
  if (detail.hidden) return;
  const picture = drawing.pictures[moment.incident.number];
  detail.replaceChildren();
  if (picture) {
    const image = document.createElement("img");
    image.src = picture;
    image.alt = `The place of incident ${moment.incident.number}; people are blurred`;
    detail.append(image);
  }
  detail.append(textOf("b", moment.title), textOf("p", moment.text));
}

function textOf(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function listMoments() {
  for (const moment of moments) {
    const item = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.className = "later";
    buttons.push(button);
    const what = document.createElement("span"), mark = textOf("span", moment.title);
    mark.className = `mark ${moment.tone}`;
    what.append(mark, textOf("small", moment.text));
    const when = textOf("span", clockForm.format(new Date((form.start_s + moment.at) * 1000)));
    when.className = "time";
    button.append(when, what);
    button.addEventListener("click", () => seek(moment.at));
    item.append(button);
    element("events").append(item);
  }
}

function resize() {
  const fit = (canvas) => {
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * devicePixelRatio));
  };
  fit(map);
  fit(strip);
  scale = Math.min(map.width / frameWidth, map.height / frameHeight);
  left = (map.width - frameWidth * scale) / 2;
  top_ = (map.height - frameHeight * scale) / 2;
  for (const name of ["ink", "muted", "paper", "soft", "accent", "good", "warn", "bad", "unsure"]) colors[name] = color(name);
  drawBase();
  drawStrip();
  draw();
}

function seek(at) {
  player.at = Math.min(Math.max(at, 0), length_s);
  draw();
}

function setPlaying(playing) {
  if (playing && player.at >= length_s) player.at = 0;
  player.playing = playing;
  player.stamp = performance.now();
  element("play").textContent = playing ? "❚❚" : "▶";
  element("play").setAttribute("aria-label", playing ? "Pause" : "Play");
  if (playing) requestAnimationFrame(tick);
}

function tick(stamp) {
  if (!player.playing) return;
  const passed_s = Math.max(0, stamp - player.stamp) / 1000;
  player.stamp = stamp;
  seek(player.at + passed_s * player.speed);
  if (player.at >= length_s) setPlaying(false); else requestAnimationFrame(tick);
}

function changeSpeed(step) {
  const select = element("speed");
  select.selectedIndex = Math.min(Math.max(select.selectedIndex + step, 0), select.options.length - 1);
  player.speed = Number(select.value);
}

function jump(forwards) {
  const next = forwards
    ? moments.find((m) => m.at > player.at + 0.06)
    : moments.filter((m) => m.at < player.at - 0.06).pop();
  if (next) seek(next.at);
}

const keys = {
  " ": () => setPlaying(!player.playing),
  ArrowLeft: (event) => seek(player.at - (event.shiftKey ? 300 : 10)),
  ArrowRight: (event) => seek(player.at + (event.shiftKey ? 300 : 10)),
  ArrowUp: () => changeSpeed(1), ArrowDown: () => changeSpeed(-1),
  Home: () => seek(0), End: () => seek(length_s),
  n: () => jump(true), p: () => jump(false),
};

document.addEventListener("keydown", (event) => {
  const act = keys[event.key], tag = event.target.tagName;
  if (!act || event.ctrlKey || event.metaKey || event.altKey || tag === "SELECT") return;
  if (event.key === " " && tag === "BUTTON") return;
  event.preventDefault();
  act(event);
});
slider.max = length_s;
slider.addEventListener("input", () => seek(Number(slider.value)));
element("play").addEventListener("click", () => setPlaying(!player.playing));
element("speed").addEventListener("change", () => changeSpeed(0));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", resize);
document.documentElement.style.setProperty("--aspect", `${frameWidth} / ${frameHeight}`);
listMoments();
wallsPicture.addEventListener("load", resize);
new ResizeObserver(resize).observe(map);
wallsPicture.src = drawing.walls[0];
