"""Near misses are found without comparing all pairs, and none is missed: against comparing all pairs."""

import hashlib
import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing.nearmiss import LEAST_COMMON, Sketch, key_of, may_be_near, pairs, sketch
from analyzer.sharing.overlap import Files, near_overlap

UNIT = LEAST_COMMON // 4


def digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def layer(files: dict[str, tuple[str, int]]) -> Files:
    """Path → name of the content, bytes."""
    rows = sorted((path.encode(), digest(name), size) for path, (name, size) in files.items())
    return Files({sha: size for _, sha, size in rows}, [path for path, _, _ in rows], [sha for _, sha, _ in rows])


def near_pairs(layers: list[Files]) -> set[tuple[int, int]]:
    """By comparing all pairs."""
    found = set()
    for (one, first), (two, second) in combinations(enumerate(layers), 2):
        met = near_overlap(first, second)
        if met and met.common >= LEAST_COMMON:
            found.add((one, two))
    return found


def met_pairs(layers: list[Files]) -> set[tuple[int, int]]:
    return set(pairs((number, sketch(each.contents)) for number, each in enumerate(layers)))


@st.composite
def many_layers(draw: st.DrawFn) -> list[Files]:
    """Layers of few contents in common use, sizes from nothing to heavy, so that many are nearly near."""
    sizes = draw(st.lists(st.integers(0, 40), min_size=30, max_size=30))
    chosen = st.sets(st.integers(0, 29), max_size=30)
    return [
        layer({f"{number}": (f"content {number}", sizes[number] * UNIT) for number in draw(chosen)})
        for _ in range(draw(st.integers(2, 8)))
    ]


@given(many_layers())
def test_no_near_pair_is_missed(layers: list[Files]):
    assert near_pairs(layers) <= met_pairs(layers)


def corpus(rng: random.Random) -> list[Files]:
    """Builds that share packages by a Zipf law, and rebuilds of them: other caches, other times, a few files more."""
    sizes = {f"package {number}": int(rng.paretovariate(1.1) * 8_000) for number in range(3_000)}
    weights = [1 / (rank + 1) for rank in range(len(sizes))]
    layers = []
    for build in range(120):
        names = set(rng.choices(list(sizes), weights, k=rng.randrange(5, 200)))
        files = {name: (name, sizes[name]) for name in names}
        files |= {f"own {number}": (f"own {build} {number}", rng.randrange(200_000)) for number in range(5)}
        layers.append(layer(files))
        for again in range(rng.randrange(3)):
            changed = rng.sample(sorted(files), k=min(len(files), rng.randrange(14)))
            other = {
                path: (f"{name} {build} {again}" if path in changed else name, size)
                for path, (name, size) in files.items()
            }
            layers.append(layer(other))
    return layers


def test_of_a_seeded_corpus_all_near_pairs_are_found_and_few_others_looked_at():
    layers = corpus(random.Random(7))
    near, met = near_pairs(layers), met_pairs(layers)
    assert len(near) > 100
    assert near <= met
    assert len(met) < 3 * len(near)
    assert len(met) < len(layers) * (len(layers) - 1) / 2 / 20


def test_the_beginning_of_a_layer_is_short():
    contents = {digest(f"{number}"): 10_000 + number for number in range(10_000)}
    mine = sketch(contents)
    assert mine.looked_up < 1_050
    assert len(mine.keys) < 3_100
    assert not mine.complete


def test_layers_with_little_in_them_are_met_by_none():
    assert not sketch({}).lookups
    assert not sketch({digest("small"): LEAST_COMMON - 1}).lookups
    assert list(sketch({digest("large"): LEAST_COMMON}).lookups) == [key_of(digest("large"))]


def test_a_sketch_comes_back_as_it_was_written():
    mine = sketch({digest(f"{number}"): number * UNIT for number in range(50)})
    assert Sketch.from_bytes(mine.to_bytes(), mine.total, mine.looked_up, mine.complete) == mine


def test_one_large_file_in_common_is_told_apart_by_the_sketches():
    shared = {digest("shared"): 50 * UNIT}
    first, second = (shared | {digest(f"{side} {n}"): 5 * UNIT for n in range(40)} for side in "ab")
    mine, other = sketch(first), sketch(second)
    assert set(mine.lookups) & set(other.lookups)
    assert not may_be_near(mine, other)
