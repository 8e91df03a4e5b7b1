"""BVH files: reading any, writing such as all other programs read alike.

Written are ASCII, line feeds, an exact frame count, joint names of letters, digits and underscores,
and positions for a root at OFFSET 0 0 0 only: other programs differ on everything else.
"""

import math
import re
from collections.abc import Callable
from pathlib import Path

from trackside.errors import FileFormatError
from trackside.kinematics.bvh_document import BvhDocument, BvhJoint, world_positions
from trackside.kinematics.bvh_parser import parse_bvh
from trackside.kinematics.number_text import fixed_point_text
from trackside.replacing import replacing

__all__ = ["BvhDocument", "BvhJoint", "read_bvh_file", "world_positions", "write_bvh_file"]

DECIMALS = 6  # 1e-6° and 1e-6 cm
_CHUNK = 8192  # frames formatted at a time
_PORTABLE_NAME = re.compile(r"[A-Za-z0-9_]+")


def read_bvh_file(path: Path | str) -> BvhDocument:
    """Read a BVH file; FileFormatError names the line and what was expected there."""
    path = Path(path)
    return parse_bvh(path.read_bytes(), path)


def write_bvh_file(
    path: Path | str, document: BvhDocument, progress: Callable[[float], None] | None = None
) -> None:
    """Write a BVH file with 6 decimals, all of it or nothing: the file appears when it is complete.

    ``progress`` is told the fraction written, up to 1. Raises FileFormatError where the document
    holds what other programs would misread (see above), SignalError where a frame is not finite,
    ValueError where a joint's descendants do not follow it directly.
    """
    path = Path(path)
    if len(document.frames) == 0:
        raise FileFormatError(path, "motion", "at least 1 frame")
    header = bvh_header(path, document, str(len(document.frames)))
    with replacing(path) as new, new.open("wb") as file:
        file.write(header.encode("ascii"))
        for start in range(0, len(document.frames), _CHUNK):
            chunk = document.frames[start : start + _CHUNK]
            file.write(fixed_point_text(chunk, DECIMALS))
            if progress is not None:
                progress((start + len(chunk)) / len(document.frames))


def bvh_header(path: Path, document: BvhDocument, frame_count: str) -> str:
    """The text of a BVH file up to its first frame, with that frame count.

    Raises as :func:`write_bvh_file` does.
    """
    _check_portable(path, document)
    lines = ["HIERARCHY"]
    open_joints: list[int] = []
    for index, joint in enumerate(document.joints):
        while open_joints and open_joints[-1] != joint.parent:
            open_joints.pop()
            lines.append("\t" * len(open_joints) + "}")
        if index > 0 and not open_joints:
            raise ValueError(
                f"joint {joint.name} stands apart from its parent: expected depth first"
            )
        lines += _joint_lines(joint, "\t" * len(open_joints))
        open_joints.append(index)
    lines += ["\t" * depth + "}" for depth in reversed(range(len(open_joints)))]
    lines += ["MOTION", f"Frames: {frame_count}"]
    lines += [f"Frame Time: {document.frame_time:.12f}", ""]
    return "\n".join(lines)


def _joint_lines(joint: BvhJoint, indent: str) -> list[str]:
    """A joint's lines up to where its children stand."""
    lines = [
        f"{indent}{'ROOT' if joint.parent < 0 else 'JOINT'} {joint.name}",
        f"{indent}{{",
        f"{indent}\t{_offset_text(joint.offset)}",
        f"{indent}\tCHANNELS {' '.join([str(len(joint.channels)), *joint.channels])}",
    ]
    if joint.end_site is not None:
        tip = ["End Site", "{", f"\t{_offset_text(joint.end_site)}", "}"]
        lines += [f"{indent}\t{line}" for line in tip]
    return lines


def _offset_text(offset: tuple[float, float, float]) -> str:
    return "OFFSET " + " ".join(f"{value:.{DECIMALS}f}" for value in offset)


def _check_portable(path: Path, document: BvhDocument) -> None:
    """Raise FileFormatError where other programs would misread the document."""
    if not 0 < document.frame_time < math.inf:
        raise FileFormatError(path, "motion", "a frame time above 0 s")
    if len({joint.name for joint in document.joints}) < len(document.joints):
        raise FileFormatError(path, "hierarchy", "a name of its own for each joint")
    for index, joint in enumerate(document.joints):
        place = f"joint {joint.name!r}"
        if not _PORTABLE_NAME.fullmatch(joint.name):
            raise FileFormatError(path, place, "a name of the letters A–Z, a–z, digits and '_'")
        if (joint.parent < 0) != (index == 0):
            raise FileFormatError(path, place, "one root, at the top")
        if index == 0 and any(joint.offset):
            raise FileFormatError(path, place, "OFFSET 0 0 0 for the root")
        if index > 0 and any(channel.endswith("position") for channel in joint.channels):
            raise FileFormatError(path, place, "no position channels below the root")
