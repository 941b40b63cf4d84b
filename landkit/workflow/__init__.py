"""The verbs: describe, read, check, ask, present, write."""

from landkit.workflow.verbs import (
    Run,
    as_records,
    as_summary,
    as_text_table,
    capacity,
    check,
    conflicts,
    init,
    intensity,
    layout,
    parks,
    propose,
    rules,
    run,
    stock,
    write_tables,
)

__all__ = [
    "Run",
    "as_records",
    "as_summary",
    "as_text_table",
    "capacity",
    "check",
    "conflicts",
    "init",
    "intensity",
    "layout",
    "parks",
    "propose",
    "rules",
    "run",
    "stock",
    "write_tables",
]
