// Puts the page together.

import { beginPage, leave } from "./conversation.js";
import { Page } from "./page.js";
import { watchSilence } from "./silence.js";
import { onChange, say, state } from "./state.js";
import { html, render } from "./vendor/htm-preact.js";

const root = document.getElementById("page");

function draw() {
  if (state.code) {
    document.documentElement.lang = state.code;
    document.documentElement.dir = state.direction;
    document.title = say("title");
  }
  render(html`<${Page} />`, root);
}

onChange(draw);
watchSilence();
addEventListener("pagehide", () => {
  if (state.session) leave();
});
draw();
beginPage();
