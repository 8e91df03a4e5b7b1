// The page put together: what it holds, what is drawn when, and what buttons and keys do.
import { AngleChart, SessionChart } from "./curves.js";
import { Motion, inflated } from "./motion.js";
import { Player, SPEEDS, strideAt } from "./player.js";
import { Stage } from "./stage.js";

const $ = (id) => document.getElementById(id);
const COLOURS = [
  "background", "grid", "lane", "lane_line", "right", "left", "centre", "unmeasured", "ghost",
  "panel_line", "text", "muted", "accent", "heart",
];
const TELL_EVERY = 4; // frames between changes of words and curves while playing
const VIEW_KEYS = { 1: "side", 2: "front", 3: "back", 4: "top", 5: "follow" };

const shown = (parent, yes) => { parent.hidden = !yes; };
const clock = (seconds) => {
  const whole = Math.floor(seconds + 1e-6);
  const part = Math.floor((seconds + 1e-6 - whole) * 100);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}.${String(part).padStart(2, "0")}`;
};

function note(text) {
  const item = document.createElement("li");
  item.textContent = text;
  $("notes-list").append(item);
  shown($("notes"), true);
}

async function unpacked(header, id) {
  return header ? new Motion(header, await inflated($(id).textContent)) : null;
}

async function start() {
  const replay = JSON.parse($("replay-data").textContent);
  replay.notes.forEach(note);
  if (!("DecompressionStream" in window)) {
    note("This browser is too old to unpack the motion: it needs Chrome 80, Firefox 113 or Safari 16.4.");
    replay.motion = replay.ghost = null;
  }
  const motion = await unpacked(replay.motion, "motion");
  const ghost = await unpacked(replay.ghost, "ghost");
  window.replay = new Page(replay, motion, ghost);
  document.documentElement.dataset.ready = "yes";
}

class Page {
  constructor(replay, motion, ghost) {
    this.replay = replay;
    this.motion = motion;
    this.ghost = ghost;
    this.inStep = Boolean(this.#pairedSide());
    this.drawn = 0;
    const [first, last] = replay.span;
    this.player = new Player(first, last, motion ? 1 / motion.rate : 1, () => this.refresh());
    this.#buildStage();
    this.#buildCharts();
    this.#wireTransport();
    this.#wireViews();
    this.#wireKeys();
    this.#wirePage();
    this.repaint();
    requestAnimationFrame((now) => this.#tick(now, now));
  }

  // What a script may call: also the tests do.

  seek(time) { this.player.seek(time); }
  play() { this.player.play(); }
  pause() { this.player.pause(); }
  get time() { return this.player.time; }
  get playing() { return this.player.playing; }
  get frames() { return this.drawn; }

  /** The ghost's own time at a moment of the session, or null where it is not there. */
  ghostTime(time) {
    if (!this.ghost) return null;
    const side = this.inStep && this.#pairedSide();
    if (!side) {
      const there = this.ghost.start + (time - this.player.start);
      return there <= this.ghost.end ? there : null;
    }
    const own = this.motion.strides[side];
    const theirs = this.ghost.strides[side];
    let number = own.start.findLastIndex((moment) => moment <= time);
    if (number < 0) number = 0;
    const whole = own.end[number] - own.start[number];
    const phase = Math.min(Math.max((time - own.start[number]) / whole, 0), 1);
    const other = number % theirs.start.length;
    return theirs.start[other] + phase * (theirs.end[other] - theirs.start[other]);
  }

  #pairedSide() {
    return ["right", "left"].find((side) => this.motion?.strides[side] && this.ghost?.strides[side]);
  }

  #buildStage() {
    if (!this.motion) {
      this.#noPicture("There is no skeleton to show: see the remarks below.");
      return;
    }
    try {
      this.stage = new Stage($("picture"), this.replay, this.motion, this.ghost, () => this.refresh());
    } catch (error) {
      this.#noPicture(`This browser cannot draw in 3D (${error.message}); the curves are below.`);
      return;
    }
    shown($("views"), true);
    shown($("legend"), true);
    shown($("legend-ghost"), Boolean(this.ghost));
    shown($("ghost-controls"), Boolean(this.ghost));
    shown($("in-step-label"), Boolean(this.#pairedSide()));
    shown($("legend-bare"), this.motion.has_bare);
  }

  #noPicture(text) {
    $("no-picture").textContent = text;
    shown($("no-picture"), true);
    shown($("picture"), false);
  }

  #buildCharts() {
    const seek = (time) => this.seek(time);
    if (this.motion?.choices.length) {
      this.angles = new AngleChart($("angle-chart"), this.motion, this.ghost, seek);
      for (const { name, label } of this.motion.choices) $("angle").add(new Option(label, name));
      $("angle").value = this.motion.choices.some(({ name }) => name === "knee_flexion")
        ? "knee_flexion"
        : this.motion.choices[0].name;
      this.angles.choose($("angle").value);
      $("angle").addEventListener("change", () => { this.angles.choose($("angle").value); this.refresh(); });
      const cut = Object.keys(this.motion.curves).length > 0;
      shown($("over"), cut);
      $("over").addEventListener("change", () => {
        this.angles.overStride = $("over").value === "stride";
        this.refresh();
      });
      shown($("angle-panel"), true);
    }
    this.courses = this.replay.series.map((series) => {
      const panel = $("series-template").content.firstElementChild.cloneNode(true);
      panel.querySelector("h2").textContent = series.name;
      const canvas = panel.querySelector("canvas");
      canvas.setAttribute("aria-label", series.description);
      $("charts").append(panel);
      const output = panel.querySelector("output");
      return { chart: new SessionChart(canvas, series, this.replay.laps, seek), output };
    });
  }

  #wireTransport() {
    const { player } = this;
    const slider = $("moment");
    [slider.min, slider.max, slider.step] = [player.start, player.end, player.step];
    slider.addEventListener("input", () => this.seek(Number(slider.value)));
    for (const speed of SPEEDS) $("speed").add(new Option(`${speed}×`, speed, speed === 1, speed === 1));
    $("speed").addEventListener("change", () => player.setSpeed(Number($("speed").value)));
    $("play").addEventListener("click", () => player.toggle());
    $("back").addEventListener("click", () => player.stepBy(-1));
    $("on").addEventListener("click", () => player.stepBy(1));
    shown($("loop"), Boolean(this.#loopSide()));
    $("loop").addEventListener("click", () => this.toggleLoop());
  }

  #loopSide() {
    return this.motion && ["right", "left"].find((side) => this.motion.strides[side]);
  }

  /** Loop the stride that is shown, or go on. */
  toggleLoop() {
    const { player } = this;
    const side = this.#loopSide();
    const stride = side && !player.loop ? strideAt(this.motion.strides[side], player.time) : null;
    player.loop = stride && [stride.start, stride.end];
    if (stride) this.#say(`looping the ${side} stride from ${stride.start.toFixed(2)} s`);
    this.refresh();
  }

  #wireViews() {
    if (!this.stage) return;
    for (const button of document.querySelectorAll("[data-view]")) {
      button.addEventListener("click", () => this.view(button.dataset.view));
    }
    $("follow").addEventListener("change", () => { this.stage.follow = $("follow").checked; this.refresh(); });
    $("ghost-shown").addEventListener("change", () => this.setGhost($("ghost-shown").checked));
    $("ghost-beside").addEventListener("change", () => {
      this.stage.beside = $("ghost-beside").checked;
      this.refresh();
    });
    $("in-step").addEventListener("change", () => { this.inStep = $("in-step").checked; this.refresh(); });
  }

  view(name) {
    this.stage.view(name, this.player.time);
    this.#say(`view: ${name}`);
    this.refresh();
  }

  setGhost(yes) {
    $("ghost-shown").checked = yes;
    this.stage.ghostShown = yes;
    this.refresh();
  }

  #wireKeys() {
    const { player } = this;
    const keys = {
      " ": () => player.toggle(),
      ArrowLeft: (event) => (event.shiftKey ? player.seek(player.time - 1) : player.stepBy(-1)),
      ArrowRight: (event) => (event.shiftKey ? player.seek(player.time + 1) : player.stepBy(1)),
      ArrowUp: () => player.shiftSpeed(1),
      ArrowDown: () => player.shiftSpeed(-1),
      Home: () => player.seek(player.start),
      End: () => player.seek(player.end),
      l: () => this.toggleLoop(),
      t: () => this.toggleScheme(),
    };
    if (this.stage) {
      const orbit = (...by) => { this.stage.orbit(...by); this.refresh(); };
      Object.assign(keys, {
        f: () => $("follow").click(),
        g: () => this.ghost && $("ghost-shown").click(),
        a: () => orbit(-0.1, 0, 1),
        d: () => orbit(0.1, 0, 1),
        w: () => orbit(0, 0.1, 1),
        s: () => orbit(0, -0.1, 1),
        "+": () => orbit(0, 0, 0.9),
        "-": () => orbit(0, 0, 1 / 0.9),
      });
      for (const [key, name] of Object.entries(VIEW_KEYS)) keys[key] = () => this.view(name);
    }
    addEventListener("keydown", (event) => {
      const typed = event.target.tagName;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (typed === "SELECT" || (typed === "INPUT" && event.key.startsWith("Arrow"))) return;
      if (event.key === " " && ["BUTTON", "INPUT", "SUMMARY"].includes(typed)) return;
      const action = keys[event.key];
      if (!action) return;
      event.preventDefault();
      action(event);
    });
  }

  #wirePage() {
    $("scheme").addEventListener("click", () => this.toggleScheme());
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.repaint());
    new ResizeObserver(() => { this.stage?.fit(); this.refresh(); }).observe(document.body);
    new ResizeObserver(() => { this.stage?.fit(); this.refresh(); }).observe($("stage"));
  }

  toggleScheme() {
    const root = document.documentElement;
    const now = root.dataset.scheme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.scheme = now === "dark" ? "light" : "dark";
    this.repaint();
  }

  /** Take the colours anew from the page's style. */
  repaint() {
    const style = getComputedStyle(document.documentElement);
    this.colours = Object.fromEntries(
      COLOURS.map((name) => [name, style.getPropertyValue(`--${name.replace("_", "-")}`).trim()]),
    );
    this.stage?.paint(this.colours);
    this.refresh();
  }

  #say(text) { $("said").textContent = text; }

  /** Have everything drawn at the next chance. */
  refresh() { this.stale = true; }

  #tick(now, before) {
    const moved = this.player.pass(Math.min((now - before) / 1000, 0.25));
    if (this.player.playing) this.stage?.hurry(now - before);
    else this.stage?.rest();
    if (moved || this.stale) {
      const told = this.stale || this.drawn % TELL_EVERY === 0;
      this.stale = false;
      this.#draw();
      if (told) this.#tell();
    }
    requestAnimationFrame((next) => this.#tick(next, now));
  }

  #ghostTimeIfShown() {
    return this.stage?.ghostShown === false ? () => null : (moment) => this.ghostTime(moment);
  }

  /** What moves with every frame. */
  #draw() {
    const { time } = this.player;
    this.stage?.draw(time, this.ghostTime(time));
    this.drawn += 1;
  }

  /** Words, controls and curves: each of their changes has the browser compose all of the page anew. */
  #tell() {
    const { player } = this;
    const { time } = player;
    if (this.angles) {
      const ghostTime = this.#ghostTimeIfShown();
      const ghostKey = [this.inStep, this.stage?.ghostShown];
      this.angles.draw(time, this.colours, this.replay.span, ghostTime, ghostKey);
      $("angle-values").textContent = this.angles.words(time, ghostTime);
    }
    for (const { chart, output } of this.courses) {
      chart.draw(time, this.colours, this.replay.span);
      output.textContent = chart.words(time);
    }
    $("clock").textContent = `${clock(time)} / ${clock(player.end)}`;
    $("moment").value = time;
    $("moment").setAttribute("aria-valuetext", `${time.toFixed(2)} of ${player.end.toFixed(2)} seconds`);
    $("play").setAttribute("aria-label", player.playing ? "Pause" : "Play");
    $("play").dataset.playing = player.playing ? "yes" : "no";
    $("loop").setAttribute("aria-pressed", player.loop ? "true" : "false");
    if (Number($("speed").value) !== player.speed) $("speed").value = player.speed;
    const unseen = this.replay.gaps.find(([first, last]) => time >= first && time <= last);
    shown($("gap"), Boolean(unseen));
    if (unseen) $("gap").textContent = `no pose from ${unseen[0].toFixed(1)} to ${unseen[1].toFixed(1)} s`;
  }
}

start().catch((error) => {
  note(`The replay could not be opened: ${error.message}`);
  document.documentElement.dataset.ready = "failed";
});
