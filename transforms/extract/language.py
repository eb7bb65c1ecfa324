"""The language of a text, fast and right on short text.

The script decides where only one language of the news uses it; elsewhere the naive Bayes model of langid (Lui and
Baldwin, ACL 2012, as retrained by py3langid) is run by a compiled kernel over a batch, among the languages that are
written in the text's script.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from langcodes import standardize_tag
from langcodes.tag_parser import LanguageTagError
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from wirecopy.transforms.disk_cache import kept
from wirecopy.transforms.kernels import i2, i4, i8, kernel, reads, u1, void, writes

SAMPLE_CHARS = 480
"""Code points looked at: enough for the model, and most of what a wire story's lead holds."""

SURE = 0.5
"""Posterior probability from which the model is believed against what the source declares."""

_LATIN = (
    "af az bs ca cs cy da de en es et eu fi fr fy ga gd gl ha hr ht hu id ig is it jv ku lb lt lv mg ms mt nl no om pl"
    " pt rn ro rw sk sl so sq sr st sv sn sw tk tl tr uz vi xh yo zu"
)
_SCRIPTS: tuple[tuple[str, str, str], ...] = (
    ("latin", "\u0041-\u005a\u0061-\u007a\u00c0-\u024f\u1e00-\u1eff", _LATIN),
    ("cyrillic", "\u0400-\u052f", "ru uk be bg sr mk kk ky mn tg tt ba"),
    ("arabic", "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff", "ar fa ur ps ug sdh ku"),
    ("devanagari", "\u0900-\u097f", "hi mr ne sa"),
    ("bengali", "\u0980-\u09ff", "bn as"),
    ("kana", "\u3040-\u30ff\uff66-\uff9f", "ja"),
    ("han", "\u3400-\u9fff\uf900-\ufaff", "zh"),
    ("hangul", "\u1100-\u11ff\uac00-\ud7af", "ko"),
    ("greek", "\u0370-\u03ff\u1f00-\u1fff", "el"),
    ("hebrew", "\u0590-\u05ff", "he"),
    ("armenian", "\u0530-\u058f", "hy"),
    ("georgian", "\u10a0-\u10ff\u1c90-\u1cbf", "ka"),
    ("thai", "\u0e00-\u0e7f", "th"),
    ("lao", "\u0e80-\u0eff", "lo"),
    ("khmer", "\u1780-\u17ff", "km"),
    ("burmese", "\u1000-\u109f", "my"),
    ("ethiopic", "\u1200-\u137f", "am"),
    ("gurmukhi", "\u0a00-\u0a7f", "pa"),
    ("gujarati", "\u0a80-\u0aff", "gu"),
    ("oriya", "\u0b00-\u0b7f", "or"),
    ("tamil", "\u0b80-\u0bff", "ta"),
    ("telugu", "\u0c00-\u0c7f", "te"),
    ("kannada", "\u0c80-\u0cff", "kn"),
    ("malayalam", "\u0d00-\u0d7f", "ml"),
    ("sinhala", "\u0d80-\u0dff", "si"),
)
_NAMES = [name for name, _, _ in _SCRIPTS]
_HAN, _KANA, _CYRILLIC = _NAMES.index("han"), _NAMES.index("kana"), _NAMES.index("cyrillic")
_FOREIGN_LETTERS = {
    "ru": "іїєґўјљњђћџѓќѕңғқөүұһәҳҷӣӯ",
    "uk": "ыэёъўјљњђћџѓќѕңғқөүұһәҳҷӣӯ",
    "be": "иъщїєґјљњђћџѓќѕңғқөүұһәҳҷӣӯ",
    "bg": "ыэёіїєґўјљњђћџѓќѕңғқөүұһәҳҷӣӯ",
    "sr": "ыэёъйщьюяіїєґўѓќѕңғқөүұһәҳҷӣӯ",
    "mk": "ыэёъйщьюяіїєґўђћңғқөүұһәҳҷӣӯ",
}
"""Letters that an alphabet does not have: one sentence is enough to tell Ukrainian from Russian."""


