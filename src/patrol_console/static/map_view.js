// What of the site and the robot the map shows, and where. Metres of `map`, north up.

import { isOld, store } from "./store.js";

const MARGIN_M = 4, MIN_SCALE = 2, MAX_SCALE = 120, TOOLS_PX = 64;
const COSTS = ["", "warn", "warn", "bad"], COST_ALPHA = [0, 0.15, 0.35, 0.45];
const ZONES = {
  keep_out: ["bad", "///"], keep_clear: ["warn", ""], speed: ["warn", ""], preferred: ["good", ""],
  privacy: ["faint", "x"], public: ["info", ""],
};

export class View {
  constructor(canvas) {
    Object.assign(this, { canvas, scale: 0, x: 0, y: 0, follow: false, moved: false, walls: null, wallsOf: "" });
  }

  // What is drawn on the site: the robot now, or (`past`) in a recording.
  get live() {
    return this.past ?? store.live;
  }

  colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  // The whole site in sight.
  fit() {
    const outline = store.site?.outline;
    if (!outline?.length || !this.canvas.clientWidth) return;
    const xs = outline.map((p) => p[0]), ys = outline.map((p) => p[1]);
    const wide = Math.max(...xs) - Math.min(...xs) + 2 * MARGIN_M;
    const high = Math.max(...ys) - Math.min(...ys) + 2 * MARGIN_M;
    const free = this.canvas.clientWidth - TOOLS_PX;
    this.scale = Math.min(free / wide, this.canvas.clientHeight / high);
    this.x = (Math.max(...xs) + Math.min(...xs)) / 2 + TOOLS_PX / 2 / this.scale;
    this.y = (Math.max(...ys) + Math.min(...ys)) / 2;
  }

  zoom(factor, px, py) {
    this.moved = true;
    const [x, y] = this.metres(px, py);
    this.scale = Math.min(MAX_SCALE, Math.max(MIN_SCALE, this.scale * factor));
    const [after_x, after_y] = this.metres(px, py);
    this.x += x - after_x;
    this.y += y - after_y;
  }

  pixels(x, y) {
    const { clientWidth, clientHeight } = this.canvas;
    return [clientWidth / 2 + (x - this.x) * this.scale, clientHeight / 2 - (y - this.y) * this.scale];
  }

  metres(px, py) {
    const { clientWidth, clientHeight } = this.canvas;
    return [this.x + (px - clientWidth / 2) / this.scale, this.y - (py - clientHeight / 2) / this.scale];
  }

  draw(spot) {
    const { canvas } = this, ratio = devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    if (!this.scale) this.fit();
    if (!this.scale) return;
    const { pose } = this.live;
    if (this.follow && pose) [this.x, this.y] = pose;
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    pen.lineJoin = pen.lineCap = "round";
    this.drawSite(pen);
    pen.globalAlpha = !this.past && isOld() ? 0.45 : 1;
    this.drawLive(pen);
    pen.globalAlpha = 1;
    this.tool?.draw(pen, this);
    if (spot) this.drawSpot(pen, spot);
  }

  drawSite(pen) {
    const { site, map, mapImage } = store;
    if (!site) return;
    if (!this.tool) for (const zone of site.zones) this.drawZone(pen, zone);
    if (map && mapImage) {
      const [left, bottom] = this.pixels(map.origin[0], map.origin[1]);
      const wide = map.width * map.resolution_m * this.scale, high = map.height * map.resolution_m * this.scale;
      pen.imageSmoothingEnabled = false;
      pen.drawImage(this.tinted(mapImage), left, bottom - high, wide, high);
    }
    this.path(pen, site.outline, true);
    pen.setLineDash([10, 6]);
    this.stroke(pen, "faint", 2);
    pen.setLineDash([]);
    for (const dock of site.docks) {
      this.path(pen, dock.outline, true);
      this.stroke(pen, "info", 2);
      this.label(pen, dock.at, dock.id, "info", 16);
    }
    if (this.tool) return;
    const stops = new Map((this.live.patrol?.timeline ?? []).map((stop) => [stop.checkpoint, stop.state]));
    for (const point of site.checkpoints) this.drawCheckpoint(pen, point, stops.get(point.id));
  }

  // Walls in the colour of the theme.
  tinted(image) {
    const colour = this.colour("map-wall");
    if (this.walls && this.wallsOf === `${image.src} ${colour}`) return this.walls;
    const made = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    const pen = made.getContext("2d");
    pen.drawImage(image, 0, 0);
    pen.globalCompositeOperation = "source-in";
    pen.fillStyle = colour;
    pen.fillRect(0, 0, made.width, made.height);
    Object.assign(this, { walls: made, wallsOf: `${image.src} ${colour}` });
    return made;
  }

