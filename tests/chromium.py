"""Replay pages in a real browser, offline; whatever it complains about or asks for fails."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, ViewportSize

SOFTWARE_GL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")

DRAWN = """new Promise(done => {
  const look = () => (replay.stale ? requestAnimationFrame(look) : done());
  requestAnimationFrame(look);
})"""
"""Waits until what was asked for is on the screen."""


def launched(playwright: Playwright) -> Browser:
    """The system's Chromium; skips the test where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed: see scripts/system-libraries.sh")
    return playwright.chromium.launch(executable_path=path, args=[*SOFTWARE_GL])


WORDS = "for (const id of ['legend', 'gap']) document.getElementById(id).style.visibility = HOW"
"""Hides or shows what is written over the 3D picture."""


@dataclass
class Opened:
    """A replay in the browser, with everything that it said and asked for."""

    page: Page
    said: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression, after it was drawn."""
        value = self.page.evaluate(script)
        self.page.evaluate(DRAWN)
        return value

    def until(self, condition: str) -> None:
        """Wait until a JavaScript expression holds."""
        self.page.evaluate(
            f"new Promise(done => {{ const look = () => ({condition}) ? done() : "
            "requestAnimationFrame(look); look(); })"
        )

    def seek(self, time: float) -> None:
        """Show a moment in s."""
        self.run(f"replay.seek({time})")

    def picture(self) -> NDArray[np.float64]:
        """What the 3D picture shows, (height, width, 3) from 0 to 255."""
        self.page.evaluate(WORDS.replace("HOW", "'hidden'"))
        shot = self.page.locator("#picture").screenshot(animations="disabled")
        self.page.evaluate(WORDS.replace("HOW", "''"))
        return np.asarray(Image.open(BytesIO(shot)).convert("RGB"), float)

    def picture_size(self) -> tuple[float, float]:
        """Width and height of the 3D picture in px."""
        picture = "document.getElementById('picture')"
        width, height = self.page.evaluate(f"[{picture}.clientWidth, {picture}.clientHeight]")
        return float(width), float(height)

    def text(self, selector: str) -> str:
        """The words of an element."""
        return self.page.locator(selector).inner_text()


@contextmanager
def opened(
    browser: Browser, path: Path, width: int = 400, height: int = 640, **context: Any
) -> Iterator[Opened]:
    """Open a page offline; at the end, nothing was said on the console, nothing requested."""
    size = ViewportSize(width=width, height=height)
    scripts = context.pop("init", ())
    made = browser.new_context(viewport=size, **context)
    made.set_offline(True)
    for script in scripts:
        made.add_init_script(script)
    found = Opened(made.new_page())
    found.page.on("console", lambda message: found.said.append(message.text))
    found.page.on("pageerror", lambda error: found.said.append(str(error)))
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.goto(path.as_uri())
    found.page.wait_for_selector("html[data-ready]")
    found.page.evaluate(DRAWN)
    yield found
    made.close()
    assert found.said == []
    assert found.requests == [path.as_uri()]