_UNIT = 1 << 10
"""Fixed point of the model's weights: integer scores are the same on every machine."""
_LOGS = np.rint(np.log1p(np.arange(SAMPLE_CHARS + 1)) * _UNIT).astype(np.int32)


class Guess(NamedTuple):
    """A language and how sure the model is of it, from 0 to 1."""

    language: str | None
    confidence: float


class _Model(NamedTuple):
    next_state: npt.NDArray[np.int32]
    row: npt.NDArray[np.int32]
    feature: npt.NDArray[np.int32]
    weights: npt.NDArray[np.int16]
    prior: npt.NDArray[np.int64]
    classes: npt.NDArray[Any]
    latin: int


def detect(texts: Sequence[str]) -> list[Guess]:
    """Guess the language of each text from its beginning; a text with too few letters gets no language."""
    samples = [text[:SAMPLE_CHARS] for text in texts]
    guesses = [Guess(None, 0.0)] * len(samples)
    undecided, scripts = [], []
    for position, sample in enumerate(samples):
        script, letters = _script(sample)
        candidates = _SCRIPTS[script][2].split() if letters else []
        if len(candidates) == 1:
            guesses[position] = Guess(candidates[0], 1.0)
        elif letters >= 12:
            undecided.append(position)
            scripts.append(script)
    if undecided:
        scores = _scores([_encode(samples[position]) for position in undecided], [script == 0 for script in scripts])
        for row, position, script in zip(scores, undecided, scripts, strict=True):
            guesses[position] = _decide(row, samples[position], script)
    return guesses


def languages(texts: Sequence[str], declared: Sequence[str | None]) -> list[str | None]:
    """Return the BCP-47 tag of each text: what its source declares where the text does not speak against it.

    Args:
        texts: the texts, n of them.
        declared: what their sources say, unparsed; n of them, None where they say nothing.
    """
    tags: list[str | None] = []
    for guess, said in zip(detect(texts), declared, strict=True):
        tag = standard_tag(said)
        if guess.language is None or (tag and (guess.confidence < SURE or _same(tag, guess.language))):
            tags.append(tag or guess.language)
        else:
            tags.append(guess.language)
    return tags


@cache
def standard_tag(tag: str | None) -> str | None:
    """Return a declared language as a BCP-47 tag (`en_us` -> `en-US`); None where it is none."""
    if not tag or len(tag) > 35:
        return None
    try:
        standard = standardize_tag(tag.strip().split(",")[0].split(".")[0])
    except (LanguageTagError, ValueError):
        return None
    primary = standard.split("-")[0]
    return standard if primary.isalpha() and len(primary) in (2, 3) and primary not in ("und", "mul", "zxx") else None


def _same(tag: str, language: str) -> bool:
    macro = {
        "nb": "no",
        "nn": "no",
        "iw": "he",
        "in": "id",
        "fil": "tl",
        "yue": "zh",
        "cmn": "zh",
        "ckb": "ku",
        "prs": "fa",
    }
    primary = tag.split("-")[0]
    return macro.get(primary, primary) == macro.get(language, language)


@cache
def _script_table() -> npt.NDArray[np.uint8]:
    table = np.full(0x10000, len(_SCRIPTS), np.uint8)
    for number, (_, ranges, _) in enumerate(_SCRIPTS):
        for begin, end in zip(ranges[::3], ranges[2::3], strict=True):
            table[ord(begin) : ord(end) + 1] = number
    table[[0xD7, 0xF7]] = len(_SCRIPTS)
    return table


def _script(sample: str) -> tuple[int, int]:
    """Return the number of the script that most letters are of, and how many they are."""
    if sample.isascii():
        return 0, sum(map(str.isalpha, sample[:64]))
    points = np.frombuffer(sample.encode("utf-32-le", "replace"), np.uint32)
    counts = np.bincount(_script_table()[np.minimum(points, 0xFFFF)], minlength=len(_SCRIPTS) + 1)[: len(_SCRIPTS)]
    if counts[_KANA] * 8 > counts[_HAN] and counts[_KANA]:
        counts[_KANA] += counts[_HAN]
    best = int(counts.argmax())
    return best, int(counts[best])


