"""The workbench of another process: the same verbs, carried out by the app that has the home open."""
