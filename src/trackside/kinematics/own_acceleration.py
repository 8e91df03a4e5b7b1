"""How the body as a whole accelerates: in bends, when it sets off and when it stops.

An accelerometer cannot tell a runner's lean into a bend from gravity: at 6 m/s round a track the
orientation filter tilts all sensors by degrees, and as the tilt turns with the athlete it passes
for a bias of the gyroscope, which then turns the heading too. The way over the ground shows the
bend.
"""

import numpy as np

from trackside.arrays import Booleans, Floats
from trackside.filters.vector_kalman import ConstantVelocity, smooth_vectors
from trackside.kinematics import quaternions as qt

CUTOFF = 0.3
"""Hz; what is faster, steps above all, is no matter to the filter's inclination."""


def own_acceleration(time: Floats, path: Floats, known: Booleans) -> Floats:
    """Slow horizontal acceleration (N, 3) m/s², ENU, of a body on this way.

    ``time`` (N,) s; ``path`` (N, 3) m and ``known`` (N,) as from
    :func:`trackside.kinematics.root_path.root_path`; zero where the way is not known.
    """
    rate = (len(time) - 1) / (time[-1] - time[0])
    velocity = np.gradient(path[:, :2], time, axis=0)
    model = ConstantVelocity.from_cutoff(CUTOFF, noise_sd=1.0, rate=rate)
    level = smooth_vectors(time, velocity, model).rates
    return np.column_stack([level, np.zeros(len(time))]) * known[:, None]


def felt_by(acceleration: Floats, segment: Floats, mounting: Floats) -> Floats:
    """The acceleration (N, 3) ENU in the frame of a sensor.

    ``segment`` (N, 4): orientation segment → ENU of the segment that it sits on; ``mounting`` (4,):
    segment → sensor.
    """
    sensor = qt.multiply(segment, qt.conjugate(mounting))
    return qt.rotate(qt.conjugate(sensor), acceleration)