  drawZone(pen, zone) {
    const [colour, hatch] = ZONES[zone.kind] ?? ["soft", ""];
    this.path(pen, zone.polygon, true);
    pen.fillStyle = pen.strokeStyle = this.colour(colour);
    pen.globalAlpha = 0.1;
    pen.fill();
    if (hatch) this.hatch(pen, zone.polygon, hatch === "x");
    pen.globalAlpha = 0.8;
    pen.lineWidth = 1.2;
    this.path(pen, zone.polygon, true);
    pen.setLineDash([4, 4]);
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
    if (this.scale > 7) {
      const x = zone.polygon.reduce((sum, p) => sum + p[0], 0) / zone.polygon.length;
      const y = zone.polygon.reduce((sum, p) => sum + p[1], 0) / zone.polygon.length;
      const words = zone.kind === "speed" ? `${zone.speed_mps} m/s` : zone.kind.replace("_", " ");
      this.label(pen, [x, y], words, colour, 0);
    }
  }

  hatch(pen, ring, crossed) {
    pen.save();
    pen.clip();
    pen.globalAlpha = 0.35;
    pen.lineWidth = 1;
    const points = ring.map(([x, y]) => this.pixels(x, y));
    const left = Math.min(...points.map((p) => p[0])), right = Math.max(...points.map((p) => p[0]));
    const top = Math.min(...points.map((p) => p[1])), bottom = Math.max(...points.map((p) => p[1]));
    pen.beginPath();
    for (let at = left - (bottom - top); at < right; at += 10) {
      pen.moveTo(at, bottom); pen.lineTo(at + bottom - top, top);
      if (crossed) { pen.moveTo(at, top); pen.lineTo(at + bottom - top, bottom); }
    }
    pen.stroke();
    pen.restore();
  }

  drawCheckpoint(pen, point, state) {
    const [px, py] = this.pixels(point.at[0], point.at[1]);
    const colour = { done: "good", passed: "good", now: "info", skipped: "bad", failed: "bad", later: "warn" }[state] ?? "soft";
    pen.beginPath();
    pen.arc(px, py, state === "now" ? 9 : 6, 0, 7);
    pen.fillStyle = this.colour("map-ground");
    pen.fill();
    this.stroke(pen, colour, state === "now" ? 3 : 2);
    pen.beginPath();
    if (state === "done" || state === "passed") { pen.moveTo(px - 3, py); pen.lineTo(px - 1, py + 3); pen.lineTo(px + 4, py - 3); }
    if (state === "skipped" || state === "failed") { pen.moveTo(px - 3, py - 3); pen.lineTo(px + 3, py + 3); pen.moveTo(px + 3, py - 3); pen.lineTo(px - 3, py + 3); }
    this.stroke(pen, colour, 2);
    if (this.scale > 6 || state === "now") this.label(pen, point.at, point.name, colour, 14);
  }

  drawLive(pen) {
    const { live } = this, trail = this.past ? this.past.trail : store.trail;
    if (live.costmap && store.costs) this.drawCosts(pen, live.costmap);
    pen.fillStyle = this.colour("bad");
    for (const [x, y] of live.scan ?? []) {
      const [px, py] = this.pixels(x / 10, y / 10);
      pen.fillRect(px - 1, py - 1, 2, 2);
    }
    this.path(pen, trail, false);
    this.stroke(pen, "faint", 2);
    this.path(pen, live.plan ?? [], false);
    pen.setLineDash([8, 5]);
    this.stroke(pen, "info", 2.5);
    pen.setLineDash([]);
    this.path(pen, live.trajectory ?? [], false);
    this.stroke(pen, "good", 4);
    for (const alert of live.alerts?.top ?? []) this.drawAlert(pen, alert);
    for (const track of live.tracks ?? []) this.drawTrack(pen, track);
    if (live.pose) this.drawRobot(pen, live.pose);
  }

