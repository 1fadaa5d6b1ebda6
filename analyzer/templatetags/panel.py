"""Figures that the admin's own pages ask for."""

from django import template

from analyzer.selectors.store_totals import StoreTotals, store_totals

register = template.Library()


@register.simple_tag
def totals_of_store() -> StoreTotals:
    """What store and database hold."""
    return store_totals()
