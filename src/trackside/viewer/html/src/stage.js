// The picture: bodies on the ground, seen by a camera that may follow.
import {
  Color,
  Fog,
  PerspectiveCamera,
  Scene,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { Body } from "./body.js";
import { Ground } from "./ground.js";

const UP = new Vector3(0, 0, 1);
const MISTY = 18; // m behind the athlete at which nothing is seen any more
const LARGEST_RATIO = 2; // device pixels per CSS pixel: more costs battery and shows nothing; from
// there on nobody sees the steps of edges either
const SLOW = 34; // ms of a frame, on average over PATIENCE frames, above which fewer pixels are drawn:
// not below 30 frames/s, which is as often as some screens show them
const PATIENCE = 8;
const FEWER = 0.7; // times the pixels in each direction
const LEAST_SHARE = 0.5;

/** Whether there is no graphics card; smooth edges and fine limbs then cost as much as all the rest. */
function drawnByProcessor() {
  const context = document.createElement("canvas").getContext("webgl2");
  const names = context?.getExtension("WEBGL_debug_renderer_info");
  const name = names ? context.getParameter(names.UNMASKED_RENDERER_WEBGL) : "";
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}

export class Stage {
  /** `onchange` is called when the user moved the camera. Throws where there is no WebGL. */
  constructor(canvas, replay, motion, ghost, onchange) {
    this.canvas = canvas;
    this.replay = replay;
    this.motion = motion;
    const coarse = drawnByProcessor();
    const antialias = devicePixelRatio < LARGEST_RATIO && !coarse;
    // Opaque, so that the browser need not blend it with the page below; and by a processor drawn in one
    // buffer, which saves a copy (a graphics card would show frames that are half drawn).
    const asked = { alpha: false, antialias, stencil: true, desynchronized: coarse };
    const context = canvas.getContext("webgl2", asked);
    if (!context) throw new Error("there is no WebGL 2");
    this.renderer = new WebGLRenderer({ canvas, context });
    this.scene = new Scene();
    this.scene.fog = new Fog(0, 10, 24);
    this.camera = new PerspectiveCamera(replay.camera.field_of_view_deg, 1, replay.camera.near, replay.camera.far);
    this.camera.up.copy(UP);
    this.ground = new Ground(replay.ground, motion.lane);
    this.body = new Body(motion, false, coarse);
    this.scene.add(this.ground.group, this.body.shadows, this.body.group);
    this.ghost = ghost ? new Body(ghost, true, coarse) : null;
    if (this.ghost) this.scene.add(this.ghost.group);
    this.ghostShown = true;
    this.share = 1;
    this.#forget();
    this.beside = false;
    this.follow = true;
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.minDistance = replay.camera.nearest;
    this.controls.maxDistance = replay.camera.farthest;
    this.controls.maxPolarAngle = Math.PI / 2 + 0.15;
    this.controls.addEventListener("change", onchange);
    this.height = 0.53 * motion.height;
    this.at = motion.course.at(motion.start);
    this.controls.target.set(this.at.x, this.at.y, this.height);
    this.view("side", motion.start);
  }

  paint(colours) {
    this.scene.background = new Color(colours.background);
    this.scene.fog.color.set(colours.background);
    for (const part of [this.ground, this.body, this.ghost]) part?.paint(colours);
  }

  /** Look from one of the presets, relative to where the athlete heads. */
  view(name, time) {
    const { turn, elevation, distance } = this.replay.camera.views[name];
    const scale = this.camera.aspect < 0.8 ? 1.25 : 1; // a narrow picture needs more room
    this.at = this.motion.course.at(time);
    const azimuth = this.at.heading + turn;
    const steep = Math.min(elevation, Math.PI / 2 - 1e-3);
    const away = scale * distance * (this.motion.height / 1.75);
    this.controls.target.set(this.at.x, this.at.y, this.height);
    this.camera.position.set(
      this.at.x + away * Math.cos(steep) * Math.cos(azimuth),
      this.at.y + away * Math.cos(steep) * Math.sin(azimuth),
      this.height + away * Math.sin(steep),
    );
    this.controls.update();
  }

  /** Turn the camera about the athlete, and go nearer, as the keyboard does. */
  orbit(turn, rise, zoom) {
    const offset = this.camera.position.clone().sub(this.controls.target);
    const level = Math.hypot(offset.x, offset.y);
    const steep = Math.min(Math.max(Math.atan2(offset.z, level) + rise, -0.1), Math.PI / 2 - 1e-3);
    const azimuth = Math.atan2(offset.y, offset.x) + turn;
    const away = offset.length() * zoom;
    offset.set(
      away * Math.cos(steep) * Math.cos(azimuth),
      away * Math.cos(steep) * Math.sin(azimuth),
      away * Math.sin(steep),
    );
    this.camera.position.copy(this.controls.target).add(offset);
    this.controls.update();
  }

  /** Fit the drawing to the canvas' size in the page. */
  fit() {
    const { clientWidth, clientHeight } = this.canvas;
    if (!clientWidth || !clientHeight) return;
    this.renderer.setPixelRatio(this.share * Math.min(devicePixelRatio, LARGEST_RATIO));
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
  }

  /** Draw fewer pixels while it moves if that is slow: `frame` is how long the last one took, in ms. */
  hurry(frame) {
    this.waited += frame;
    this.counted += 1;
    if (this.counted < PATIENCE) return;
    if (this.waited > SLOW * PATIENCE && this.share > LEAST_SHARE) {
      this.share = Math.max(LEAST_SHARE, FEWER * this.share);
      this.fit();
    }
    this.#forget();
  }

  /** Draw all pixels again, as nothing moves. */
  rest() {
    this.#forget();
    if (this.share === 1) return;
    this.share = 1;
    this.fit();
  }

  #forget() {
    [this.waited, this.counted] = [0, 0];
  }

  /** Draw the moment `time`; the ghost is at its own. */
  draw(time, ghostTime) {
    const here = this.motion.course.at(time);
    if (this.follow) this.#moveAlong(here);
    this.at = here;
    this.body.show(this.motion.pose(time));
    if (this.ghost) this.#place(here, ghostTime);
    const { x, y } = this.controls.target;
    const away = this.camera.position.distanceTo(this.controls.target);
    this.scene.fog.near = away + 6;
    this.scene.fog.far = away + MISTY;
    this.ground.follow(x, y, Math.sqrt((away + MISTY) ** 2 - away ** 2));
    this.renderer.render(this.scene, this.camera);
  }

  #moveAlong(here) {
    const before = new Vector3(this.at.x, this.at.y, 0);
    const now = new Vector3(here.x, here.y, 0);
    const turned = here.heading - this.at.heading;
    for (const point of [this.controls.target, this.camera.position]) {
      point.sub(before).applyAxisAngle(UP, turned).add(now);
    }
    this.camera.lookAt(this.controls.target);
  }

  /** Put the ghost onto the athlete, or a metre to the left, heading the same way. */
  #place(here, time) {
    const { group, motion } = this.ghost;
    group.visible = this.ghostShown && time !== null;
    if (!group.visible) return;
    const there = motion.course.at(time);
    const turned = here.heading - there.heading;
    const [cos, sin] = [Math.cos(turned), Math.sin(turned)];
    const aside = this.beside ? 1 : 0;
    group.rotation.z = turned;
    group.position.set(
      here.x - cos * there.x + sin * there.y - aside * Math.sin(here.heading),
      here.y - sin * there.x - cos * there.y + aside * Math.cos(here.heading),
      0,
    );
    this.ghost.show(motion.pose(time));
  }

  /** Where a point (m) of the earth frame is on the canvas, in CSS pixels from its upper left. */
  project(point) {
    this.camera.updateMatrixWorld();
    const seen = new Vector3(...point).project(this.camera);
    return [
      (0.5 + 0.5 * seen.x) * this.canvas.clientWidth,
      (0.5 - 0.5 * seen.y) * this.canvas.clientHeight,
    ];
  }
}
