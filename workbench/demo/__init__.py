"""The content of the embedded default: a small world, a tiny model that talks about it, and recorded answers."""
