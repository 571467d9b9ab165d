"""Whatever turns votes into weights: a frozen export in, a run folder with an adapter out."""
