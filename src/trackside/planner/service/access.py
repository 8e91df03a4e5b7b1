"""Who asks, and what is theirs.

Programs send their token as ``Authorization: Bearer …``; the page has it in a cookie that scripts
cannot read and that browsers send to this site alone.
"""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Protocol, TypeVar
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBearer

from trackside.errors import UnknownError
from trackside.planner.service.answers import read
from trackside.planner.store.accounts import Role, User, user_of
from trackside.planner.store.database import Database

COOKIE = "trackside_token"
TRUST = 1.0
"""s for which a token that was found valid is at most not looked up again, and at least half of
them: what asks at the same moments is not looked up at the same moments."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYBODY = User("local", Role.COACH, None)
"""Who asks where no token was ever given: somebody at this computer."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Access:
    """Finds out who asks. ``is_open``: everybody at this computer may, without a token."""

    def __init__(self, database: Database, is_open: bool, trust: float = TRUST) -> None:
        self.is_open = is_open
        self._database = database
        self._trust = trust
        self._known: dict[str, tuple[float, User]] = {}

    async def user(self, token: str) -> User | None:
        """Whose token it is; None if it is nobody's."""
        now = time.monotonic()
        until, user = self._known.get(token, (0.0, EVERYBODY))
        if now < until:
            return user
        found = await read(self._database, lambda connection: user_of(connection, token))
        if found is None:
            return None
        if len(self._known) > 1000:
            self.forget()
        share = random.uniform(0.5, 1.0)  # noqa: S311 - nobody gains by guessing it
        self._known[token] = (now + share * self._trust, found)
        return found

    def forget(self) -> None:
        """Look everybody up again: what they may see has changed."""
        self._known.clear()


class ShownToken(HTTPBearer):
    """Who asks, by the token in the header, else by the one in the page's cookie."""

    async def __call__(self, request: Request) -> User:  # type: ignore[override] # its base returns credentials
        """The user. Raises 401 without a valid token, 403 for what another site's page asks."""
        access: Access = request.app.state.access
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            # browsers send cookies whichever site's page asks
            if not _of_this_site(request):
                raise HTTPException(403, "asked by a page of another site")
            token = request.cookies.get(COOKIE, "")
        if access.is_open:
            if request.url.hostname not in LOOPBACK:
                raise HTTPException(403, "expected a request to localhost")
            return EVERYBODY
        user = await access.user(token) if token else None
        if user is None:
            valid = "a valid token: sign in again" if token else "a token: sign in"
            raise HTTPException(401, f"expected {valid}", {"WWW-Authenticate": "Bearer"})
        return user


def _of_this_site(request: Request) -> bool:
    """Whether a request that changes something was made by this site's page, or by no page."""
    if request.method in SAFE:
        return True
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


_SHOWN = ShownToken(auto_error=False, description="A token of trackside users; or its cookie")
CurrentUser = Annotated[User, Depends(_SHOWN)]


async def store_of(request: Request) -> Database:
    """The service's store."""
    database: Database = request.app.state.database
    return database


Store = Annotated[Database, Depends(store_of)]


def check_runner(user: User, runner_id: str) -> None:
    """Refuse a runner who is not the user's to see, whether there is such a runner or not."""
    if not user.may_see(runner_id):
        raise HTTPException(403, f"{runner_id} is not yours to see")


class OfRunner(Protocol):
    """Something that is of one runner."""

    @property
    def runner_id(self) -> str:
        """Whose it is."""


Found = TypeVar("Found", bound=OfRunner)


def of_theirs(user: User, what: str, find: Callable[[], Found]) -> Found:
    """What is found, if the user may see it. Raises 404 alike if not, or if there is none."""
    found: Found | None = None
    with suppress(UnknownError):
        found = find()
    if found is None or not user.may_see(found.runner_id):
        raise HTTPException(404, f"no {what}")
    return found
