"""The distribution: one wheel that holds the package, its entry points, and nothing else."""

import configparser
import zipfile
from pathlib import Path

import trackside

ROOT = Path(trackside.__file__).parents[2]


def test_wheel_holds_the_package_alone(tmp_path: Path) -> None:
    """A wheel builds from the sources and has the stages, types, command and pytest plugin."""
    from hatchling.builders.wheel import WheelBuilder

    built = Path(next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path))))
    with zipfile.ZipFile(built) as wheel:
        names = wheel.namelist()
        points = configparser.ConfigParser()
        entry_points = next(name for name in names if name.endswith("entry_points.txt"))
        points.read_string(wheel.read(entry_points).decode())
    assert built.name.startswith(f"trackside-{trackside.__version__}-py3")
    assert {"trackside/py.typed", "trackside/kinematics/solver.py"} <= set(names)
    tops = {name.split("/")[0] for name in names}
    assert tops == {"trackside", f"trackside-{trackside.__version__}.dist-info"}
    assert points["console_scripts"]["trackside"] == "trackside.app.cli:main"
    assert points["pytest11"]["trackside"] == "trackside.recordings.pytest_plugin"
