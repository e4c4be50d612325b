// Who has been silent for long is asked, and has a minute to answer. Then the screen is cleared.

import { leave } from "./conversation.js";
import { onChange, set, state } from "./state.js";

let quiet_s = 0;
let lineCount = 0;

export function stillHere() {
  quiet_s = 0;
  if (state.secondsLeft) set({ secondsLeft: 0 });
}

export function watchSilence() {
  for (const kind of ["pointerdown", "keydown", "input"]) {
    addEventListener(kind, () => {
      if (!state.secondsLeft) quiet_s = 0;
    }, true);
  }
  onChange(() => {
    if (state.lines.length !== lineCount && !state.secondsLeft) quiet_s = 0;
    lineCount = state.lines.length;
  });
  setInterval(tick, 1000);
}

// Who walks with the robot, or talks with a human, is not asked: there the robot sees to it.
function tick() {
  const attended = state.guided || state.holder === "operator";
  if (!state.session || !state.answers || state.busy || attended) {
    stillHere();
    return;
  }
  quiet_s += 1;
  if (quiet_s < state.silence_s) return;
  const left = state.silence_s + state.silence_warning_s - quiet_s;
  set({ secondsLeft: Math.max(left, 0) });
  if (left <= 0) leave();
}
