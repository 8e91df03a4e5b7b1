"""The heart's answer to effort, and the beats that a chest strap sends.

The heart rate follows speed as a first-order system: 24.2 bpm per m/s in steady state, with a time
constant of 57.6 s upwards as downwards, the means over 24 runners of K. J. Hunt, S. E. Fankhauser &
J. Saengsuwan, BioMed. Eng. OnLine 14:117, 2015, and stays below its maximum.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from trackside.arrays import Floats

GAIN = 24.2  # bpm per m/s
TIME_CONSTANT = 57.6  # s


@dataclass(frozen=True)
class Heart:
    """An athlete's heart: rates in bpm standing at rest and at most.

    ``variability``: standard deviation of successive intervals at rest, relative to their length;
    it vanishes towards the maximum (M. P. Tulppo et al., Am. J. Physiol. 271, 1996).
    """

    resting: float = 75.0
    maximum: float = 190.0
    variability: float = 0.03

    def rate(self, speed: Floats, step: float) -> Floats:
        """Heart rate (N,) bpm at speeds (N,) m/s, ``step`` s apart, from rest."""
        target = np.minimum(self.resting + GAIN * speed, self.maximum)
        keep = np.exp(-step / TIME_CONSTANT)
        rate: Floats = lfilter([1 - keep], [1.0, -keep], target, zi=[keep * self.resting])[0]
        return rate

    def beats(self, time: Floats, rate: Floats, rng: np.random.Generator) -> Floats:
        """Moments (B,) s of the beats of a heart with that rate (N,) bpm at times (N,) s."""
        count = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 120 * np.diff(time))])
        whole = np.arange(1.0, np.floor(count[-1]) + 1)
        beats = np.interp(whole, count, time)
        calm = np.clip((self.maximum - np.interp(beats, time, rate)) / self.maximum, 0.0, 1.0)
        interval = 60 / np.interp(beats, time, rate)
        beats += self.variability * calm * interval * rng.standard_normal(len(beats))
        return np.asarray(np.sort(beats[beats < time[-1]]))
