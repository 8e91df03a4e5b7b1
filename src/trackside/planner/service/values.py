"""The values that requests may hold, as the OpenAPI document states them."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
)

_ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_PRINTED = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"


def _only_text(value: Any) -> Any:
    """Refuse the numbers that pydantic takes for moments and days."""
    if isinstance(value, str):
        return value
    raise ValueError("expected text")


def _in_every_time_zone(value: datetime) -> datetime:
    if 1 < value.year < 9999:
        return value
    raise ValueError("expected a year from 2 to 9998")


def _only_day(value: Any) -> Any:
    if isinstance(value, date) or (
        isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)
    ):
        return value
    raise ValueError("expected a day such as 2030-04-28")


Name = Annotated[str, StringConstraints(pattern=f"^{_ID}$")]
PlanId = Annotated[str, StringConstraints(pattern=f"^{_ID}-[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$")]
RandomId = Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=_PRINTED)]
Day = Annotated[date, BeforeValidator(_only_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_only_text), AfterValidator(_in_every_time_zone)]
Clock = Annotated[
    str, StringConstraints(pattern=r"^([0-9]{1,2}:)?[0-5]?[0-9]:[0-5][0-9](\.[0-9]{1,3})?$")
]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Limit = Annotated[int, Field(ge=1, le=200)]


class Body(BaseModel):
    """What a request holds: nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """Why a request was not done."""

    detail: str
