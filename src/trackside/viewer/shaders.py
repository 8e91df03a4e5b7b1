"""GLSL programs of the scene, for OpenGL 3.3 core, which every desktop system has."""

CAPSULE_VERTEX = """#version 330 core
layout(location = 0) in vec4 unit;      // on the unit sphere; 0 at the start, 1 at the end
layout(location = 1) in vec3 start;
layout(location = 2) in vec3 end;
layout(location = 3) in vec3 x;
layout(location = 4) in vec3 y;
layout(location = 5) in vec3 z;
layout(location = 6) in vec4 colour;
uniform mat4 camera;
uniform vec3 eye;
uniform vec3 key;                       // direction to the light
out vec3 normal;
flat out vec3 to_eye;                   // one direction for a limb: it is small and far away
flat out vec3 halfway;                  // between the light and the eye
flat out vec4 paint;
void main() {
    vec3 place = mix(start, end, unit.w) + x * unit.x + y * unit.y + z * unit.z;
    normal = x * (unit.x / dot(x, x)) + y * (unit.y / dot(y, y)) + z * (unit.z / dot(z, z));
    to_eye = normalize(eye - 0.5 * (start + end));
    halfway = normalize(key + to_eye);
    paint = colour;
    gl_Position = camera * vec4(place, 1.0);
}
"""

CAPSULE_FRAGMENT = """#version 330 core
in vec3 normal;
flat in vec3 to_eye;
flat in vec3 halfway;
flat in vec4 paint;
uniform vec3 key;
out vec4 pixel;
void main() {
    vec3 n = normalize(normal);
    float lit = 0.5 + 0.5 * dot(n, key);              // wrapped, so that no side is black
    float edge = smoothstep(0.0, 0.45, dot(n, to_eye));
    float shine = max(dot(n, halfway), 0.0);
    for (int i = 0; i < 5; i++) shine *= shine;       // its 32nd power
    vec3 body = paint.rgb * mix(0.50, 1.12, lit) * mix(0.55, 1.0, edge);
    pixel = vec4(body + 0.10 * shine, paint.a);
}
"""

SHADOW_VERTEX = """#version 330 core
layout(location = 0) in vec4 unit;
layout(location = 1) in vec3 start;
layout(location = 2) in vec3 end;
layout(location = 3) in vec3 x;
layout(location = 4) in vec3 y;
layout(location = 5) in vec3 z;
uniform mat4 camera;
void main() {
    vec3 place = mix(start, end, unit.w) + x * unit.x + y * unit.y + z * unit.z;
    gl_Position = camera * vec4(place.xy, 0.004, 1.0);
}
"""

SHADOW_FRAGMENT = """#version 330 core
uniform float darkness;
out vec4 pixel;
void main() { pixel = vec4(0.0, 0.0, 0.0, darkness); }
"""

LINE_VERTEX = """#version 330 core
layout(location = 0) in vec2 corner;    // 0 at the start, 1 at the end; −1 and 1 at the edges
layout(location = 1) in vec3 start;
layout(location = 2) in vec3 end;
layout(location = 3) in vec4 colour;
layout(location = 4) in float width;    // px
uniform mat4 camera;
uniform vec2 picture;                   // px
uniform vec3 offset;
uniform float pixel_ratio;
uniform vec3 middle;
uniform vec2 fade;
out vec4 paint;
out float aside;
out float half_width;
const float near = 0.1;
void main() {
    vec3 from = start + offset, to = end + offset;
    vec4 a = camera * vec4(from, 1.0), b = camera * vec4(to, 1.0);
    float da = a.w - near, db = b.w - near;
    float cut = da / (da - db);             // where the line passes the near plane
    if (da < 0.0 && db > 0.0) { a = mix(a, b, cut); from = mix(from, to, cut); }
    if (db < 0.0 && da > 0.0) { b = mix(a, b, cut); to = mix(from, to, cut); }
    vec2 along = (b.xy / b.w - a.xy / a.w) * picture;
    along = length(along) > 1e-6 ? normalize(along) : vec2(1.0, 0.0);
    half_width = 0.5 * width * pixel_ratio;
    float reach = half_width + 0.5;
    vec4 here = mix(a, b, corner.x);
    here.xy += vec2(-along.y, along.x) * corner.y * reach * 2.0 / picture * here.w;
    aside = corner.y * reach;
    vec3 place = corner.x < 0.5 ? from : to;
    float seen = 1.0 - smoothstep(fade.x, fade.y, distance(place.xy, middle.xy));
    paint = vec4(colour.rgb, colour.a * seen);
    gl_Position = da < 0.0 && db < 0.0 ? vec4(0.0, 0.0, 2.0, 1.0) : here;
}
"""

LINE_FRAGMENT = """#version 330 core
in vec4 paint;
in float aside;
in float half_width;
out vec4 pixel;
void main() {
    float cover = clamp(half_width + 0.5 - abs(aside), 0.0, 1.0);
    pixel = vec4(paint.rgb, paint.a * cover);
}
"""

SURFACE_VERTEX = """#version 330 core
layout(location = 0) in vec3 corner;
layout(location = 1) in vec4 colour;
uniform mat4 camera;
uniform vec3 middle;
uniform vec2 fade;
out vec4 paint;
void main() {
    float seen = 1.0 - smoothstep(fade.x, fade.y, distance(corner.xy, middle.xy));
    paint = vec4(colour.rgb, colour.a * seen);
    gl_Position = camera * vec4(corner, 1.0);
}
"""

SURFACE_FRAGMENT = """#version 330 core
in vec4 paint;
out vec4 pixel;
void main() { pixel = paint; }
"""
