"""One module a tab: its components, and handlers that call a verb and show the result."""
