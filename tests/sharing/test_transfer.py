"""What a host would still pull, against plain set arithmetic."""

from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing.transfer import CarriedLayer, Carrier, Host

NAMES = "abcdef"


def gzip(name: str, size: int, form: str = "") -> Carrier:
    return Carrier(f"gzip-{name}{form}", size, compressed=True)


def plain(name: str, size: int) -> Carrier:
    return Carrier(name, size, compressed=False)


BASE = CarriedLayer("base", (gzip("base", 40), plain("base", 100)))
APP = CarriedLayer("app", (gzip("app", 5),))
SAVED = CarriedLayer("saved", (plain("saved", 30),))


def test_a_host_without_images_pulls_everything_compressed():
    told = Host([]).pull([BASE, APP])
    assert (told.transfer, told.already, told.estimated) == (45, 0, False)
    assert [(blob.digest, blob.size) for blob in told.missing] == [("gzip-base", 40), ("gzip-app", 5)]


def test_what_the_host_has_is_skipped():
    told = Host([[BASE]]).pull([BASE, APP])
    assert (told.transfer, told.already) == (5, 40)


def test_a_small_base_is_not_the_lightest_for_a_host_that_has_another_one():
    host = Host([[BASE]])
    tiny = CarriedLayer("tiny", (gzip("tiny", 1),))
    assert host.pull([tiny, CarriedLayer("libs", (gzip("libs", 30),))]).transfer > host.pull([BASE, APP]).transfer


def test_a_layer_that_is_known_plain_only_is_estimated():
    told = Host([]).pull([BASE, SAVED])
    assert (told.transfer, told.estimated) == (70, True)
    assert not Host([[SAVED]]).pull([SAVED, APP]).estimated  # what is skipped needs no estimate


def test_the_same_layer_compressed_otherwise_is_transferred_again():
    again = CarriedLayer("base", (gzip("base", 41, form="-9"),))
    assert Host([[again]]).pull([BASE]).transfer == 40


def test_a_layer_known_plain_on_one_side_is_taken_for_the_same():
    assert Host([[CarriedLayer("base", (plain("base", 100),))]]).pull([BASE]).transfer == 0
    assert Host([[BASE]]).pull([CarriedLayer("base", (plain("base", 100),))]).transfer == 0


def test_a_layer_whose_bytes_never_came_is_not_known():
    told = Host([]).pull([CarriedLayer("gone"), APP])
    assert (told.transfer, told.unknown) == (5, 1)


def test_a_blob_that_an_image_has_twice_is_pulled_once():
    assert Host([]).pull([APP, BASE, APP]).transfer == 45


stacks = st.lists(st.sampled_from(NAMES), max_size=6)


@given(stacks, st.lists(stacks, max_size=4))
def test_marginal_cost_is_the_bytes_of_the_blobs_that_no_image_of_the_host_has(
    image: list[str], having: list[list[str]]
):
    def layers(names: list[str]) -> list[CarriedLayer]:
        return [CarriedLayer(name, (gzip(name, 7 ** NAMES.index(name)),)) for name in names]

    told = Host(map(layers, having)).pull(layers(image))
    there = {name for names in having for name in names}
    assert told.transfer == sum(7 ** NAMES.index(name) for name in set(image) - there)
    assert told.already == sum(7 ** NAMES.index(name) for name in set(image) & there)


@given(stacks, st.lists(stacks, max_size=4), stacks)
def test_a_host_with_more_never_pulls_more(image: list[str], having: list[list[str]], more: list[str]):
    def layers(names: list[str]) -> list[CarriedLayer]:
        kinds = {name: plain if NAMES.index(name) % 2 else gzip for name in names}
        return [CarriedLayer(name, (kinds[name](name, 3),)) for name in names]

    before = Host(map(layers, having)).pull(layers(image)).transfer
    assert Host(map(layers, [*having, more])).pull(layers(image)).transfer <= before
