"""Collection ``trainingplanschema``: the schemas that ship, and coaches' own."""

from datetime import UTC, datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select

from trackside.errors import ConflictError, ParameterError, UnknownError
from trackside.planner.store.tables import training_plan_schema
from trackside.planner.training_schema import TrainingSchema, shipped_schemas, unknown_codes
from trackside.planner.workout_library import workout_library

_SCHEMA = TypeAdapter(TrainingSchema)


def schemas(connection: Connection) -> list[TrainingSchema]:
    """All schemas, those that ship first."""
    table = training_plan_schema
    own = connection.scalars(select(table.c.document).order_by(table.c.schema_id))
    return [*shipped_schemas(), *map(_SCHEMA.validate_json, own)]


def schema(connection: Connection, schema_id: str) -> TrainingSchema:
    """The schema with an id. Raises :class:`UnknownError`."""
    for one in shipped_schemas():
        if one.id == schema_id:
            return one
    table = training_plan_schema
    found = connection.scalar(select(table.c.document).where(table.c.schema_id == schema_id))
    if found is None:
        raise UnknownError(f"no training schema {schema_id}")
    return _SCHEMA.validate_json(found)


def add_schema(connection: Connection, new: TrainingSchema) -> None:
    """Store a schema under its id.

    Raises :class:`ConflictError` if there is another one with that id, and
    :class:`ParameterError` if it names a workout that does not ship.
    """
    for week, code in unknown_codes(new, workout_library()):
        raise ParameterError(f"week {week}: expected a workout that ships, not {code!r}")
    document = _SCHEMA.dump_json(new).decode()
    try:
        if schema(connection, new.id) != new:
            raise ConflictError(f"there is another training schema {new.id}: expected a new id")
    except UnknownError:
        connection.execute(
            insert(training_plan_schema).values(
                schema_id=new.id, document=document, created_at=datetime.now(UTC)
            )
        )
