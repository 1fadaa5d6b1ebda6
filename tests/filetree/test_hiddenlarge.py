"""Large hidden files are told by the layer that hides them."""

from analyzer.filetree.hiddenlarge import LARGE, hidden_large_files
from tests.filetree.stacks import file, mount, whiteout


def test_a_large_hidden_file_is_told_with_its_layer_and_cause() -> None:
    mounted, diffs = mount([file("big", LARGE), file("small", LARGE - 1)], [whiteout("big"), whiteout("small")])
    (finding,) = hidden_large_files(diffs[1], mounted.listings)
    assert (finding.code, finding.path) == ("hidden-large-file", b"big")
    assert "10,485,760 B of layer 0 are hidden here (deleted)" in finding.detail


def test_what_shows_is_not_told() -> None:
    mounted, diffs = mount([file("big", LARGE)], [file("other")])
    assert hidden_large_files(diffs[0], mounted.listings) == hidden_large_files(diffs[1], mounted.listings) == []
