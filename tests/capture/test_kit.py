"""Kit files: what is right is read as it was written, what is wrong is explained."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside.capture.devices import DEVICES, describe
from trackside.capture.devices.contract import Transport
from trackside.capture.kit import Kit, KitSensor
from trackside.capture.kit_file import kit_text, read_kit, write_kit
from trackside.errors import FileFormatError, ParameterError
from trackside.recordings.model import Athlete
from trackside.recordings.placements import SEGMENTS

KIT = """
[athlete]
name = "Ada"
height = 1.72

[[sensor]]
segment = "left_shank"
model = "Movella DOT"
address = "D4:22:CD:00:10:01"
rate = 30

[[sensor]]
segment = "pelvis"
model = "x-IMU3"
transport = "udp"
serial_number = "6543A8D2"
udp_port = 8001
command_port = 9000

[[sensor]]
role = "heart_rate"
model = "Polar H10"
name = "Polar H10 12345678"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "kit.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_kit_file_says_who_wears_what(tmp_path: Path) -> None:
    """Athlete, segments, devices and the streams that will be recorded follow from the file."""
    kit = read_kit(written(tmp_path, KIT))
    assert kit.athlete == Athlete("Ada", 1.72)
    shank, pelvis, heart = kit.sensors
    assert [sensor.reach for sensor in kit.sensors] == [
        "D4:22:CD:00:10:01",
        "6543A8D2",
        "Polar H10 12345678",
    ]
    assert shank.streams["imu"].rate == 30
    assert pelvis.description.transport is Transport.UDP
    assert (pelvis.udp_port, pelvis.command_port) == (8001, 9000)
    assert {name: stream.name for name, stream in heart.streams.items()} == {
        "ecg": "heart_rate_ecg",
        "accelerometer": "heart_rate_accelerometer",
        "heart_rate": "heart_rate",
        "rr_interval": "heart_rate_rr_interval",
        "battery": "heart_rate_battery",
    }
    assert [shank.streams[name].name for name in ("imu", "battery")] == [
        "left_shank",
        "left_shank_battery",
    ]
    assert shank.streams["imu"].placement == "left_shank"
    assert heart.streams["ecg"].placement is None
    assert shank.streams["imu"].device.serial == shank.address


def test_separate_inertial_streams_stay_separate() -> None:
    """A Verity Sense measures acceleration and angular rate each at its own time."""
    sensor = KitSensor("Polar Verity Sense", segment="left_forearm", name="Polar Sense 1")
    names = [stream.name for stream in sensor.streams.values()]
    assert names[:3] == [
        "left_forearm_accelerometer",
        "left_forearm_gyroscope",
        "left_forearm_magnetometer",
    ]


texts = st.text(min_size=1, max_size=20)
heights = st.none() | st.floats(1.0, 2.3)


@settings(max_examples=30)  # each one waits for the disk
@given(st.lists(st.tuples(st.sampled_from(SEGMENTS), texts), min_size=1), texts, heights)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    worn: list[tuple[str, str]],
    name: str,
    height: float | None,
) -> None:
    """Any kit comes back from its file as it was, whatever characters its names have."""
    segments, devices = dict(worn), dict.fromkeys(device for _, device in worn)
    sensors = [
        KitSensor("Movella DOT", segment=segment, name=device)
        for segment, device in zip(segments, devices, strict=False)
    ]
    kit = Kit(sensors, Athlete(name, height))
    path = tmp_path_factory.getbasetemp() / "kit.toml"
    write_kit(path, kit)
    assert read_kit(path) == kit


