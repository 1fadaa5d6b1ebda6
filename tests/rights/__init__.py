"""Who may do what: a table, checked cell by cell, and told in docs/rights.md."""