  // Cells around the robot by what they cost it; the picture is made once for each costmap.
  drawCosts(pen, costs) {
    if (this.costsOf !== costs) {
      this.costs = Object.assign(document.createElement("canvas"), { width: costs.columns, height: costs.rows });
      const cells = this.costs.getContext("2d");
      for (let index = 0, at = 0; index < costs.runs.length; index += 2) {
        const level = costs.runs[index], end = at + costs.runs[index + 1];
        cells.fillStyle = this.colour(COSTS[level]);
        cells.globalAlpha = COST_ALPHA[level];
        while (at < end) {
          const column = at % costs.columns, count = Math.min(end - at, costs.columns - column);
          if (level) cells.fillRect(column, costs.rows - 1 - Math.floor(at / costs.columns), count, 1);
          at += count;
        }
      }
      this.costsOf = costs;
    }
    const [left, bottom] = this.pixels(...costs.at), size = costs.cell_m * this.scale;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.costs, left, bottom - costs.rows * size, costs.columns * size, costs.rows * size);
  }

  // A person is a ring with a head, what moves a diamond, a thing a square.
  drawTrack(pen, track) {
    if (track.x == null || track.y == null) return;
    const [px, py] = this.pixels(track.x, track.y);
    pen.beginPath();
    if (track.kind === "person") { pen.arc(px, py, 9, 0, 7); pen.moveTo(px + 3, py); pen.arc(px, py, 3, 0, 7); }
    else if (track.kind === "moving") { pen.moveTo(px, py - 9); pen.lineTo(px + 9, py); pen.lineTo(px, py + 9); pen.lineTo(px - 9, py); pen.closePath(); }
    else pen.rect(px - 6, py - 6, 12, 12);
    this.stroke(pen, track.kind === "person" ? "warn" : "soft", 2.5);
    if (track.vx != null && track.vy != null && Math.hypot(track.vx, track.vy) > 0.2) {
      const [ex, ey] = this.pixels(track.x + track.vx, track.y + track.vy);
      pen.beginPath(); pen.moveTo(px, py); pen.lineTo(ex, ey);
      this.stroke(pen, "warn", 2);
    }
  }

  // A new alert: a flag at its place.
  drawAlert(pen, alert) {
    if (alert.x == null || alert.y == null) return;
    const [px, py] = this.pixels(alert.x, alert.y), colour = { high: "bad", medium: "warn", low: "info" }[alert.severity];
    pen.beginPath();
    pen.moveTo(px, py); pen.lineTo(px, py - 22); pen.lineTo(px + 15, py - 16); pen.lineTo(px, py - 10);
    pen.fillStyle = this.colour(colour);
    pen.fill();
    this.stroke(pen, colour, 2.5);
    this.label(pen, [alert.x, alert.y], alert.kind, colour, 4);
  }

  drawRobot(pen, [x, y, yaw]) {
    const ring = (store.site?.footprint ?? []).map(([fx, fy]) => [
      x + fx * Math.cos(yaw) - fy * Math.sin(yaw), y + fx * Math.sin(yaw) + fy * Math.cos(yaw)]);
    const [px, py] = this.pixels(x, y);
    pen.save();
    pen.translate(px, py);
    pen.rotate(-yaw);
    pen.beginPath();
    pen.moveTo(15, 0); pen.lineTo(-10, -10); pen.lineTo(-5, 0); pen.lineTo(-10, 10); pen.closePath();
    pen.fillStyle = this.colour("ink");
    pen.fill();
    pen.lineWidth = 2;
    pen.strokeStyle = this.colour("map-ground");
    pen.stroke();
    pen.restore();
    if (this.scale > 18) { this.path(pen, ring, true); this.stroke(pen, "ink", 2); }
  }

  drawSpot(pen, [x, y]) {
    const [px, py] = this.pixels(x, y);
    pen.beginPath();
    pen.arc(px, py, 11, 0, 7);
    pen.moveTo(px - 16, py); pen.lineTo(px + 16, py); pen.moveTo(px, py - 16); pen.lineTo(px, py + 16);
    this.stroke(pen, "focus", 2.5);
  }

  path(pen, points, closed) {
    pen.beginPath();
    points.forEach(([x, y], index) => pen[index ? "lineTo" : "moveTo"](...this.pixels(x, y)));
    if (closed) pen.closePath();
  }

  stroke(pen, colour, width) {
    pen.strokeStyle = this.colour(colour);
    pen.lineWidth = width;
    pen.stroke();
  }

  label(pen, [x, y], text, colour, below) {
    pen.font = "600 12px system-ui, sans-serif";
    const [at, py] = this.pixels(x, y), half = pen.measureText(text).width / 2 + 4;
    const inside = Math.min(Math.max(at, half), this.canvas.clientWidth - half);
    const px = Math.abs(inside - at) < half ? inside : at;
    pen.textAlign = "center";
    pen.textBaseline = below ? "top" : "middle";
    pen.lineWidth = 3;
    pen.strokeStyle = this.colour("map-ground");
    pen.strokeText(text, px, py + below);
    pen.fillStyle = this.colour(colour);
    pen.fillText(text, px, py + below);
  }
}
