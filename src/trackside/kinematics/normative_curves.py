"""Joint angles of healthy people over the stride, from published data, with their source.

The file beside this one holds key points of mean curves and the standard deviation between people
at each. Between them the curve is a periodic monotone cubic (F. N. Fritsch & R. E. Carlson, SIAM J.
Numer. Anal. 17, 1980), which adds no extremes of its own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.kinematics.stride_curves import PERCENT, Curve
from trackside.recordings.placements import SIDES


@dataclass(frozen=True)
class Norm:
    """A gait of a group of people.

    ``speed`` m/s; ``people``: how many; ``source``: where it was published. ``curves``: mean and
    SD between people by angle, for either side. ``shape_only``: angles with another zero than ours.
    """

    name: str
    title: str
    speed: float
    people: int
    source: str
    curves: Mapping[str, Curve]
    shape_only: frozenset[str]

    @property
    def walking(self) -> bool:
        """Whether it is a walk."""
        return self.name.startswith("walk")

    def of_both_sides(self) -> dict[str, Curve]:
        """The curves by the names of right and left angles."""
        return {f"{side}_{name}": curve for side in SIDES for name, curve in self.curves.items()}


@cache
def norms() -> dict[str, Norm]:
    """All gaits there are, by name, from slow to fast."""
    text = files("trackside.kinematics").joinpath("normative_curves.toml").read_text("utf-8")
    return {row["name"]: _norm(row) for row in tomllib.loads(text)["gaits"]}


def norm_named(name: str) -> Norm:
    """The gait of that name, such as ``"run-3.5"``; ParameterError tells which there are."""
    known = norms()
    if name not in known:
        raise ParameterError(f"norm {name!r}: expected one of {', '.join(known)}")
    return known[name]


def _norm(row: Mapping[str, Any]) -> Norm:
    people = int(row["people"])
    curves = {name: _curve(table["points"], people) for name, table in row["angles"].items()}
    return Norm(
        row["name"],
        row["title"],
        float(row["speed"]),
        people,
        " ".join(row["source"].split()),
        curves,
        frozenset(row["shape_only"]),
    )


def _curve(points: list[list[float]], people: int) -> Curve:
    phase, mean, sd = np.array(points, float).T
    return Curve(
        np.radians(periodic_monotone(phase, mean)), np.radians(periodic_monotone(phase, sd)), people
    )


def periodic_monotone(phase: Floats, values: Floats) -> Floats:
    """Values (101,) at 0–100 % of the stride through points (P,) at phases 0 ≤ phase < 100 %."""
    from scipy.interpolate import PchipInterpolator

    around = np.concatenate([phase - 100.0, phase, phase + 100.0])
    through: Floats = PchipInterpolator(around, np.tile(values, 3))(PERCENT)
    return through
