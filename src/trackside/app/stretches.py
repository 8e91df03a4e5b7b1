"""Stretches of time as they are typed: START:END in s."""

import typer


def parsed_stretch(text: str | None) -> tuple[float, float] | None:
    """Start and end in s; None for None. Raises typer.BadParameter for anything else."""
    if text is None:
        return None
    try:
        start, end = (float(part) for part in text.split(":"))
    except ValueError:
        raise typer.BadParameter(f"{text!r}: expected START:END in s, such as 2.0:4.0") from None
    if not start < end:
        raise typer.BadParameter(f"{text!r}: the start must lie before the end")
    return start, end
