"""The command line as people and scripts use it, in this process: starting one takes seconds."""

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import pytest

from trackside.app.cli import main


class Ran(NamedTuple):
    """What a command left: exit code, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def trackside(*arguments: str | Path) -> Ran:
    """Run a command."""
    out, err = StringIO(), StringIO()
    command = ["trackside", *map(str, arguments)]
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        patch.object(sys, "argv", command),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    return Ran(int(ended.value.code or 0), out.getvalue(), err.getvalue())
