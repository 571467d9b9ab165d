"""What the checks of the board found, said in sentences; commands and screens say the same."""

from collections.abc import Sequence

from arena.integrity.fragile import ChangedVotes, Fragility


def first_place(found: Fragility) -> str:
    """Return how few votes hold the first place, in one sentence or two.

    >>> first_place(Fragility("flip", "owl", "crow", 2, 0.01, (), True, 3.0))
    'Turn round 2 of 200 votes (1 %), and crow stands before owl. No fewer do it.'
    """
    do = "Turn round" if found.change == "flip" else "Leave out"
    all_votes = round(found.votes / found.share) if found.share else found.votes
    noun = "vote" if all_votes == 1 else "votes"
    return (
        f"{do} {found.votes:,} of {all_votes:,} {noun} ({percent(found.share)}), and {found.rival} stands before "
        f"{found.leader}. {proof(found)}"
    )


def proof(found: Fragility) -> str:
    """Return how sure it is that no fewer votes do it."""
    return "No fewer do it." if found.exact else "No fewer were found to do it."


def which(changes: Sequence[ChangedVotes], most: int = 6) -> str:
    """Return which votes these are, pair by pair, those most often meant first.

    >>> which([ChangedVotes("owl", "crow", False, 3), ChangedVotes("owl", "jay", True, 1)])
    '3 × owl beats crow, 1 × owl ties with jay'
    """
    told = [
        f"{one.votes:,} × {one.winner} {'ties with' if one.tied else 'beats'} {one.loser}"
        for one in changes[:most]
    ]
    rest = sum(one.votes for one in changes[most:])
    return ", ".join([*told, f"and {rest:,} more"] if rest else told)


def percent(share: float) -> str:
    """Return a share in per cent with two digits that count: 0.15 %, 1.2 %, 34 %."""
    value = 100 * share
    digits = 0 if value >= 10 or value == round(value) else 1 if value >= 1 else 2 if value >= 0.01 else 4
    return f"{value:.{digits}f} %"


def odds(evidence: float) -> str:
    """Return a bet's winnings as what they are: how many times its stake.

    >>> odds(24680.0)
    '25,000'
    """
    if evidence < 10:
        return f"{evidence:.1f}"
    power = 10 ** (len(str(int(evidence))) - 2)
    return f"{round(evidence / power) * power:,}" if evidence < 1e9 else "over 1,000,000,000"
