"""Who and what decides the board: how few votes hold it up, and whose they are."""
