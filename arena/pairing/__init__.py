"""Who meets whom, when the votes are enough, and how many more it takes."""