MISTAKES = {
    "segment = ": "the whole file: expected a TOML file",
    "colour = 1": "the file: colour: expected one of the keys athlete, sensor",
    "": "the kit: a kit needs at least one",
    "[athlete]\nheight = 172": r"\[athlete\]: height 172: expected the body height in m",
    "[athlete]\nheight = 'tall'": r"\[athlete\]: height = 'tall': expected a number",
    "[athlete]\nage = 9": r"\[athlete\]: age: expected one of the keys name, height",
    "sensor = 3": r"sensor = 3: expected tables: \[\[sensor\]\]",
    "[[sensor]]\nsegment = 'pelvis'": 'number 1: expected a model, such as model = "Movella DOT"',
    "[[sensor]]\nmodel = 'Movela Dot'\nrole = 'imu'\nname = 'a'": "did you mean 'Movella DOT'",
    "[[sensor]]\nmodel = 'Zzz'\nrole = 'imu'\nname = 'a'": "expected one of Movella DOT, Polar H10",
    "[[sensor]]\nmodel = 'Movella DOT'\nname = 'a'": "expected a segment or a role",
    "[[sensor]]\nmodel = 'Movella DOT'\nsegment = 'left lower leg'\nname = 'a'": "'left_shank'?",
    "[[sensor]]\nmodel = 'Movella DOT'\nsegment = 'tail'\nname = 'a'": "expected one of pelvis",
    "[[sensor]]\nmodel = 'Movella DOT'\nrole = 'Left Leg'\nname = 'a'": "role 'Left Leg': expected",
    "[[sensor]]\nmodel = 'Movella DOT'\nsegment = 'pelvis'": "by ble: expected address or name",
    "[[sensor]]\nmodel = 'Movella DOT'\nsegment = 'pelvis'\nport = 'COM3'": "port: Movella DOT is",
    "[[sensor]]\nmodel = 'Movella DOT'\nsegment = 'pelvis'\nname = ''": "name is empty",
    "[[sensor]]\nmodel = 'Movella DOT'\nsegment = 'pelvis'\nname = 'a'\nrate = 61": "rate 61: a",
    "[[sensor]]\nmodel = 'WitMotion'\nsegment = 'pelvis'\nport = 'a'\nrate = 9": "cannot be chosen",
    "[[sensor]]\nmodel = 'x-IMU3'\nsegment = 'pelvis'\nhost = 'a'": "transport is missing: x-IMU3",
    "[[sensor]]\nmodel = 'x-IMU3'\nsegment = 'pelvis'\nhost = 'a'\ntransport = 'fax'": "'fax'",
    "[[sensor]]\nmodel = 'x-IMU3'\nsegment = 'pelvis'\nudp_port = '1'": "expected a whole number",
    "[[sensor]]\nmodel = 'WitMotion'\nrole = 'imu'\nport = 'a'\ncommand_port = 1": "by serial, w",
    KIT.replace("pelvis", "left_shank"): "the kit: segment or role 'left_shank' is there 2 times",
    KIT + '[[sensor]]\nsegment = "t8"\nmodel = "Movella DOT"\naddress = "D4:22:CD:00:10:01"': (
        "the kit: device 'D4:22:CD:00:10:01' is there 2 times"
    ),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_are_explained(tmp_path: Path, text: str) -> None:
    """The message names the file, the entry, and what was expected."""
    path = written(tmp_path, text)
    with pytest.raises((ParameterError, FileFormatError), match=MISTAKES[text]) as caught:
        read_kit(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_every_device_can_be_named_in_a_kit() -> None:
    """Model and transport tell each of the registered devices, and only it."""
    for device in DEVICES:
        assert describe(device.model, device.transport) is device


def test_a_kit_is_readable_text() -> None:
    """Only what is known is written."""
    kit = Kit([KitSensor("Foot pod", role="running_speed", name="Pod")])
    assert kit_text(kit) == (
        '[athlete]\n\n[[sensor]]\nmodel = "Foot pod"\nrole = "running_speed"\nname = "Pod"\n'
    )


def test_the_documented_kit_is_right(tmp_path: Path) -> None:
    """The examples of docs/recording.md are kits as they stand there."""
    guide = Path(__file__).parents[2] / "docs" / "recording.md"
    examples = guide.read_text(encoding="utf-8").split("```toml\n")[1:]
    kit, lsl = (read_kit(written(tmp_path, text.split("```")[0])) for text in examples)
    assert [sensor.label for sensor in kit.sensors] == ["left_shank", "t8", "pelvis", "heart_rate"]
    assert lsl.sensors[0].description.transport is Transport.LSL
    assert not lsl.sensors[0].streams  # before it was found
