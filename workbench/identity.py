"""Who votes; see `workbench.access`."""

from workbench.access.access import voter_of

__all__ = ["voter_of"]
