"""Moving an image onto another base, against chainIDs written down one by one."""

from hypothesis import given
from hypothesis import strategies as st

from analyzer.oci.digest import chain_ids, digest_of
from analyzer.sharing.rebase import Rebase, Stacks

SIZES = {name: 10**index for index, name in enumerate("abcdef")}


def rebase(image: str, at: int, base: str, others: list[str]) -> Rebase:
    stacks = Stacks([image, *others], SIZES)
    told = stacks.rebase(image, at, base)
    assert (stacks.layers, stacks.chains) == (told.before.layers, told.before.chains)  # as before afterwards
    return told


def test_the_image_shares_the_new_base_and_leaves_the_old_one():
    told = rebase("abe", 2, "cd", ["cd"])
    assert told.stack == ("c", "d", "e")
    assert told.base == ("c", "d")
    assert (told.before.shared, told.after.shared) == (0, 1100)
    assert told.more_shared == 1100
    assert told.freed == told.freed_chains == 11
    assert told.left == ("a", "b")


def test_what_others_still_stand_on_is_not_freed():
    told = rebase("abe", 2, "cd", ["cd", "ab"])
    assert told.more_shared == 1100 - 11
    assert told.freed == 0
    assert told.left == ()


def test_moved_layers_that_others_have_on_the_old_base_are_stored_again_on_an_engine():
    told = rebase("abe", 2, "cd", ["cd", "abe"])
    assert told.freed == 0
    assert told.freed_chains == -10_000  # `e` on its new parent


def test_an_image_without_a_base_moves_whole():
    told = rebase("ef", 0, "a", ["a"])
    assert told.stack == ("a", "e", "f")
    assert told.freed == 0
    assert told.more_shared == 1


stacks = st.text("abcdef", max_size=5)


@given(stacks, st.integers(0, 5), stacks, st.lists(stacks, max_size=4))
def test_figures_are_those_of_chain_ids_counted_one_by_one(image: str, at: int, base: str, others: list[str]):
    at = min(at, len(image))
    told = rebase(image, at, base, others)
    moved = base + image[at:]
    assert "".join(told.stack) == moved

    def chains(stack: str) -> dict[str, int]:
        return dict(
            zip(chain_ids(digest_of(name.encode()) for name in stack), map(SIZES.__getitem__, stack), strict=True)
        )

    for side, stack in ((told.before, image), (told.after, moved)):
        elsewhere = {chain: size for other in others for chain, size in chains(other).items()}
        assert side.size == sum(SIZES[name] for name in stack)
        assert side.shared == sum(size for chain, size in chains(stack).items() if chain in elsewhere)
        assert side.chains == sum((elsewhere | chains(stack)).values())
        assert side.held == tuple(chain in elsewhere for chain in chains(stack))
        assert side.layers == sum(SIZES[name] for name in set("".join([stack, *others])))
    assert set(told.left) == set(image) - set(moved) - set("".join(others))
