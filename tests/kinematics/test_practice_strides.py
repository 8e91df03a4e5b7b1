"""What a live session goes through before its first stride."""

from collections.abc import Callable

import numpy as np
import pytest

from trackside.arrays import Booleans, Floats
from trackside.filters import inertial_steps
from trackside.filters.clipped_peaks import restored_peaks
from trackside.kinematics.live_strides import LiveStrides
from trackside.kinematics.practice_strides import practice_strides
from trackside.kinematics.stride_rows import QUALITY, Strides
from trackside.kinematics.strides import LEGS
from trackside.recordings.model import ACCELEROMETER, GYROSCOPE, Imu, Kind, Stream


def on(placement: str) -> Stream:
    return Stream(placement, Kind.IMU, (GYROSCOPE, ACCELEROMETER), 100.0, placement=placement)


@pytest.mark.parametrize(("part", "strides_of"), LEGS)
def test_all_that_happens_to_strides_happens(
    part: str, strides_of: Callable[[Imu], Strides]
) -> None:
    """Every stride is clipped, one has a gap, and times and ways are found."""
    imu = Imu(on(f"right_{part}"), *practice_strides(), None)
    strides = strides_of(imu)
    faults = dict(zip(QUALITY, strides.faults.T, strict=True))
    assert len(strides) >= 2
    assert faults["clipped"].all()
    assert faults["gap"].sum() == 1
    assert np.isfinite(strides.toe_off).all()


def test_a_sprint_finds_its_kernels_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Peaks are restored once before the first sample comes: no stride waits for a compiler."""
    restored = []

    def noted(gyr: Floats, acc: Floats, ends: Booleans, step: float) -> tuple[Floats, Floats]:
        restored.append(ends.any())
        return restored_peaks(gyr, acc, ends, step)

    monkeypatch.setattr(inertial_steps, "restored_peaks", noted)
    LiveStrides([on("right_foot"), on("left_foot")])
    assert any(restored)
