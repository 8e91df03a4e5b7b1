"""Users, tokens, and whose data they see."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from stored_plans import store_runner

from trackside.errors import ConflictError, ParameterError, UnknownError
from trackside.planner.store import accounts
from trackside.planner.store.accounts import Role, User
from trackside.planner.store.database import Database
from trackside.planner.store.tables import access_token

YEAR = timedelta(days=365)


def test_a_token_tells_who_shows_it_and_whose_data_they_see(database: Database) -> None:
    store_runner(database, "ada")
    store_runner(database, "bob")
    with database.writing() as connection:
        assert not accounts.any_token(connection)
        accounts.add_user(connection, "ada", Role.ATHLETE, "ada")
        accounts.add_user(connection, "eva", Role.COACH)
        accounts.let_coach(connection, "eva", "bob")
        accounts.let_coach(connection, "eva", "bob")
        adas = accounts.new_token(connection, "ada", YEAR)
        evas = accounts.new_token(connection, "eva", YEAR)
        assert accounts.any_token(connection)
        assert accounts.user_of(connection, adas) == User("ada", Role.ATHLETE, frozenset({"ada"}))
        assert accounts.user_of(connection, evas) == User("eva", Role.COACH, frozenset({"bob"}))
        stored = connection.scalars(select(access_token.c.token_hash)).all()
    assert not {adas, evas} & set(stored)


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "A", str.lower, lambda _: ""])
def test_forged_expired_and_revoked_tokens_are_nobodys(database: Database, change: object) -> None:
    with database.writing() as connection:
        accounts.add_user(connection, "eva", Role.COACH)
        valid = accounts.new_token(connection, "eva", YEAR)
        expired = accounts.new_token(connection, "eva", timedelta(seconds=-1))
        assert accounts.user_of(connection, change(valid)) is None  # type: ignore[operator]
        assert accounts.user_of(connection, expired) is None
        assert accounts.revoke_tokens(connection, "eva") == 1
        assert accounts.user_of(connection, valid) is None
        assert accounts.any_token(connection)  # the door does not open again
        assert [one.tokens for one in accounts.users(connection)] == [0]


def test_users_who_cannot_be_are_refused(database: Database) -> None:
    with database.writing() as connection:
        with pytest.raises(ParameterError, match="a runner for an athlete"):
            accounts.add_user(connection, "ada", Role.ATHLETE)
        with pytest.raises(UnknownError, match="no runner ada"):
            accounts.add_user(connection, "ada", Role.ATHLETE, "ada")
        with pytest.raises(UnknownError, match="no user eva"):
            accounts.new_token(connection, "eva", YEAR)
        accounts.add_user(connection, "eva", Role.COACH)
        with pytest.raises(UnknownError, match="no runner ada"):
            accounts.let_coach(connection, "eva", "ada")
    with pytest.raises(ConflictError, match="eva"), database.writing() as connection:
        accounts.add_user(connection, "eva", Role.COACH)
