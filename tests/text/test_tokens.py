from __future__ import annotations

import re
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.text.folding import INVISIBLE, SERBIAN_ONLY, folded
from wirecopy.transforms.text.tokens import UNSPACED, UNSPACED_LETTERS, tokenize

MARKS = "\u0301\u0331िी"
SPACED = "".join(map(chr, [*range(0x20, 0x250), *range(0x370, 0x3E2), *range(0x400, 0x530), *range(0x531, 0x590)]))
SPACED += "אבגלוםسلامहदमतবলქართულიሰላምཨ①½²٣४ℵÅﬀ𝔘𐐀𐐨😀👩🚀"
SPACED = "".join(c for c in SPACED if c not in INVISIBLE and unicodedata.category(c) != "Mn")
SPACED = "".join(c for c in SPACED if c.lower() not in SERBIAN_ONLY)


def words_of(text: str) -> list[str]:
    tokens = tokenize(pa.array([text]))
    return [text[b:e] for b, e in zip(tokens.begins, tokens.ends, strict=True)]


def hashes_of(*texts: str) -> list[list[int]]:
    tokens = tokenize(pa.array(texts))
    return [tokens.words[b:e].tolist() for b, e in zip(tokens.bounds, tokens.bounds[1:], strict=False)]


@given(st.lists(st.text(SPACED, max_size=60), max_size=5))
def test_words_are_those_of_the_regular_expression(texts):
    tokens = tokenize(pa.array(texts, pa.string()))
    assert len(tokens.bounds) == len(texts) + 1
    seen: dict[str, int] = {}
    for i, text in enumerate(texts):
        own = slice(tokens.bounds[i], tokens.bounds[i + 1])
        assert [text[b:e] for b, e in zip(tokens.begins[own], tokens.ends[own], strict=True)] == re.findall(
            r"\w+", text
        )
        for word, code in zip(re.findall(r"\w+", text), tokens.words[own].tolist(), strict=True):
            if not (
                re.search("[A-Za-zÀ-ɏ]", word) and re.search("[Ͱ-ԯ]", word)
            ):  # else letters may be what they look like
                assert seen.setdefault("".join(map(folded, word)), code) == code
    assert len(set(seen.values())) == len(seen)


@given(st.text(SPACED + "\u0301\u0331िी", max_size=40))
def test_marks_make_no_words_and_end_none(text):
    tokens = tokenize(pa.array([text]))
    bare = re.sub("[\u0301\u0331िी]", "", text)
    assert len(tokens.words) == len(re.findall(r"\w+", bare.lower()))
    accented = tokenize(pa.array([re.sub("[िी]", "", text), bare]))
    middle = accented.bounds[1]
    assert np.array_equal(accented.words[:middle], accented.words[middle:])


@given(st.text(max_size=80))
def test_any_text_has_words_in_order_within_its_bounds(text):
    tokens = tokenize(pa.array([text]))
    assert (tokens.begins < tokens.ends).all()
    assert (tokens.begins[1:] >= tokens.ends[:-1]).all()
    assert len(tokens.ends) == 0 or tokens.ends[-1] <= len(text)
    assert all(re.match(r"\w", text[b:e]) for b, e in zip(tokens.begins, tokens.ends, strict=True))


@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=8), st.data())
def test_a_text_has_the_same_words_in_any_batch(texts, data):
    array = pa.array(texts, pa.string())
    begin = data.draw(st.integers(0, len(texts)))
    end = data.draw(st.integers(begin, len(texts)))
    together = tokenize(array.slice(begin, end - begin))
    for i, text in enumerate(texts[begin:end]):
        alone = tokenize(pa.array([text], pa.large_string()))
        own = slice(together.bounds[i], together.bounds[i + 1])
        for name in ("words", "stems", "begins", "ends"):
            assert np.array_equal(getattr(together, name)[own], getattr(alone, name))


@pytest.mark.parametrize(
    "text, words",
    [
        ("東京はin 2022年", ["東", "京", "は", "in", "2022", "年"]),
        ("ลาวn", ["ลาว", "n"]),
        ("İstanbul'da", ["İstanbul", "da"]),
        ("हिन्दी में, বাংলা", ["हिन्दी", "में", "বাংলা"]),
        ("cafe\u0301s \u0301x", ["cafe\u0301s", "x"]),
        ("مُحَمَّد", ["مُحَمَّد"]),
        ("", []),
        (" …—", []),
    ],
)
def test_words(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    "a, b", [("ΟΔΟΣ", "οδος"), ("İZMİR", "izmir"), ("ДЕРЖАВА", "держава"), ("ՀԱՅԱՍՏԱՆ", "հայաստան")]
)
def test_case_makes_no_difference(a, b):
    assert hashes_of(a) == hashes_of(b)


@pytest.mark.parametrize(
    "family",
    [
        ["deploy", "deployed", "deploying", "deployment", "Deployments"],
        ["party", "parties"],
        ["response", "responses", "responsed"],
        ["state", "states", "stated"],
        ["weapon", "weapons"],
        ["гарантия", "гарантии", "гарантиях", "ГАРАНТИЮ"],
    ],
)
def test_forms_of_a_word_have_one_stem(family):
    tokens = tokenize(pa.array(family))
    assert len(set(tokens.stems.tolist())) == 1
    assert len(set(tokens.words.tolist())) == len(family)


@pytest.mark.parametrize(
    "a, b", [("press", "pres"), ("thing", "th"), ("said", "sai"), ("news", "new"), ("virus", "viru")]
)
def test_other_words_keep_their_stems_apart(a, b):
    stems = tokenize(pa.array([a, b])).stems
    assert stems[0] != stems[1] or a == "news"


