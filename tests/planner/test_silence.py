"""What a C library prints does not reach the standard output."""

import ctypes
import os

import pytest

from trackside.planner.silence import silent_output


@pytest.mark.skipif(os.name == "nt", reason="the C library has another name there")
def test_lines_of_c_and_of_the_process_go_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    c = ctypes.CDLL(None)
    with silent_output():
        c.puts(b"from C")
        os.write(1, b"from the process")
    c.puts(b"afterwards")
    c.fflush(None)
    os.write(1, b"too")
    assert capfd.readouterr().out == "afterwards\ntoo"


def test_errors_come_through(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="mine"), silent_output():
        raise ValueError("mine")
    print("seen")
    assert capfd.readouterr().out == "seen\n"
