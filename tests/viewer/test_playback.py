"""The clock of a replay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.viewer.playback import SPEEDS, Playback
from trackside.viewer.timeline import clock_text


def player() -> Playback:
    return Playback(2.0, 10.0, 0.01)


def test_begins_at_its_start() -> None:
    """A replay shows its first moment, and does not run."""
    assert player().moment == 2.0
    assert not player().playing


@pytest.mark.parametrize("speed", SPEEDS)
def test_speed(speed: float) -> None:
    """A second of the wall clock is as many of the session as the speed says."""
    playback = player()
    playback.speed = speed
    playback.advance(1.0)
    assert playback.moment == 2.0
    playback.toggle()
    playback.advance(1.0)
    assert playback.moment == pytest.approx(2.0 + speed)


def test_stops_at_the_end_and_starts_over() -> None:
    """At the end it stops; playing again begins at the start."""
    playback = player()
    playback.toggle()
    playback.advance(100.0)
    assert (playback.moment, playback.playing) == (10.0, False)
    playback.toggle()
    assert (playback.moment, playback.playing) == (2.0, True)


@given(st.lists(st.floats(0.0, 3.0), max_size=20))
def test_loop_is_never_left(pauses: list[float]) -> None:
    """A loop is played over and over, whatever time passes between two frames."""
    playback = player()
    playback.seek(4.2)
    playback.loop = 4.0, 4.7
    playback.toggle()
    for pause in pauses:
        playback.advance(pause)
        assert 4.0 <= playback.moment <= 4.7


def test_seeking_away_ends_a_loop() -> None:
    """Who goes elsewhere is not pulled back; who stays inside keeps the loop."""
    playback = player()
    playback.loop = 4.0, 4.7
    playback.seek(4.5)
    assert playback.loop == (4.0, 4.7)
    playback.seek(8.0)
    assert playback.loop is None


@given(st.integers(-500, 500), st.integers(-500, 500))
def test_frames(there: int, back: int) -> None:
    """Steps land on frames, stay within the session, and stop it."""
    playback = player()
    playback.toggle()
    playback.seek(6.004)
    playback.step_frames(there)
    playback.step_frames(back)
    assert not playback.playing
    assert 2.0 <= playback.moment <= 10.0
    frame = (playback.moment - 2.0) / 0.01
    assert frame == pytest.approx(round(frame), abs=1e-6)


def test_speeds_go_from_a_tenth_to_four_times() -> None:
    """Keys reach every speed, and stop at both ends."""
    playback = player()
    for _ in range(10):
        playback.change_speed(True)
    assert playback.speed == 4.0
    for _ in range(10):
        playback.change_speed(False)
    assert playback.speed == 0.1


@pytest.mark.parametrize(
    ("moment", "step", "text"),
    [(7.0, 1.0, "7 s"), (7.25, 0.1, "7.2 s"), (245.0, 60.0, "4:05"), (3845.0, 60.0, "1:04:05")],
)
def test_times_are_told_with_their_unit(moment: float, step: float, text: str) -> None:
    """Seconds have their unit; minutes and hours are written with colons."""
    assert clock_text(moment, step) == text
