"""The strides of a moment ago, as the coach's table and the live window show them."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class LastStrides:
    """Medians of the last good strides, the mean of both sides; NaN where nothing is known.

    ``cadence`` steps/min, ``stride_length`` m, ``contact_time`` s, ``difference`` of the sides'
    contact times, right less left, in % of their mean.
    """

    cadence: float = math.nan
    stride_length: float = math.nan
    contact_time: float = math.nan
    difference: float = math.nan

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known beside the cadence, each with its name and unit."""
        values = (
            ("stride [m]", self.stride_length, "{:.2f}"),
            ("contact [ms]", 1e3 * self.contact_time, "{:.0f}"),
            ("R − L [%]", self.difference, "{:+z.0f}"),
        )
        return [
            (name, form.format(value).replace("-", "−"))
            for name, value, form in values
            if math.isfinite(value)
        ]
