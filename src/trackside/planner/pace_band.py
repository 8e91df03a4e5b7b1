"""A pace band: splits and totals of a race, to print and wear, or to read in a terminal."""

from dataclasses import dataclass
from enum import Enum
from html import escape
from pathlib import Path

from trackside.planner.race_plan import KILOMETRE, MILE
from trackside.planner.race_strategy import RaceStrategy
from trackside.planner.whole_file import write_whole
from trackside.planner.workout_text import clock_text

WIDTH, HEIGHT = 45.0, 210.0  # mm, of the strip
MARGIN = 2.0  # mm
HEADER = 17.0  # mm
TALLEST_ROW = 7.0  # mm
FONT_OF_ROW = 0.72  # font size by height of a row
LARGEST_FONT = 4.3  # mm
WIDTH_OF_DIGIT, HEIGHT_OF_DIGIT = 0.66, 0.72  # by font size; the width of a wide, bold font
GAP = 1.0  # mm, between columns at the least
WIDEST_NAME, LONGEST_NAME = 20, 40  # characters: in usual letters, in narrow ones
COLUMNS = (11.0, 26.0, 42.5)  # mm from the left, where the columns end
MOST_ROWS = 45
STEPS = (1, 2, 5, 10, 20, 50)  # units from one row to the next
BOLD_EVERY = 5  # rows; the others are easier to find by these


class Unit(Enum):
    """What the rows count: a short name, and metres."""

    KILOMETRE = ("km", KILOMETRE)
    MILE = ("mi", MILE)

    @property
    def symbol(self) -> str:
        """Its short name."""
        return self.value[0]

    @property
    def metres(self) -> float:
        """Its length, m."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the band: how far, the time for this part and in all; ``bold`` to find it by."""

    mark: str
    split: str
    total: str
    bold: bool


def write_band(strategy: RaceStrategy, path: str | Path, unit: Unit = Unit.KILOMETRE) -> None:
    """Write the recommended splits as an HTML page to print; the file appears whole.

    The strip is 45 mm by 210 mm when printed without scaling, on A4 or letter paper; the page
    needs nothing besides itself.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    write_whole(path, band_html(strategy, unit))


def band_rows(strategy: RaceStrategy, unit: Unit = Unit.KILOMETRE) -> list[Row]:
    """Return the rows of the band: one each unit, or each 2, 5, 10 … where those are over 45.

    Splits are the differences of the totals as they are printed, so that both agree.
    """
    length = strategy.goal.distance
    step = next((step for step in STEPS if length / (step * unit.metres) <= MOST_ROWS), STEPS[-1])
    splits = strategy.recommended.splits(step * unit.metres)
    totals = [round(split.total) for split in splits]
    return [
        Row(
            mark=f"{round(split.distance / unit.metres, 1):g}",
            split=clock_text(total - before),
            total=clock_text(total),
            bold=number % BOLD_EVERY == 0 or number == len(splits),
        )
        for number, (split, total, before) in enumerate(
            zip(splits, totals, [0, *totals], strict=False), start=1
        )
    ]


def band_text(strategy: RaceStrategy, unit: Unit = Unit.KILOMETRE) -> str:
    """Return the band as plain text: a heading, then km (or mi), split and total in columns."""
    lines = [f"{strategy.goal.name}: {clock_text(strategy.recommended.time)}", ""]
    rows = [(unit.symbol, "split", "total")]
    rows += [(row.mark, row.split, row.total) for row in band_rows(strategy, unit)]
    lines += [f"{mark:>6}{split:>9}{total:>9}" for mark, split, total in rows]
    return "\n".join(lines) + "\n"


def band_html(strategy: RaceStrategy, unit: Unit = Unit.KILOMETRE) -> str:
    """Return the page that :func:`write_band` writes."""
    rows = band_rows(strategy, unit)
    title = escape(f"{strategy.goal.name}: {clock_text(strategy.recommended.time)}")
    return _PAGE.format(
        title=title,
        width=WIDTH,
        height=HEIGHT,
        drawing="\n".join([*_heading(strategy, unit), *_table(rows)]),
    )


def _heading(strategy: RaceStrategy, unit: Unit) -> list[str]:
    middle = WIDTH / 2
    time = clock_text(strategy.recommended.time)
    heads = zip(COLUMNS, (unit.symbol, "split", "total"), strict=True)
    return [
        _name(strategy.goal.name, middle),
        f'<text x="{middle}" y="11.4" class="time">{time}</text>',
        *(f'<text x="{x}" y="{HEADER - 1.2}" class="head">{text}</text>' for x, text in heads),
        f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{HEADER}" y2="{HEADER}"/>',
    ]


def _name(name: str, middle: float) -> str:
    """The race's name, narrower letters for a long one, cut if it is too long for that too."""
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME - 1].rstrip()}…"
    narrow = f' textLength="{WIDTH - 2 * MARGIN}" lengthAdjust="spacingAndGlyphs"'
    fitted = narrow if len(name) > WIDEST_NAME else ""
    return f'<text x="{middle}" y="5.2" class="name"{fitted}>{escape(name)}</text>'


def _table(rows: list[Row]) -> list[str]:
    height = min((HEIGHT - HEADER - MARGIN) / len(rows), TALLEST_ROW)
    widest = max(len(row.total) for row in rows) * WIDTH_OF_DIGIT
    size = min(FONT_OF_ROW * height, LARGEST_FONT, (COLUMNS[2] - COLUMNS[1] - GAP) / widest)
    drawing = [f'<g font-size="{size:.2f}">']
    for number, row in enumerate(rows):
        top = HEADER + number * height
        if number % 2:
            drawing.append(
                f'<rect x="{MARGIN}" y="{top:.2f}" width="{WIDTH - 2 * MARGIN}" '
                f'height="{height:.2f}"/>'
            )
        weight = ' font-weight="bold"' if row.bold else ""
        base = top + height / 2 + HEIGHT_OF_DIGIT / 2 * size
        drawing += [
            f'<text x="{x}" y="{base:.2f}"{weight}>{text}</text>'
            for x, text in zip(COLUMNS, (row.mark, row.split, row.total), strict=True)
        ]
    return [*drawing, "</g>"]


_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
@page {{ margin: 10mm; }}
body {{ margin: 0; background: white; }}
svg {{ display: block; font-family: "Liberation Sans", Arial, Helvetica, sans-serif; }}
text {{ text-anchor: end; font-variant-numeric: tabular-nums; }}
.name, .time {{ text-anchor: middle; }}
.name {{ font-size: 3.6px; }}
.time {{ font-size: 5.6px; font-weight: bold; }}
.head {{ font-size: 2.8px; fill: #444; }}
rect {{ fill: #e8e8e8; print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
line {{ stroke: black; stroke-width: 0.3; }}
.edge {{ fill: none; stroke: #777; stroke-width: 0.2; stroke-dasharray: 1.5 1; }}
</style>
</head>
<body>
<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"
 viewBox="0 0 {width} {height}" role="img" aria-label="{title}">
<rect class="edge" x="0.1" y="0.1" width="44.8" height="209.8"/>
{drawing}
</svg>
</body>
</html>
"""
