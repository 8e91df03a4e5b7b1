// Prints the world positions of the named bones at each frame, as three.js shows the BVH file:
// node bvh_readers.mjs FILE BONE... → JSON, frames × bones × 3.
import { readFileSync } from "node:fs";
import { AnimationMixer, LoopOnce, Vector3 } from "three";
import { BVHLoader } from "three/addons/loaders/BVHLoader.js";

const [file, ...names] = process.argv.slice(2);
const { skeleton, clip } = new BVHLoader().parse(readFileSync(file, "utf8"));
const root = skeleton.bones[0];
const bones = names.map((name) => skeleton.getBoneByName(name));
const mixer = new AnimationMixer(root);
const action = mixer.clipAction(clip);
action.clampWhenFinished = true;
action.setLoop(LoopOnce, 1); // the last frame must not wrap round to the first
action.play();

const frames = Array.from(clip.tracks[0].times, (time) => {
  mixer.setTime(time);
  root.updateMatrixWorld(true);
  return bones.map((bone) => new Vector3().setFromMatrixPosition(bone.matrixWorld).toArray());
});
process.stdout.write(JSON.stringify(frames));
