"""Activities as watches and their sites write them, for the tests of the importers."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from fit_tool.base_type import BaseType
from fit_tool.developer_field import DeveloperField
from fit_tool.fit_file_builder import FitFileBuilder
from fit_tool.profile.messages.developer_data_id_message import DeveloperDataIdMessage
from fit_tool.profile.messages.field_description_message import FieldDescriptionMessage
from fit_tool.profile.messages.file_id_message import FileIdMessage
from fit_tool.profile.messages.hrv_message import HrvMessage
from fit_tool.profile.messages.lap_message import LapMessage
from fit_tool.profile.messages.record_message import RecordMessage
from fit_tool.profile.profile_type import FileType

START = datetime(2026, 4, 18, 9, 30, tzinfo=UTC)
SECONDS = 60
LATITUDE, LONGITUDE = 48.1, 11.6  # degrees
NORTHWARD = 3.0  # m/s
METRES = 6_371_008.8 * math.pi / 180  # per degree of latitude


def moment(second: float) -> int:
    """ms since 1970."""
    return 1000 * round(START.timestamp() + second)


def latitude(second: float) -> float:
    return LATITUDE + NORTHWARD * second / METRES


def fit(path: Path, laps: tuple[int, ...] = (0, 20, 20, 40)) -> Path:
    """A run northwards at 3 m/s with running dynamics, RR intervals and a developer's field."""
    builder = FitFileBuilder(auto_define=True)
    identity = FileIdMessage()
    identity.type = FileType.ACTIVITY
    identity.time_created = moment(0)
    builder.add(identity)
    owner = DeveloperDataIdMessage()
    owner.developer_data_index = 0
    builder.add(owner)
    description = FieldDescriptionMessage()
    description.developer_data_index = 0
    description.field_definition_number = 1
    description.fit_base_type_id = BaseType.UINT16.value
    description.field_name = "Form Power"
    description.units = "Watts"
    builder.add(description)
    for second in range(SECONDS):
        power = DeveloperField(1, "Form Power", BaseType.UINT16, size=2)
        power.set_value(0, 60 + second)
        record = RecordMessage(developer_fields=[power])
        record.timestamp = moment(second)
        record.heart_rate = 120 + second // 2
        record.cadence = 85
        record.fractional_cadence = 0.5
        record.enhanced_speed = NORTHWARD
        record.distance = NORTHWARD * second
        record.stance_time = 231.5
        record.vertical_oscillation = 84.2
        record.step_length = 1052.0
        record.position_lat = latitude(second)
        record.position_long = LONGITUDE
        builder.add(record)
        beats = HrvMessage()
        beats.time = [0.5, 0.498, 65.535, 65.535, 65.535]
        builder.add(beats)
    for begun in laps:
        lap = LapMessage()
        lap.start_time = moment(begun)
        lap.timestamp = moment(begun + 20)
        builder.add(lap)
    path.write_bytes(builder.build_bytes())
    return path


def tcx(path: Path) -> Path:
    """The same run as Training Center's XML, in two laps."""
    points = [
        f"""<Trackpoint><Time>{_text(second)}</Time><Position>
        <LatitudeDegrees>{latitude(second)}</LatitudeDegrees>
        <LongitudeDegrees>{LONGITUDE}</LongitudeDegrees></Position>
        <AltitudeMeters>500</AltitudeMeters><DistanceMeters>{3 * second}</DistanceMeters>
        <HeartRateBpm><Value>{120 + second // 2}</Value></HeartRateBpm>
        <Extensions><x:TPX><x:Speed>3.0</x:Speed><x:RunCadence>85</x:RunCadence></x:TPX></Extensions>
        </Trackpoint>"""
        for second in range(SECONDS)
    ]
    laps = "".join(
        f'<Lap StartTime="{_text(a)}"><Track>{"".join(points[a:b])}</Track></Lap>'
        for a, b in ((0, 30), (30, 60))
    )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><TrainingCenterDatabase '
        'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" '
        'xmlns:x="http://www.garmin.com/xmlschemas/ActivityExtension/v2"><Activities>'
        f'<Activity Sport="Running">{laps}</Activity></Activities></TrainingCenterDatabase>'
    )
    return path


def gpx(path: Path, cadence: int = 85) -> Path:
    """The same run as GPX with Garmin's extension, without speeds."""
    points = "".join(
        f"""<trkpt lat="{latitude(second)}" lon="{LONGITUDE}"><ele>500</ele>
        <time>{_text(second)}</time><extensions><g:TrackPointExtension>
        <g:hr>{120 + second // 2}</g:hr><g:cad>{cadence}</g:cad>
        </g:TrackPointExtension></extensions></trkpt>\n"""
        for second in range(SECONDS)
    )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><gpx version="1.1" '
        'xmlns="http://www.topografix.com/GPX/1/1" '
        'xmlns:g="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">'
        f"<trk><trkseg>{points}</trkseg></trk></gpx>"
    )
    return path


def _text(second: int) -> str:
    return (START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


HEART_RATE = 120.0 + np.arange(SECONDS) // 2
