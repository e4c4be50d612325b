// What the robot does, in one sentence and one sign. Signs differ by shape, not by colour alone.

import { html } from "./vendor/htm-preact.js";
import { OLD_S, ageOfLive, isOld, store } from "./store.js";

const SHAPES = {
  good: html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" stroke-width="2.5"/><path d="M7.5 12.5l3 3 6-6.5" fill="none" stroke="currentColor" stroke-width="2.5"/></svg>`,
  info: html`<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" stroke-width="2.5"/><path d="M12 11v6M12 7v1.5" stroke="currentColor" stroke-width="2.5"/></svg>`,
  warn: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3l10 18H2z" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linejoin="round"/><path d="M12 10v5M12 17.5v1" stroke="currentColor" stroke-width="2.5"/></svg>`,
  bad: html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z" fill="currentColor"/><path d="M12 7v6M12 15.5v1.5" stroke="var(--panel)" stroke-width="2.6"/></svg>`,
};

export const Mark = ({ level }) => html`<span class="mark ${level}">${SHAPES[level]}</span>`;

// Level and sentence of the robot as a whole.
export function summary() {
  const [level, words] = worst();
  return [level, words.charAt(0).toUpperCase() + words.slice(1)];
}

function worst() {
  const { gate, patrol, conditions, stop, alerts } = store.live;
  if (store.ended) return ["bad", store.ended];
  if (!store.liveAt) return ["info", "Waiting for the robot's first word"];
  if (isOld()) return ["bad", `Not heard for ${age(ageOfLive())}: what is shown is old`];
  if (stop?.state === "asked") return ["warn", "Stop asked, not yet confirmed"];
  if (stop?.state === "unanswered") return ["bad", "STOP NOT CONFIRMED: use the robot's own button"];
  if (stop?.state === "stopped") return ["bad", `Stopped${stop.by ? ` by ${stop.by}` : ""}: ${stop.words}`];
  const [trouble] = conditions ?? [];
  if (trouble?.severity === "high" || !gate) return ["bad", trouble?.words ?? "Waiting for the safety gate's first word"];
  if (gate.authority === "teleop") return ["info", `Driven by hand${store.live.drive?.holder ? ` by ${store.live.drive.holder}` : ""}`];
  if (gate.state === "hold" && gate.reasons.length) return ["warn", `Holding: ${gate.reasons.join("; ")}`];
  if (trouble || !patrol) return ["warn", trouble?.words ?? "Waiting for the mission's first word"];
  if (alerts?.overdue) return ["warn", `${alerts.overdue === 1 ? "An alert waits" : `${alerts.overdue} alerts wait`} too long. ${patrol.words}`];
  if (gate.state === "limited") return ["info", `${patrol.words} (slow: ${gate.reasons.join("; ")})`];
  return ["good", patrol.words || patrol.state];
}

// The same, shorter, of a robot that is not looked at.
export function elsewhere(name) {
  const { liveAt, alerts = {}, conditions = [], stop } = store.others[name] ?? {};
  if (!liveAt || performance.now() - liveAt > 1000 * OLD_S) return ["bad", "not heard"];
  if (stop?.state && stop.state !== "clear") return ["bad", "stopped"];
  if (conditions[0]?.severity === "high") return ["bad", conditions[0].words];
  if (alerts.urgent || alerts.overdue) return ["bad", "an alert is urgent or overdue"];
  if (conditions.length || alerts.new) return ["warn", conditions[0]?.words ?? "new alerts"];
  return ["good", "well"];
}

export const percent = (fraction) => `${Math.round(100 * fraction)} %`;

export function age(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export const Age = ({ seconds, old }) => html`<span class="age ${seconds > old ? "old" : ""}">
  ${seconds > old ? html`<${Mark} level="bad" />` : ""}${Number.isFinite(seconds) ? `${age(seconds)} old` : "nothing yet"}</span>`;

// A stamp of the robot as a time of day. In simulation stamps count from its start.
export function clock(seconds) {
  if (seconds == null) return "";
  if (seconds > 1e9) return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const whole = Math.floor(seconds), two = (value) => String(value).padStart(2, "0");
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
