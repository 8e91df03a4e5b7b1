"""What a recording survives: ``kill -9`` at random moments, and a full disk.

    python benchmarks/crash_safety.py [--kills 100] [--seed 0]

A recorder process (17 IMUs at 100 Hz, real speed) is killed at a random moment after it began to
create its file: while it records, closes the file, or writes it anew without dead space. Printed
are how many files open, how much of the last data is missing (goal: at most 250 ms), whether all
that is there is, bit by bit, what was sent, and whether ``recover`` makes a clean file of it.
Then a recorder fills a file system of 3 MB; where none can be mounted, a file-size limit stands in.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from trackside.errors import TracksideError
from trackside.recordings.recovery import recover
from trackside.simulation.dying_recorder import Survival, survival

RECORDER = (sys.executable, "-m", "trackside.simulation.dying_recorder")
SECONDS = 3.0  # of each recording; it is killed up to half a second after its end
GOAL = 0.25  # s
ON_SMALL_DISK = """
mount -t tmpfs -o size=3m tmpfs "$(dirname "$0")" || exit 9
"$@" "$0" --seconds 60; code=$?; cp "$0" "$(dirname "$0")/../copy.h5"; exit $code
"""
WITH_SMALL_FILES = 'ulimit -f 3000; exec "$@" "$0" --seconds 60'


def kill_at(moment: float, folder: Path) -> Survival | None:
    """Kill a recorder ``moment`` s after it began; None if it had not sent anything yet."""
    files = folder / "files"
    files.mkdir()
    with (folder / "sent.txt").open("wb") as sent:
        command = (*RECORDER, str(files / "a.h5"), "--seconds", str(SECONDS))
        with subprocess.Popen(command, stdout=sent) as process:
            while not any(files.iterdir()):
                time.sleep(0.001)
            time.sleep(moment)
            died = time.monotonic()
            process.kill()
    lines = (folder / "sent.txt").read_text().splitlines(keepends=True)
    if not lines and not (files / "a.h5").exists():
        return None
    return survival(files / "a.h5", lines, died)


def recovers(path: Path, survived: Survival) -> bool:
    """Whether a recovered file is complete and holds the same samples."""
    recover(path, path.with_name("clean.h5"))
    clean = survival(path.with_name("clean.h5"), (), 0.0)
    return clean.complete and clean.identical and clean.rows == survived.rows


def kill_many(kills: int, seed: int) -> None:
    """Kill recorders until that many had begun to send, and print what survives."""
    moments = np.random.default_rng(seed)
    survivors: list[Survival] = []
    unopened = unborn = clean = 0
    while len(survivors) + unopened < kills:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            try:
                survived = kill_at(moments.uniform(0.0, SECONDS + 0.5), folder)
            except TracksideError as error:
                print(error)
                unopened += 1
                continue
            if survived is None:
                unborn += 1
                continue
            survivors.append(survived)
            clean += recovers(folder / "files" / "a.h5", survived)
    print(f"killed {kills} recorders, and {unborn} more before there was a file or a sample")
    print(f"opened: {len(survivors)}/{kills}")
    print(f"bit-identical to what was sent: {sum(s.identical for s in survivors)}/{kills}")
    print(f"recovered to a clean file with the same samples: {clean}/{kills}")
    print(f"closed in order before the kill: {sum(s.complete for s in survivors)}")
    missing = np.array([1e3 * survived.missing for survived in survivors])
    print(
        f"last data missing: most {missing.max():.0f} ms, median {np.median(missing):.0f} ms, "
        f"over {1e3 * GOAL:.0f} ms in {np.sum(missing > 1e3 * GOAL)}"
    )


def fill_disk(what: str, shell: tuple[str, ...], script: str, left: str) -> None:
    """Let a recorder run out of disk; print how it ends and what is in the file ``left``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small").mkdir()
        command = (*shell, "-c", script, str(folder / "small" / "a.h5"), *RECORDER)
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if not result.stdout:
            print(f"{what}: cannot be made here: {result.stderr.strip()}")
            return
        survived = survival(folder / left, (), 0.0)
        print(f"{what}: exit code {result.returncode}, it says: {result.stderr.strip()}")
        print(
            f"    readable: {survived.rows} samples, bit-identical to what was sent: "
            f"{survived.identical}, recovered: {recovers(folder / left, survived)}"
        )


def main() -> None:
    """Kill recorders, then fill disks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    kill_many(arguments.kills, arguments.seed)
    fill_disk("full disk of 3 MB", ("unshare", "-rm", "sh"), ON_SMALL_DISK, "copy.h5")
    fill_disk("file-size limit", ("sh",), WITH_SMALL_FILES, "small/a.h5")


if __name__ == "__main__":
    main()
