// The robot's face: two eyes and a mouth. What it does comes from the style sheet.

import { html } from "./vendor/htm-preact.js";

export function Face({ mood }) {
  return html`<svg class="face" data-mood=${mood} viewBox="0 0 240 150" aria-hidden="true">
    <path class="head" d="M46 8 H194 Q232 8 232 46 V104 Q232 142 194 142 H46 Q8 142 8 104 V46 Q8 8 46 8 Z" />
    <g class="eyes">
      <rect class="eye" x="66" y="42" width="26" height="42" rx="13" />
      <rect class="eye" x="148" y="42" width="26" height="42" rx="13" />
    </g>
    <path class="mouth" d="M98 108 Q120 122 142 108" />
  </svg>`;
}
