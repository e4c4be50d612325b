// Driving by hand: the line to the robot, and the hands on stick, keys or gamepad. No drawing here.

import { Line } from "./api.js";

// Every word of the robot is answered with what the hands do now, so no timer is needed: a page
// that is frozen, hidden or cut off answers nothing, and the robot commands zero by itself.
export class DriveLine {
  constructor(robot, changed) {
    Object.assign(this, { changed, state: {}, v: 0, w: 0, held: false, number: 0, trouble: "", hands: [] });
    this.line = new Line(`/robots/${robot}/drive`, {
      heard: (text) => this.hear(JSON.parse(text)),
      closed: (code, reason) => { this.state = {}; this.number = 0; this.release(); this.trouble = reason || "The line to the robot is lost."; changed(); },
      opened: () => { this.trouble = ""; },
    });
    const release = () => this.release();
    this.ends = [["blur", window], ["pagehide", window], ["freeze", document], ["visibilitychange", document], ["contextmenu", window]]
      .map(([name, target]) => { target.addEventListener(name, release); return () => target.removeEventListener(name, release); });
  }

  hear(said) {
    if (said.refused) { this.trouble = said.refused; this.changed(); return; }
    this.state = said;
    if (said.n) { this.number = said.n; this.say(); }
    this.changed();
  }

  take(over = false, why = "") { this.trouble = ""; this.line.say(JSON.stringify(over ? { take: true, take_over: true, why } : { take: true })); }

  giveBack() { this.release(); this.line.say(JSON.stringify({ give_back: true })); }

  // Creeping past the fence, for a while.
  override(asked, why = "") { this.trouble = ""; this.line.say(JSON.stringify(asked ? { override: true, why } : { override: false })); }

  // One hand's way to drive: deflections ahead and to the left from -1 to 1, and whether it holds on.
  // What it held when the page lost it counts again once it has let go.
  hand() {
    const hand = { held: false, barred: false };
    this.hands.push(hand);
    return (v, w, held) => {
      hand.held = held;
      hand.barred &&= held;
      if (!hand.barred) this.set(v, w, held);
    };
  }

  set(v, w, held) {
    const changed = held !== this.held || Math.abs(v - this.v) + Math.abs(w - this.w) > 0.02;
    Object.assign(this, { v, w, held });
    if (changed) this.say();
  }

  release() {
    this.hands.forEach((hand) => { hand.barred ||= hand.held; });
    this.set(0, 0, false);
  }

  say() {
    if (!this.state.mine || !this.number) return;
    const word = this.held ? { n: this.number, v: this.v, w: this.w, held: true } : { n: this.number, held: false };
    this.line.say(JSON.stringify(word));
  }

  close() {
    this.release();
    this.ends.forEach((end) => end());
    this.line.close();
  }
}

const KEYS = { ArrowUp: [1, 0], KeyW: [1, 0], ArrowDown: [-1, 0], KeyS: [-1, 0], ArrowLeft: [0, 1], KeyA: [0, 1], ArrowRight: [0, -1], KeyD: [0, -1] };
const DEAD_ZONE = 0.12, DEAD_MAN_BUTTONS = [4, 5];

// Keys that are held. Typing into a field drives nothing.
export function keyboard(hands) {
  const down = new Set();
  const tell = () => {
    const sum = [...down].reduce(([v, w], key) => [v + KEYS[key][0], w + KEYS[key][1]], [0, 0]);
    hands(clamp(sum[0]), clamp(sum[1]), down.size > 0);
  };
  const press = (event) => {
    if (!KEYS[event.code] || event.target.closest?.("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!event.repeat) { down.add(event.code); tell(); }
  };
  const lift = (event) => { if (down.delete(event.code)) tell(); };
  const none = () => { if (down.size) { down.clear(); tell(); } };
  const all = [["keydown", press], ["keyup", lift], ["blur", none], ["visibilitychange", none]];
  all.forEach(([name, does]) => addEventListener(name, does));
  return () => { all.forEach(([name, does]) => removeEventListener(name, does)); none(); };
}

// The left stick while a shoulder button, the dead-man, is held.
export function gamepad(hands) {
  let running = true, wasHeld = false;
  const look = () => {
    if (!running) return;
    const pad = [...navigator.getGamepads()].find((one) => one?.connected);
    const held = Boolean(pad && DEAD_MAN_BUTTONS.some((index) => pad.buttons[index]?.pressed));
    if (held) hands(zoned(-pad.axes[1]), zoned(-pad.axes[0]), true);
    else if (wasHeld) hands(0, 0, false);
    wasHeld = held;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  return () => { running = false; if (wasHeld) hands(0, 0, false); };
}

export const clamp = (value) => Math.max(-1, Math.min(1, value));
const zoned = (value) => (Math.abs(value) < DEAD_ZONE ? 0 : clamp(value));
