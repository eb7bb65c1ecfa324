from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import wordfreq

from wirecopy.transforms.text.rarity import CONTENT, MODEL_ID, NUMBER, UNLISTED, weigh
from wirecopy.transforms.text.tokens import tokenize


def weights_of(text: str, language: str | None) -> list[int]:
    tokens = tokenize(pa.array([text]))
    return weigh(tokens.words, tokens.bounds, [language]).tolist()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "the president ambassador plenipotentiary"),
        ("en-US", "the president ambassador plenipotentiary"),
        ("ru", "и президент посол полномочный"),
        ("de", "und Präsident Botschafter bevollmächtigter"),
        ("hr", "je predsjednik veleposlanik opunomoćeni"),
        ("zh-Hant", "的 驻 赴 鳞"),
    ],
)
def test_rarer_words_weigh_more(language, words):
    weights = weights_of(words, language)
    assert weights == sorted(weights)
    assert weights[0] < CONTENT < weights[1] < weights[-1] <= UNLISTED


def test_every_listed_language_weighs_its_own_words():
    for language in wordfreq.available_languages("small"):
        frequent = wordfreq.top_n_list(language, 20, "small")
        weights = [w & ~NUMBER for w in weights_of(" ".join(frequent), language)]
        assert np.mean(weights) < 25, language


@pytest.mark.parametrize(("language", "text"), [("zh", "的国际经济合作"), ("ja", "の国際経済協力を")])
def test_a_character_weighs_half_a_word(language, text):
    weights = weights_of(text, language)
    assert weights[0] < 3
    assert max(weights) <= UNLISTED // 2
    assert 8 < np.mean(weights[1:7]) < 25


def test_numbers_are_marked_and_ordinary_years_are_not_rare():
    *weights, word = weights_of("3 17 2022 ٢٠٢٢ 7341 million", "en")
    assert all(w & NUMBER for w in weights)
    assert not word & NUMBER
    three, seventeen, year, arabic_year, odd = (w & ~NUMBER for w in weights)
    assert three < seventeen < year == arabic_year < odd


@pytest.mark.parametrize("language", [None, "xx", "hy", ""])
def test_without_a_list_words_that_come_back_weigh_little(language):
    text = "kala vesi on tama kala maja on suur kala on hea on puu"
    by_word = dict(zip(text.split(), weights_of(text, language), strict=True))
    assert by_word["on"] == by_word["kala"] == CONTENT
    assert by_word["puu"] == by_word["suur"] > 30


def test_a_list_that_does_not_hold_the_words_is_not_used():
    text = "и в не на я быть он с что а по это она этот к но они мы весь который"
    assert weights_of(text, "en") == weights_of(text, None)


def test_an_article_weighs_the_same_in_any_batch():
    texts = ["The minister resigned in 2019.", "", "Der Minister trat 2019 zurück.", "Ministr odstoupil v roce 2019."]
    languages = ["en", None, "de", "cs"]
    tokens = tokenize(pa.array(texts))
    together = weigh(tokens.words, tokens.bounds, languages)
    alone = [weights_of(text, language) for text, language in zip(texts, languages, strict=True)]
    assert together.tolist() == [w for weights in alone for w in weights]


def test_frozen_weights():
    """The model is frozen under its name: weights that change need a new name."""
    text = "The president of Russia said security guarantees for 44 million Ukrainians stay on the table"
    assert MODEL_ID.startswith("rarity-2/wordfreq-3.1.1")
    assert [w & ~NUMBER for w in weights_of(text, "en")] == [0, 22, 0, 33, 11, 28, 59, 0, 36, 25, 76, 25, 0, 0, 31]
