"""What an image claims of its base: annotations first, labels where there are none, nonsense never."""

from analyzer.oci.annotations import BASE_DIGEST, BASE_NAME, ClaimedBase, claimed_base

DIGEST = f"sha256:{'ab' * 32}"


def test_annotations_come_before_labels():
    said = {BASE_NAME: "debian:12", BASE_DIGEST: DIGEST}
    assert claimed_base(said, {BASE_NAME: "alpine"}) == ClaimedBase("debian:12", DIGEST)
    assert claimed_base({"title": "x"}, {BASE_NAME: "alpine"}) == ClaimedBase("alpine", "")


def test_name_and_digest_come_from_one_place():
    assert claimed_base({BASE_DIGEST: DIGEST}, {BASE_NAME: "alpine"}) == ClaimedBase("", DIGEST)


def test_what_is_too_long_or_no_digest_is_not_kept():
    assert claimed_base({BASE_NAME: "a" * 513, BASE_DIGEST: "sha256:short"}, {}) == ClaimedBase()
    assert not claimed_base({}, {})
