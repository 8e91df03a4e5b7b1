"""What a request that cannot be done is answered: a status and one sentence, nothing else."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match, Route

from trackside.errors import ConflictError, ParameterError, TracksideError, UnknownError
from trackside.planner.service.values import Problem

_LOG = logging.getLogger(__name__)

MEANINGS = {
    400: "The body cannot be read.",
    401: "No valid token.",
    403: "Not for this user.",
    404: "There is no such thing, or it is somebody else's.",
    409: "It goes against what is stored, or the values contradict each other.",
    413: "The body is too large.",
    422: "A value is not as it should be.",
    503: "The store does not answer.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The document's entries for statuses that a route may answer with."""
    return {
        status: {"model": Problem, "description": MEANINGS[status]} for status in sorted(statuses)
    }


STATUSES: dict[type[TracksideError], int] = {
    UnknownError: 404,
    ConflictError: 409,
    ParameterError: 409,
}


def install_problems(app: FastAPI) -> None:
    """Answer all errors of ``app`` in this way."""
    app.add_exception_handler(TracksideError, _mended_by_the_user)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(OperationalError, _no_store)
    app.add_exception_handler(Exception, _fault)


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """The answer."""
    # what was sent may not be text that can be sent back
    shown = detail.encode("utf-8", "backslashreplace").decode()
    return JSONResponse({"detail": shown}, status, headers)


async def _mended_by_the_user(_: Request, error: Exception) -> JSONResponse:
    for kind, status in STATUSES.items():
        if isinstance(error, kind):
            return problem(status, str(error))
    return await _fault(_, error)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """Name the first place that is wrong, never the value: it may be a token."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return problem(422, f"{place}: {first['msg']}")


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return problem(error.status_code, error.detail, headers)


def _methods(request: Request) -> set[str]:
    """What the path of a request can do, all of its routes together."""
    found: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return found


async def _no_store(_: Request, error: Exception) -> JSONResponse:
    _LOG.error("the store did not answer: %s", error)
    return problem(503, "the store does not answer: try again soon", {"Retry-After": "5"})


async def _fault(_: Request, error: Exception) -> JSONResponse:
    _LOG.error("a fault", exc_info=error)
    return problem(500, "a fault in the service: its log says more")
