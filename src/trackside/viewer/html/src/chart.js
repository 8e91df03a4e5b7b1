// Curves on a canvas, with units on both axes and a cursor that can be dragged. The cursor is no part of
// the canvas: it moves with every frame, the curves seldom do, and drawing them costs far more.

const LEFT = 46;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 34;

/** Steps of 1, 2 or 5 times a power of ten, so that about `count` of them fit. */
function niceStep(range, count) {
  const rough = range / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((factor) => power * factor >= rough);
}

/** The least and largest of values that are not null, at least `least` apart, with a margin. */
export function bounds(rows, least) {
  let low = Infinity;
  let high = -Infinity;
  for (const row of rows) {
    for (const value of row) {
      if (value === null || value === undefined) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return [0, least];
  const missing = Math.max(least - (high - low), 0) / 2 + 0.04 * Math.max(high - low, least);
  return [low - missing, high + missing];
}

export class Chart {
  /** `onseek(x)` is called with what lies under the pointer, in units of the x axis. */
  constructor(canvas, onseek) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { willReadFrequently: true }); // drawn without the GPU
    this.onseek = onseek;
    this.x = [0, 1];
    this.cursors = [];
    this.key = "";
    const seek = (event) => {
      if (!this.dragged) return;
      const { left } = canvas.getBoundingClientRect();
      const share = (event.clientX - left - LEFT) / (canvas.clientWidth - LEFT - RIGHT);
      this.onseek(this.dragged[0] + Math.min(Math.max(share, 0), 1) * (this.dragged[1] - this.dragged[0]));
    };
    canvas.addEventListener("pointerdown", (event) => {
      this.dragged = [...this.x]; // the axis may move on while the cursor is dragged
      canvas.setPointerCapture(event.pointerId);
      seek(event);
    });
    canvas.addEventListener("pointermove", seek);
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => { this.dragged = null; });
    }
  }

  /** Whether a picture of `key` at this size and in these colours has to be drawn anew. */
  stale(key, colours) {
    const { clientWidth, clientHeight } = this.canvas;
    const now = [key, clientWidth, clientHeight, devicePixelRatio, colours.text].join();
    const old = this.key === now;
    this.key = now;
    return !old;
  }

  /** Begin a picture: axes in `colours`, `x` and `y` as [least, largest], with their names. */
  begin({ x, y, xName, yName, colours }) {
    const { canvas, context } = this;
    const ratio = Math.min(devicePixelRatio, 3);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    Object.assign(this, { x, y, width, height, colours });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = "12px system-ui, sans-serif";
    context.lineJoin = "round";
    this.#axes(xName, yName);
  }

  #axes(xName, yName) {
    const { context, x, y, width, height, colours } = this;
    context.strokeStyle = colours.panel_line;
    context.fillStyle = colours.muted;
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "right";
    const down = niceStep(y[1] - y[0], Math.max(3, (height - TOP - BOTTOM) / 34));
    for (let value = Math.ceil(y[0] / down) * down; value <= y[1]; value += down) {
      const at = Math.round(this.py(value)) + 0.5;
      this.#line(LEFT, at, width - RIGHT, at);
      context.fillText(String(Number(value.toFixed(6))), LEFT - 6, at);
    }
    context.textBaseline = "top";
    context.textAlign = "center";
    const along = niceStep(x[1] - x[0], Math.max(2, (width - LEFT - RIGHT) / 62));
    for (let value = Math.ceil(x[0] / along - 1e-9) * along; value <= x[1] + 1e-9; value += along) {
      const at = this.px(value);
      this.#line(Math.round(at) + 0.5, height - BOTTOM, Math.round(at) + 0.5, height - BOTTOM + 4);
      if (at < width - 14) context.fillText(String(Number(value.toFixed(6))), at, height - BOTTOM + 5);
    }
    context.fillText(xName, LEFT + (width - LEFT - RIGHT) / 2, height - 13);
    context.save();
    context.translate(2, TOP + (height - TOP - BOTTOM) / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(yName, 0, 0);
    context.restore();
    context.save();
  }

  px(x) {
    return LEFT + ((x - this.x[0]) / (this.x[1] - this.x[0])) * (this.width - LEFT - RIGHT);
  }

  py(y) {
    return this.height - BOTTOM - ((y - this.y[0]) / (this.y[1] - this.y[0])) * (this.height - TOP - BOTTOM);
  }

  #line(x1, y1, x2, y2) {
    this.context.beginPath();
    this.context.moveTo(x1, y1);
    this.context.lineTo(x2, y2);
    this.context.stroke();
  }

  #clip() {
    this.context.restore();
    this.context.save();
    this.context.beginPath();
    this.context.rect(LEFT, 0, this.width - LEFT - RIGHT, this.height - BOTTOM + 1);
    this.context.clip();
  }

  /** A curve through (x, y), broken where y is null. */
  curve(xs, ys, colour, { dash = [], width = 2 } = {}) {
    const { context } = this;
    this.#clip();
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    let pen = false;
    for (let i = 0; i < xs.length; i += 1) {
      if (ys[i] === null) {
        pen = false;
        continue;
      }
      const [px, py] = [this.px(xs[i]), this.py(ys[i])];
      if (pen) context.lineTo(px, py);
      else context.moveTo(px, py);
      pen = true;
    }
    context.stroke();
    context.setLineDash([]);
  }

  /** A band between two curves. */
  band(xs, lows, highs, colour) {
    const { context } = this;
    this.#clip();
    context.globalAlpha = 0.22;
    context.fillStyle = colour;
    context.beginPath();
    xs.forEach((x, i) => context.lineTo(this.px(x), this.py(highs[i])));
    for (let i = xs.length - 1; i >= 0; i -= 1) context.lineTo(this.px(xs[i]), this.py(lows[i]));
    context.fill();
    context.globalAlpha = 1;
  }

  /** A vertical line at x. */
  mark(x, colour, { dash = [], width = 1.5 } = {}) {
    this.#clip();
    this.context.strokeStyle = colour;
    this.context.lineWidth = width;
    this.context.setLineDash(dash);
    this.#line(this.px(x), TOP - 4, this.px(x), this.height - BOTTOM);
    this.context.setLineDash([]);
  }

  /** Words beside a mark, on top of the picture. */
  label(x, text, colour) {
    this.#clip();
    this.context.fillStyle = colour;
    this.context.textAlign = this.px(x) > this.width - 60 ? "right" : "left";
    this.context.textBaseline = "top";
    this.context.fillText(text, this.px(x) + (this.px(x) > this.width - 60 ? -4 : 4), 0);
  }

  finish() {
    this.context.restore();
  }

  /** Put cursors at [{ x, y, colour }], with a dot where y is known; others are taken away. */
  point(places) {
    while (this.cursors.length < places.length) {
      const line = document.createElement("i");
      const dot = document.createElement("b");
      line.className = "cursor";
      dot.className = "cursor-dot";
      this.canvas.parentElement.append(line, dot);
      this.cursors.push([line, dot]);
    }
    this.cursors.forEach(([line, dot], i) => {
      const place = places[i];
      const inside = place && place.x >= this.x[0] - 1e-9 && place.x <= this.x[1] + 1e-9;
      line.hidden = !inside || place.bare;
      dot.hidden = !inside || place.y === null;
      if (!inside) return;
      const at = this.px(place.x);
      line.style.background = dot.style.background = place.colour;
      line.style.transform = `translate(${at - 1}px, ${TOP - 4}px)`;
      line.style.height = `${this.height - BOTTOM - TOP + 4}px`;
      if (place.y !== null) dot.style.transform = `translate(${at - 5}px, ${this.py(place.y) - 5}px)`;
    });
  }
}
