// The parts of the page, each shown from the service's overview.

import { byId, dayText, fill, make } from "./elements.js";

const SHOWN = {
  trimp: ["Load (TRIMP)", 0],
  heart_rate_mean_bpm: ["Heart rate, mean (bpm)", 0],
  decoupling_percent: ["Decoupling (%)", 1],
  cadence_spm: ["Cadence (steps/min)", 0],
  stride_length_m: ["Stride length (m)", 2],
  ground_contact_ms: ["Ground contact (ms)", 0],
  asymmetry_percent: ["Asymmetry (%)", 1],
  rmssd_ms: ["HRV, RMSSD (ms)", 0],
};

export function showToday(day, date) {
  byId("today-title").textContent = `Today, ${dayText(date)}`;
  if (day === null) {
    fill(byId("today-body"), make("p", { textContent: "Nothing is planned for today." }));
    return;
  }
  const [main, ...also] = day.workouts;
  fill(
    byId("today-body"),
    make("h3", { textContent: main.title }),
    make("p", { className: "reason", textContent: day.reason }),
    ...workout(main),
    ...also.flatMap((one) => [make("h3", { textContent: `Also: ${one.title}` }), ...workout(one)]),
    make("p", { className: "numbers", textContent: numbers(day) }),
  );
}

export function showWeek(week, date) {
  byId("week").hidden = week === null;
  if (week === null) return;
  const recovery = week.is_recovery ? ", for recovery" : "";
  byId("week-title").textContent = `Week ${week.number} of ${week.of}, ${week.phase}${recovery}`;
  byId("week-focus").textContent = week.focus;
  fill(byId("week-days"), ...week.days.map((day) => weekDay(day, day.date === date)));
}

function weekDay(day, isToday) {
  const summary = make("summary", {},
    make("span", { textContent: day.weekday.slice(0, 3) }),
    make("span", { textContent: day.workouts.map((one) => one.title).join(", ") + (isToday ? " (today)" : "") }),
    make("span", { className: "numbers", textContent: day.minutes ? `${day.minutes} min` : "" }));
  const inside = make("div", {}, make("p", { className: "reason", textContent: day.reason }), ...day.workouts.flatMap(workout));
  return make("li", { className: isToday ? "is-today" : "" }, make("details", {}, summary, inside));
}

function workout(one) {
  const steps = one.steps.length > 1 ? make("ol", {}, ...one.steps.map((step) => make("li", { textContent: step }))) : null;
  const single = one.steps.length === 1 ? make("p", { textContent: one.steps[0] }) : null;
  const definition = one.definition === one.title ? null : make("p", { textContent: one.definition });
  return [definition, steps, single].filter((part) => part !== null);
}

function numbers(day) {
  const parts = [day.km ? `${day.km} km` : "", day.minutes ? `${day.minutes} min` : "", day.load ? `load ${day.load}` : ""];
  return parts.filter((part) => part).join(" · ");
}

export function showProposals(adjustments, decide) {
  byId("proposals").hidden = adjustments.length === 0;
  fill(byId("proposal-list"), ...adjustments.map((one) => proposal(one, decide)));
}

function proposal(one, decide) {
  const choose = (label, decision, className) => {
    const button = make("button", { type: "button", className, textContent: label });
    button.addEventListener("click", () => decide(one.adjustment_id, decision, button));
    return button;
  };
  return make("article", {},
    make("p", { textContent: one.summary }),
    ...one.changes.map((change) => make("div", { className: "change" },
      make("h3", { textContent: dayText(change.date) }),
      make("p", {}, make("del", { textContent: sessions(change.before) }), " → ", make("ins", { textContent: sessions(change.after) })),
      make("p", { className: "reason", textContent: change.reason }))),
    make("div", { className: "choice" }, choose("Confirm", "confirm", "yes"), choose("Reject", "reject", "")));
}

const sessions = (document) => document.steps.map((one) => size(one)).join(", ");

function size(workout) {
  const name = workout.type.replaceAll("_", " ");
  if (workout.distance > 0) return `${name} ${(workout.distance / 1000).toFixed(1)} km`;
  return workout.duration > 0 ? `${name} ${Math.round(workout.duration / 60)} min` : name;
}

export function showSessions(recordings) {
  const list = byId("session-list");
  if (recordings.length === 0) {
    fill(list, make("p", { className: "soft", textContent: "None yet: they come from trackside record and watches." }));
    return;
  }
  fill(list, ...recordings.slice(0, 5).map(session));
}

function session(one) {
  const distance = one.distance_m === null ? "" : `, ${(one.distance_m / 1000).toFixed(1)} km`;
  const title = `${dayText(one.started_at.slice(0, 10))}: ${Math.round(one.duration_s / 60)} min${distance}`;
  const names = Object.keys(one.features).sort((a, b) => rank(a) - rank(b));
  const features = names.flatMap((name) => {
    const [label, digits] = SHOWN[name] ?? [name.replaceAll("_", " "), 1];
    const { value, sd } = one.features[name];
    const spread = sd === null ? "" : ` ± ${sd.toFixed(digits)}`;
    return [make("dt", { textContent: label }), make("dd", { textContent: `${value.toFixed(digits)}${spread}` })];
  });
  const remarks = one.remarks.map((remark) => make("p", { className: "soft", textContent: remark }));
  return make("article", { className: "session" }, make("h3", { textContent: title }), make("dl", {}, ...features), ...remarks);
}

function rank(name) {
  const place = Object.keys(SHOWN).indexOf(name);
  return place < 0 ? 99 : place;
}

export function showNotes(notes) {
  byId("notes-box").hidden = notes.length === 0;
  fill(byId("notes"), ...notes.map((note) => make("li", { textContent: note })));
}
