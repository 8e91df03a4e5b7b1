"""What a process of its own needs to import what this one can, the tests' own modules included."""

import os
import sys


def with_imports() -> dict[str, str]:
    """The environment of such a process."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
