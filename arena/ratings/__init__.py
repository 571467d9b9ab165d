"""Ratings of models from votes: columns or pair counts in, a frozen result with intervals and notes out."""
