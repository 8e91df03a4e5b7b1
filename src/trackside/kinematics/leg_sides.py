"""Whether the sensors of one leg land together: two that are exchanged do not."""

from typing import TYPE_CHECKING

import numpy as np

from trackside.kinematics.stride_rows import QUALITY, Strides

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 5  # strides
TOGETHER = 0.25
"""Of the stride: contacts of one leg are nearer than that to each other, those of the other leg
are half a stride away."""


def lands_with_the_other(table: "pd.DataFrame", side: str, strides: Strides) -> bool:
    """Whether a shank or thigh said to be of ``side`` lands when the other leg does.

    ``table``: strides as :func:`trackside.kinematics.strides.stride_table` finds them by other
    sensors, ``strides``: those of the shank or thigh. False where there are too few to tell.
    """
    starts, ends = (
        table.loc[table["foot"] == side, name].to_numpy(float) for name in ("start_s", "end_s")
    )
    known = np.isfinite(starts) & np.isfinite(ends)
    starts, ends = starts[known], ends[known]
    seen = ~strides.faults[:, QUALITY.index("contact unseen")]
    contacts = strides.start[seen & np.isfinite(strides.start)]
    at = np.searchsorted(starts, contacts) - 1
    contacts, at = contacts[at >= 0], at[at >= 0]
    phase = (contacts - starts[at]) / (ends[at] - starts[at])
    phase = phase[phase < 1.0]
    apart = np.minimum(phase, 1.0 - phase)
    return len(apart) >= FEWEST and float(np.median(apart)) > TOGETHER
