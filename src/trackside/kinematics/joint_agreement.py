"""How far two sensors' accounts of their joint's acceleration agree, as quadratic forms.

With x = (1, arm of the first, arm of the second) (7,) and the accounts written as U x and V x (see
:mod:`trackside.kinematics.heading`), the squared disagreement after turning U by an angle δ about
the vertical is

    xᵀ (own − cos δ (c + cᵀ) − sin δ (s + sᵀ) − (z + zᵀ)) x

summed over the samples of a window: four constant 7 × 7 matrices, its moments (4, 7, 7), whatever
the angle and the arms. The best angle for given arms, and the best arms for given angles, are
closed forms of them.
"""

import numpy as np

from trackside.arrays import Floats

WINDOW = 10.0
"""s; the time over which one angle is found."""
TOGETHER = 6
"""Windows over which a drifting heading may be taken for constant, to find arms to begin with."""
SETTLED = 1e-4
"""m; arms that move by less in a round are found."""
ROUNDS = 100
"""Of arms given angles given arms, at most; a handful does where the evidence is good."""


def disagreement(moments: Floats, angle: Floats) -> Floats:
    """The quadratic forms (..., 7, 7) at angles (...) rad for moments (..., 4, 7, 7)."""
    own, c, s, z = np.moveaxis(moments, -3, 0)
    shared = np.cos(angle)[..., None, None] * c + np.sin(angle)[..., None, None] * s + z
    return own - shared - np.swapaxes(shared, -1, -2)


def best_angles(moments: Floats, arms: Floats) -> tuple[Floats, Floats]:
    """Angle (..., W) rad of each window given the arms (..., 6) m, and how much weight it carries.

    ``moments`` (..., W, 4, 7, 7).
    """
    x = with_one(arms)
    agreement = np.einsum("...i,...wkij,...j->...wk", x, moments[..., 1:3, :, :], x)
    cosine, sine = np.moveaxis(agreement, -1, 0)
    return np.arctan2(sine, cosine), np.hypot(cosine, sine)


def residuals(moments: Floats, arms: Floats, angle: Floats) -> Floats:
    """Squared disagreement (..., W), summed over each window's samples."""
    x = with_one(arms)
    return np.einsum("...i,...wij,...j->...w", x, disagreement(moments, angle), x)


def with_one(arms: Floats) -> Floats:
    """The vectors x (..., 7) of arms (..., 6)."""
    return np.concatenate([np.ones((*arms.shape[:-1], 1)), arms], axis=-1)


def few_together(moments: Floats) -> Floats:
    """Moments of a few windows in a row taken as one, (..., F, 4, 7, 7) of (..., W, 4, 7, 7)."""
    starts = np.arange(0, moments.shape[-4], TOGETHER)
    return np.add.reduceat(moments, starts, axis=-4)
