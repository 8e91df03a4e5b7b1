// The season as a drawing: daily loads as bars; fitness, fatigue and form as lines.

import { asDate, byId, dateText, draw, fill, make, plusDays } from "./elements.js";

const HEIGHT = 300;
const EDGE = { left: 34, right: 12, top: 20, bottom: 24 };
const CURVES = { fitness: "Fitness", fatigue: "Fatigue", form: "Form" };

export function showSeason(season, today) {
  const days = season.loads.length;
  const done = season.loads.map((_, day) => season.done[plusDays(season.start, day)] ?? null);
  const at = Math.round((asDate(today) - asDate(season.start)) / 864e5);
  fill(byId("chart"), drawing(season, days, done, at));
  byId("chart-says").textContent = saying(season, at);
  fill(byId("season-table").tBodies[0], ...rows(season, days));
}

function drawing(season, days, done, at) {
  // as wide as it is shown, so that letters keep their size on a phone
  const width = Math.max(300, Math.round(byId("chart").clientWidth));
  const inside = { width: width - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
  const values = Object.keys(CURVES).flatMap((name) => season[name]);
  const low = Math.floor(Math.min(0, ...values) / 20) * 20;
  const high = Math.ceil(Math.max(20, ...values) / 20) * 20;
  const heaviest = Math.max(1, ...season.loads, ...done.map((load) => load ?? 0));
  const x = (day) => EDGE.left + (inside.width * (day + 0.5)) / days;
  const y = (value) => EDGE.top + (inside.height * (high - value)) / (high - low);
  const parts = [];
  for (let value = low; value <= high; value += 20) {
    parts.push(draw("line", { class: value ? "grid" : "zero", x1: EDGE.left, x2: width - EDGE.right, y1: y(value), y2: y(value) }));
    parts.push(text(value, { x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end" }));
  }
  const bar = Math.max(1, (0.8 * inside.width) / days);
  const top = (load) => y(0) - ((y(0) - EDGE.top) * 0.5 * load) / heaviest;
  season.loads.forEach((load, day) => {
    if (load) parts.push(draw("rect", { class: "load", x: x(day) - bar / 2, width: bar, y: top(load), height: y(0) - top(load) }));
    if (done[day] !== null) parts.push(draw("circle", { class: "done", cx: x(day), cy: top(done[day]), r: 3 }));
  });
  months(season.start, days).forEach(({ day, name }) => {
    parts.push(text(name, { x: x(day), y: HEIGHT - 6 }));
  });
  if (at >= 0 && at < days) {
    parts.push(draw("line", { class: "today", x1: x(at), x2: x(at), y1: EDGE.top, y2: HEIGHT - EDGE.bottom }));
    const anchor = at > days / 2 ? "end" : "start";
    parts.push(text("today", { x: x(at) + (anchor === "end" ? -4 : 4), y: HEIGHT - EDGE.bottom - 4, "text-anchor": anchor }));
  }
  Object.entries(CURVES).forEach(([name, title], place) => {
    const points = season[name].map((value, day) => `${x(day).toFixed(1)},${y(value).toFixed(1)}`);
    parts.push(draw("polyline", { class: `curve ${name}`, points: points.join(" ") }));
    const key = EDGE.left + 4 + place * 84;
    parts.push(draw("line", { class: `curve ${name}`, x1: key, x2: key + 18, y1: 9, y2: 9 }));
    parts.push(text(title, { class: `name ${name}`, x: key + 23, y: 13 }));
  });
  // the caption and the table say the same to who does not see it
  return draw("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": "true", focusable: "false" }, ...parts);
}

function text(content, attributes) {
  const element = draw("text", attributes);
  element.textContent = content;
  return element;
}

function months(start, days) {
  const found = [];
  for (let day = 0; day < days; day += 1) {
    const date = asDate(plusDays(start, day));
    if (date.getDate() === 1) found.push({ day, name: date.toLocaleDateString("en-GB", { month: "short" }) });
  }
  return found;
}

function saying(season, at) {
  const last = season.loads.length - 1;
  const race = `${season.race} on ${dateText(season.race_day)}`;
  const then = `fitness ${season.fitness[last - 1]}, form ${signed(season.form[last])} on race morning`;
  const now = at >= 0 && at <= last
    ? `Today fitness (CTL) is ${season.fitness[at]}, fatigue (ATL) ${season.fatigue[at]}, form (TSB) ${signed(season.form[at])}. `
    : "";
  return `${now}The plan leads to ${race}: ${then}. Bars are planned loads (TRIMP), dots measured ones.`;
}

const signed = (value) => (value > 0 ? `+${value}` : `${value}`.replace("-", "−"));

function rows(season, days) {
  const found = [];
  for (let day = 0; day < days; day += 7) {
    const end = Math.min(day + 6, days - 1);
    const load = season.loads.slice(day, end + 1).reduce((sum, one) => sum + one, 0);
    const cells = [Math.round(load), season.fitness[end], season.fatigue[end], signed(season.form[end])];
    found.push(make("tr", {}, make("th", { scope: "row", textContent: dateText(plusDays(season.start, day)) }),
      ...cells.map((cell) => make("td", { textContent: cell }))));
  }
  return found;
}
