// A packed motion unpacked, and the pose at any moment. The format is described in html_motion.py.

/** What a segment's state says. */
export const CHAIN = 0; // it follows the chain: no sensor saw it
export const MEASURED = 1;
export const UNKNOWN = 2; // nobody knows where it is

export const NO_ANGLE = -32768;

/** Inflate base64 of a zlib stream; the result is a Uint8Array. */
export async function inflated(base64) {
  const packed = Uint8Array.from(atob(base64.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Undo byte planes, zigzag and second differences; returns the integers and the next offset. */
function integers(bytes, offset, channels, frames, width) {
  const values = new (width === 2 ? Int16Array : Int32Array)(channels * frames);
  for (let channel = 0; channel < channels; channel += 1) {
    let value = 0;
    let change = 0;
    for (let frame = 0; frame < frames; frame += 1) {
      let folded = 0;
      for (let plane = 0; plane < width; plane += 1) {
        folded |= bytes[offset + (plane * channels + channel) * frames + frame] << (8 * plane);
      }
      change = (change + ((folded >>> 1) ^ -(folded & 1))) | 0;
      value = (value + change) | 0;
      values[channel * frames + frame] = value;
    }
  }
  return [values, offset + channels * frames * width];
}

export class Motion {
  /** `header` from the page's JSON, `bytes` as inflated. */
  constructor(header, bytes) {
    Object.assign(this, header);
    const segments = this.segments.length;
    let at = 0;
    [this.quaternions, at] = integers(bytes, at, 4 * segments, this.frames, 2);
    [this.millimetres, at] = integers(bytes, at, 3, this.frames, 4);
    [this.tenths, at] = integers(bytes, at, this.angles.length, this.frames, 2);
    this.states = bytes.subarray(at, at + segments * this.frames);
    this.end = this.start + (this.frames - 1) / this.rate;
    this.course = new Course(this);
  }

  /** The two frames around a moment and the share of the way between them. */
  between(time) {
    const place = Math.min(Math.max((time - this.start) * this.rate, 0), this.frames - 1);
    const first = Math.floor(place + 1e-6);
    return [first, Math.min(first + 1, this.frames - 1), Math.max(place - first, 0)];
  }

  /** Orientation of a segment at a moment: w, x, y, z. */
  quaternion(segment, [first, second, share]) {
    const found = [0, 0, 0, 0];
    for (let i = 0; i < 4; i += 1) {
      const row = (4 * segment + i) * this.frames;
      found[i] = (1 - share) * this.quaternions[row + first] + share * this.quaternions[row + second];
    }
    const length = Math.hypot(...found) || 1;
    return found.map((value) => value / length);
  }

  root([first, second, share]) {
    return [0, 1, 2].map((axis) => {
      const row = axis * this.frames;
      return ((1 - share) * this.millimetres[row + first] + share * this.millimetres[row + second]) / 1000;
    });
  }

  state(segment, [first, second, share]) {
    return this.states[segment * this.frames + (share < 0.5 ? first : second)];
  }

  /** Orientations, proximal joints (m) and states of all segments at a moment. */
  pose(time) {
    const moment = this.between(time);
    const orientations = [];
    const joints = [];
    for (let segment = 0; segment < this.segments.length; segment += 1) {
      orientations.push(this.quaternion(segment, moment));
      const parent = this.parents[segment];
      joints.push(
        parent < 0
          ? this.root(moment)
          : added(joints[parent], rotated(orientations[parent], this.offsets[segment])),
      );
    }
    const states = joints.map((_, segment) => this.state(segment, moment));
    return { orientations, joints, states };
  }

  /** An angle in degrees at a moment, null where it is not known. */
  angle(index, time) {
    const [first, second, share] = this.between(time);
    const row = index * this.frames;
    const a = this.tenths[row + first];
    const b = this.tenths[row + second];
    return a === NO_ANGLE || b === NO_ANGLE ? null : ((1 - share) * a + share * b) / 10;
  }
}

/** Where the body is and heads to, smoothed over its steps: what a camera follows. */
class Course {
  constructor(motion) {
    this.motion = motion;
    this.step = Math.max(1, Math.round(motion.rate / 20));
    const count = Math.ceil(motion.frames / this.step) + 1;
    const reach = 10; // half a second to each side
    const sums = [[0], [0], [0], [0]];
    for (let n = 0; n < count; n += 1) {
      const frame = Math.min(n * this.step, motion.frames - 1);
      const moment = [frame, frame, 0];
      const [x, y] = motion.root(moment);
      const ahead = rotated(motion.quaternion(0, moment), [1, 0, 0]);
      [x, y, ahead[0], ahead[1]].forEach((value, i) => sums[i].push(sums[i][n] + value));
    }
    const mean = (i, n) => {
      const within = Math.min(reach, n, count - 1 - n);
      return (sums[i][n + within + 1] - sums[i][n - within]) / (2 * within + 1);
    };
    this.nodes = Array.from({ length: count }, (_, n) => [0, 1, 2, 3].map((i) => mean(i, n)));
  }

  /** { x, y } m and the heading in rad, counter-clockwise from east. */
  at(time) {
    const { motion, nodes } = this;
    const place = Math.min(Math.max(((time - motion.start) * motion.rate) / this.step, 0), nodes.length - 1);
    const first = Math.min(Math.floor(place), nodes.length - 2);
    const share = place - first;
    const [x, y, east, north] = nodes[first].map((value, i) => value + share * (nodes[first + 1][i] - value));
    return { x, y, heading: Math.atan2(north, east) };
  }
}

export function added(a, b) {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

/** A vector turned by a quaternion w, x, y, z. */
export function rotated([w, a, b, c], [x, y, z]) {
  const tx = 2 * (b * z - c * y);
  const ty = 2 * (c * x - a * z);
  const tz = 2 * (a * y - b * x);
  return [x + w * tx + b * tz - c * ty, y + w * ty + c * tx - a * tz, z + w * tz + a * ty - b * tx];
}
