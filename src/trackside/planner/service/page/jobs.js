// Making a plan: the wish, how far its job is, how it ended.

import { ask, runnerPath } from "./api.js";
import { byId, fill, isoDay, make, plusDays } from "./elements.js";

const EVERY = 1000; // ms
let followed = null;

export async function offerSchemas() {
  const schemas = await ask("/training-schemas");
  fill(byId("schema"), ...schemas.map((one) => make("option", { value: one.id, textContent: one.name })));
  byId("race-day").min = plusDays(isoDay(new Date()), 1);
}

export async function generate(runner) {
  const wish = { schema_id: byId("schema").value, marathon_date: byId("race-day").value };
  const { job_id: job } = await ask(runnerPath(runner, "/training-plans/generate"), "POST", wish);
  return follow(job);
}

export async function running(runner) {
  const jobs = await ask("/jobs");
  return jobs.find((one) => one.runner_id === runner && ["queued", "running"].includes(one.state))?.job_id ?? null;
}

// Follows a job to its end; null if another is followed meanwhile.
export async function follow(job) {
  followed = job;
  byId("job").hidden = false;
  while (followed === job) {
    const now = await ask(`/jobs/${job}`);
    byId("job-progress").value = now.progress;
    byId("job-says").textContent = now.message || (now.state === "queued" ? "waiting for its turn" : "beginning");
    if (!["queued", "running"].includes(now.state)) {
      byId("job").hidden = true;
      followed = null;
      return now;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
  return null;
}

export async function cancel() {
  if (followed !== null) await ask(`/jobs/${followed}/cancel`, "POST");
}

export function leave() {
  followed = null;
  byId("job").hidden = true;
}
