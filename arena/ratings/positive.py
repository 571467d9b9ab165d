"""Equations and inverses of positive definite matrices by Cholesky's factors: half the work of the general way.

Curvatures of the likelihood are such matrices. Where models are so far apart that rounding leaves one without factors,
the general way stands in. SciPy takes a fifth of a second to import, so it comes with the first matrix.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def solve(matrix: Floats, right: Floats) -> Floats:
    """Return x with `matrix @ x = right`, shape (n,), for a symmetric `matrix` (n, n)."""
    from scipy.linalg.lapack import dposv

    _, found, failed = dposv(matrix, right, lower=True)
    return np.asarray(np.linalg.solve(matrix, right) if failed else found, dtype=np.float64)


def inverse(matrix: Floats) -> Floats:
    """Return the inverse of a symmetric `matrix`, exactly symmetric, shape (n, n)."""
    from scipy.linalg.lapack import dpotrf, dpotri

    factor, failed = dpotrf(matrix, lower=True, clean=True)
    if failed:
        return np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    found = np.asarray(dpotri(factor, lower=True)[0], dtype=np.float64)
    whole: Floats = found + found.T
    whole[np.diag_indices(len(whole))] /= 2.0
    return whole
