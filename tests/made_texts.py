"""Texts made of a language's own words at their own frequencies, and passages edited word by word."""

from __future__ import annotations

import functools
import random

import wordfreq


@functools.cache
def _vocabulary(language: str) -> tuple[list[str], list[float]]:
    buckets = wordfreq.get_frequency_list(language, "small")
    return (
        [word for bucket in buckets for word in bucket],
        [10 ** (-centibels / 100) for centibels, bucket in enumerate(buckets) for _ in bucket],
    )


def sample(language: str, n: int, rng: random.Random) -> list[str]:
    words, shares = _vocabulary(language)
    return rng.choices(words, shares, k=n)


def edit(words: list[str], rate: float, language: str, rng: random.Random) -> list[str]:
    """Exchange, leave out or put in a word at the rate, in the proportions 2 : 1 : 1."""
    out = []
    for word, other in zip(words, sample(language, len(words), rng), strict=True):
        what = rng.random() / rate if rate else 1.0
        if what < 0.5:
            out.append(other)
        elif what >= 0.75:
            out.append(word)
            if what < 1:
                out.append(other)
    return out


def insert(passage: list[str], words: list[str], at: int, between: str = " ") -> tuple[str, int, int]:
    """Return the words with the passage among them, and where it begins and ends, in code points."""
    before, inside, after = between.join(words[:at]), between.join(passage), between.join(words[at:])
    return before + between + inside + between + after, len(before + between), len(before + between + inside)
