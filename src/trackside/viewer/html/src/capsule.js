// All limbs of a body as one mesh that is drawn once for each of them: on a phone a call costs more than
// what it draws. The light is that of the windows (viewer/shaders.py).
import { BufferAttribute, GLSL3, InstancedBufferGeometry, InterleavedBufferAttribute, Mesh, RawShaderMaterial } from "three";

/** Numbers of a limb in its table: start, end, three axes from the middle to the surface, colour. */
export const COLUMNS = 18;
const PARTS = ["start", "end", "x_axis", "y_axis", "z_axis", "colour"];

const PLACE = `precision highp float;
in vec4 unit;              // on the unit sphere; 0 at the start, 1 at the end
in vec3 start, end, x_axis, y_axis, z_axis, colour;
uniform mat4 modelMatrix, viewMatrix, projectionMatrix;
vec4 place() {
  vec3 round_about = x_axis * unit.x + y_axis * unit.y + z_axis * unit.z;
  return modelMatrix * vec4(mix(start, end, unit.w) + round_about, 1.0);
}
`;

const LIMB_VERTEX = `${PLACE}
uniform vec3 cameraPosition;
const vec3 lamp = vec3(0.35, 0.75, 0.55); // right, up and backward of the camera
out vec3 normal;
flat out vec3 key, to_eye, paint;
void main() {
  vec3 across = x_axis * (unit.x / dot(x_axis, x_axis)) + y_axis * (unit.y / dot(y_axis, y_axis))
    + z_axis * (unit.z / dot(z_axis, z_axis));
  normal = mat3(modelMatrix) * across;
  key = normalize(lamp * mat3(viewMatrix));
  to_eye = normalize(cameraPosition - (modelMatrix * vec4(0.5 * (start + end), 1.0)).xyz);
  paint = colour;
  gl_Position = projectionMatrix * viewMatrix * place();
}`;

const LIMB_FRAGMENT = `precision highp float;
in vec3 normal;
flat in vec3 key, to_eye, paint;
uniform float opacity;
out vec4 pixel;
void main() {
  vec3 n = normalize(normal);
  float lit = 0.5 + 0.5 * dot(n, key);    // wrapped, so that no side is black
  float edge = smoothstep(0.0, 0.45, dot(n, to_eye));
  pixel = vec4(paint * mix(0.50, 1.12, lit) * mix(0.55, 1.0, edge), opacity);
}`;

/** Casts everything down, a little aside, onto a plane just above the ground. */
const SHADOW_VERTEX = `${PLACE}
void main() {
  vec4 here = place();
  vec4 shadow = vec4(here.xy + vec2(0.25, -0.15) * here.z, 0.004, 1.0);
  gl_Position = projectionMatrix * viewMatrix * shadow;
}`;

const SHADOW_FRAGMENT = `precision highp float;
uniform float opacity;
out vec4 pixel;
void main() { pixel = vec4(0.0, 0.0, 0.0, opacity); }`;

/** Draws the rows of an interleaved table as limbs; `more` are properties of the material. */
export function limbMesh(table, around, rings, opacity, more = {}) {
  return mesh(table, around, rings, LIMB_VERTEX, LIMB_FRAGMENT, opacity, more);
}

/** Draws their shadow on the ground. */
export function shadowMesh(table, around, rings, opacity, more) {
  return mesh(table, around, rings, SHADOW_VERTEX, SHADOW_FRAGMENT, opacity, more);
}

function mesh(table, around, rings, vertexShader, fragmentShader, opacity, more) {
  const uniforms = { opacity: { value: opacity } };
  const material = new RawShaderMaterial({ glslVersion: GLSL3, vertexShader, fragmentShader, uniforms, ...more });
  const shape = unitCapsule(around, rings);
  PARTS.forEach((name, i) => shape.setAttribute(name, new InterleavedBufferAttribute(table, 3, 3 * i)));
  const made = new Mesh(shape, material);
  made.frustumCulled = false; // its corners say nothing about where it is
  return made;
}

/** `around` corners on each ring, `rings` rings on each half-sphere. */
function unitCapsule(around, rings) {
  const corners = [];
  for (const end of [0, 1]) {
    for (let ring = 0; ring < rings; ring += 1) {
      const rise = ((end ? ring : ring - rings + 1) / (rings - 1)) * (Math.PI / 2);
      for (let i = 0; i < around; i += 1) {
        const angle = (2 * Math.PI * i) / around;
        corners.push(Math.cos(rise) * Math.sin(angle), Math.sin(rise), Math.cos(rise) * Math.cos(angle), end);
      }
    }
  }
  const faces = [];
  for (let level = 0; level + 1 < 2 * rings; level += 1) {
    for (let i = 0; i < around; i += 1) {
      const [low, right] = [level * around + i, level * around + ((i + 1) % around)];
      faces.push(low, right, low + around, right, right + around, low + around);
    }
  }
  const shape = new InstancedBufferGeometry();
  shape.setAttribute("unit", new BufferAttribute(new Float32Array(corners), 4));
  shape.setIndex(faces);
  return shape;
}
