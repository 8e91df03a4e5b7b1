"""The clock of a replay: playing, pausing, speed, steps and loops, without any window."""

from dataclasses import dataclass

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass
class Playback:
    """Where a replay is.

    ``start``, ``end`` s: what there is to play; ``moment`` s: what is shown; ``step`` s: from one
    frame to the next; ``loop``: the part (start, end) s that is played over and over, or None.
    """

    start: float
    end: float
    step: float
    moment: float = 0.0
    speed: float = 1.0
    playing: bool = False
    loop: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        self.seek(max(self.moment, self.start))

    def toggle(self) -> None:
        """Play or pause; from the end it plays from the start again."""
        self.playing = not self.playing
        if self.playing and self.loop is None and self.moment >= self.end:
            self.moment = self.start

    def seek(self, moment: float) -> None:
        """Go to a moment; a loop that does not hold it ends."""
        self.moment = min(max(moment, self.start), self.end)
        if self.loop is not None and not self.loop[0] <= self.moment <= self.loop[1]:
            self.loop = None

    def step_frames(self, count: int) -> None:
        """Pause, and go on by that many frames, or back."""
        self.playing = False
        frame = round((self.moment - self.start) / self.step) + count
        self.seek(self.start + frame * self.step)

    def change_speed(self, up: bool) -> None:
        """The next of SPEEDS, faster or slower."""
        nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self.speed))
        self.speed = SPEEDS[min(max(nearest + (1 if up else -1), 0), len(SPEEDS) - 1)]

    def advance(self, elapsed: float) -> None:
        """Let ``elapsed`` s of the wall clock pass."""
        if not self.playing:
            return
        self.moment += self.speed * elapsed
        if self.loop is not None:
            first, last = self.loop
            self.moment = first + (self.moment - first) % max(last - first, self.step)
        elif self.moment >= self.end:
            self.moment, self.playing = self.end, False
