"""Other people's files: votes, recorded answers, prompts and preference pairs, read into the store and written out."""

from arena.formats.detect import FORMATS, Format
from arena.formats.importing import import_file
from arena.formats.report import ImportReport, Reject
from arena.formats.write import export_leaderboard, export_votes

__all__ = [
    "FORMATS",
    "Format",
    "ImportReport",
    "Reject",
    "export_leaderboard",
    "export_votes",
    "import_file",
]
