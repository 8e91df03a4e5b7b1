// One body as solid limbs, and its shadow on the ground.
import {
  CapsuleGeometry,
  EqualStencilFunc,
  Group,
  IncrementStencilOp,
  Matrix4,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  Vector3,
} from "three";
import { MEASURED, UNKNOWN } from "./motion.js";

/** Casts everything down, a little aside, onto a plane just above the ground. */
const SHADOW = new Matrix4().set(1, 0, 0.25, 0, 0, 1, -0.15, 0, 0, 0, 0, 0.004, 0, 0, 0, 1);

const SEE_THROUGH = {
  transparent: true,
  opacity: 0.42,
  depthWrite: false,
  fog: false,
  polygonOffset: true, // behind a limb that is just where the ghost's is
  polygonOffsetFactor: 1,
  polygonOffsetUnits: 4,
};

/** Where limbs' shadows overlap, it is no darker than under one. */
const SHADED_ONCE = {
  stencilWrite: true,
  stencilRef: 0,
  stencilFunc: EqualStencilFunc,
  stencilZPass: IncrementStencilOp,
};

export class Body {
  /** `motion.limbs` says how it is made; a ghost is see-through and casts no shadow. */
  constructor(motion, thin, ghost) {
    this.motion = motion;
    this.ghost = ghost;
    this.group = new Group();
    this.shadows = new Group();
    this.materials = {};
    for (const side of ["right", "left", "centre", "unmeasured"]) {
      this.materials[side] = new MeshLambertMaterial(
        ghost ? SEE_THROUGH : { fog: false },
      );
    }
    this.shade = new MeshBasicMaterial({ color: 0, transparent: true, opacity: 0.2, depthWrite: false });
    Object.assign(this.shade, SHADED_ONCE);
    this.limbs = motion.limbs.map(({ segment, points }) => this.#limb(segment, points, thin));
  }

  #limb(segment, points, thin) {
    const thick = capsule(points, 1);
    const mesh = new Mesh(thick);
    const shadow = new Mesh(thick, this.shade);
    shadow.matrixAutoUpdate = false;
    shadow.frustumCulled = false;
    this.group.add(mesh);
    if (!this.ghost) this.shadows.add(shadow);
    const side = this.motion.segments[segment].split("_")[0];
    const material = this.materials[side] ?? this.materials.centre;
    return { segment, mesh, shadow, material, thick, thin: capsule(points, thin) };
  }

  /** `colours` by side, `unmeasured` and `ghost`, as CSS. */
  paint(colours) {
    for (const [side, material] of Object.entries(this.materials)) {
      material.color.set(this.ghost ? colours.ghost : colours[side]);
    }
  }

  show(pose) {
    for (const { segment, mesh, shadow, material, thick, thin } of this.limbs) {
      const state = pose.states[segment];
      const seen = state === MEASURED;
      const [w, x, y, z] = pose.orientations[segment];
      mesh.visible = shadow.visible = state !== UNKNOWN;
      mesh.quaternion.set(x, y, z, w);
      mesh.position.set(...pose.joints[segment]);
      mesh.geometry = shadow.geometry = seen ? thick : thin;
      mesh.material = seen ? material : this.materials.unmeasured;
      mesh.updateMatrix();
      shadow.matrix.multiplyMatrices(SHADOW, mesh.matrix);
    }
  }
}

/** A limb with elliptical section: start, end, half-axis, height of the round ends, half-axis. */
function capsule(points, thickness) {
  const [start, end] = points.slice(0, 2).map((point) => new Vector3(...point));
  const axes = points.slice(2).map((axis) => new Vector3(...axis).multiplyScalar(thickness));
  const shape = new CapsuleGeometry(1, 2, 5, 14);
  const { position, normal } = shape.attributes;
  const place = new Vector3();
  for (let i = 0; i < position.count; i += 1) {
    const y = position.getY(i);
    place.copy(y > 0 ? end : start);
    place.addScaledVector(axes[0], position.getX(i));
    place.addScaledVector(axes[1], y > 0 ? y - 1 : y + 1);
    place.addScaledVector(axes[2], position.getZ(i));
    position.setXYZ(i, ...place);
    const directions = [normal.getX(i), normal.getY(i), normal.getZ(i)];
    place.set(0, 0, 0);
    axes.forEach((axis, k) => place.addScaledVector(axis, directions[k] / axis.lengthSq()));
    normal.setXYZ(i, ...place.normalize());
  }
  shape.computeBoundingSphere();
  return shape;
}
