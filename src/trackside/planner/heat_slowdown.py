"""What heat costs a runner: from air temperature and humidity to a slower finish."""

import math

import numpy as np

from trackside.errors import ParameterError

COLDEST, HOTTEST = -30.0, 50.0  # °C, that a race's air can have
DANGEROUS = 20.5  # °C of wet-bulb globe temperature, see is_dangerous()

# Wet-bulb globe temperatures in the middle of the four ranges of Ely et al. 2007 (°C), and by how
# much the first three men finished slower than in the coolest: 1.7, 2.5, 3.3 and 4.5 % behind the
# course record in the paper's abstract.
TEMPERATURES = (7.5, 12.5, 17.5, 22.5)
SLOWDOWNS = (0.0, 0.008, 0.016, 0.028)

FAST_MARATHON, SLOW_MARATHON = 7800.0, 10800.0  # s: 2:10 h, 3:00 h
SLOW_FACTOR = 2.0


def wet_bulb_globe_temperature(temperature_c: float, humidity: float) -> float:
    """Return an estimate of the WBGT (°C) from air temperature (°C) and relative humidity (0–1).

    0.567 T + 0.393 e + 3.94 with the vapour pressure e in hPa: the approximation of the Australian
    Bureau of Meteorology, after the American College of Sports Medicine (1984). It assumes a
    fairly high sun and light wind: under clouds and at night it is too warm.

    Raises
    ------
    ParameterError
        If the temperature is not between −30 and 50 °C, or the humidity not between 0 and 1.
    """
    if not COLDEST <= temperature_c <= HOTTEST:
        raise ParameterError(
            f"a temperature of {temperature_c:g} °C; expected {COLDEST:g} to {HOTTEST:g}"
        )
    if not 0 <= humidity <= 1:
        raise ParameterError(f"a relative humidity of {humidity:g}; expected 0 to 1")
    saturation = 6.105 * math.exp(17.27 * temperature_c / (237.7 + temperature_c))
    return 0.567 * temperature_c + 0.393 * humidity * saturation + 3.94


def heat_slowdown(wbgt: float, duration: float) -> float:
    """Return by what fraction a race of ``duration`` (s, in the cool) takes longer at a WBGT (°C).

    For races up to 2:10 h as the first men of seven marathons slowed: M. Ely et al., Impact of
    weather on marathon-running performance, Med. Sci. Sports Exerc. 39 (2007) 487, figures of its
    abstract: nothing at 7.5 °C, 0.8, 1.6 and 2.8 % at 12.5, 17.5 and 22.5 °C; straight in between,
    and as steeply as at last beyond. Mantzios et al., ibid. 54 (2022) 153, found 0.3 to 0.4 % per
    °C outside 7.5 to 15 °C at 5 km to marathon.

    Who is longer in the heat is slowed more, twice as much from 3 h on: **approximate**. The
    papers say that slower runners lose more, figures differ: with twice as much, 25 °C and 50 %
    humidity cost 6.5 %, near what the 0.03 % for the first °C above 9.9 °C of the median woman
    (El Helou et al., PLoS ONE 7 (2012) e37407, quadratic) come to. Ely's slower finishers may lose
    more; within the first 1000 of New York the fastest lost most (Front. Psychol. 11 (2020) 1438).
    Acclimatisation, sun, wind and body size are not taken into account, nor is cold.
    """
    rate = (SLOWDOWNS[-1] - SLOWDOWNS[-2]) / (TEMPERATURES[-1] - TEMPERATURES[-2])
    beyond = max(wbgt - TEMPERATURES[-1], 0.0) * rate
    fast = float(np.interp(wbgt, TEMPERATURES, SLOWDOWNS)) + beyond
    factor = np.interp(duration, (FAST_MARATHON, SLOW_MARATHON), (1.0, SLOW_FACTOR))
    return fast * float(factor)


def is_dangerous(wbgt: float) -> bool:
    """Whether a WBGT (°C) is one at which a marathon should not be started.

    Above 20.5 °C for runners who are not acclimatised: W. Roberts, Determining a "do not start"
    temperature for a marathon, Med. Sci. Sports Exerc. 42 (2010) 226.
    """
    return wbgt > DANGEROUS
