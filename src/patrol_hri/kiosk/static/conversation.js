// A conversation as the page sees it: opened, said into, read on, left.

import * as robot from "./robot.js";
import { readAloud, stopSpeech } from "./speech.js";
import { EMPTY_TALK, say, set, state } from "./state.js";

const AGAIN_MS = 2000;
const ENDED_MS = 60000;
let reading = new AbortController();
let endedTimer = 0;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function useLanguage(code) {
  const told = await robot.texts(code);
  set({ code, direction: told.direction, texts: told.texts });
}

// The first screen; asks until the robot answers, and then whether it still does.
export async function beginPage() {
  for (;;) {
    try {
      const { phone, ...told } = await robot.start();
      if (!state.code) {
        const codes = told.languages.map((language) => language.code);
        const mine = navigator.languages.map((name) => name.split("-")[0]);
        await useLanguage(mine.find((code) => codes.includes(code)) ?? codes[0]);
        set({ map: await robot.siteMap() });
      }
      set({ ...told, phoneCode: phone, answers: true });
      await pause(5000);
    } catch {
      set({ answers: false });
      await pause(AGAIN_MS);
    }
    while (state.session) await pause(1000);
  }
}

export async function choose(code) {
  await guarded(async () => {
    await useLanguage(code);
    if (state.session) await hear(say("say_language"));
    else await openSession();
  });
  set({ panel: "" });
}

// What is `urgent` does not wait for the answer to what was said before.
export async function tell(text, urgent = false) {
  const words = text.trim();
  if (!words || (state.busy && !urgent)) return;
  set({ panel: "", draft: "" });
  const done = await guarded(async () => {
    if (!state.session) await openSession();
    await hear(words);
  });
  if (!done && !state.draft) set({ draft: words });
}

export function clearTalk(ended = "") {
  clearTimeout(endedTimer);
  reading.abort();
  stopSpeech();
  set({ ...EMPTY_TALK, ended });
  if (ended) endedTimer = setTimeout(() => set({ ended: "" }), ENDED_MS);
}

export function leave() {
  if (state.session) robot.leave(state.session).catch(() => {});
  clearTalk("ended");
}

async function openSession() {
  const told = await robot.open(state.code, state.onRobot ? "kiosk" : "phone");
  clearTalk();
  set({ session: told.session });
  take(told);
  readOn(told.session);
}

async function hear(text) {
  const session = state.session;
  const after = lastNumber();
  const told = await robot.tell(session, text, after);
  if (session !== state.session) return;
  const { reply } = told;
  take(told);
  if (reply.language && reply.language !== state.code) await useLanguage(reply.language);
  const last = state.lines.findLast((line) => line.speaker === "robot" && line.number > after);
  if (last && reply.sourced) state.sourced.add(last.number);
  const guided = reply.guided ?? state.guided;
  set({ choices: reply.choices, guided, way: reply.way ?? (guided ? state.way : null) });
  if (reply.ends) {
    reading.abort();
    set({ session: "", choices: [], ended: "said" });
    endedTimer = setTimeout(() => clearTalk("ended"), ENDED_MS);
  }
}

function lastNumber() {
  return state.lines.at(-1)?.number ?? 0;
}

function take({ lines, holder }) {
  const fresh = lines.filter((line) => line.number > lastNumber());
  const change = {};
  if (holder !== state.holder) {
    change.notice = say(holder === "operator" ? "with_human" : "with_robot");
    change.choices = [];
  }
  set({ ...change, holder, lines: [...state.lines, ...fresh] });
  fresh.filter((line) => line.speaker !== "visitor").forEach(readAloud);
}

async function guarded(work) {
  set({ busy: true, notice: "" });
  try {
    await work();
    set({ answers: true });
    return true;
  } catch (error) {
    failed(error);
    return false;
  } finally {
    set({ busy: false });
  }
}

function failed(error) {
  if (!(error instanceof robot.Refused)) set({ answers: false });
  else if (error.status === 404 || error.status === 401) clearTalk("lost");
  else if (error.status === 429) set({ notice: say("slower") });
  else set({ notice: say("busy") });
}

async function readOn(session) {
  reading = new AbortController();
  const { signal } = reading;
  let over = "";
  while (!signal.aborted && !over) {
    try {
      await robot.follow(session, lastNumber(), (update) => {
        if (signal.aborted) return;
        if (!state.answers) set({ answers: true });
        if (update?.ended) over = "ended";
        else if (update) take(update);
      }, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 404) over = "lost";
      else failed(error);
    }
    await pause(state.answers ? 300 : AGAIN_MS);
  }
  while (state.busy) await pause(100); // last words are still on their way
  if (over && state.session === session) clearTalk(over);
}
