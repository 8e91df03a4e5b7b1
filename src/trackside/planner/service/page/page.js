// The page: signs in, shows an athlete's overview, and does what is pressed.

import { ask, runnerPath } from "./api.js";
import { showSeason } from "./chart.js";
import { listen } from "./cues.js";
import { byId, fill, isoDay, make } from "./elements.js";
import * as jobs from "./jobs.js";
import { showNotes, showProposals, showSessions, showToday, showWeek } from "./sections.js";

const REMEMBERED = "trackside-runner";
let runner = null;
let seen = null;

function say(message, isAlert = false) {
  byId("status").textContent = message;
  byId("status").className = isAlert ? "alert" : "";
}

// Does something; what goes wrong is said, and who is not signed in is asked to.
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    if (error.status === 401) return askToSignIn();
    say(error instanceof TypeError ? "The service cannot be reached: is there a connection?" : error.message, true);
  }
  return undefined;
}

function askToSignIn() {
  listen(null);
  jobs.leave();
  byId("plan").hidden = true;
  byId("who").hidden = true;
  byId("sign-in").hidden = false;
  byId("token").focus();
}

async function begin() {
  const { runners, user_id: user } = await ask("/runners");
  byId("sign-in").hidden = true;
  byId("who").hidden = false;
  byId("sign-out").hidden = user === "local";
  fill(byId("runner"), ...runners.map((id) => make("option", { value: id, textContent: id })));
  byId("runner-choice").hidden = runners.length < 2;
  if (runners.length === 0) return say("There are no athletes yet.");
  const last = localStorage.getItem(REMEMBERED);
  byId("runner").value = runners.includes(last) ? last : runners[0];
  await jobs.offerSchemas();
  return choose(byId("runner").value);
}

async function choose(id) {
  runner = id;
  localStorage.setItem(REMEMBERED, id);
  jobs.leave();
  await refresh();
  listen(id);
  const job = await jobs.running(id);
  if (job !== null) await ended(await jobs.follow(job));
}

async function refresh() {
  const day = isoDay(new Date());
  seen = await ask(runnerPath(runner, `/overview?day=${day}`));
  byId("plan").hidden = false;
  byId("today").hidden = seen.plan === null;
  byId("season").hidden = seen.season === null;
  showProposals(seen.adjustments, decide);
  showToday(seen.today, day);
  showWeek(seen.week, day);
  if (seen.season !== null) showSeason(seen.season, day);
  showSessions(seen.sessions);
  showNotes(seen.notes);
  if (seen.plan !== null && !byId("race-day").value) byId("race-day").value = seen.plan.goal_day;
  if (seen.plan !== null) byId("schema").value = seen.plan.schema_id;
  say(seen.plan === null ? "There is no plan yet: make one below." : "");
}

function decide(id, decision, button) {
  return attempt(async () => {
    for (const one of button.parentElement.children) one.disabled = true;
    try {
      await ask(`/adjustments/${id}/${decision}`, "POST");
    } finally {
      await refresh();
    }
    say(decision === "confirm" ? "The plan is changed." : "The plan stays as it is.");
    byId("main").focus();
  });
}

async function ended(job) {
  if (job === null) return;
  if (job.state === "succeeded") {
    await refresh();
    say("The plan is made.");
  } else {
    say(`No plan: ${job.reason}`, true);
  }
}

byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(() => signIn(byId("token").value.trim()));
});
byId("sign-out").addEventListener("click", () => attempt(async () => {
  await ask("/sessions", "DELETE");
  askToSignIn();
}));
byId("runner").addEventListener("change", () => attempt(() => choose(byId("runner").value)));
byId("generate").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => ended(await jobs.generate(runner)));
});
byId("job-cancel").addEventListener("click", () => attempt(jobs.cancel));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && runner !== null && seen !== null) attempt(refresh);
});
addEventListener("resize", () => {
  if (seen?.season) showSeason(seen.season, isoDay(new Date()));
});

async function signIn(token) {
  try {
    await ask("/sessions", "POST", { token });
  } catch (error) {
    askToSignIn();
    say(error.status === 401 ? "This token is not valid (any more)." : error.message, true);
    return;
  }
  byId("token").value = "";
  say("");
  await begin();
}

// a link may bring the token along; it stays neither in the address nor in the history
const brought = new URLSearchParams(location.hash.slice(1)).get("token");
if (brought !== null) history.replaceState(null, "", location.pathname);
attempt(() => (brought === null ? begin() : signIn(brought)));
