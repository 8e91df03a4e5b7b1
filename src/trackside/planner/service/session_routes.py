"""Signing in and out of the page, whose browser keeps the token."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import StringConstraints

from trackside.planner.service.access import COOKIE, Access
from trackside.planner.service.problems import problems
from trackside.planner.service.values import Body

router = APIRouter(tags=["sessions"])
KEPT = 400 * 24 * 3600
"""s that a browser keeps the cookie: as long as browsers do. The token expires by itself."""


class SignIn(Body):
    """What ``trackside users token`` printed."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern="^[!-~]+$")]


@router.post("/sessions", status_code=204, responses=problems(400, 401, 413, 422))
async def sign_in(request: Request, held: SignIn) -> Response:
    """Keep a valid token in the browser's cookie."""
    access: Access = request.app.state.access
    if not access.is_open and await access.user(held.token) is None:
        raise HTTPException(401, "this token is not valid (any more)")
    answer = Response(status_code=204)
    answer.set_cookie(
        COOKIE,
        held.token,
        max_age=KEPT,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.delete("/sessions", status_code=204)
async def sign_out() -> Response:
    """Remove the token from the browser."""
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer
