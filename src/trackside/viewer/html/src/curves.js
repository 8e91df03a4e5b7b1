// The joint-angle chart and those over the whole session, each with the replay's moment as cursor.
import { NO_ANGLE } from "./motion.js";
import { Chart, bounds } from "./chart.js";
import { strideAt } from "./player.js";

const WINDOW = 4; // s of joint angles around the cursor
const LEAST_DEGREES = 15; // what does not move must not look as if it trembled
const PERCENT = Array.from({ length: 101 }, (_, i) => i);

const degrees = (value) => (value === null ? "–" : `${value.toFixed(0)}°`);

/** The angles of one joint: over time about the moment shown, or over the stride. */
export class AngleChart {
  constructor(canvas, motion, ghost, seek) {
    this.motion = motion;
    this.ghost = ghost;
    this.overStride = false;
    this.chart = new Chart(canvas, (x) => {
      if (!this.overStride) seek(x);
      else {
        const stride = strideAt(this.side && motion.strides[this.side], this.time);
        if (stride) seek(stride.start + (x / 100) * (stride.end - stride.start));
      }
    });
    this.choose(motion.choices[0]?.name);
  }

  /** Show an angle by its name without a side. */
  choose(name) {
    this.name = name;
    this.rows = [];
    const add = (motion, time, ghost) =>
      motion?.angles.forEach((angle, index) => {
        if (angle.bare === name) this.rows.push({ motion, index, side: angle.side, time, ghost });
      });
    add(this.motion, (time) => time, false);
    add(this.ghost, null, true);
    this.side = ["right", "left"].find((side) => this.motion.strides[side]);
    const found = this.rows.map(({ motion, index }) => {
      const row = motion.tenths.subarray(index * motion.frames, (index + 1) * motion.frames);
      const known = Array.from(row.filter((value) => value !== NO_ANGLE), (value) => value / 10);
      return bounds([known], 0).map((value) => value);
    });
    this.range = bounds(found, LEAST_DEGREES);
  }

  /** `ghostTime` of a moment of the session, or null; `ghostKey` changes with it. */
  draw(time, colours, xSpan, ghostTime, ghostKey) {
    this.time = time;
    if (this.overStride) this.#overStride(time, colours);
    else this.#overTime(time, colours, xSpan, ghostTime, ghostKey);
  }

  /** The values at a moment as words. */
  words(time, ghostTime) {
    return this.rows
      .map(({ motion, index, side, ghost }) => {
        const at = ghost ? ghostTime(time) : time;
        const who = [ghost ? "ghost" : "", side].filter(Boolean).join(" ");
        return at === null ? "" : `${who} ${degrees(motion.angle(index, at))}`.trim();
      })
      .filter(Boolean)
      .join(" · ");
  }

  /** Page by page of WINDOW seconds: curves that stand still are read more easily. */
  #overTime(time, colours, [first, last], ghostTime, ghostKey) {
    const page = Math.floor((time - first) / WINDOW + 1e-9);
    const start = Math.max(Math.min(first + page * WINDOW, last - WINDOW), first);
    const x = [start, Math.min(start + WINDOW, last)];
    if (this.chart.stale(["time", this.name, start, ghostKey], colours)) {
      this.chart.begin({ x, y: this.range, xName: "time [s]", yName: "angle [°]", colours });
      const count = Math.max(1, Math.min(Math.ceil((x[1] - x[0]) * this.motion.rate), 400));
      const moments = Array.from({ length: count + 1 }, (_, i) => x[0] + (i / count) * (x[1] - x[0]));
      for (const { motion, index, side, ghost } of this.rows) {
        const values = moments.map((moment) => {
          const at = ghost ? ghostTime(moment) : moment;
          return at === null ? null : motion.angle(index, at);
        });
        this.chart.curve(moments, values, colours[side || "centre"], ghost ? { dash: [3, 4], width: 1.5 } : {});
      }
      this.chart.finish();
    }
    const own = this.rows.filter(({ ghost }) => !ghost);
    this.chart.point([
      { x: time, y: null, colour: colours.text },
      ...own.map(({ motion, index, side }) => ({
        x: time, y: motion.angle(index, time), colour: colours[side || "centre"], bare: true,
      })),
    ]);
  }

  #overStride(time, colours) {
    const curves = this.rows
      .map((row) => ({ ...row, curve: row.motion.curves[row.motion.angles[row.index].name] }))
      .filter(({ curve }) => curve);
    if (this.chart.stale(["stride", this.name], colours)) this.#drawStride(curves, colours);
    const places = [];
    for (const { motion, index, side, ghost, curve } of curves) {
      const stride = ghost ? null : strideAt(motion.strides[curve.cut_at], time);
      if (!stride) continue;
      places.push({ x: 100 * stride.phase, y: motion.angle(index, time), colour: colours[side || "centre"] });
    }
    this.chart.point(places);
  }

  #drawStride(curves, colours) {
    const ends = curves.flatMap(({ curve: { mean, sd } }) => [
      mean.map((value, i) => value - sd[i]),
      mean.map((value, i) => value + sd[i]),
    ]);
    const y = bounds(ends, LEAST_DEGREES);
    this.chart.begin({ x: [0, 100], y, xName: "stride [%], toe-off dashed", yName: "mean ± SD [°]", colours });
    for (const { motion, side, ghost, curve: { mean, sd, cut_at } } of curves) {
      const colour = colours[side || "centre"];
      if (!ghost) {
        this.chart.band(PERCENT, mean.map((v, i) => v - sd[i]), mean.map((v, i) => v + sd[i]), colour);
        this.chart.mark(100 * motion.strides[cut_at].stance, colour, { dash: [5, 4], width: 1 });
      }
      this.chart.curve(PERCENT, mean, colour, ghost ? { dash: [3, 4], width: 1.5 } : {});
    }
    this.chart.finish();
  }
}

/** A course over the whole session, such as the heart rate; drag to go there. */
export class SessionChart {
  /** `series`: name, unit, time [s], values, colour; `laps` [s]. */
  constructor(canvas, series, laps, seek) {
    this.series = series;
    this.laps = laps;
    this.chart = new Chart(canvas, seek);
    this.range = bounds([series.values], series.least_range);
  }

  draw(time, colours, x) {
    const { series, chart } = this;
    if (chart.stale("", colours)) {
      chart.begin({ x, y: this.range, xName: "time [s]", yName: series.unit, colours });
      this.laps.forEach((lap, i) => {
        chart.mark(lap, colours.muted, { dash: [2, 3], width: 1 });
        chart.label(lap, `lap ${i + 1} ends`, colours.muted);
      });
      chart.curve(series.time, series.values, colours[series.colour]);
      chart.finish();
    }
    chart.point([
      { x: time, y: null, colour: colours.text },
      { x: time, y: this.at(time), colour: colours[series.colour], bare: true },
    ]);
  }

  /** The value at a moment as words. */
  words(time) {
    const value = this.at(time);
    return value === null ? "not known here" : `${value.toFixed(0)} ${this.series.unit}`;
  }

  /** The nearest value that is at most `reach` s away, or null. */
  at(time) {
    const { time: times, values, reach } = this.series;
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < time) low = middle + 1;
      else high = middle;
    }
    const near = [low - 1, low].filter((i) => i >= 0 && i < times.length && Math.abs(times[i] - time) <= reach);
    near.sort((a, b) => Math.abs(times[a] - time) - Math.abs(times[b] - time));
    return near.length ? values[near[0]] : null;
  }
}
