"""Ratings of models from votes: columns or pair counts in, a frozen result with its interval and its notes out."""
