// The ground: a grid of metres that goes with the body, and the lane that it went along.
import { BufferGeometry, Float32BufferAttribute, Group, LineBasicMaterial, LineSegments, Mesh, MeshBasicMaterial } from "three";

/** m; lines are drawn in pieces, since some graphics drop those that reach behind the camera. */
const PIECE = 4;
const ROOM = 5; // m of the lane that are drawn beyond what is seen, so that it seldom has to be found anew

export class Ground {
  /** `lane` from the page's JSON: nodes in cm, each but the first as the way from the one before. */
  constructor({ reach, bold_every, lane_width }, lane) {
    this.group = new Group();
    this.grid = new Group();
    this.fine = new LineBasicMaterial({ transparent: true, opacity: 0.45 });
    this.bold = new LineBasicMaterial();
    this.step = bold_every;
    for (const [material, isBold] of [[this.fine, false], [this.bold, true]]) {
      const points = [];
      for (let at = -reach; at <= reach; at += 1) {
        if ((at % bold_every === 0) === isBold) {
          for (let from = -reach; from < reach; from += PIECE) {
            points.push(at, from, 0, at, from + PIECE, 0, from, at, 0, from + PIECE, at, 0);
          }
        }
      }
      this.grid.add(new LineSegments(geometry(points), material));
    }
    this.group.add(this.grid);
    this.surface = new MeshBasicMaterial({ depthWrite: false });
    this.edge = new LineBasicMaterial();
    if (lane.length > 4) this.#lane(lane, lane_width / 2);
  }

  #lane(deltas, half) {
    const nodes = [];
    let [x, y] = [0, 0];
    for (let i = 0; i < deltas.length; i += 2) {
      x += deltas[i] / 100;
      y += deltas[i + 1] / 100;
      nodes.push([x, y]);
    }
    const [right, left] = [-half, half].map((aside) =>
      nodes.map(([px, py], n) => {
        const [ax, ay] = nodes[Math.max(n - 1, 0)];
        const [bx, by] = nodes[Math.min(n + 1, nodes.length - 1)];
        const length = Math.hypot(bx - ax, by - ay) || 1;
        return [px - (aside * (by - ay)) / length, py + (aside * (bx - ax)) / length];
      }),
    );
    this.nodes = nodes;
    this.about = { x: 0, y: 0, drawn: 0 };
    const faces = [];
    const lines = [];
    for (let n = 0; n + 1 < nodes.length; n += 1) {
      const [a, b, c, d] = [right[n], right[n + 1], left[n + 1], left[n]];
      faces.push(...a, 0, ...b, 0, ...c, 0, ...a, 0, ...c, 0, ...d, 0);
      lines.push(...a, 0.002, ...b, 0.002, ...d, 0.002, ...c, 0.002);
      if (n % 2 === 0) lines.push(...a, 0.002, ...d, 0.002); // a mark at every metre
    }
    this.strip = new Mesh(geometry(faces), this.surface);
    this.strip.renderOrder = -1;
    this.edges = new LineSegments(geometry(lines), this.edge);
    this.group.add(this.strip, this.edges);
  }

  paint(colours) {
    this.fine.color.set(colours.grid);
    this.bold.color.set(colours.grid);
    this.surface.color.set(colours.lane);
    this.edge.color.set(colours.lane_line);
  }

  /** Moves the grid by whole cells, so that it seems to lie still; only the lane within `reach` m is drawn. */
  follow(x, y, reach) {
    const snap = (value) => Math.round(value / this.step) * this.step;
    this.grid.position.set(snap(x), snap(y), 0);
    if (!this.nodes || Math.hypot(x - this.about.x, y - this.about.y) + reach < this.about.drawn) return;
    this.about = { x, y, drawn: reach + ROOM };
    this.#drawLane(x, y, reach + ROOM);
  }

  #drawLane(x, y, reach) {
    const { nodes } = this;
    const away = (node) => Math.hypot(nodes[node][0] - x, nodes[node][1] - y);
    const nearest = nodes.reduce((best, _, node) => (away(node) < away(best) ? node : best), 0);
    let [first, last] = [nearest, nearest];
    while (first > 0 && away(first) < reach) first -= 1;
    while (last < nodes.length - 1 && away(last) < reach) last += 1;
    this.strip.geometry.setDrawRange(6 * first, 6 * (last - first));
    const edge = (step) => 4 * step + 2 * Math.ceil(step / 2); // a mark more with every second step
    this.edges.geometry.setDrawRange(edge(first), edge(last) - edge(first));
  }
}

function geometry(points) {
  return new BufferGeometry().setAttribute("position", new Float32BufferAttribute(points, 3));
}
