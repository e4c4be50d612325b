// A site's documents as they are edited: features of zones.geojson, entries of site.yaml.
// Nothing is changed in place: every function returns what shall be put in its stead.

export const ZONE_KINDS = ["keep_out", "keep_clear", "speed", "preferred", "privacy", "public"];
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
export const isFeature = (list) => list === "zones" || list === "checkpoints";

export const told = (list, item) => (isFeature(list) ? item.properties : item);
export const nameOf = (list, item) => told(list, item).name || told(list, item).id;

// `keys` put into an item's properties; those that are empty are left out of it.
export function withKeys(list, item, keys) {
  const kept = Object.fromEntries(Object.entries({ ...told(list, item), ...keys }).filter(([, value]) => value !== "" && value != null));
  return isFeature(list) ? { ...item, properties: kept } : kept;
}

const round = (value) => Math.round(value * 100) / 100;

// Corners of a zone, the closing one left out; the place of a checkpoint as the only one [m].
export const pointsOf = (list, item) => (list === "zones" ? item.geometry.coordinates[0].slice(0, -1) : [item.geometry.coordinates]);

export function withPoints(list, item, points) {
  const rounded = points.map(([x, y]) => [round(x), round(y)]);
  const coordinates = list === "zones" ? [[...rounded, rounded[0]], ...item.geometry.coordinates.slice(1)] : rounded[0];
  return { ...item, geometry: { ...item.geometry, coordinates } };
}

export function withItem(documents, list, index, item) {
  const items = [...documents[list]];
  if (item === null) items.splice(index, 1);
  else items[index] = item;
  return { ...documents, [list]: items };
}

function freshId(documents, list, stem) {
  const known = new Set(documents[list].map((item) => told(list, item).id));
  let number = 1;
  while (known.has(`${stem}_${number}`)) number += 1;
  return `${stem}_${number}`;
}

const HALF_M = 2;

// Something new of a list, at [x, y] where it has a place.
export function made(documents, list, [x, y]) {
  const id = freshId(documents, list, list.slice(0, -1));
  if (list === "zones") {
    const ring = [[x - HALF_M, y - HALF_M], [x + HALF_M, y - HALF_M], [x + HALF_M, y + HALF_M], [x - HALF_M, y + HALF_M]];
    const empty = { type: "Feature", properties: { id, kind: "keep_out" }, geometry: { type: "Polygon", coordinates: [[]] } };
    return withPoints(list, empty, ring);
  }
  if (list === "checkpoints") {
    return { type: "Feature", properties: { id, kind: "checkpoint", name: id.replace("_", " "), yaw_deg: 0, dwell_s: 4 },
      geometry: { type: "Point", coordinates: [round(x), round(y)] } };
  }
  if (list === "routes") return { id, checkpoints: documents.checkpoints.slice(0, 2).map((one) => one.properties.id) };
  return { id, route: documents.routes[0]?.id ?? "", days: [...DAYS], start: "22:00", laps: 1 };
}
