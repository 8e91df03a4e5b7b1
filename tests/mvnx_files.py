"""Small MVNX files, for the tests of what is read from them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

SEGMENT_LABELS = (
    *("Pelvis", "L5", "L3", "T12", "T8", "Neck", "Head"),
    *("RightShoulder", "RightUpperArm", "RightForeArm", "RightHand"),
    *("LeftShoulder", "LeftUpperArm", "LeftForeArm", "LeftHand"),
    *("RightUpperLeg", "RightLowerLeg", "RightFoot", "RightToe"),
    *("LeftUpperLeg", "LeftLowerLeg", "LeftFoot", "LeftToe"),
)
"""The segments in the order of MVN."""

Arrays = Mapping[str, np.ndarray[Any, Any]]


def mvnx(
    elements: Arrays,
    *,
    rate: float = 60.0,
    segments: Sequence[str] = SEGMENT_LABELS,
    sensors: Sequence[str] = (),
    points: Mapping[str, Mapping[str, Sequence[float]]] | None = None,
    indices: Sequence[int] | None = None,
    ms: int = 1_700_000_000_250,
) -> str:
    """A file with those elements (G or S, N, 3 or 4) of its frames, one element on a line.

    It begins as MVN's do, with two frames that show calibration poses.
    """
    count = next(iter(elements.values())).shape[1]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<mvnx version="4">',
        f'<subject label="A" frameRate="{rate:g}" segmentCount="{len(segments)}">',
        "<segments>",
    ]
    for number, label in enumerate(segments, 1):
        own = (points or {}).get(label, {})
        lines += [f'<segment label="{label}" id="{number}"><points>']
        lines += [
            f'<point label="{name}"><pos_b>{_text(at)}</pos_b></point>' for name, at in own.items()
        ]
        lines += ["</points></segment>"]
    lines += ["</segments>", "<sensors>", *(f'<sensor label="{label}"/>' for label in sensors)]
    lines += ["</sensors>", "<frames>"]
    for pose in ("identity", "tpose"):
        lines += [f'<frame time="0" index="" type="{pose}">']
        lines += [f"<orientation>{_text([1, 0, 0, 0] * len(segments))}</orientation>", "</frame>"]
    for n in range(count):
        index = n if indices is None else indices[n]
        time = round(1000 * index / rate)
        lines += [f'<frame time="{time}" index="{index}" ms="{ms + time}" type="normal">']
        lines += [f"<{name}>{_text(rows[:, n])}</{name}>" for name, rows in elements.items()]
        lines += ["</frame>"]
    return "\n".join([*lines, "</frames>", "</subject>", "</mvnx>", ""])


def _text(numbers: Any) -> str:
    return " ".join(f"{number:.9f}" for number in np.ravel(numbers))
