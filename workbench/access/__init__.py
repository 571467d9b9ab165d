"""Who may do what: roles, sign-in, sessions, tokens and limits."""
