"""Databases as released versions left them, as SQL: `python -m tests.released` writes those of this version."""
