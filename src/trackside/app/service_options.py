"""Options of the commands that ask a service for something."""

from typing import Annotated

import typer

Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        envvar="TRACKSIDE_TOKEN",
        show_envvar=True,
        metavar="TOKEN",
        help="What trackside users printed; better in the environment, where nobody else sees it.",
    ),
]
