"""The Lab Streaming Layer from the command line: streams are seen, recorded, and offered on."""

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pylsl
import pytest

from trackside.app.cli import main
from trackside.app.kit_wizard import provisional
from trackside.app.scanning import scan
from trackside.capture.connecting import Surroundings
from trackside.capture.devices.contract import Transport
from trackside.capture.kit import Kit, KitSensor
from trackside.capture.kit_file import read_kit, write_kit
from trackside.recordings.reader import open_recording
from trackside.simulation.virtual_ble import VirtualRadio
from trackside.simulation.virtual_udp import LOOPBACK

ANSWER = 20.0  # s, at most


def plate(source_id: str) -> Any:
    """A force plate of another program: 3 channels, 100 Hz."""
    info = pylsl.StreamInfo("plate", "Force", 3, 100.0, "double64", source_id)
    info.set_channel_labels(["Fx", "Fy", "Fz"])
    info.set_channel_units("newtons")
    return pylsl.StreamOutlet(info)


def test_a_scan_lists_streams_as_a_kit_names_them() -> None:
    """What the scan found can be put into a kit; the wizard does not take it for a worn sensor."""
    outlet = plate("plate 1")

    async def scene() -> None:
        adapter = await VirtualRadio().adapter()
        sightings = await scan(Surroundings(adapter, list, LOOPBACK), 0.3)
        (seen,) = (sighting for sighting in sightings if sighting.transport is Transport.LSL)
        assert seen.found_by == 'name = "plate", source_id = "plate 1"'
        assert seen.name.startswith("Force of ")
        assert KitSensor(seen.model, role="force", **seen.reach).reach == "plate 1"
        assert provisional([seen]) == []

    asyncio.run(asyncio.wait_for(scene(), ANSWER))
    del outlet


def test_a_stream_is_recorded_and_offered_on(tmp_path: Path) -> None:
    """``record --lsl`` writes a foreign stream to the file and offers it with aligned times."""
    kit = tmp_path / "kit.toml"
    write_kit(kit, Kit([KitSensor("LSL stream", role="force", source_id="plate 2")]))
    assert read_kit(kit).sensors[0].source_id == "plate 2"
    outlet = plate("plate 2")

    async def scene() -> tuple[list[float], int]:
        command = ("-m", "trackside.app.cli", "record", "--kit", str(kit), "--lsl", "-o", "a.h5")
        recording = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=tmp_path)
        assert await asyncio.to_thread(outlet.wait_for_consumers, ANSWER)
        found = await asyncio.to_thread(pylsl.resolve_byprop, "name", "force", 1, ANSWER)
        inlet = pylsl.StreamInlet(found[0])
        await asyncio.to_thread(inlet.open_stream, ANSWER)
        sent = (pylsl.local_clock() + np.arange(5) / 100.0 - 0.05).tolist()
        outlet.push_chunk([[1.0, 2.0, float(n)] for n in range(5)], sent)
        offered = [await asyncio.to_thread(inlet.pull_sample, ANSWER) for _ in range(5)]
        recording.send_signal(signal.SIGINT)
        assert [values for values, _ in offered] == [[1.0, 2.0, n] for n in range(5)]
        np.testing.assert_allclose([stamp for _, stamp in offered], sent, rtol=0, atol=2e-3)
        return sent, await recording.wait()

    before = time.monotonic()
    sent, exit_code = asyncio.run(asyncio.wait_for(scene(), 3 * ANSWER))
    assert exit_code == 0
    with open_recording(tmp_path / "a.h5") as recording:
        assert recording.complete
        stream, block = recording.streams["force"], recording.read("force")
        comparisons = recording.read("force_clock")
    assert stream.channels[0].columns == ("Fx", "Fy", "Fz")
    assert stream.channels[0].unit == "newtons"
    assert block.values["force"][:, 2].tolist() == [0, 1, 2, 3, 4]
    assert block.device_time is not None
    assert block.device_time.tolist() == np.rint(np.array(sent) * 1e9).tolist()
    assert len(comparisons) == 1
    assert time.monotonic() - before > block.time[-1] > block.time[0]


def test_without_the_library_nothing_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--lsl`` then ends in one line that says what to install, exit code 2, before the file."""
    kit, output = tmp_path / "kit.toml", tmp_path / "a.h5"
    write_kit(kit, Kit([KitSensor("Xsens MTi", segment="pelvis", port="/dev/absent")]))
    monkeypatch.setitem(sys.modules, "pylsl", None)
    command = ["trackside", "record", "--kit", str(kit), "-o", str(output), "--lsl"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "pip install 'trackside[lsl]'" in capsys.readouterr().err
    assert not output.exists()
