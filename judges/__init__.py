"""Whatever scores answers without a person."""
