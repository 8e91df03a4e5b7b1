"""Tables as files: CSV, or Parquet where the name ends so."""

from pathlib import Path
from typing import TYPE_CHECKING

from trackside.errors import ParameterError, TracksideError
from trackside.replacing import replacing

if TYPE_CHECKING:
    import pandas as pd


def write_table(path: Path, table: "pd.DataFrame") -> None:
    """Write a table as .csv or .parquet, by the name's ending; whole or not at all.

    Raises ParameterError for any other ending, TracksideError if Parquet's library is missing.
    """
    match path.suffix.lower():
        case ".csv":
            with replacing(path) as target:
                table.to_csv(target, index=False, float_format="%.6g")
        case ".parquet":
            with replacing(path) as target:
                try:
                    table.to_parquet(target, index=False, engine="pyarrow")
                except ImportError as error:
                    raise TracksideError(
                        f"Parquet needs more than is installed ({error}): pip install "
                        "'trackside[tables]'"
                    ) from error
        case ending:
            raise ParameterError(f"{path}: ending {ending!r}: expected .csv or .parquet")
