"""The array types that every stage speaks. Sample-major: (N, 3), or (S, N, 3) for S sensors."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Complexes = NDArray[np.complex128]
