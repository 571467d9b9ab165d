"""The commands by noun; `workbench.cli` joins them."""
