"""How one gait's joint angles differ from another's over the stride, and where it matters.

The curves are compared point by point, and shifted in phase as far as their circular
cross-correlation says. What is told of it:

- a *time shift*, if shifting explains most of the difference;
- *stretches* of the stride where the difference that is left is beyond the band, two standard
  deviations of it, and beyond the least angle that anybody cares about, for a few percent at a
  stretch. Angles that change fast in time would otherwise seem wrong wherever contacts are found a
  little early or late.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from trackside.arrays import Booleans, Floats, Integers
from trackside.errors import MissingDataError
from trackside.kinematics.stride_curves import POINTS, Curve
from trackside.recordings.placements import SIDES

BAND = 2.0  # standard deviations
LEAST_ANGLE = float(np.radians(5.0))
"""rad; less is within what sensors and their calibration are sure of."""
LEAST_STRETCH = 4  # % of the stride
JOINED = 4  # %; stretches not farther apart are one
LEAST_SHIFT = 4.0  # % of the stride; initial contact is not known better
LONGEST_SHIFT = 20  # % of the stride
HARDLY_FREE = frozenset(
    ("knee_adduction", "knee_rotation", "ankle_rotation", "elbow_adduction", "wrist_rotation")
)
"""Angles that joints hardly have: what is measured is mostly how sensors sat. Not compared."""
EXPLAINED = 0.5
"""Which part of the RMS difference a time shift must take away to be the reason for it."""

_RING = POINTS - 1  # 100 % is 0 % of the next stride


@dataclass(frozen=True)
class Deviation:
    """One angle compared: own less reference, in rad.

    ``rms``, ``mean``, ``largest`` (the one farthest from zero, with its sign) and ``largest_at`` in
    % of the stride. ``shift``: by how many % of the stride the own curve is later, as
    cross-correlated. ``shape_only``: whether the mean difference was taken out before, since the
    zeros differ.
    """

    angle: str
    own: Curve
    reference: Curve
    rms: float
    mean: float
    largest: float
    largest_at: float
    shift: float
    shape_only: bool = False


@dataclass(frozen=True)
class Stretch:
    """A part of the stride where an angle differs: ``difference`` rad where it is largest.

    ``start``, ``end`` in % of the stride; the end is before the start if 0 % lies between.
    ``offset``: whether it differs all through, as with a wrong zero.
    """

    angle: str
    difference: float
    start: float
    end: float
    offset: bool
    severity: float


@dataclass(frozen=True)
class TimeShift:
    """An angle that moves as the reference does, but later by ``shift`` % of the stride."""

    angle: str
    shift: float
    severity: float


Irregularity = Stretch | TimeShift


def deviations(
    own: Mapping[str, Curve],
    reference: Mapping[str, Curve],
    shape_only: frozenset[str] = frozenset(),
) -> list[Deviation]:
    """Compare the angles that both have, in the order of ``own``, without HARDLY_FREE.

    ``shape_only``: angles, without their side, whose zeros differ. Raises MissingDataError if the
    two have no angle in common.
    """
    shared = [name for name in own if name in reference and without_side(name) not in HARDLY_FREE]
    if not shared:
        raise MissingDataError("nothing to compare: no joint was measured in both")
    return [
        compare(name, own[name], reference[name], without_side(name) in shape_only)
        for name in shared
    ]


def asymmetries(own: Mapping[str, Curve]) -> list[Deviation]:
    """Compare every angle of the left side with that of the right, each over its own strides.

    The deviations are named without a side.
    """
    right, left = SIDES
    names = [without_side(name) for name in own if name.startswith(f"{left}_")]
    return [
        compare(name, own[f"{left}_{name}"], own[f"{right}_{name}"], shape_only=False)
        for name in names
        if f"{right}_{name}" in own and name not in HARDLY_FREE
    ]


def compare(angle: str, own: Curve, reference: Curve, shape_only: bool) -> Deviation:
    """Compare two curves of one angle."""
    if shape_only:
        moved = own.mean - np.mean((own.mean - reference.mean)[:_RING])
        own = replace(own, mean=moved)
    difference = (own.mean - reference.mean)[:_RING]
    farthest = int(np.argmax(np.abs(difference)))
    return Deviation(
        angle,
        own,
        reference,
        float(np.sqrt(np.mean(difference**2))),
        float(np.mean(difference)),
        float(difference[farthest]),
        float(farthest),
        phase_shift(own.mean, reference.mean),
        shape_only,
    )


def phase_shift(own: Floats, reference: Floats) -> float:
    """By how many % of the stride a curve (101,) is later than another, between −20 and 20.

    The lag of the largest circular cross-correlation of both less their means, refined by a
    parabola; 0 where no lag makes them alike, as for a curve that does not change.
    """
    first, second = (curve[:_RING] - np.mean(curve[:_RING]) for curve in (own, reference))
    product = np.fft.rfft(first) * np.conj(np.fft.rfft(second))
    correlation = np.fft.irfft(product, _RING)
    lags = np.arange(-LONGEST_SHIFT, LONGEST_SHIFT + 1)
    lag = int(lags[np.argmax(correlation[lags])])
    before, peak, after = correlation[[lag - 1, lag, (lag + 1) % _RING]]
    bend = before - 2 * peak + after
    if peak <= 0.0 or bend >= 0.0:
        return 0.0
    return float(np.clip(lag + 0.5 * (before - after) / bend, -LONGEST_SHIFT, LONGEST_SHIFT))


def later(curve: Floats, shift: float) -> Floats:
    """A curve (101,) moved by ``shift`` % of the stride to later phases, around the stride."""
    ring = curve[:_RING]
    phase = np.arange(POINTS) - shift
    return np.interp(phase, np.arange(_RING), ring, period=_RING)


def irregularities(found: list[Deviation], least_angle: float = LEAST_ANGLE) -> list[Irregularity]:
    """What matters among deviations, the most severe first.

    Severity is the angle in excess, summed up over the stride.
    """
    items = [item for deviation in found for item in _irregularities(deviation, least_angle)]
    return sorted(items, key=lambda item: -item.severity)


def without_side(angle: str) -> str:
    """``"knee_flexion"`` of ``"left_knee_flexion"``; others as they are."""
    side, _, rest = angle.partition("_")
    return rest if side in SIDES else angle


def _irregularities(deviation: Deviation, least_angle: float) -> list[Irregularity]:
    reference = deviation.reference
    direct = _stretches(deviation, reference, least_angle)
    if not direct:
        return []
    moved = Curve(
        later(reference.mean, deviation.shift),
        later(reference.sd, deviation.shift),
        reference.strides,
    )
    aligned = compare(deviation.angle, deviation.own, moved, shape_only=False)
    if aligned.rms > (1.0 - EXPLAINED) * deviation.rms:
        return [*direct]
    items = _stretches(deviation, moved, least_angle)
    if abs(deviation.shift) < LEAST_SHIFT:
        return [*items]
    severity = (deviation.rms - aligned.rms) * _RING
    return [TimeShift(deviation.angle, deviation.shift, severity), *items]


def _stretches(deviation: Deviation, reference: Curve, least_angle: float) -> list[Stretch]:
    """Where the own curve is above, and where below, the band about a reference."""
    own = deviation.own
    difference = (own.mean - reference.mean)[:_RING]
    limit = np.maximum(BAND * np.hypot(own.sd, reference.sd), least_angle)[:_RING]
    items = []
    for sign in (1.0, -1.0):
        for inside in runs_around(sign * difference > limit):
            size = np.abs(difference[inside])
            items.append(
                Stretch(
                    deviation.angle,
                    float(difference[inside[np.argmax(size)]]),
                    float(inside[0]),
                    float(inside[-1]),
                    len(inside) == _RING,
                    float(np.sum(np.maximum(size - limit[inside], 0.0))),
                )
            )
    return items


def runs_around(mask: Booleans) -> list[Integers]:
    """The runs of a ring (100,) in which a mask holds, as their points (L,) in order.

    Runs not farther than JOINED apart are one; those shorter than LEAST_STRETCH are none.
    """
    size = len(mask)
    on = np.flatnonzero(mask)
    if not len(on):
        return []
    gaps = np.diff(on, append=on[0] + size)
    breaks = np.flatnonzero(gaps > JOINED + 1)
    if not len(breaks):
        return [np.arange(size)]
    first = np.roll(on[(breaks + 1) % len(on)], 1)
    last = on[breaks]
    runs = [(a + np.arange((b - a) % size + 1)) % size for a, b in zip(first, last, strict=True)]
    return [run for run in runs if len(run) > LEAST_STRETCH]
