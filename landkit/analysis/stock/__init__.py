"""Redevelopment stock (存量): idle, approved but unsupplied, supplied but unbuilt, inefficient, underused land.

Each test answers per parcel: `no`, `confirmed`, `candidate` (the law says "may", or the rule is not verified) or `undecided`
(inputs missing, which are named).  A parcel may meet several; its area counts once, by the stated priority.
"""

from landkit.analysis.stock.ask import Ask, months_between
from landkit.analysis.stock.found import TESTS, find_stock, sum_stock
from landkit.analysis.stock.performance import rating_columns

__all__ = ["TESTS", "Ask", "find_stock", "months_between", "rating_columns", "sum_stock"]
