"""Channels as LSL tells them: ours come back as they were, those of others are understood."""

import pytest

from trackside.capture.devices import DEVICES
from trackside.capture.lsl_metadata import (
    LslChannel,
    channels_told,
    channels_understood,
    content_type,
)
from trackside.recordings import layout
from trackside.recordings.model import GYROSCOPE, ORIENTATION, Channel, Kind, Stream

DESCRIBED = [stream for device in DEVICES for stream in device.streams]


@pytest.mark.parametrize("stream", DESCRIBED, ids=lambda stream: stream.name)
def test_our_streams_come_back_as_they_were(stream: Stream) -> None:
    """Names, units and columns of every stream of every device survive the way through LSL."""
    assert channels_understood(channels_told(stream.channels), "Misc") == stream.channels


def test_channels_are_told_as_xdf_recommends() -> None:
    """Quaternions are A (real) to D; units are written in full; each channel has its own label."""
    told = channels_told((ORIENTATION, GYROSCOPE, Channel("ecg", "V")))
    assert [channel.type for channel in told] == [
        *(f"Orientation{axis}" for axis in "ABCD"),
        *(f"AngularVelocity{axis}" for axis in "XYZ"),
        "ECG",
    ]
    assert [channel.unit for channel in told][3:5] == ["normalized", "radians/second"]
    assert [channel.label for channel in told][-2:] == ["gyroscope_z", "ecg"]
    assert content_type(Stream("a", Kind.ORIENTATION, (ORIENTATION,))) == "MoCap"


def test_electrodes_are_one_channel_with_their_labels() -> None:
    """Neighbours of one type and unit are columns of one channel, in SI's sign."""
    told = [LslChannel(label, "microvolts", "EEG") for label in ("C3", "Cz", "C4")]
    trigger = LslChannel("TRG", "", "Trigger")
    assert channels_understood([*told, trigger], "EEG") == (
        Channel("eeg", "µV", ("C3", "Cz", "C4")),
        Channel("trigger", "a.u.", ("TRG",)),
    )


def test_markers_of_a_motion_capture_system_stay_apart() -> None:
    """A second position is not taken for more axes of what lies between."""
    told = [
        LslChannel(f"{marker}_{kind}{axis}", "meters" if kind == "Position" else "", kind + axis)
        for marker in ("hip", "knee")
        for kind, axes in (("Position", "XYZ"), ("Orientation", "ABCD"))
        for axis in axes
    ]
    names = [(channel.name, channel.unit) for channel in channels_understood(told, "MoCap")]
    assert names == [
        ("position", "m"),
        ("orientation", "a.u."),
        ("position_2", "m"),
        ("orientation_2", "a.u."),
    ]


def test_streams_that_tell_nothing_are_recorded() -> None:
    """Without labels, units and types the content type names the one channel."""
    assert channels_understood([LslChannel()] * 3, "Force plate") == (
        Channel("force_plate", "a.u.", ("1", "2", "3")),
    )
    assert channels_understood([LslChannel()], "") == (Channel("signal", "a.u.", ("1",)),)


@pytest.mark.parametrize("name", ["Time", "HostTime", "Sequence", "Configuration", "DeviceTime"])
def test_no_name_clashes_with_those_of_the_file(name: str) -> None:
    """A type that is called like a dataset of the format gets another name."""
    (channel,) = channels_understood([LslChannel("a", "V", name, quantity=name)], "x")
    assert layout.dataset_name(channel) not in layout.RESERVED
