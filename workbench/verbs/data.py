"""Verbs on data: bring files in, list votes, see which pairs the votes give, and freeze them as an export."""

import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from arena import exports, preferences
from arena.exports import Manifest
from arena.formats import ImportReport, export_votes, import_file
from arena.outline import Outline
from arena.preferences import Preferences
from arena.types import ListedBattle, OwnVote, Preference, VoteFilter, VoterKind
from workbench.home import folder_name
from workbench.verbs.ratings import RatingVerbs

if TYPE_CHECKING:
    from arena.store import Transaction


class DataVerbs(RatingVerbs):
    """What people do with votes once they are there."""

    def import_file(
        self,
        path: Path,
        what: str,
        *,
        from_format: str | None = None,
        set_name: str | None = None,
        skip_bad: bool = False,
        voter_kind: VoterKind = VoterKind.HUMAN,
        on_read: Callable[[int], None] | None = None,
        keep: "Callable[[Transaction, ImportReport], None] | None" = None,
    ) -> ImportReport:
        """Read a file of votes, answers, prompts or preferences into the store, all or nothing unless `skip_bad`.

        `on_read` and `keep` are those of `arena.formats.import_file`.

        Raises:
            InvalidInput: the file cannot be read or its form is not known.
            ImportRejected: rows cannot be used; it lists each with its line and reason.
        """
        return import_file(
            self.store,
            path,
            what,
            from_format=from_format,
            set_name=set_name,
            skip_bad=skip_bad,
            voter_kind=voter_kind,
            on_read=on_read,
            keep=keep,
        )

    def export_votes(self, path: Path, votes: VoteFilter, *, replace: bool = False) -> int:
        """Write the votes that count to a CSV, JSONL or Parquet file in Chatbot Arena's columns; return how many.

        Raises:
            InvalidInput: the file's ending is none of these, or no vote matches.
            Conflict: the file exists and `replace` is false.
        """
        return export_votes(self.store, path, self.counting(votes), replace=replace)

    def list_votes(self, votes: VoteFilter, *, limit: int = 100, before: int | None = None) -> list[OwnVote]:
        """Return the votes that count from the newest on, at most `limit`, those written before number `before`."""
        return self.store.listing.votes(self.counting(votes), limit, before)

    def list_battles(self, *, limit: int = 100, before: uuid.UUID | None = None) -> list[ListedBattle]:
        """Return stored battles from the newest on, names included, at most `limit`, those older than `before`.

        Raises:
            NotFound: there is no battle `before`.
        """
        return self.store.listing.battles(limit, before)

    def voter_kinds(self) -> dict[VoterKind, int]:
        """Return how many standing votes each kind of voter has."""
        return self.store.votes.voter_kinds()

    def voters(self, votes: VoteFilter) -> int:
        """Return how many voters stand behind the votes that count."""
        return self.store.votes.voters(self.counting(votes))

    def categories(self) -> list[str]:
        """Return the prompt categories in use."""
        return self.store.prompts.categories()

    def languages(self) -> list[str]:
        """Return the prompt languages in use."""
        return self.store.prompts.languages()

    def preview_export(self, votes: VoteFilter, *, majority: float = 0.5) -> Preferences:
        """Return the preferences the votes give, and where every other vote went.

        A pair is kept when more than the share `majority` of its decided votes agree.
        """
        return self._derived(self.counting(votes), majority)

    def outline_export(self, votes: VoteFilter, *, majority: float = 0.5) -> Outline:
        """Return the numbers of `preview_export` and where its pairs are, without reading their texts."""
        return self.store.preferences.outline(self.counting(votes), majority=majority)

    def outlined_pair(self, found: Outline, index: int) -> Preference:
        """Return a pair of an outline with its texts; `index` runs from 0 to below `found.pairs`."""
        return self.store.preferences.pair(found, index)

    def _derived(self, counted: VoteFilter, majority: float) -> Preferences:
        return preferences.derive(self.store.preferences.judged_pairs(counted), majority=majority)

    def export(
        self,
        name: str,
        votes: VoteFilter,
        *,
        kind: str = "dpo",
        majority: float = 0.5,
        created_at: datetime | None = None,
    ) -> Manifest:
        """Freeze the preferences as `exports/NAME`: Parquet, manifest and dataset card; made now, or at `created_at`.

        Raises:
            InvalidInput: there is no pair to export (the message says where the votes went), or the name
                cannot be a folder's name.
            Conflict: an export of that name exists.
        """
        counted = self.counting(votes)
        return exports.write_export(
            self.exports_folder / folder_name(name),
            self._derived(counted, majority),
            kind=kind,
            filters=counted,
            created_at=created_at,
        )

    def exports(self) -> list[Manifest]:
        """Return the exports of this home, newest first."""
        return exports.list_exports(self.exports_folder)

    def export_file(self, name: str) -> Path:
        """Return the Parquet file of an export.

        Raises:
            NotFound: no such export.
        """
        return exports.export_file(self.exports_folder / folder_name(name))
