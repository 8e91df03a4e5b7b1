"""Cues on their way to a service while a recording runs; nothing waits for them."""

import logging
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from threading import Event, Thread
from typing import Final, Self

from trackside.app.service_client import ServiceClient
from trackside.errors import ServiceError
from trackside.planner.cues import Cue

logger = logging.getLogger(__name__)

PATIENCE: Final = 5.0
"""s that the service may be silent for a cue: at the track, later ones matter more."""
WAITING: Final = 16
"""Cues that wait for a slow service; of more the oldest are left out."""
LATEST_END: Final = 2.0
"""s that cues may still be on their way when the recording has ended."""


class CueSender:
    """A context manager whose thread tells cues to a service, for the page of the coach.

    ``client``: best with a PATIENCE as above. Whether the service takes cues of the runner is asked
    at the beginning. What keeps them from getting there is logged once, in plain words; later cues
    are tried all the same.
    """

    def __init__(self, client: ServiceClient, runner_id: str) -> None:
        self._client = client
        self._runner_id = runner_id
        self._waiting: deque[tuple[datetime, Cue]] = deque(maxlen=WAITING)
        self._news = Event()
        self._ended = False
        self._failed = False
        self._thread = Thread(target=self._work, name="cues", daemon=True)

    def tell(self, cue: Cue) -> None:
        """Have a cue told; returns at once."""
        self._waiting.append((datetime.now(UTC), cue))
        self._news.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._news.set()
        self._thread.join(LATEST_END)

    def _work(self) -> None:
        self._try(partial(self._client.get, "runners", self._runner_id))
        ended = False
        while not ended:
            self._news.wait()
            self._news.clear()
            ended = self._ended  # read first: what was told before the end is still sent
            while self._waiting:
                at, cue = self._waiting.popleft()
                if not self._try(partial(self._post, at, cue)) and self._ended:
                    return

    def _post(self, at: datetime, cue: Cue) -> None:
        told = {"at": at.isoformat(), "text": cue.text, "reason": cue.reason}
        self._client.post("runners", self._runner_id, "cues", document=told)

    def _try(self, ask: Callable[[], object]) -> bool:
        """Ask the service; whether it has done it."""
        try:
            ask()
        except Exception as error:  # whatever it is, the recording must not hear of it twice
            if not self._failed:
                known = isinstance(error, ServiceError)
                why = str(error) if known else f"{type(error).__name__}: {error}"
                logger.warning("the page gets no cues: %s; the recording goes on", why)
            self._failed = True
            return False
        return True
