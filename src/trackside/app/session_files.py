"""A session's summary for the planner, from whatever file there is of it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from trackside.planner.athlete import Athlete
from trackside.planner.session_summary import SessionSummary, read_summary, summary_of_features

FEATURES, RECORDING = ".json", (".h5", ".hdf5")


def summary_of_file(path: Path, athlete: Athlete) -> SessionSummary:
    """The summary of features (.json), of a recording (.h5), or of a watch's file.

    Watches' and other makers' files (.fit, .tcx, .gpx …) are imported first, and leave no recording
    behind. Raises as their importers and :func:`~trackside.app.session_features.session_features`.
    """
    suffix = path.suffix.lower()
    if suffix == FEATURES:
        return read_summary(path, athlete)
    if suffix in RECORDING:
        return _summary_of_recording(path, athlete)
    from trackside.recordings.importing import import_recording

    with TemporaryDirectory() as folder:
        recording = Path(folder) / "session.h5"
        import_recording(path, recording)
        return _summary_of_recording(recording, athlete)


def _summary_of_recording(path: Path, athlete: Athlete) -> SessionSummary:
    from trackside.app.session_features import session_features
    from trackside.recordings.reader import open_recording

    with open_recording(path) as recording:
        features = session_features(recording, athlete)
    return summary_of_features(features.model_dump(mode="json"), athlete, path)