def test_every_unspaced_block_is_one_token_a_character():
    for first, last in UNSPACED:
        letters = [c for c in map(chr, range(first, min(last, first + 0x300) + 1)) if re.match(r"\w", c)]
        letters = [c for c in letters if c not in "ﾞﾟ"]  # voicing marks go on with the kana they stand behind
        assert words_of("".join(letters)) == letters


UNSPACED_TEXT = st.text("กขคงจชตนบปมรลวสหอาิีุู่้เแไลາວကမာខែ", min_size=1, max_size=60)


@given(UNSPACED_TEXT, UNSPACED_TEXT, UNSPACED_TEXT)
def test_letters_that_no_spaces_part_are_cut_alike_wherever_they_stand(before, run, after):
    text = before + run + after
    tokens = tokenize(pa.array([text, run]))
    split = tokens.bounds[1]
    of_text = set(zip(tokens.begins[:split].tolist(), tokens.ends[:split].tolist(), strict=True))
    inner = list(zip(tokens.begins[split:].tolist(), tokens.ends[split:].tolist(), strict=True))[1:-1]
    assert {(len(before) + begin, len(before) + end) for begin, end in inner} <= of_text


def test_letters_that_no_spaces_part_make_words_of_a_few_letters():
    for first, last in UNSPACED_LETTERS:
        letters = [c for c in map(chr, range(first, last + 1)) if unicodedata.category(c) == "Lo"]
        words = words_of("".join(letters * 5))
        assert "".join(words) == "".join(letters * 5)
        assert 1.8 < np.mean([len(word) for word in words]) < 6, hex(first)


def test_a_million_distinct_words_hardly_collide():
    numbers = tokenize(pa.array([" ".join(map(str, range(1_000_000)))])).words
    assert len(np.unique(numbers)) > 1_000_000 - 250


@pytest.mark.parametrize(
    "a, b",
    [
        ("the 𝐦𝐚𝐲𝐨𝐫 said", "The mayor said"),
        ("ＰＯＲＴ　ｎｅｗｓ", "port news"),
        ("ﬁnance oﬃce", "finance office"),
        ("Straße", "STRASSE"),
        ("café", "CAFE\u0301"),
        ("the mayоr рaid", "the mayor paid"),  # Cyrillic o and p
        ("the αctor", "the actor"),  # Greek alpha
        ("кaртина", "картина"),  # Latin a
        ("μάθημα τoυ", "μαθημα του"),  # Latin o
        ("ΠΡΩΘΥΠΟΥΡΓΟΣ, ΠΡΟΪΣΤΑΜΕΝΟΣ", "πρωθυπουργός προϊστάμενος"),
        ("ёлка, чтобы", "елка чтобы"),
        ("می\u200cخواهم کتاب", "ميخواهم كتاب"),
        ("الأمّة الإسلامـــية", "الامه الاسلاميه"),
        ("ﻻﺋﺤﺔ", "لائحة"),
        ("שָׁלוֹם", "שלום"),
        ("mine\u00adral wa\u200bter \ufeffzone", "mineral water zone"),
        ("\u2066coast\u2069 gu\u2060ard", "coast guard"),
        ("The con-\ntainer ship, the coun-  \r\n  try", "The container ship the country"),
        ("une déci‐\nsion", "une decision"),
        ("Председник Његош љубав џак ЂОРЂЕ", "Predsednik Njegoš ljubav džak Đorđe"),
        ("ｶﾞｲﾄﾞ", "ガイド"),
    ],
)
def test_text_that_is_visibly_the_same_has_the_same_words(a, b):
    of_a, of_b = tokenize(pa.array([a])), tokenize(pa.array([b]))
    assert of_a.words.tolist() == of_b.words.tolist()
    assert of_a.stems.tolist() == of_b.stems.tolist()


@pytest.mark.parametrize(
    "a, b",
    [
        ("well-\n\nknown", "wellknown"),
        ("Jean-\nPaul", "JeanPaul"),
        ("well-known", "wellknown"),
        ("сор", "cop"),  # all Cyrillic: Russian has words that look Latin
        ("Полиция Белграда", "Policija Belgrada"),
        ("хор", "xop"),
    ],
)
def test_what_is_not_the_same_word_is_not_taken_for_it(a, b):
    assert hashes_of(a) != hashes_of(b)


LANGUAGES = "".join(map(chr, (*range(0x20, 0x250), *range(0x370, 0x400), *range(0x400, 0x530), *range(0x1E00, 0x2000))))
LANGUAGES += "한국어뉴스가각힣ガギグパピプヴかがさざハバパあ東京हिन्दीক়ড়মুখ্যমন্ত্রীسلامأإآؤئيىكکیة"


@given(st.text(LANGUAGES, max_size=60), st.sampled_from(["NFC", "NFD"]))
def test_the_normal_form_makes_no_difference(text, form):
    assert hashes_of(text) == hashes_of(unicodedata.normalize(form, text))


@given(st.text(LANGUAGES + "-\n\u00ad\u200b", max_size=60))
def test_words_stand_where_they_stand_in_the_text(text):
    tokens = tokenize(pa.array([text]))
    for begin, end, code in zip(tokens.begins.tolist(), tokens.ends.tolist(), tokens.words.tolist(), strict=True):
        assert not text[begin].isspace() and not text[end - 1].isspace()
        if text[begin:end].isascii() and "-" not in text[begin:end]:
            assert hashes_of(text[begin:end]) == [[code]]
