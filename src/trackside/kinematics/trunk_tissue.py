"""How much a sensor on the trunk exaggerates the push, because what is under it gives way.

Skin, fat and strap are a spring with a damper between bone and sensor. The sensor rings at their
natural frequency f₀ after each landing, and exaggerates what is slower: at the step rate f by

    H(f) = (1 + 2 i ζ f/f₀) / (1 − (f/f₀)² + 2 i ζ f/f₀),

some percent where f₀ is 10 to 20 Hz (J. R. Smeathers, Clin. Biomech. 4, 1989, corrects skin-mounted
accelerometers of walkers and runners so). Nobody knows f₀ beforehand, but the ringing shows it: the
push itself, half a sine, has hardly anything above its second harmonic. All f₀ and damping ratios ζ
from soft to nearly rigid are weighed by how well they explain the first harmonics.
"""

import numpy as np

from trackside.arrays import Complexes, Floats

HARMONICS: Floats = np.arange(1.0, 6.0)
"""Of the step rate: up to some 15 Hz."""
FREQUENCIES = np.geomspace(8.0, 100.0, 25)
"""Hz, f₀ of soft tissue under a loose belt to that of a sensor as good as screwed on."""
DAMPING = np.array([0.05, 0.1, 0.2, 0.4])
SHARES = np.linspace(0.3, 0.98, 35)
"""Contact time over step time."""
SHIFTS = np.linspace(-0.06, 0.06, 13)
"""Of a step: how far the push may be off from where its first harmonic says."""
MODEL_SD = 0.1
"""Of gravity; harmonics of a real push differ by so much from those of half a sine."""


def harmonics_of_push(share: Floats) -> Floats:
    """Harmonics over the mean, (…, 5), of half sines that last this share (…) of the step."""
    phase = HARMONICS * share[..., None]
    nearly = np.abs(phase - 0.5) < 1e-6  # where numerator and denominator vanish
    safe = np.where(nearly, 0.5 + 1e-6, phase)
    return np.asarray(2.0 * np.cos(np.pi * safe) / (1.0 - 4.0 * safe**2))


def exaggeration(pushes: Complexes, rates: Floats, wanted: Floats) -> Floats:
    """By how much the first harmonic of the push is exaggerated at step rates ``wanted`` (K,) Hz.

    ``pushes`` (W, 5): harmonics of the measured push over gravity, in W stretches of steps at
    ``rates`` (W,) Hz. One sensor sits everywhere alike: all stretches are weighed together.
    """
    plausible = np.mean([_plausible(*pair) for pair in zip(pushes, rates, strict=True)], axis=0)
    weight = np.exp(plausible - plausible.max())
    logarithms = np.log(np.abs(_response(wanted)))
    return np.asarray(np.exp(np.sum(weight * logarithms, axis=(1, 2)) / weight.sum()))


def _plausible(push: Complexes, rate: float) -> Floats:
    """Logarithm (25, 4) of how well f₀ and ζ explain a push, whatever its share and moment."""
    expected = harmonics_of_push(SHARES)[:, :, None, None] * _response(rate * HARMONICS)
    moment = np.angle(push[0]) - np.angle(expected[:, 0])
    shifted = moment + 2.0 * np.pi * SHIFTS[:, None, None, None]
    errors = np.zeros(shifted.shape)
    for n, harmonic in enumerate(HARMONICS):
        errors += np.abs(expected[:, n] * np.exp(1j * harmonic * shifted) - push[n]) ** 2
    exponent = -0.5 * errors / MODEL_SD**2
    best = exponent.max()
    return np.asarray(best + np.log(np.exp(exponent - best).mean(axis=(0, 1)) + 1e-300))


def _response(rates: Floats) -> Complexes:
    """H (R, 25, 4) at the rates (R,) Hz."""
    ratio = rates[:, None, None] / FREQUENCIES[:, None]
    damped = 2j * DAMPING * ratio
    return np.asarray((1.0 + damped) / (1.0 - ratio**2 + damped))
