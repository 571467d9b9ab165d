"""A judge's template that the demo model can answer by, so that a real model gives real verdicts."""

BIGGER = """+++
kind = "pairwise"
title = "Which animal is bigger"
mark = "A {label} is."
fence = false

[labels]
a = "cat"
b = "bee"
+++

[system]
You may say: A cat is. Or you may say: A bee is.

[user]
Which animal is bigger, {answer_a} or {answer_b}?
"""
"""A question the demo model knows the answer to. Its labels name animals and not places, so the second order, in which
the bee stands first, comes out the other way round, as with a judge that looks at nothing but the place."""