def _encode(sample: str) -> bytes:
    return (sample.lower() if sample.isupper() else sample).encode("utf-8", "replace")


def _decide(scores: npt.NDArray[np.int64], sample: str, script: int) -> Guess:
    classes, allowed = _candidates(script)
    if script == _CYRILLIC:
        letters = set(sample.lower())
        fitting = np.array([letters.isdisjoint(_FOREIGN_LETTERS.get(language, "")) for language in classes])
        if fitting.any():
            classes, allowed = classes[fitting], allowed[fitting]
    exponents = scores[allowed] / (_UNIT * _UNIT * math.sqrt(max(1, len(sample))))
    shares = np.exp(exponents - exponents.max())
    best = int(shares.argmax())
    return Guess(str(classes[best]), float(shares[classes == classes[best]].sum() / shares.sum()))


@cache
def _candidates(script: int) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp]]:
    classes = _model().classes
    allowed = np.flatnonzero(np.isin(classes, _SCRIPTS[script][2].split()))
    return classes[allowed], allowed


@kept("py3langid")
def _model() -> _Model:
    """Return the packaged model: languages of the news alone, those written in Latin letters first."""
    loaded = LanguageIdentifier.from_model_file(MODEL_FILE)
    latin = set(_LATIN.split())
    others = {language for _, _, languages in _SCRIPTS for language in languages.split()} - latin
    labels = list(loaded.nb_classes)
    columns = [number for number, label in enumerate(labels) if label in latin]
    n_latin = len(columns)
    columns += [number for number, label in enumerate(labels) if label in others]
    return _Model(
        np.asarray(loaded.tk_nextmove, np.int32),
        np.asarray(loaded.tk_row, np.int32),
        np.asarray(loaded.tk_output, np.int32),
        np.rint(loaded.nb_ptc[:, columns].astype(np.float32, order="C") * _UNIT).astype(np.int16),
        np.rint(np.asarray(loaded.nb_pc)[columns] * _UNIT * _UNIT).astype(np.int64),
        np.asarray(labels)[columns],
        n_latin,
    )


def _scores(samples: Sequence[bytes], latin: Sequence[bool]) -> npt.NDArray[np.int64]:
    """Return log posteriors, one row a sample, in units of 1 / _UNIT squared, for Latin samples of Latin languages."""
    model = _model()
    bounds = np.zeros(len(samples) + 1, np.int64)
    np.cumsum([len(sample) for sample in samples], out=bounds[1:])
    data = np.frombuffer(b"".join(samples), np.uint8)
    scores = np.tile(model.prior, (len(samples), 1))
    widths = np.where(latin, model.latin, len(model.classes))
    _score(data, bounds, widths, model.next_state, model.row, model.feature, _LOGS, model.weights, scores)
    return scores


@kernel(void, reads(u1), reads(i8), reads(i8), reads(i4), reads(i4), reads(i4), reads(i4), reads(i2, 2), writes(i8, 2))
def _score(
    data: npt.NDArray[np.uint8],
    bounds: npt.NDArray[np.int64],
    widths: npt.NDArray[np.int64],
    next_state: npt.NDArray[np.int32],
    row: npt.NDArray[np.int32],
    feature: npt.NDArray[np.int32],
    logs: npt.NDArray[np.int32],
    weights: npt.NDArray[np.int16],
    scores: npt.NDArray[np.int64],
) -> None:
    """Walk the model's automaton over each sample and add log(1 + count) * weight of every feature it passes."""
    counts = np.zeros(weights.shape[0], np.int32)
    for sample in range(len(bounds) - 1):
        state = 0
        for position in range(bounds[sample], bounds[sample + 1]):
            state = next_state[(row[state] << 8) + data[position]]
            if feature[state] >= 0:
                counts[feature[state]] += 1
        state = 0
        for position in range(bounds[sample], bounds[sample + 1]):
            state = next_state[(row[state] << 8) + data[position]]
            passed = feature[state]
            if passed >= 0 and counts[passed] > 0:
                share = logs[min(counts[passed], len(logs) - 1)]
                for language in range(widths[sample]):
                    scores[sample, language] += share * weights[passed, language]
                counts[passed] = 0
