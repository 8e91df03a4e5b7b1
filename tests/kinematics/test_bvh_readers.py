"""A reader that the project does not own sees in our BVH the pose that was written."""

from pathlib import Path

import numpy as np
import pytest

from trackside.kinematics import quaternions as qt
from trackside.kinematics.bvh import write_bvh
from trackside.kinematics.bvh_names import JOINT_NAMES
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST, skeleton_for
from trackside.recordings.placements import SEGMENTS


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # of its own imports
def test_bvhio_sees_the_joints_where_they_are(tmp_path: Path) -> None:
    """World joint positions by bvhio's own forward kinematics agree to a hundredth of a mm."""
    import bvhio

    rng = np.random.default_rng(4)
    turned = qt.from_rotation_vector(rng.normal(scale=0.7, size=(len(SEGMENTS), 5, 3)))
    orientations = qt.multiply(STANDING_FACING_EAST, turned)
    seen = np.ones(orientations.shape[:2], bool)
    pose = Pose(skeleton_for(1.8), np.arange(5) / 50, orientations, rng.normal(size=(5, 3)), seen)
    write_bvh(tmp_path / "pose.bvh", pose)

    root = bvhio.readAsHierarchy(str(tmp_path / "pose.bvh"))
    theirs = {joint.Name: joint for joint, _, _ in root.layout()}
    joints = pose.joints()
    for frame in range(5):
        root.loadPose(frame)
        for segment, name in JOINT_NAMES.items():
            x, y, z = 100.0 * joints[INDEX[segment], frame]
            position = tuple(theirs[name].PositionWorld)
            np.testing.assert_allclose(position, (y, z, x), atol=1e-3, err_msg=name)
