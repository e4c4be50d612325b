// What the map shows and takes hold of while a site is edited.

import { pointsOf, withPoints } from "./site_text.js";

const GRAB_PX = 22, GRIP_PX = 8;

// `chosen`: {list, index} or null. `change(item)`: while a corner is dragged; `done()` at its end.
export class EditTool {
  constructor() {
    Object.assign(this, { documents: null, chosen: null, change: null, done: null, corner: -1 });
  }

  draw(pen, view) {
    this.documents.zones.forEach((item, index) => this.drawZone(pen, view, item, this.is("zones", index)));
    this.documents.checkpoints.forEach((item, index) => this.drawPoint(pen, view, item, this.is("checkpoints", index)));
  }

  is(list, index) {
    return this.chosen?.list === list && this.chosen.index === index;
  }

  drawZone(pen, view, item, mine) {
    view.drawZone(pen, { kind: item.properties.kind, polygon: pointsOf("zones", item), speed_mps: item.properties.speed_limit_mps });
    if (!mine) return;
    view.path(pen, pointsOf("zones", item), true);
    view.stroke(pen, "focus", 3);
    for (const point of pointsOf("zones", item)) this.grip(pen, view, point);
  }

  drawPoint(pen, view, item, mine) {
    view.drawCheckpoint(pen, { at: item.geometry.coordinates, name: item.properties.name ?? item.properties.id }, "");
    if (mine) this.grip(pen, view, item.geometry.coordinates);
  }

  grip(pen, view, [x, y]) {
    const [px, py] = view.pixels(x, y);
    pen.beginPath();
    pen.rect(px - GRIP_PX, py - GRIP_PX, 2 * GRIP_PX, 2 * GRIP_PX);
    pen.fillStyle = view.colour("map-ground");
    pen.fill();
    view.stroke(pen, "focus", 3);
  }

  // Whether the finger takes hold of a corner of what is chosen.
  down(view, px, py) {
    const item = this.item();
    if (!item) return false;
    const far = pointsOf(this.chosen.list, item).map(([x, y]) => Math.hypot(view.pixels(x, y)[0] - px, view.pixels(x, y)[1] - py));
    const nearest = far.indexOf(Math.min(...far));
    if (!(far[nearest] <= GRAB_PX)) return false;
    this.corner = nearest;
    return true;
  }

  move(at) {
    const { list } = this.chosen, item = this.item();
    this.change(withPoints(list, item, pointsOf(list, item).map((point, index) => (index === this.corner ? at : point))));
  }

  up() {
    this.done();
  }

  item() {
    const list = this.chosen?.list;
    return list === "zones" || list === "checkpoints" ? this.documents[list][this.chosen.index] : undefined;
  }
}

// What lies at a place: the nearest checkpoint within `reach_m`, or the smallest zone around it.
export function found(documents, [x, y], reach_m) {
  const far = documents.checkpoints.map((item) => Math.hypot(item.geometry.coordinates[0] - x, item.geometry.coordinates[1] - y));
  const nearest = far.indexOf(Math.min(...far));
  if (far[nearest] <= reach_m) return { list: "checkpoints", index: nearest };
  const around = documents.zones.map((item, index) => ({ index, points: pointsOf("zones", item) })).filter(({ points }) => isInside(points, [x, y]));
  around.sort((a, b) => area(a.points) - area(b.points));
  return around.length ? { list: "zones", index: around[0].index } : null;
}

const pairs = (points) => points.map((point, index) => [point, points[(index + 1) % points.length]]);
const area = (points) => Math.abs(pairs(points).reduce((sum, [a, b]) => sum + a[0] * b[1] - b[0] * a[1], 0)) / 2;

function isInside(points, [x, y]) {
  return pairs(points).filter(([a, b]) => (a[1] > y) !== (b[1] > y) && x < a[0] + ((y - a[1]) * (b[0] - a[0])) / (b[1] - a[1])).length % 2 === 1;
}
