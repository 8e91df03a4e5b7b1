"""The replay as one HTML file that opens anywhere, offline: program, style and data are inside.

Nothing is ever requested: the page's Content-Security-Policy forbids it, and allows exactly the one
program and the one style that it was written with.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

import trackside
from trackside.errors import MissingDataError
from trackside.kinematics.pose import Pose
from trackside.replacing import replacing
from trackside.viewer.camera import FAR, FARTHEST, NEAR, NEAREST, VIEWS, Camera
from trackside.viewer.ground import GRID_REACH, LANE_WIDTH
from trackside.viewer.html_motion import PackedMotion, packed_motion
from trackside.viewer.scheme import DARK, LIGHT, Scheme
from trackside.viewer.tracks import Track, thinned

BOLD_EVERY = 5  # m


LEAST_RANGE = {"m/s": 1.0}
"""What an axis spans at least, by unit."""
USUAL_RANGE = 20.0
REACH = 2.0
"""s from a moment that a track's value may be away."""


@dataclass(frozen=True)
class PageContent:
    """What a page shows; what is not there is left out, and ``remarks`` say so.

    ``ghost``: a second motion, called ``ghost_title``; ``laps`` s: the ends of laps.
    """

    title: str
    subtitle: str = ""
    pose: Pose | None = None
    ghost: Pose | None = None
    ghost_title: str = "ghost"
    tracks: Sequence[Track] = ()
    laps: Sequence[float] = ()
    remarks: Sequence[str] = field(default_factory=tuple)


def write_replay(path: Path, replay: PageContent) -> int:
    """Write the page and return its size in bytes; the file appears whole or not at all.

    Raises MissingDataError if there is nothing to show.
    """
    content = replay_page(replay).encode("utf-8")
    with replacing(path) as target:
        target.write_bytes(content)
    return len(content)


def replay_page(replay: PageContent) -> str:
    """The page's text. Raises MissingDataError if there is nothing to show."""
    motion, ghost, remarks = _motions(replay)
    tracks = [thinned(track) for track in replay.tracks if np.isfinite(track.values).any()]
    if motion is None and not tracks:
        raise MissingDataError(
            f"{replay.title}: nothing to replay: {'; '.join(remarks) or 'it holds no data'}"
        )
    data = {
        "span": _span(motion, tracks),
        "motion": motion.header if motion else None,
        "ghost": ghost.header if ghost else None,
        "gaps": motion.gaps if motion else [],
        "series": [_series(track) for track in tracks],
        "laps": [round(float(lap), 2) for lap in replay.laps],
        "notes": remarks,
        "ground": {"reach": GRID_REACH, "bold_every": BOLD_EVERY, "lane_width": LANE_WIDTH},
        "camera": {
            "field_of_view_deg": float(np.rad2deg(Camera().field_of_view)),
            "near": NEAR,
            "far": FAR,
            "nearest": NEAREST,
            "farthest": FARTHEST,
            "views": {name: asdict(view) for name, view in VIEWS.items()},
        },
    }
    program, style = _program(), _style()
    blocks = [
        f'<script type="text/plain" id="{name}">{packed.content}</script>'
        for name, packed in (("motion", motion), ("ghost", ghost))
        if packed
    ]
    return Template(_resource("page.html")).substitute(
        policy=_policy(program, style),
        generator=f"Trackside {trackside.__version__}",
        title=html.escape(replay.title),
        subtitle=html.escape(replay.subtitle),
        picture=html.escape(f"Moving skeleton of {replay.title}"),
        ghost=html.escape(replay.ghost_title),
        style=style,
        data=inert_json(data),
        blocks="\n".join(blocks),
        program=program,
    )


def inert_json(data: Any) -> str:
    """JSON that cannot end the script element that it stands in."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def inert_program(text: str) -> str:
    """A program that cannot end its own script element: such letters only stand in strings."""
    return re.sub("</(?=script)", r"<\\/", text, flags=re.IGNORECASE).replace("<!--", "\\x3c!--")


def _motions(replay: PageContent) -> tuple[PackedMotion | None, PackedMotion | None, list[str]]:
    remarks = list(replay.remarks)
    packed: list[PackedMotion | None] = []
    for pose, whose in ((replay.pose, ""), (replay.ghost, f"{replay.ghost_title}: ")):
        found = None
        if pose is not None and len(pose.time):
            try:
                found = packed_motion(pose)
                remarks += [f"{whose}{remark}" for remark in found.remarks]
            except MissingDataError as error:
                remarks.append(f"{whose}{error}")
        packed.append(found)
    return packed[0], packed[1], remarks


def _span(motion: PackedMotion | None, tracks: Sequence[Track]) -> list[float]:
    """The moments between which the replay goes: the pose's, or else those of the tracks."""
    if motion is not None:
        header = motion.header
        start, length = header["start"], (header["frames"] - 1) / header["rate"]
        return [start, start + max(length, 1.0 / header["rate"])]
    ends = [float(end) for track in tracks for end in track.time[[0, -1]]]
    return [min(ends), max(*ends, min(ends) + 1.0)]


def _series(track: Track) -> dict[str, Any]:
    known = np.isfinite(track.values)
    low, high = track.values[known].min(), track.values[known].max()
    return {
        "name": track.name,
        "unit": track.unit,
        "colour": "heart" if track.unit == "bpm" else "accent",
        "reach": REACH,
        "least_range": LEAST_RANGE.get(track.unit, USUAL_RANGE),
        "time": np.round(track.time, 2).tolist(),
        "values": [
            round(float(value), 1) if there else None
            for value, there in zip(track.values, known, strict=True)
        ],
        "description": f"{track.name} over the session, from {low:.0f} to {high:.0f} "
        f"{track.unit}; drag to go to another moment",
    }


def _program() -> str:
    return inert_program(_resource("replay.js"))


def _style() -> str:
    light, dark = _variables(LIGHT), _variables(DARK)
    return (
        f":root{{color-scheme:light dark;{light}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f":root[data-scheme=light]{{color-scheme:light;{light}}}"
        f":root[data-scheme=dark]{{color-scheme:dark;{dark}}}\n{_resource('page.css')}"
    )


def _variables(scheme: Scheme) -> str:
    """The colours of a scheme as CSS variables."""
    colours = {name: value for name, value in asdict(scheme).items() if name != "name"}
    return "".join(f"--{name.replace('_', '-')}:{value};" for name, value in colours.items())


def _policy(program: str, style: str) -> str:
    return (
        f"default-src 'none'; script-src '{_digest(program)}'; style-src '{_digest(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    found = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(found).decode('ascii')}"


def _resource(name: str) -> str:
    return files("trackside.viewer").joinpath("html", name).read_text(encoding="utf-8")
