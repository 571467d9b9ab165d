"""The store: everything that is kept, behind one door; all SQL stands in here and in `arena.schema`."""

from duckdb import DuckDBPyConnection as Transaction

from arena.store.bulk import STAGED_COLUMNS, Bulk, BulkResult
from arena.store.store import Store

__all__ = ["STAGED_COLUMNS", "Bulk", "BulkResult", "Store", "Transaction"]
