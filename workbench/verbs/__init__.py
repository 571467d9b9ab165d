"""The verbs by noun; `workbench.bench.Workbench` joins them into one class."""
