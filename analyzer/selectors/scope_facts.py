"""What follows from a scope is worked out once: scopes are kept from one page to the next, and none ever changes."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from analyzer.selectors.scope import Scope

Others = TypeVarTuple("Others")
Fact = TypeVar("Fact")


def once_a_scope(work_out: "Callable[[Scope, *Others], Fact]") -> "Callable[[Scope, *Others], Fact]":
    """Keeps beside the scope what `work_out` last said of it, with these very other objects.

    It must follow from what it is given and from what never changes, and is shared: who gets it leaves it as it is.
    """

    @wraps(work_out)
    def known(scope: "Scope", *others: *Others) -> Fact:
        given: tuple[object, ...] = others
        kept = scope.facts.get(work_out)
        if kept is None or any(one is not other for one, other in zip(kept[0], given, strict=True)):
            kept = given, work_out(scope, *others)
            scope.facts[work_out] = kept
        fact: Fact = kept[1]
        return fact

    return known
