"""The HTML replay: size, time to open and frames per second in headless Chromium, software GL.

    python benchmarks/html_replay.py [--minutes 10] [--data FOLDER]

A simulated run in a 17-sensor kit with realistic errors is recorded, solved and exported. Goals:
less than 0.9 MB without motion, less than 5 MB for ten minutes, 30 frames/s at 1280 × 800.
Beside it a page that holds nothing but a canvas of the same size, which is cleared in each frame:
what no page with WebGL can go below there. With FOLDER also the real recordings in it that have a
full set of sensors, whose sizes are given for ten minutes, too. The network is cut.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from sensor_check_recordings import RECORDINGS

from trackside.app.replay_page import replay_of
from trackside.app.simulating import plan_for, record_session
from trackside.app.solving import solve, store
from trackside.recordings.importing import import_recording
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.viewer.html_motion import LARGEST_ERROR
from trackside.viewer.html_page import PageContent, replay_page, write_replay
from trackside.viewer.tracks import Track

SOFTWARE_GL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
SIZES = {"desktop": (1280, 800, 1), "phone": (360, 740, 2)}
WATCHED = 4.0  # s of playing
SETTLED = 2.0  # s before, in which a page finds out how fast this machine is
EMPTY_CANVAS = """
<canvas id="c" width="{}" height="{}" style="width: {}px; height: {}px"></canvas>
<script>
  const gl = c.getContext("webgl2", {{ alpha: false, antialias: false }});
  let frames = 0;
  const tick = () => {{
    gl.clearColor(frames % 2, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    frames += 1;
    requestAnimationFrame(tick);
  }};
  tick();
</script>"""
TEN_MINUTES = 600.0


def simulated(folder: Path, minutes: float) -> Path:
    """A solved recording of that length."""
    path = folder / "simulated.h5"
    record_session(simulate(plan_for(60.0 * minutes, 3.5), seed=0), path)
    return solved(path)


def solved(path: Path) -> Path:
    """The recording, solved."""
    with open_recording(path) as recording:
        solution = solve(recording)
    store(path, solution)
    return path


def print_size(name: str, path: Path, page: Path) -> None:
    """Export a recording and print what its page weighs."""
    began = time.perf_counter()
    replay = replay_of(path)
    size = write_replay(page, replay)
    took = time.perf_counter() - began
    assert replay.pose is not None
    seconds = replay.pose.time[-1] - replay.pose.time[0]
    per_ten = (size - EMPTY) * TEN_MINUTES / seconds + EMPTY
    print(
        f"{name}: {seconds:.0f} s at {replay.pose.rate:g} Hz, {size / 1e6:.2f} MB "
        f"({per_ten / 1e6:.2f} MB for 10 min), exported in {took:.1f} s"
    )


def print_speed(browser: Browser, page: Path) -> None:
    """Open a page and play it, at the size of a desktop and of a phone, beside an empty one."""
    for name, (width, height, ratio) in SIZES.items():
        context = browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=ratio, offline=True
        )
        tab = context.new_page()
        began = time.perf_counter()
        tab.goto(page.as_uri())
        tab.wait_for_selector("html[data-ready=yes]")
        print(
            f"{name}, {width} × {height} at {ratio}×: opens in {time.perf_counter() - began:.2f} s"
        )
        tab.evaluate("replay.play()")
        tab.wait_for_timeout(1000.0 * SETTLED)
        print(f"  plays at {frame_cost(tab, 'replay.frames')}")
        share = tab.evaluate("replay.stage.share")
        print(f"  with {100 * share:.0f} % of the pixels in each direction")
        size = tab.evaluate(
            "(({clientWidth, clientHeight}) => [clientWidth, clientHeight])(picture)"
        )
        tab.close()
        bare = context.new_page()
        bare.set_content(EMPTY_CANVAS.format(*(round(ratio * each) for each in size), *size))
        bare.wait_for_timeout(1000.0 * SETTLED)
        print(f"  an empty canvas: {frame_cost(bare, 'frames')}")
        context.close()


def frame_cost(tab: Page, counter: str) -> str:
    """Frames/s and the processor's time for each, while a counter in the page counts them."""
    worked = processor_time()
    frames, seconds = tab.evaluate(
        f"""new Promise(done => {{
          const [before, began] = [{counter}, performance.now()];
          setTimeout(() => done(
            [{counter} - before, (performance.now() - began) / 1000]
          ), {1000 * WATCHED});
        }})"""
    )
    cpu = (processor_time() - worked) / max(frames, 1)
    return f"{frames / seconds:.0f} frames/s, {1e3 * cpu:.0f} ms of the processor each"


def processor_time() -> float:
    """s that all processes which this one began have worked; 0 where there is no /proc."""
    parents, ticks = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
            ticks[int(folder.name)] = int(fields[11]) + int(fields[12])

    def is_ours(process: int) -> bool:
        parent = parents.get(process, 0)
        return parent == os.getpid() or (parent > 0 and is_ours(parent))

    return sum(used for process, used in ticks.items() if is_ours(process)) / os.sysconf(
        "SC_CLK_TCK"
    )


EMPTY = len(
    replay_page(PageContent("", tracks=[Track("", "", np.zeros(1), np.zeros(1))])).encode("utf-8")
)
"""Bytes of a page without motion."""


def print_sizes(folder: Path, page: Path, options: argparse.Namespace) -> None:
    """Export all recordings, the simulated one last, to ``page``, and print what they weigh."""
    if options.data is not None:
        for source, placements in RECORDINGS.items():
            name = Path(source).parts[0]
            path = folder / f"{name}.h5"
            import_recording(options.data / source, path, placements=placements)
            print_size(name, solved(path), page)
    print_size("simulated", simulated(folder, options.minutes), page)


def main() -> None:
    """Print sizes and speeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--page", type=Path, help="measure the times of this page only")
    options = parser.parse_args()
    chromium = shutil.which("chromium")
    print(f"without motion: {EMPTY / 1e6:.3f} MB")
    print(f"orientations are right to {np.rad2deg(LARGEST_ERROR):.3f}° or better")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        page = options.page or folder / "page.html"
        if options.page is None:
            print_sizes(folder, page, options)
        if chromium is None:
            sys.exit("chromium is not installed: no times")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=[*SOFTWARE_GL])
            print_speed(browser, page)
            browser.close()


if __name__ == "__main__":
    main()
