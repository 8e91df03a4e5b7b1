"""Writing a BVH file while the athlete moves.

A BVH says in its header how many frames follow. Here blanks behind that number keep room for it to
grow, and it is written anew after every batch of frames: from the first frame on the file holds at
least the frames that it declares, so that it opens after a crash, with all but the last second.
"""

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from trackside.arrays import Floats
from trackside.errors import ParameterError
from trackside.kinematics.bvh import bvh_joints, check_complete, motion_frames, t_pose_frame
from trackside.kinematics.bvh_document import BvhDocument
from trackside.kinematics.bvh_file import DECIMALS, bvh_header
from trackside.kinematics.bvh_names import JOINT_NAMES, Names
from trackside.kinematics.number_text import fixed_point_text
from trackside.kinematics.skeleton import Skeleton

_COUNT_WIDTH = 10
_BATCH = 1.0  # s of motion between two writes


class LiveBvhWriter:
    """A BVH file that grows with the motion and is whole from the first frame on.

    ``rate`` in Hz; ``names`` and ``t_pose`` as in :func:`trackside.kinematics.bvh.bvh_from_pose`.
    What is written frame by frame is, but for blanks behind the frame count, what ``write_bvh``
    makes of the whole. Raises FileExistsError where ``path`` is taken, ParameterError for a rate
    that is not above zero. The file is removed if it is closed before the first frame.
    """

    def __init__(
        self,
        path: Path | str,
        skeleton: Skeleton,
        rate: float,
        *,
        names: Names = JOINT_NAMES,
        t_pose: bool = False,
    ) -> None:
        if not 0 < rate < np.inf:
            raise ParameterError(f"rate {rate} Hz: expected more than 0")
        self.path = Path(path)
        self._names = names
        self._rate = rate
        self._moved = 0  # frames of motion, without the T-pose
        joints = bvh_joints(skeleton, names)
        document = BvhDocument(joints, np.empty((0, 3 + 3 * len(joints))), 1.0 / rate)
        header = bvh_header(self.path, document, "0" + " " * (_COUNT_WIDTH - 1)).encode("ascii")
        self._count_at = header.index(b"Frames: ") + len(b"Frames: ")
        self._count = 0  # frames that the file declares
        self._waiting = [t_pose_frame(skeleton, names)] if t_pose else []
        self._last: Floats | None = None
        self._file = self.path.open("xb")
        self._file.write(header)
        self._end = len(header)  # behind the last declared frame

    def write(self, orientations: Floats, root: Floats) -> None:
        """Add frames: ``orientations`` (23, N, 4) segment → ENU and ``root`` (N, 3) m.

        Raises MissingDataError where one is not finite, OSError where the disk takes no more; what
        was declared until then stays readable.
        """
        if len(root) == 0:
            return
        time = (self._moved + np.arange(len(root))) / self._rate
        check_complete(time, orientations, root)
        frames = motion_frames(orientations, root, self._names, self._last)
        self._waiting.append(frames)
        self._last = frames[-1]
        self._moved += len(frames)
        if self._count == 0 or sum(map(len, self._waiting)) >= _BATCH * self._rate:
            self.flush()

    def flush(self) -> None:
        """Hand all frames to the operating system, and then their number."""
        if not self._waiting:
            return
        frames = np.concatenate(self._waiting)
        self._file.seek(self._end)
        self._file.write(fixed_point_text(frames, DECIMALS))
        self._file.flush()
        self._end = self._file.tell()
        self._count += len(frames)
        self._waiting.clear()
        self._file.seek(self._count_at)
        self._file.write(str(self._count).encode("ascii"))
        self._file.flush()

    def close(self) -> None:
        """Flush and close; a file without motion is removed."""
        if self._file.closed:
            return
        with self._file:
            if self._moved:
                self.flush()
        if not self._moved:
            self.path.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
