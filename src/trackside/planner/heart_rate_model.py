"""How an athlete's heart rate answers to running speed: a first-order model, fitted to recordings.

    dHR/dt = (a + b v + c t − HR) / τ,   τ = τ_rise or τ_fall

The steady heart rate grows with speed and drifts up with time; it is approached faster than it is
left. Hunt and Liu (BioMed Eng OnLine 20, 2021) find first-order models 0.2 bpm worse than second-
order ones. Across sessions the prediction is off by 10 bpm and more, so plans keep a guard band.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.optimize import least_squares

from trackside.arrays import Floats
from trackside.errors import SignalError
from trackside.kernels import kernel
from trackside.planner.athlete import Athlete
from trackside.planner.heart_rate_zones import heart_rate
from trackside.planner.race_performance import training_speeds
from trackside.planner.training_load import reserve_fraction

PARAMETERS = ("intercept", "slope", "drift", "rise", "fall")
USUAL_DRIFT, USUAL_RISE, USUAL_FALL = 0.002, 45.0, 70.0
PRIOR_SD: Floats = np.array([8.0, 3.0, 0.003, 15.0, 25.0])
"""bpm, bpm/(m/s), bpm/s, s, s: how far somebody whom nobody has measured may be from usual."""
USUAL_RESIDUAL = 8.0  # bpm
DAY_SD = 6.0
"""bpm: how much the whole heart rate differs from day to day (heat, sleep, coffee)."""
CORRELATION_SECONDS = 60.0
"""Residuals further apart than this count as independent."""
LEAST = np.array([20.0, 0.0, -0.01, 5.0, 5.0])
MOST = np.array([150.0, 80.0, 0.05, 240.0, 300.0])


@dataclass(frozen=True)
class HeartRateModel:
    """Parameters in PARAMETERS' order (5,), their covariance (5, 5), and residual SD in bpm."""

    parameters: Floats
    covariance: Floats
    residual: float

    @classmethod
    def usual(cls, athlete: Athlete) -> Self:
        """What is to be expected of an athlete without any recording.

        Steady heart rate by the reserve that easy and threshold speeds take, straight in between.
        """
        speeds = training_speeds(athlete.vdot)
        slow, fast = speeds.easy[0], speeds.threshold[1]
        low, high = (
            heart_rate(athlete, reserve_fraction(speed, athlete.vdot)) for speed in (slow, fast)
        )
        slope = (high - low) / (fast - slow)
        expected = np.array([low - slope * slow, slope, USUAL_DRIFT, USUAL_RISE, USUAL_FALL])
        return cls(expected, np.diag(PRIOR_SD**2), USUAL_RESIDUAL)

    def steady(self, speed: float, time: float = 0.0) -> float:
        """Heart rate in bpm that a speed (m/s) leads to, ``time`` s into a session."""
        intercept, slope, drift = self.parameters[:3]
        return float(intercept + slope * speed + drift * time)

    def guard_band(self, speed: float, time: float = 0.0, sds: float = 1.0) -> float:
        """How far, in bpm, the heart rate may stray from :meth:`steady` within so many SDs.

        From what is not known of the parameters, the residuals, and differences between days.
        """
        direction = np.array([1.0, speed, time, 0.0, 0.0])
        variance = float(direction @ self.covariance @ direction)
        return sds * float(np.sqrt(variance + self.residual**2 + DAY_SD**2))

    def predict(self, time: Floats, speed: Floats, start: float) -> Floats:
        """Heart rate (N,) bpm at ``time`` (N,) s for ``speed`` (N,) m/s, from ``start`` bpm."""
        return respond(
            np.ascontiguousarray(time, float),
            np.ascontiguousarray(speed, float),
            self.parameters,
            start,
        )

    def refitted(self, time: Floats, speed: Floats, heart_rate: Floats) -> Self:
        """The model after one more recording; what is known so far is its prior.

        ``time`` (N,) s from the session's start, increasing; ``speed`` m/s; ``heart_rate`` bpm; NaN
        where unknown. Maximum a posteriori, with the curvature there as information. Raises
        :class:`SignalError` if fewer than 60 s can be used.
        """
        known = np.isfinite(speed) & np.isfinite(heart_rate) & (heart_rate > 0.0)
        time, speed, beats = (
            np.ascontiguousarray(x[known], float) for x in (time, speed, heart_rate)
        )
        if len(time) < 10 or time[-1] - time[0] < 60.0:
            raise SignalError("heart-rate model: less than 60 s with both speed and heart rate")
        samples = len(time) * min((time[-1] - time[0]) / len(time) / CORRELATION_SECONDS, 1.0)
        root = np.linalg.cholesky(np.linalg.inv(self.covariance + np.diag([DAY_SD**2, 0, 0, 0, 0])))
        share = np.sqrt(samples / len(time)) / self.residual

        def misfit(parameters: Floats) -> Floats:
            off = respond(time, speed, parameters, beats[0]) - beats
            return np.concatenate([share * off, root.T @ (parameters - self.parameters)])

        start = np.clip(self.parameters, LEAST + 1e-6, MOST - 1e-6)
        found = least_squares(misfit, start, bounds=(LEAST, MOST), x_scale=PRIOR_SD)
        off = respond(time, speed, found.x, beats[0]) - beats
        covariance = np.linalg.inv(found.jac.T @ found.jac)
        return type(self)(found.x, covariance, float(max(np.sqrt(np.mean(off**2)), 1.0)))


@kernel
def respond(time: Floats, speed: Floats, parameters: Floats, start: float) -> Floats:
    """Heart rate (N,) of the first-order model, exact for speeds that hold between samples."""
    intercept, slope, drift, rise, fall = parameters
    beats = np.empty(len(time))
    value = start
    for i in range(len(time)):
        if i > 0:
            wanted = intercept + slope * speed[i - 1] + drift * time[i]
            tau = rise if wanted > value else fall
            value = wanted + (value - wanted) * np.exp(-(time[i] - time[i - 1]) / tau)
        beats[i] = value
    return beats
