"""The chain forest as boxes: widths add up, no chain is lost, and there are never more than can be drawn."""

from hypothesis import given
from hypothesis import strategies as st

from analyzer.sharing.forest import Box, Forest, Node, Place, boxes


@st.composite
def forests(draw: st.DrawFn) -> Forest:
    count = draw(st.integers(0, 25))
    nodes = []
    for key in range(count):
        parent = draw(st.one_of(st.none(), st.integers(0, key - 1))) if key else None
        nodes.append(Node(key, parent, draw(st.integers(0, 1000)), draw(st.integers(0, 2))))
    return Forest(draw(st.permutations(nodes)))


@st.composite
def places(draw: st.DrawFn, forest: Forest) -> Place:
    at = draw(st.sampled_from([None, *forest.nodes]))
    return Place(at, draw(st.one_of(st.none(), st.integers(0, len(forest.on(at))))))


def standing_on(forest: Forest, key: int) -> set[int]:
    """Slowly and plainly: the chain and all whose way down leads over it."""
    return {other for other in forest.nodes if key in forest.path(other)}


def covered(forest: Forest, box: Box) -> list[int]:
    return list(forest.walk(box.keys)) if box.more else list(box.keys)


@given(st.data())
def test_widths_add_up_and_no_chain_is_lost(data: st.DataObject) -> None:
    forest = data.draw(forests())
    place = data.draw(places(forest))
    most = data.draw(st.integers(1, 30))
    drawn = boxes(forest, place, most=most, least=data.draw(st.integers(0, 400)), fold=data.draw(st.booleans()))
    assert len(drawn) <= most
    here = [key for bottom in forest.at(place) for key in standing_on(forest, bottom)]
    assert sorted(key for box in drawn for key in covered(forest, box)) == sorted(here)
    assert sum(box.width for box in drawn if box.parent < 0) == sum(forest.nodes[key].size for key in here)
    for index, box in enumerate(drawn):
        on_it = [other for other in drawn if other.parent == index]
        assert box.parent < index
        assert not (box.more and on_it)
        assert (
            box.width == sum(forest.nodes[key].size for bottom in box.keys[:1] for key in standing_on(forest, bottom))
            or box.more
        )
        if not box.more:
            assert box.own + sum(other.width for other in on_it) == box.width
            left = box.left
            for other in on_it:
                assert other.left == left
                left += other.width
            assert left <= box.left + box.width


@given(st.data())
def test_a_box_of_more_opens_at_the_place_it_names(data: st.DataObject) -> None:
    forest = data.draw(forests())
    for box in boxes(forest, Place(), most=data.draw(st.integers(1, 12))):
        if box.more:
            opened = [other for other in boxes(forest, Place(box.on, box.start), most=100) if other.parent < 0]
            assert sum(other.width for other in opened) == box.width
            assert tuple(key for other in opened for key in other.keys) == box.keys


@given(forests())
def test_figures_of_a_chain_are_those_of_all_that_stands_on_it(forest: Forest) -> None:
    for key in forest.nodes:
        here = standing_on(forest, key)
        assert forest.above[key] == sum(forest.nodes[other].size for other in here)
        assert forest.images[key] == sum(forest.nodes[other].ends for other in here)
        assert forest.under[key] == sum(forest.nodes[other].size for other in forest.path(key))


def test_the_widest_come_first_and_the_narrow_stand_together() -> None:
    forest = Forest([Node(1, None, 100, 1), Node(2, 1, 5, 1), Node(3, 1, 50, 1), Node(4, 1, 3, 1), Node(5, 3, 9, 1)])
    drawn = boxes(forest, Place(), most=100, least=10)
    assert [(box.keys, box.left, box.width, box.more) for box in drawn] == [
        ((1,), 0, 167, False),
        ((3,), 0, 59, False),
        ((2, 4), 59, 8, True),
        ((5,), 0, 9, False),
    ]


def test_what_is_narrow_is_drawn_all_the_same_where_nothing_wider_is() -> None:
    forest = Forest([Node(key, None, 1, 1) for key in range(10)])
    assert len(boxes(forest, Place(), most=100, least=5)) == 10
    assert [box.more for box in boxes(forest, Place(), most=4, least=5)] == [False, False, False, True]


def test_a_run_ends_where_it_branches_or_an_image_ends() -> None:
    line = [Node(1, None, 1), Node(2, 1, 2, 1), Node(3, 2, 4), Node(4, 3, 8), Node(5, 4, 16, 1), Node(6, 4, 32, 1)]
    drawn = boxes(Forest(line), Place(), most=100, fold=True)
    assert [(box.keys, box.own) for box in drawn] == [((1, 2), 3), ((3, 4), 12), ((6,), 32), ((5,), 16)]


def test_a_chain_whose_parent_is_not_known_is_a_root() -> None:
    forest = Forest([Node(2, 1, 7, 1)])
    assert forest.on(None) == [2]
    assert forest.path(2) == [2]
