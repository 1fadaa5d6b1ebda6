"""An axis of bytes: ticks at round binary sizes, which Plotly's own SI prefixes can't do."""

from typing import Any

from analyzer.units import UNITS

STEPS = (0.25, 0.5, 1, 2, 4, 5, 10, 20, 25, 50, 100, 200, 256)


def byte_ticks(largest: int, most: int = 5) -> tuple[list[int], list[str]]:
    """At most `most` + 1 ticks from 0 to the round size at or above `largest`, with their texts."""
    if largest <= 0:
        return [0], ["0"]
    power = min((largest.bit_length() - 1) // 10, len(UNITS) - 1)
    # Of the unit that the largest value has; there is no half of a byte.
    step = next(step for step in STEPS if step * 1024**power * most >= largest and (power or step >= 1))
    count = -(-largest // int(step * 1024**power))
    texts = [f"{step * index:g}" for index in range(count + 1)]
    texts[-1] += f" {UNITS[power]}"
    return [int(step * 1024**power * index) for index in range(count + 1)], texts


def byte_axis(largest: int, most: int = 5) -> dict[str, Any]:
    """Attributes of a Plotly axis that shows bytes from 0 to `largest`."""
    values, texts = byte_ticks(largest, most)
    return {"tickvals": values, "ticktext": texts, "range": [0, max(values[-1], largest, 1)], "tickmode": "array"}
