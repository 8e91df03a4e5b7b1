"""Colours of the windows: a light and a dark scheme, told apart by the colour-blind.

Right, left and ghost are taken from Okabe & Ito's palette (*Color Universal Design*, 2008); right
and left are vermilion and blue here as in every picture of Trackside, lighter on a dark ground.
"""

from dataclasses import dataclass

import numpy as np

from trackside.arrays import Floats


@dataclass(frozen=True)
class Scheme:
    """Colours as ``#RRGGBB``: of what is drawn in the scene, and of the window around it."""

    name: str
    background: str
    horizon: str
    grid: str
    lane: str
    lane_line: str
    right: str
    left: str
    centre: str
    unmeasured: str
    ghost: str
    panel: str
    panel_line: str
    text: str
    muted: str
    accent: str
    warning: str
    heart: str

    def of_side(self, name: str) -> str:
        """The colour of a segment or an angle by its name's side, if it has one."""
        return {"right": self.right, "left": self.left}.get(name.partition("_")[0], self.centre)


LIGHT = Scheme(
    name="light",
    background="#F3F5F7",
    horizon="#DDE3E9",
    grid="#B9C2CB",
    lane="#E9C9BB",
    lane_line="#FFFFFF",
    right="#D55E00",
    left="#0072B2",
    centre="#59636E",
    unmeasured="#A9B1B9",
    ghost="#A64D86",
    panel="#FFFFFF",
    panel_line="#D3D9DF",
    text="#14181D",
    muted="#56616C",
    accent="#0B5C8A",
    warning="#9A3B00",
    heart="#B3123C",
)
DARK = Scheme(
    name="dark",
    background="#14181D",
    horizon="#1E252C",
    grid="#3A444E",
    lane="#4A2F28",
    lane_line="#B9A7A0",
    right="#F5813F",
    left="#56B4E9",
    centre="#BBC4CD",
    unmeasured="#6A747E",
    ghost="#E39CC8",
    panel="#1B2127",
    panel_line="#36404A",
    text="#F1F4F7",
    muted="#A7B1BB",
    accent="#7CC7F2",
    warning="#FFB37A",
    heart="#FF7A98",
)
SCHEMES: dict[str, Scheme] = {scheme.name: scheme for scheme in (LIGHT, DARK)}


def rgb(colour: str) -> Floats:
    """Red, green and blue (3,) from 0 to 1 of ``#RRGGBB``."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0


def rgba(colour: str, alpha: float = 1.0) -> Floats:
    """Red, green, blue and opacity (4,) from 0 to 1 of ``#RRGGBB``."""
    return np.append(rgb(colour), alpha)
