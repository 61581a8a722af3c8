"""Data sets as rows, whatever their layout, and the audit that finds leaks between two of them."""

from earmark.data.bank import bank_from_rows
from earmark.data.layout import Coverage
from earmark.data.open import coverage, open_data
from earmark.data.rows import Row

__all__ = ["Coverage", "Row", "bank_from_rows", "coverage", "open_data"]
