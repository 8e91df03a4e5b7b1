"""The session report as one page: a PDF, or HTML that fits a phone and prints as one page."""

import html
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import trackside
from trackside.app.report_content import Content
from trackside.app.report_panels import Panel, rows_of
from trackside.errors import ParameterError
from trackside.replacing import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAPERS = {"a4": (8.27, 11.69), "letter": (8.5, 11.0)}
"""Width and height in inches."""
LINE = 0.155  # inches between lines of words
LETTERS = 118  # in a line of words across the page
PANEL_SIZE = (2.9, 2.05)  # inches, in HTML

STYLE: Any = {
    "font.size": 7.5,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 6,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.alpha": 0.3,
    "svg.hashsalt": "trackside",
}


def write_report(path: Path, content: Content, paper: str = "a4") -> None:
    """Write the report as .pdf on ``paper`` or as .html; it appears whole or not at all.

    Raises ParameterError for another ending.
    """
    check_ending(path)
    with _styled(), replacing(path) as target:
        if path.suffix.lower() == ".pdf":
            metadata = {"Title": content.title, "Creator": f"Trackside {trackside.__version__}"}
            _page(content, paper).savefig(target, format="pdf", metadata=metadata)
        else:
            target.write_text(_document(content), encoding="utf-8")


def check_ending(path: Path) -> None:
    """Raise ParameterError for a file that is neither .pdf nor .html."""
    if path.suffix.lower() not in (".pdf", ".html"):
        raise ParameterError(f"{path}: expected a name that ends in .pdf or .html")


@contextmanager
def _styled() -> Iterator[None]:
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        yield


def _figure(width: float, height: float, above: float = 0.0, below: float = 0.0) -> "Figure":
    """A figure of that size in inches that leaves room above and below its panels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    aside = 0.04 if above else 0.0
    room = (aside, below / height, 1.0 - 2.0 * aside, 1.0 - (above + below) / height)
    figure = Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(rect=room))
    FigureCanvasAgg(figure)
    return figure


def _page(content: Content, paper: str) -> "Figure":
    """Words above, panels in rows of three, what is missing below."""
    width, height = PAPERS[paper]
    above = [line for text in content.headlines for line in wrap(f"• {text}", LETTERS)]
    below = [line for text in content.missing for line in wrap(text, LETTERS + 30)]
    if content.form.norm is not None:
        below += wrap(f"Norm: {content.form.norm.title}. {content.form.norm.source}", LETTERS + 30)
    top, bottom = 0.85 + LINE * len(above), 0.15 + 0.8 * LINE * len(below)
    figure = _figure(width, height, top, bottom)
    figure.text(0.05, 1.0 - 0.4 / height, content.title, size=14, weight="bold", va="center")
    facts = " · ".join(content.facts)
    figure.text(0.05, 1.0 - 0.62 / height, facts, size=8.5, va="center", color="#56616C")
    for number, line in enumerate(above):
        at = 1.0 - (0.85 + LINE * number) / height
        indent = 0.05 if line.startswith("•") else 0.06
        figure.text(indent, at, line, size=8.5, va="center")
    for number, line in enumerate(below):
        at = (bottom - 0.02 - 0.8 * LINE * number) / height
        figure.text(0.05, at, line, size=6.5, va="top", color="#56616C")
    rows = rows_of(content)
    for part, row in zip(figure.subfigures(len(rows), 1, squeeze=False).flat, rows, strict=True):
        axes = part.subplots(1, len(row), width_ratios=[panel.wide for panel in row])
        for axis, panel in zip(axes, row, strict=True):
            axis.set_title(panel.title)
            panel.draw(axis, content)
    return figure


def _document(content: Content) -> str:
    """The report as HTML: words as words, every panel a picture that goes where there is room."""
    words = "".join(f"<li>{html.escape(text)}</li>" for text in content.headlines)
    missing = "".join(f"<li>{html.escape(text)}</li>" for text in content.missing)
    norm = content.form.norm
    source = "" if norm is None else f"<p>Norm: {html.escape(f'{norm.title}. {norm.source}')}</p>"
    panels = "".join(_panel(panel, content) for row in rows_of(content) for panel in row)
    title, facts = html.escape(content.title), html.escape(" · ".join(content.facts))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; img-src data:\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{title} – Trackside report</title><style>{PAGE_STYLE}</style></head><body>"
        f"<header><h1>{title}</h1><p>{facts}</p></header><ul>{words}</ul>"
        f"<main>{panels}</main><footer><ul>{missing}</ul>{source}</footer></body></html>\n"
    )


def _panel(panel: Panel, content: Content) -> str:
    width, height = PANEL_SIZE
    figure = _figure(panel.wide * width, height)
    panel.draw(figure.subplots(), content)
    drawn = StringIO()
    metadata: dict[str, Any] = {"Date": None, "Creator": None}
    figure.savefig(drawn, format="svg", metadata=metadata, transparent=True)
    svg = drawn.getvalue()
    svg = svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{panel.title}"', 1)
    kind = ' class="wide"' if panel.wide > 1 else ""
    return f"<figure{kind}><figcaption>{panel.title}</figcaption>{svg}</figure>"


PAGE_STYLE = """
:root { color-scheme: light; }
body { margin: 0 auto; padding: 12px 16px; max-width: 1100px; background: #fff; color: #14181d;
  font: 15px/1.4 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; overflow-wrap: anywhere; }
header p { margin: 2px 0 0; color: #56616c; }
ul { margin: 8px 0; padding-left: 20px; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 12px 16px; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; }
svg { width: 100%; height: auto; display: block; }
footer { color: #56616c; font-size: 0.85rem; margin-top: 10px; }
@media (min-width: 660px) { .wide { grid-column: span 2; } }
@media print {
  @page { margin: 10mm; }
  body { padding: 0; max-width: none; font-size: 9pt; line-height: 1.3; }
  h1 { font-size: 14pt; }
  main { grid-template-columns: repeat(3, 1fr); gap: 4px 8px; }
  .wide { grid-column: span 2; }
  figure { break-inside: avoid; }
  figcaption { font-size: 8pt; }
  svg { max-height: 38mm; }
  footer { font-size: 7pt; margin-top: 4px; }
  footer ul { padding: 0; }
  footer li, footer p { display: inline; margin: 0 1em 0 0; }
  ul { margin: 4px 0; }
}
"""
