// One body as solid limbs, and its shadow on the ground; a ghost is see-through and casts none.
import { Color, DynamicDrawUsage, EqualStencilFunc, Group, IncrementStencilOp, InstancedInterleavedBuffer } from "three";
import { COLUMNS, limbMesh, shadowMesh } from "./capsule.js";
import { MEASURED, UNKNOWN, added, rotated } from "./motion.js";

const SEE_THROUGH = {
  transparent: true,
  depthWrite: false,
  polygonOffset: true, // behind a limb that is just where the ghost's is
  polygonOffsetFactor: 1,
  polygonOffsetUnits: 4,
};
const GHOST_OPACITY = 0.42;
const SHADE = 0.2;

/** Where limbs' shadows overlap, it is no darker than under one. */
const SHADED_ONCE = {
  transparent: true,
  depthWrite: false,
  stencilWrite: true,
  stencilRef: 0,
  stencilFunc: EqualStencilFunc,
  stencilZPass: IncrementStencilOp,
};

/** Corners around, rings on each half-sphere. */
const LIMB = [14, 5];
const COARSE_LIMB = [10, 3];
const SHADOW = [6, 2];

export class Body {
  /**
   * `motion.limbs` says how it is made; what is `thin` without a sensor by null is left out then.
   * `coarse`: for a processor that has to draw it.
   */
  constructor(motion, ghost, coarse) {
    this.motion = motion;
    this.ghost = ghost;
    this.group = new Group();
    this.shadows = new Group();
    this.table = new InstancedInterleavedBuffer(new Float32Array(COLUMNS * motion.limbs.length), COLUMNS);
    this.table.setUsage(DynamicDrawUsage);
    this.meshes = [limbMesh(this.table, ...(coarse ? COARSE_LIMB : LIMB), ...(ghost ? [GHOST_OPACITY, SEE_THROUGH] : [1]))];
    this.group.add(this.meshes[0]);
    if (!ghost) {
      this.meshes.push(shadowMesh(this.table, ...SHADOW, SHADE, SHADED_ONCE));
      this.shadows.add(this.meshes[1]);
    }
    this.sides = motion.limbs.map(({ segment }) => {
      const side = motion.segments[segment].split("_")[0];
      return side === "right" || side === "left" ? side : "centre";
    });
  }

  /** `colours` by side, `unmeasured` and `ghost`, as CSS. */
  paint(colours) {
    const painted = (name) => new Color(colours[this.ghost ? "ghost" : name]).convertLinearToSRGB().toArray();
    const names = ["right", "left", "centre", "unmeasured"];
    this.colours = Object.fromEntries(names.map((name) => [name, painted(name)]));
  }

  show(pose) {
    const { array } = this.table;
    let count = 0;
    this.motion.limbs.forEach(({ segment, points, thin }, limb) => {
      const state = pose.states[segment];
      const seen = state === MEASURED;
      if (state === UNKNOWN || (!seen && thin === null)) return;
      const orientation = pose.orientations[segment];
      const turned = points.map((point) => rotated(orientation, point));
      const ends = turned.slice(0, 2).map((point) => added(pose.joints[segment], point));
      const thickness = seen ? 1 : thin;
      const axes = turned.slice(2).map((axis) => axis.map((value) => thickness * value));
      const colour = this.colours[seen ? this.sides[limb] : "unmeasured"];
      array.set([...ends, ...axes, colour].flat(), COLUMNS * count);
      count += 1;
    });
    this.table.needsUpdate = true;
    for (const { geometry } of this.meshes) geometry.instanceCount = count;
  }
}
