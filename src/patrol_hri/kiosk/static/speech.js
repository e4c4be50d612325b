// Speech by the browser, off until somebody touches it; the robot's own voice where there is none.

import * as robot from "./robot.js";
import { set, state } from "./state.js";

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
let recognition = null;

export const canListen = Boolean(Recognition);

export function toggleListening(onText) {
  if (recognition) {
    recognition.stop();
    return;
  }
  recognition = new Recognition();
  recognition.lang = state.code;
  recognition.onresult = (event) => onText(event.results[0][0].transcript);
  recognition.onend = () => {
    recognition = null;
    set({ listening: false });
  };
  recognition.onerror = recognition.onend;
  recognition.start();
  set({ listening: true });
}

export function toggleAloud() {
  if (state.aloud) stopSpeech();
  set({ aloud: !state.aloud });
}

export function readAloud(line) {
  if (!state.aloud) return;
  const voices = window.speechSynthesis?.getVoices() ?? [];
  const voice = voices.find((one) => one.localService && one.lang.startsWith(state.code));
  if (voice) {
    const words = new SpeechSynthesisUtterance(line.text);
    words.voice = voice;
    words.lang = voice.lang;
    speechSynthesis.speak(words);
  } else if (state.onRobot) {
    robot.speak(state.session, line.number, state.code).catch(() => {});
  }
}

export function stopSpeech() {
  recognition?.abort();
  window.speechSynthesis?.cancel();
}
