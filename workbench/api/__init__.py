"""The REST API: a table of verbs, and what makes routes of it; what no table can say is written out beside it."""
