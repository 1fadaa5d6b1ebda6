"""What a process keeps at hand by primary keys, forgotten: the databases of tests give them again."""

from django.core.cache import cache

from analyzer.selectors import near_misses, scope, scope_rows
from analyzer.selectors.finding import kept


def forget() -> None:
    """All of it, and the cache."""
    cache.clear()
    scope.forget()
    scope_rows.forget()
    near_misses.forget()
    kept.forget()
