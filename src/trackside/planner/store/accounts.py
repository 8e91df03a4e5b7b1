"""Users, their roles, and the tokens that they show.

A token is 256 random bits; only its hash is stored, so that who reads the store cannot use it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from trackside.errors import ConflictError, ParameterError, UnknownError
from trackside.planner.store.runners import runner_exists
from trackside.planner.store.tables import access_token, account, coaching

PREFIX = "trackside_"
"""Lets people and scanners of leaked secrets see what a token is for."""


class Role(StrEnum):
    """An athlete sees their own data, a coach that of their athletes."""

    ATHLETE = "athlete"
    COACH = "coach"


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. ``runners``: whose data they may see; None: everybody's."""

    user_id: str
    role: Role
    runners: frozenset[str] | None

    def may_see(self, runner_id: str) -> bool:
        """Whether a runner's data are theirs to see."""
        return self.runners is None or runner_id in self.runners


def add_user(
    connection: Connection, user_id: str, role: Role, runner_id: str | None = None
) -> None:
    """Add a user; an athlete is the runner with an id, a coach none.

    Raises :class:`ConflictError` if there is one of that name, :class:`UnknownError` without the
    runner.
    """
    if (runner_id is None) == (role is Role.ATHLETE):
        raise ParameterError("expected a runner for an athlete, and none for a coach")
    if runner_id is not None and not runner_exists(connection, runner_id):
        raise UnknownError(f"no runner {runner_id}")
    values = {"user_id": user_id, "role": role.value, "runner_id": runner_id}
    try:
        connection.execute(insert(account).values(**values, created_at=datetime.now(UTC)))
    except IntegrityError:
        raise ConflictError(f"there is a user {user_id} already: expected a new name") from None


def let_coach(connection: Connection, user_id: str, runner_id: str) -> None:
    """Let a coach see a runner's data. Raises :class:`UnknownError`, :class:`ParameterError`."""
    if _role(connection, user_id) is not Role.COACH:
        raise ParameterError(f"{user_id} is an athlete: expected a coach")
    if not runner_exists(connection, runner_id):
        raise UnknownError(f"no runner {runner_id}")
    if runner_id not in _coached(connection, user_id):
        connection.execute(insert(coaching).values(user_id=user_id, runner_id=runner_id))


def new_token(connection: Connection, user_id: str, lasts: timedelta) -> str:
    """A new token of a user, valid from now on. Raises :class:`UnknownError`."""
    _role(connection, user_id)
    token = PREFIX + secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    connection.execute(
        insert(access_token).values(
            token_hash=_hash(token), user_id=user_id, created_at=now, expires_at=now + lasts
        )
    )
    return token


def revoke_tokens(connection: Connection, user_id: str) -> int:
    """End all tokens of a user; how many were still valid. Raises :class:`UnknownError`."""
    _role(connection, user_id)
    now = datetime.now(UTC)
    ended = connection.execute(
        update(access_token)
        .where(
            access_token.c.user_id == user_id,
            access_token.c.revoked_at.is_(None),
            access_token.c.expires_at > now,
        )
        .values(revoked_at=now)
    )
    return ended.rowcount


def user_of(connection: Connection, token: str) -> User | None:
    """Whose valid token it is; None if it is nobody's, expired or revoked."""
    shown = {"token_hash": _hash(token), "now": datetime.now(UTC)}
    rows = connection.execute(_SHOWN, shown).all()
    if not rows:
        return None
    user_id, role, runner_id, _ = rows[0]
    if role == Role.ATHLETE:
        return User(user_id, Role.ATHLETE, frozenset({runner_id}))
    coached = frozenset(row.coached for row in rows if row.coached is not None)
    return User(user_id, Role.COACH, coached)


# put together once, as every second's requests begin with it; a row for each runner of a coach
_SHOWN = (
    select(
        account.c.user_id,
        account.c.role,
        account.c.runner_id,
        coaching.c.runner_id.label("coached"),
    )
    .join(access_token, access_token.c.user_id == account.c.user_id)
    .outerjoin(coaching, coaching.c.user_id == account.c.user_id)
    .where(
        access_token.c.token_hash == bindparam("token_hash"),
        access_token.c.revoked_at.is_(None),
        access_token.c.expires_at > bindparam("now"),
    )
)


def any_token(connection: Connection) -> bool:
    """Whether a token was ever given, so that tokens are asked for."""
    return connection.scalar(select(1).select_from(access_token).limit(1)) is not None


@dataclass(frozen=True, slots=True)
class UserEntry:
    """What a list of users says of each; ``tokens``: how many are valid."""

    user_id: str
    role: Role
    runners: tuple[str, ...]
    tokens: int


def users(connection: Connection) -> list[UserEntry]:
    """All users by name."""
    now = datetime.now(UTC)
    valid = list(
        connection.scalars(
            select(access_token.c.user_id).where(
                access_token.c.revoked_at.is_(None), access_token.c.expires_at > now
            )
        )
    )
    return [
        UserEntry(
            row.user_id,
            Role(row.role),
            (row.runner_id,) if row.runner_id else tuple(sorted(_coached(connection, row.user_id))),
            valid.count(row.user_id),
        )
        for row in connection.execute(select(account).order_by(account.c.user_id)).all()
    ]


def _role(connection: Connection, user_id: str) -> Role:
    found = connection.scalar(select(account.c.role).where(account.c.user_id == user_id))
    if found is None:
        raise UnknownError(f"no user {user_id}")
    return Role(found)


def _coached(connection: Connection, user_id: str) -> frozenset[str]:
    query = select(coaching.c.runner_id).where(coaching.c.user_id == user_id)
    return frozenset(connection.scalars(query))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
