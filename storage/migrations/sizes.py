"""What SQLite is told of the sizes of tables, so that it goes about its questions as a large company needs it.

SQLite counts rows only where it is told to (ANALYZE), and guesses until then: it would find a customer for a menu by
every row of the company. A connection knows what was counted when it was opened. So the sizes of one large company are
written down when the tables are made, as SQLite's documents advise: they hold in every process from the first row on,
and what a question costs depends on no day on which something was counted. A small company is quick in any order.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

# By table and index: how many rows the index has, and how many are alike in its first column, in its first two, and so
# on. Counted by ANALYZE in `benchmarks.parts.large_ledger`. The key of a table without row ids has the table's name.
SIZES: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "code_sets": {
        "ix_code_sets_workspace_id": (6_000, 6_000),
        "sqlite_autoindex_code_sets_1": (6_000, 6_000, 1),
    },
    "code_values": {"code_values": (18_000, 18_000, 6_000, 57, 1)},
    "customer_debts": {
        "ix_customer_debts_disputed": (2_983, 2_983, 7, 1),
        "ix_customer_debts_late": (75_090, 75_090, 498, 1, 1, 1, 1, 1, 1),
        "ix_customer_debts_next_due": (48_645, 48_645, 1_521, 1),
        "ix_customer_debts_to_confirm": (20, 20, 1),
        "ix_customer_debts_warned": (3_781, 3_781, 3_781, 1),
        "sqlite_autoindex_customer_debts_1": (75_090, 75_090, 1),
    },
    "customer_words": {"customer_words": (229_848, 229_848, 49, 1)},
    "debt_days": {
        "debt_days": (281_800, 281_800, 28_180, 1),
        "ix_debt_days_workspace_id": (281_800, 281_800),
    },
    "hold_episodes": {
        "ix_hold_episodes_company_pk_customer_id": (30_000, 30_000, 2),
        "ix_hold_episodes_workspace_id": (30_000, 30_000),
        "uq_hold_episodes_open": (10_000, 10_000, 1),
    },
    "mirrored_customers": {
        "ix_mirrored_customers_code_set": (100_000, 100_000, 17, 1, 1, 1),
        "ix_mirrored_customers_company_pk_reference_key": (100_000, 100_000, 1),
        "ix_mirrored_customers_held": (10_000, 10_000, 10_000, 1, 1, 1, 1, 1, 1, 1),
        "ix_mirrored_customers_hidden": (1_000, 1_000, 1_000, 1),
        "ix_mirrored_customers_names": (100_000, 100_000, 1, 1, 1, 1, 1, 1, 1),
        "ix_mirrored_customers_over_limit": (5_551, 5_551, 1, 1, 1, 1, 1, 1),
        "ix_mirrored_customers_owing": (99_985, 99_985, 12),
        "ix_mirrored_customers_postcode": (100_000, 100_000, 12, 1),
        "sqlite_autoindex_mirrored_customers_1": (100_000, 100_000, 1),
    },
    "name_words": {
        "ix_name_words_workspace_id": (4_764, 4_764),
        "name_words": (4_764, 4_764, 1),
    },
    "open_items": {
        "ix_open_items_company_pk_customer_id": (162_735, 162_735, 3),
        "ix_open_items_overdue": (162_735, 162_735, 885, 1),
        "sqlite_autoindex_open_items_1": (162_735, 162_735, 1),
    },
    "promises": {
        "ix_promises_company_pk_customer_id": (2_000, 2_000, 1),
        "ix_promises_judge_at": (2_000, 50),
        "ix_promises_open": (2_000, 2_000, 1),
        "ix_promises_workspace_id": (2_000, 2_000),
    },
}


def tell_sizes(connection: Connection) -> None:
    """Write down the sizes in a SQLite file, in place of others of these tables."""
    # So SQLite makes its own table of sizes.
    connection.exec_driver_sql("ANALYZE alembic_version")
    for table, indexes in SIZES.items():
        connection.exec_driver_sql("DELETE FROM sqlite_stat1 WHERE tbl = ?", (table,))
        for index, rows in indexes.items():
            written = (table, index, " ".join(map(str, rows)))
            connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", written)
