"""How prices wander: noise that is a pure function of seed, name and market time, so that runs repeat."""

import math
from functools import lru_cache
from hashlib import blake2b

OCTAVES = tuple(2.0**n for n in range(2, 17))  # periods in market seconds: 4 s to 18 h
_SCALE = math.sqrt(sum(OCTAVES)) * 0.42  # 0.42: deviation of one octave of smoothed uniform noise


def draw(seed: int, *names: object) -> float:
    """Return a number in [0, 1) that depends on nothing but its arguments."""
    key = repr((seed, *names)).encode()
    return int.from_bytes(blake2b(key, digest_size=7).digest(), "big") / 2**56


@lru_cache(maxsize=65_536)
def _lattice(seed: int, name: str, octave: int, step: int) -> float:
    return 2 * draw(seed, name, octave, step) - 1


def wander(seed: int, name: str, seconds: float) -> float:
    """Return a continuous path whose deviation is about 1 and whose steps grow with the root of time."""
    total = 0.0
    for octave, period in enumerate(OCTAVES):
        step, part = divmod(seconds, period)
        part /= period
        eased = part * part * (3 - 2 * part)
        left = _lattice(seed, name, octave, int(step))
        right = _lattice(seed, name, octave, int(step) + 1)
        total += math.sqrt(period) * (left + (right - left) * eased)
    return total / _SCALE
