"""A session's features on the screen, as JSON and as files."""

from pathlib import Path

from rich.console import Console

from trackside.app.features_tables import lap_frame, lap_tables, session_tables
from trackside.app.table_files import write_table
from trackside.errors import ParameterError
from trackside.kinematics.session_features import SessionFeatures
from trackside.replacing import replacing


def show_features(
    features: SessionFeatures, laps: bool, output: Path | None, as_json: bool
) -> None:
    """Print the features of a session, or of its laps; with ``output``, write them, too."""
    if output is not None:
        _write(features, laps, output)
    if as_json:
        print(features.model_dump_json(indent=2))
        return
    console = Console(markup=False, highlight=False)
    for table in lap_tables(features) if laps else session_tables(features):
        console.print(table)


def _write(features: SessionFeatures, laps: bool, output: Path) -> None:
    if laps:
        write_table(output, lap_frame(features))
    elif output.suffix.lower() == ".json":
        with replacing(output) as target:
            target.write_text(features.model_dump_json(indent=2), encoding="utf-8")
    else:
        raise ParameterError(
            f"{output}: tables are of strides or laps: give --strides or --laps, or a name that "
            "ends in .json for everything"
        )
