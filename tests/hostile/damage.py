"""Archives that were cut off on their way, or lost bits."""

import random

from tests.hostile.ordinary import Make, whole

CUTS, FLIPS = 20, 10


def _cut(form: str, place: int) -> Make:
    """The archive up to a place; the last of them is just short of its end."""
    return lambda: whole(form)[: len(whole(form)) * place // (CUTS // 2) - (700 if place == CUTS // 2 else 0)]


def _flipped(form: str, seed: int) -> Make:
    def made() -> bytes:
        data, chance = bytearray(whole(form)), random.Random(seed)
        for _ in range(chance.choice((1, 3, 40))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(data)

    return made


FORMS, PLACES = ("docker", "oci"), range(1, CUTS // 2 + 1)
DAMAGE: dict[str, Make] = {
    **{f"{form}-cut-at-{place}-of-{CUTS // 2}": _cut(form, place) for form in FORMS for place in PLACES},
    **{f"{form}-bits-flipped-{seed}": _flipped(form, seed) for form in FORMS for seed in range(FLIPS // 2)},
}
