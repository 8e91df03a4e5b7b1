"""A source whose blocks are offered to somebody else as they pass; the recording comes first."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Protocol

from trackside.capture.recorder import Source
from trackside.recordings.model import Annotation, Block, Stream

logger = logging.getLogger(__name__)


class Outlet(Protocol):
    """Where blocks are offered. It must never make anybody wait."""

    def put(self, item: Block | Annotation) -> None:
        """Offer samples, or a remark."""

    def close(self) -> None:
        """Say that nothing more will come."""


class OfferedSource:
    """A :class:`~trackside.capture.recorder.Source` whose blocks go to an outlet, too.

    ``place``: where that is, for the message when it fails. What the outlet cannot take is logged
    once, and the blocks go on.
    """

    def __init__(self, source: Source, outlet: Outlet, place: str) -> None:
        self._source = source
        self._outlet = outlet
        self._place = place
        self._failed = False

    @property
    def streams(self) -> Sequence[Stream]:
        """The source's streams."""
        return self._source.streams

    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """The source's blocks and remarks."""
        blocks = self._source.blocks()
        try:
            async for item in blocks:
                self._offer(item)
                yield item
        finally:
            self._outlet.close()
            if isinstance(blocks, AsyncGenerator):
                await blocks.aclose()

    def _offer(self, item: Block | Annotation) -> None:
        try:
            self._outlet.put(item)
        except Exception:
            if not self._failed:
                logger.exception(
                    "a block could not be offered %s; the recording goes on", self._place
                )
            self._failed = True
