"""The strides that one sensor shows, as arrays: what every way to find them gives."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from trackside.arrays import Booleans, Floats, Integers

QUALITY = ("gap", "clipped", "contact unseen", "no rest", "turn", "unlike neighbours")
"""What may be wrong with a stride."""

UNLIKE = 0.3
"""A stride whose time is off by this part from the median of its neighbours is marked."""
NEIGHBOURS = 5


@dataclass(frozen=True)
class Strides:
    """The strides of one foot, (K,) each; NaN where something is not known.

    ``rest``, ``next_rest`` s: the moments in its stance and the next by which the stride is found.
    ``start``, ``toe_off``, ``end`` s: initial contact, toe-off, next initial contact. ``length`` m
    over ground, ``climb`` m upward, ``clearance`` m: the height that the lower one of heel and ball
    reaches in swing, ``strike_angle`` rad: toes up at initial contact, ``turn`` rad of the foot to
    the left. Names ending in ``_sd`` are standard deviations. ``faults`` (K, 6): which of QUALITY.
    """

    rest: Floats
    next_rest: Floats
    start: Floats
    toe_off: Floats
    end: Floats
    start_sd: Floats
    toe_off_sd: Floats
    end_sd: Floats
    length: Floats
    length_sd: Floats
    climb: Floats
    clearance: Floats
    strike_angle: Floats
    turn: Floats
    faults: Booleans

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, which: Booleans | Integers) -> "Strides":
        """Some of the strides."""
        return Strides(*(getattr(self, field.name)[which] for field in fields(Strides)))


def timed_strides(
    start: Floats,
    toe_off: Floats,
    end: Floats,
    sd: tuple[Floats | float, Floats | float],
    faults: Booleans,
    length: Floats | float = np.nan,
    length_sd: Floats | float = np.nan,
) -> Strides:
    """Strides (K,) whose foot was not followed: times, perhaps lengths, the rest NaN.

    ``sd`` s: standard deviations of contacts and of toe-offs.
    """
    unknown = np.full(len(start), np.nan)
    contact_sd, leave_sd = (np.broadcast_to(value, start.shape) for value in sd)
    return Strides(
        rest=start,
        next_rest=end,
        start=start,
        toe_off=toe_off,
        end=end,
        start_sd=contact_sd,
        toe_off_sd=leave_sd,
        end_sd=contact_sd,
        length=np.broadcast_to(length, start.shape),
        length_sd=np.broadcast_to(length_sd, start.shape),
        climb=unknown,
        clearance=unknown,
        strike_angle=unknown,
        turn=unknown,
        faults=faults,
    )


def with_lengths(strides: Strides, model: Strides) -> Strides:
    """Strides with lengths by the speed of the ``model``'s stride nearest in time."""
    middle = 0.5 * (model.start + model.end)
    own = 0.5 * (strides.start + strides.end)
    near = np.argmin(np.abs(middle - own[:, None]), axis=1)
    close = np.abs(middle[near] - own) < strides.end - strides.start
    share = np.where(close, (strides.end - strides.start) / (model.end - model.start)[near], np.nan)
    return replace(
        strides, length=share * model.length[near], length_sd=share * model.length_sd[near]
    )


def joined(parts: Sequence[Strides]) -> Strides:
    """Strides one after the other."""
    return Strides(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Strides)
        )
    )


def any_between(mask: Booleans, starts: Integers, ends: Integers) -> Booleans:
    """Whether a mask (N,) holds anywhere from one sample (K,) to another."""
    counts = np.concatenate([[0], np.cumsum(mask)])
    return counts[ends + 1] > counts[starts]


def unlike_neighbours(times: Floats) -> Booleans:
    """Whether a stride's time is far off the median of those around it."""
    if len(times) < NEIGHBOURS:
        return np.zeros(len(times), np.bool_)
    reach = NEIGHBOURS // 2
    around = np.lib.stride_tricks.sliding_window_view(np.pad(times, reach, "edge"), NEIGHBOURS)
    usual = np.median(around, axis=1)
    return np.abs(times - usual) > UNLIKE * usual
