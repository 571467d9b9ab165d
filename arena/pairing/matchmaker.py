"""Draw pairs one after the other, counting those drawn as votes to come.

So a job that pairs ten thousand prompts at once spreads them as if each had been voted on, and voters who start at the
same moment do not all get the same pair. The cost of a draw does not depend on the number of votes: they come as pair
counts, and what follows of them is worked out anew only once their number has grown by `GROWTH`.
"""

import threading
from collections import Counter, deque
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from arena.errors import InvalidInput
from arena.pairing.policies import Policy, weights
from arena.pairing.standing import Standing, mean_half_width, standing
from arena.ratings.rated import Floats
from arena.types import ModelSpec, PairCount

GROWTH = 0.005
"""Votes may grow by this share before chances are worked out anew; below 200 votes they are after each."""

_PENDING = 500
"""So many battles drawn last are counted as votes to come."""
_MOST_FAILURES = 8
_LONGEST_UNREAD = 25
"""At most so many pairs are drawn before it is looked at whether votes have come in; with few votes it is each time."""


class Pairing:
    """A sequence of pairs drawn by one policy from one state of the votes; not for several threads at once.

    Args:
        policy: how pairs are weighed.
        counts: the votes so far, of models on either side.
        names: models whose intervals matter, whether they have votes or not; all models, if empty.
        start: an earlier standing to begin the search from.
        failures: how often each model has failed to answer since it last did; each halves its weight.
    """

    def __init__(
        self,
        policy: Policy,
        counts: Sequence[PairCount],
        names: Collection[str] = (),
        *,
        start: Standing | None = None,
        failures: Counter[str] | None = None,
    ) -> None:
        self.policy = policy
        self.failures = Counter[str]() if failures is None else failures
        self._now = standing(counts, names, start)
        self._wanted = self._now.places(names) if names else None
        self._known: dict[tuple[str, ...], Floats] = {}
        self._since = 0

    @property
    def standing(self) -> Standing:
        """Return what is known, pairs drawn included."""
        return self._now

    @property
    def half_width(self) -> float:
        """Return half the mean expected width of the 95 % intervals once all pairs drawn have a vote, in points."""
        return mean_half_width(self._now, self._wanted)

    def chances(self, names: Collection[str]) -> tuple[tuple[str, ...], Floats]:
        """Return models sorted by name and the chance of each pair of them, symmetric, (models, models)."""
        order = tuple(sorted(set(names)))
        known = self._known.get(order)
        if known is None:
            trust = np.array([0.5 ** min(self.failures[name], _MOST_FAILURES) for name in self._now.names])
            known = weights(self.policy, self._now, self._now.places(order), self._wanted, trust)
            self._known[order] = known
        return order, known

    def draw(self, candidates: Sequence[ModelSpec], rng: np.random.Generator) -> tuple[ModelSpec, ModelSpec]:
        """Draw two different models, the one shown as A first, and count a vote on them as expected.

        The sides are drawn with equal chance.

        Raises:
            InvalidInput: fewer than two different models are there to choose from, or one was not named before.
        """
        distinct = {spec.name: spec for spec in candidates}
        if len(distinct) < 2:
            known = f"only '{next(iter(distinct))}' can" if distinct else "no model can"
            raise InvalidInput(
                f"A battle needs two models, but {known} answer this prompt: add another model that is not "
                "recorded, or choose a prompt from a set that two recorded models have answered."
            )
        order, table = self.chances(distinct)
        above = np.triu_indices(len(order), 1)
        shares = table[above]
        pair = int(rng.choice(len(shares), p=shares / shares.sum()))
        first, second = (distinct[order[side[pair]]] for side in above)
        self.expect([(first.name, second.name)])
        return (first, second) if rng.random() < 0.5 else (second, first)

    def expect(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Count a vote on each of `pairs` as expected; those of unknown models are passed over."""
        place = {name: i for i, name in enumerate(self._now.names)}
        met = [(place[a], place[b]) for a, b in pairs if a in place and b in place]
        self._since += len(met)
        stale = self._since > GROWTH * self._now.total
        if len(met) == 1 and not stale:
            self._now = self._now.expecting_one(*met[0])
        elif met:
            more = np.zeros_like(self._now.votes)
            for a, b in met:
                more[a, b] += 1.0
                more[b, a] += 1.0
            self._now = self._now.expecting(more)
        if stale:
            self._known.clear()
            self._since = 0


class Matchmaker:
    """Pairs for battles that are started one at a time by anybody; every method may be called from any thread."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._lock = threading.Lock()
        self._pairing: Pairing | None = None
        self._counts: Sequence[PairCount] = ()
        self._votes = 0
        self._names: frozenset[str] = frozenset()
        self._draws = 0
        self._patience = 1
        self._failures: Counter[str] = Counter()
        self._pending: deque[tuple[str, str]] = deque(maxlen=_PENDING)

    def failures(self, name: str) -> int:
        """Return how often a model has failed to answer since it last did."""
        return self._failures[name]

    def draw(
        self,
        candidates: Sequence[ModelSpec],
        everyone: Collection[str],
        counts: Sequence[PairCount],
        rng: np.random.Generator,
    ) -> tuple[ModelSpec, ModelSpec]:
        """Draw two of the `candidates`, the one shown as A first; the intervals of `everyone` matter.

        Raises:
            InvalidInput: fewer than two different models are there to choose from.
        """
        with self._lock:
            names = frozenset(everyone) | {spec.name for spec in candidates}
            pairing = self._current(names, counts)
            first, second = pairing.draw(candidates, rng)
            self._pending.append((first.name, second.name))
            return first, second

    def ended(self, failed: Collection[str], answered: Collection[str]) -> None:
        """Take in which models failed to answer and which did; the more often in a row, the rarer they are drawn."""
        with self._lock:
            for name in failed:
                self._failures[name] += 1
            healed = [name for name in answered if self._failures.pop(name, 0)]
            if failed or healed:
                self._pairing = None

    def _current(self, names: frozenset[str], counts: Sequence[PairCount]) -> Pairing:
        pairing, self._draws = self._pairing, self._draws + 1
        if pairing is not None and names == self._names and self._draws < self._patience:
            return pairing
        votes = sum(count.votes for count in counts)
        self._draws, self._patience = 0, min(_LONGEST_UNREAD, 1 + int(GROWTH * votes))
        if pairing is None or names != self._names or abs(votes - self._votes) > GROWTH * self._votes:
            self._settle(counts)
            start = pairing.standing if pairing is not None else None
            pairing = Pairing(self.policy, counts, names, start=start, failures=self._failures)
            pairing.expect(self._pending)
            self._pairing, self._counts, self._votes, self._names = pairing, counts, votes, names
        return pairing

    def _settle(self, counts: Sequence[PairCount]) -> None:
        """Forget battles to come for which a vote has come in since."""
        asked = {frozenset(pair) for pair in self._pending}
        landed = _by_pair(counts, asked)
        landed.subtract(_by_pair(self._counts, asked))
        kept = []
        for pair in self._pending:
            key = frozenset(pair)
            if landed[key] > 0:
                landed[key] -= 1
            else:
                kept.append(pair)
        self._pending = deque(kept, maxlen=_PENDING)


def _by_pair(counts: Sequence[PairCount], asked: set[frozenset[str]]) -> Counter[frozenset[str]]:
    """Return the votes of each pair `asked` for."""
    found: Counter[frozenset[str]] = Counter()
    sides = {tuple(sorted(pair)) for pair in asked}
    sides |= {(b, a) for a, b in sides}
    for count in counts:
        if (count.model_a, count.model_b) in sides:
            found[frozenset((count.model_a, count.model_b))] += count.votes
    return found
