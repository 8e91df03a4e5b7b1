// The clock of the replay: plays, steps, seeks, loops.

export const SPEEDS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4];

export class Player {
  /** Moments in s; `step` s is one frame. `onchange` is called after everything but time going on. */
  constructor(start, end, step, onchange) {
    Object.assign(this, { start, end, step, onchange });
    this.time = start;
    this.speed = 1;
    this.playing = false;
    this.loop = null; // [start, end] s of a stride
  }

  seek(time) {
    this.time = Math.min(Math.max(time, this.start), this.end);
    if (this.loop && (this.time < this.loop[0] || this.time > this.loop[1])) this.loop = null;
    this.onchange();
  }

  play() {
    if (this.time >= this.end) this.time = this.start;
    this.playing = true;
    this.onchange();
  }

  pause() {
    this.playing = false;
    this.onchange();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Go `frames` frames on, or back, and stay there. */
  stepBy(frames) {
    this.playing = false;
    const frame = Math.round((this.time - this.start) / this.step) + frames;
    this.seek(this.start + frame * this.step);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.onchange();
  }

  /** The next faster or slower of SPEEDS. */
  shiftSpeed(by) {
    const place = SPEEDS.findIndex((speed) => speed >= this.speed - 1e-9);
    this.setSpeed(SPEEDS[Math.min(Math.max(place + by, 0), SPEEDS.length - 1)]);
  }

  /** Let `seconds` of real time pass; returns whether anything moved. */
  pass(seconds) {
    if (!this.playing) return false;
    this.time += seconds * this.speed;
    const [first, last] = this.loop ?? [this.start, this.end];
    if (this.time >= last) {
      if (this.loop) this.time = first + ((this.time - first) % (last - first));
      else {
        this.time = last;
        this.pause();
      }
    }
    return true;
  }
}

/** The stride of a side that a moment is in: { start, end, phase from 0 to 1, number }, or null. */
export function strideAt(strides, time) {
  if (!strides) return null;
  const { start, end } = strides;
  let low = 0;
  let high = start.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (start[middle] <= time) low = middle + 1;
    else high = middle;
  }
  const number = low - 1;
  if (number < 0 || time > end[number]) return null;
  const phase = (time - start[number]) / (end[number] - start[number]);
  return { start: start[number], end: end[number], phase, number };
}
