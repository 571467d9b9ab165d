"""The domain and its data: which models compete, what was asked, who won, how they rate, which preferences follow."""
