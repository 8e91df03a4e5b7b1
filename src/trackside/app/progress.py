"""Progress bars for long work, on the error stream and only for people."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[..., None]]:
    """Show a bar while the block runs; call what is yielded with the share done and what is done.

    Nothing is shown where the error stream is no terminal.
    """
    from rich.console import Console
    from rich.progress import Progress

    console = Console(file=sys.stderr)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(title, total=1.0)

        def show(share: float, what: str = "") -> None:
            bars.update(task, completed=share, description=f"{title}: {what}" if what else title)

        yield show
