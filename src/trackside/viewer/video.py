"""A video of frames that are made one by one, by ffmpeg where that is installed."""

import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from trackside.errors import MissingDataError, TracksideError
from trackside.replacing import replacing

RATE = 30.0  # frames/s


class VideoError(TracksideError):
    """A video could not be made: names the file and what ffmpeg said."""


def ffmpeg() -> str:
    """Where ffmpeg is; MissingDataError says how to get it."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise MissingDataError(
            "videos need ffmpeg, which is not installed: apt install ffmpeg, brew install ffmpeg, "
            "or winget install ffmpeg; single pictures do without"
        )
    return found


def write_video(
    path: Path, size: tuple[int, int], frames: Iterable[bytes], rate: float = RATE
) -> None:
    """Write frames of ``size`` px, four bytes a pixel (red, green, blue, unused), as H.264.

    The file appears whole or not at all. Raises MissingDataError without ffmpeg, VideoError if it
    fails.
    """
    program = ffmpeg()
    with replacing(path) as target:
        command = [
            program, "-loglevel", "error", "-y",
            "-f", "rawvideo", "-pixel_format", "rgb0", "-video_size", f"{size[0]}x{size[1]}",
            "-framerate", f"{rate:g}", "-i", "-",
            "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p",
            "-movflags", "+faststart", "-f", "mp4", str(target),
        ]  # fmt: skip
        with subprocess.Popen(  # noqa: S603 - the program is the one on the path
            command, stdin=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            said = _feed(process, frames)
        if process.returncode != 0:
            raise VideoError(f"{path}: ffmpeg could not write it: {said or process.returncode}")


def _feed(process: "subprocess.Popen[bytes]", frames: Iterable[bytes]) -> str:
    """Give all frames to the program; what it complained about, in one line."""
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stderr is not None  # noqa: S101
    with suppress(BrokenPipeError):  # it ended early, and says why
        for frame in frames:
            process.stdin.write(frame)
    with suppress(BrokenPipeError):
        process.stdin.close()
    return " ".join(process.stderr.read().decode(errors="replace").split())
