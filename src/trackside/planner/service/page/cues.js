// Live cues, as the service tells them while the athlete is recorded.

import { runnerPath } from "./api.js";
import { byId, fill, make } from "./elements.js";

const KEPT = 5;
let source = null;

export function listen(runner) {
  source?.close();
  fill(byId("cue-list"));
  byId("cues").hidden = true;
  if (runner === null) return;
  source = new EventSource(runnerPath(runner, "/cues/stream"));
  source.addEventListener("open", () => { document.documentElement.dataset.listening = "yes"; });
  source.addEventListener("cue", (event) => show(JSON.parse(event.data)));
}

function show(cue) {
  const list = byId("cue-list");
  // seen before it is filled, so that it is read aloud
  byId("cues").hidden = false;
  const time = new Date(cue.at).toLocaleTimeString("en-GB");
  list.prepend(make("li", {}, cue.text, make("small", { textContent: `${time}: ${cue.reason}` })));
  while (list.children.length > KEPT) list.lastChild.remove();
}
