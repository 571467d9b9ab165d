"""What is measured of an answer's looks, and how two answers are compared in it.

Nothing of a model's own tokenizer goes in: all answers are measured by one rule, or the measure would differ by model.
What stands in fenced code is no formatting, so headers, lists and bold are counted outside of it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature of an answer, a count.

    `compared` is what the board tells the effect of, in words, and `step` that comparison as a value of
    `differences`: an answer twice as long is 1/3, one with bold against one without is 1.
    """

    name: str
    words: str
    compared: str
    step: float


FEATURES = (
    Feature("tokens", "Length", "twice as long", 1.0 / 3.0),
    Feature("headers", "Headers", "with headers against none", 1.0),
    Feature("lists", "Lists", "with list items against none", 1.0),
    Feature("bold", "Bold", "with bold against none", 1.0),
)
"""The covariates of style control, in the order of every array over features."""


def differences(of_a: Floats, of_b: Floats) -> Floats:
    """Return `(f_a - f_b) / (f_a + f_b)` of counts of any one shape, from -1 to 1, and 0 where neither has any.

    T. Li and others, Does style matter? Disentangling style and substance in Chatbot Arena (LMSYS, 2024).
    """
    total = of_a + of_b
    result = np.zeros_like(total, dtype=np.float64)
    np.divide(of_a - of_b, total, out=result, where=total > 0)
    return result
