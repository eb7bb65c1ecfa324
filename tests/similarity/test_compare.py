from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_texts import edit, insert, sample

from wirecopy.transforms.similarity.compare import compare

SEEDS = [path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parents[2] / "seeds").glob("00*.txt"))]


def mirror(passages):
    return sorted((p.b_begin, p.b_end, p.a_begin, p.a_end, p.score, round(p.identity, 9)) for p in passages)


def plain(passages):
    return sorted((p.a_begin, p.a_end, p.b_begin, p.b_end, p.score, round(p.identity, 9)) for p in passages)


def overlap(one, other):
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def test_of_the_seeds_only_the_background_paragraphs_of_tass_are_shared():
    found = {
        pair: passages
        for pair in itertools.combinations(range(5), 2)
        if (passages := compare(SEEDS[pair[0]], SEEDS[pair[1]], "en", "en"))
    }
    assert list(found) == [(2, 3)]
    (passage,) = found[2, 3]
    tass, aravot = SEEDS[2][passage.a_begin : passage.a_end], SEEDS[3][passage.b_begin : passage.b_end]
    assert tass.startswith("On December 17, 2021, the Russian foreign ministry released")
    assert aravot.startswith("On December 17, the Russian Foreign Ministry released")
    for words in ("serious offensive weapons", "Secretary General Jens Stoltenberg", "concessions"):
        assert words in tass
        assert words in aravot


@pytest.mark.parametrize("rate", [0, 0.2, 0.4])
@pytest.mark.parametrize(
    ("language", "tag"), [("en", "en"), ("ru", "ru"), ("tr", "tr"), ("ar", "ar"), ("fi", "xx"), ("de", None)]
)
def test_finds_a_passage_that_was_edited(language, tag, rate):
    found = 0
    for seed in range(10):
        rng = random.Random(seed)
        passage = sample(language, 90, rng)
        a, *a_span = insert(passage, sample(language, 400, rng), 150)
        b, *b_span = insert(edit(passage, rate, language, rng), sample(language, 300, rng), 100)
        passages = compare(a, b, tag, tag)
        found += bool(passages)
        for p in passages:
            assert overlap((p.a_begin, p.a_end), a_span) > 0.9 * (p.a_end - p.a_begin)
            assert overlap((p.b_begin, p.b_end), b_span) > 0.9 * (p.b_end - p.b_begin)
            assert p.identity > 0.9 - 1.2 * rate
        if rate == 0:
            assert [overlap((p.a_begin, p.a_end), a_span) / (a_span[1] - a_span[0]) for p in passages] == [1.0]
    assert found >= (10 if rate < 0.4 else 8)


@pytest.mark.parametrize(("language", "words", "least"), [("zh", 50, 9), ("ja", 80, 7)])
def test_finds_an_edited_passage_in_chinese_and_japanese(language, words, least):
    found = 0
    for seed in range(10):
        rng = random.Random(seed)
        passage = sample(language, words, rng)
        a, *a_span = insert(passage, sample(language, 250, rng), 100, "")
        b, *b_span = insert(edit(passage, 0.2, language, rng), sample(language, 200, rng), 60, "")
        passages = compare(a, b, language, language)
        found += bool(passages)
        for p in passages:
            assert overlap((p.a_begin, p.a_end), a_span) > 0.85 * (p.a_end - p.a_begin)
            assert overlap((p.b_begin, p.b_end), b_span) > 0.85 * (p.b_end - p.b_begin)
    assert found >= least


THAI = (
    "รัฐบาล ประเทศไทย นายกรัฐมนตรี กล่าว ว่า การ ประชุม เศรษฐกิจ ระหว่าง ประเทศ ที่ กรุงเทพมหานคร ใน วัน จันทร์ ผู้ นำ ได้ ลงนาม ข้อตกลง"
    " ร่วมมือ ด้าน พลังงาน และ สิ่งแวดล้อม เจ้าหน้าที่ ตำรวจ จับกุม ผู้ต้องหา คดี ยาเสพติด ชายแดน ภาคเหนือ น้ำท่วม ประชาชน ได้รับ หลาย จังหวัด"
    " โรงพยาบาล แพทย์ รักษา ผู้ป่วย โรค ระบาด ราคา ข้าว ตลาด ส่งออก เพิ่มขึ้น ร้อยละ บริษัท ลงทุน โรงงาน ใหม่ นักเรียน มหาวิทยาลัย"
    " ทหาร กองทัพ ฝึก ซ้อม ทะเล เรือ ชาวประมง ฝน ตก หนัก ถนน ปิด รถ ชน บาดเจ็บ เสียชีวิต ศาล ตัดสิน จำคุก ปี พรรค การเมือง เลือกตั้ง"
).split()


SYLLABLES = [a + b for a in "กขคงจชตทนบปพมยรลวสหอ" for b in ("า", "ี", "ู", "ัน", "าง", "อน", "าย", "ม", "่อ", "้า")]


def thai(n, rng):
    """Words of the news, and two thousand rarer ones made of syllables, in the proportions of Zipf's law."""
    made = random.Random(0)
    words = THAI + ["".join(made.choices(SYLLABLES, k=made.choice((1, 2, 2, 3)))) for _ in range(2000)]
    return rng.choices(words, [1 / (rank + 3) for rank in range(len(words))], k=n)


@pytest.mark.parametrize("rate", [0, 0.2])
@pytest.mark.parametrize("language", ["th", None])
def test_finds_a_passage_in_thai_and_nothing_in_other_stories_of_the_same_words(language, rate):
    for seed in range(10):
        rng = random.Random(seed)
        passage = thai(60, rng)
        edited = [thai(1, rng)[0] if rng.random() < rate else word for word in passage]
        a, *a_span = insert(passage, thai(200, rng), 100, "")
        b, *b_span = insert(edited, thai(200, rng), 50, "")
        passages = compare(a, b, language, language)
        assert passages
        for p in passages:
            assert overlap((p.a_begin, p.a_end), a_span) > 0.85 * (p.a_end - p.a_begin)
            assert overlap((p.b_begin, p.b_end), b_span) > 0.85 * (p.b_end - p.b_begin)
        assert compare(*("".join(thai(300, rng)) for _ in range(2)), language, language) == []


@pytest.mark.parametrize(("language", "between"), [("en", " "), ("zh", ""), ("ja", "")])
def test_texts_of_one_topic_with_its_names_and_titles_share_no_passage(language, between):
    for seed in range(20):
        rng = random.Random(seed)
        topic, names = sample(language, 150, rng), [sample(language, 6, rng) for _ in range(8)]
        texts = []
        for _ in range(2):
            words = sample(language, 250, rng)
            for word in rng.choices(topic, k=225):
                words.insert(rng.randrange(len(words)), word)
            for name in rng.choices(names, k=25):
                at = rng.randrange(len(words))
                words[at:at] = name
            texts.append(between.join(words))
        assert compare(*texts, language, language) == []


@pytest.mark.parametrize("language", ["zh", "ja"])
def test_finds_passages_in_scripts_without_spaces(language):
    rng = random.Random(1)
    passage = sample(language, 120, rng)
    a, *a_span = insert(passage, sample(language, 300, rng), 100, "")
    b, *_ = insert(passage, sample(language, 300, rng), 200, "")
    (found,) = compare(a, b, language, language)
    assert overlap((found.a_begin, found.a_end), a_span) > 0.95 * (a_span[1] - a_span[0])
    assert a[found.a_begin : found.a_end] == b[found.b_begin : found.b_end]


@pytest.mark.parametrize("language", ["en", "ru", "zh", "ko"])
def test_unrelated_texts_share_nothing(language):
    for seed in range(10):
        rng = random.Random(seed)
        a, b = (" ".join(sample(language, 600, rng)) for _ in range(2))
        assert compare(a, b, language, language) == []


FORMS = [
    (
        "The Dow Jones industrial average .DJI was down 93.28 points, or 0.72 percent, at 12,874.04. The Standard &"
        " Poor's 500 Index .SPX was down 11.05 points, or 0.80 percent, at 1,362.21. The Nasdaq Composite Index .IXIC"
        " was down 23.35 points, or 0.79 percent, at 2,948.57. About 6.1 billion shares changed hands.",
        "The Dow Jones industrial average .DJI was up 35.70 points, or 0.29 percent, at 13,204.62. The Standard &"
        " Poor's 500 Index .SPX was up 4.13 points, or 0.31 percent, at 1,402.08. The Nasdaq Composite Index .IXIC"
        " was up 17.94 points, or 0.58 percent, at 3,076.21. About 7.4 billion shares changed hands.",
    ),
    (
        "Turnover on the main board was thin, with about 1.29 billion shares changing owners, below last year's"
        " estimated daily mean of 1.84 billion, while on the second board about 1.92 billion shares were dealt in,"
        " short of last year's daily mean of 2.02 billion. Falling issues outnumbered rising ones by 2 to 1 on the"
        " main board, and financial companies led the decline.",
        "Turnover on the main board was thin, with about 1.35 billion shares changing owners, below last year's"
        " estimated daily mean of 1.84 billion, while on the second board about 1.98 billion shares were dealt in,"
        " short of last year's daily mean of 2.02 billion. Falling issues outnumbered rising ones by 2 to 1 on the"
        " main board, and chemical companies led the decline.",
    ),
    (
        "Prices rose, said Nigel Gault, chief U.S. economist at IHS Global Insight in Lexington, Massachusetts.",
        "Jobs fell, said Nigel Gault, chief U.S. economist at IHS Global Insight in Lexington, Massachusetts.",
    ),
    (
        "Banks such as Goldman Sachs Group Inc, JPMorgan Chase & Co, Morgan Stanley and Citigroup Inc lend to them.",
        "It sued Goldman Sachs Group Inc, JPMorgan Chase & Co, Morgan Stanley and Citigroup Inc over the bonds.",
    ),
]


@pytest.mark.parametrize(("a", "b"), FORMS)
def test_forms_titles_and_lists_of_names_are_no_reuse(a, b):
    assert compare(a, b, "en", "en") == []


def test_a_report_that_keeps_its_figures_is_reuse():
    (_, report), _ = FORMS[:2]
    assert compare(report, "As was told on Monday: " + report.replace("About", "Some"), "en", "en")


@pytest.mark.parametrize(("words", "passages"), [(49, 0), (50, 1)])
def test_a_passage_has_fifty_words(words, passages):
    background = SEEDS[2][1226:2293].split()[:words]
    rng = random.Random(1)
    a, b = (" ".join([*sample("en", 200, rng), *background, *sample("en", 90, rng)]) for _ in range(2))
    assert len(compare(a, b, "en", "en")) == passages


def test_figures_alone_are_no_reuse():
    texts = [" ".join(str(random.Random(400 * i + k).randrange(10**4)) for k in range(400)) for i in range(20)]
    assert not any(compare(a, b, "en", "en") for a, b in itertools.combinations(texts, 2))


def test_offsets_count_code_points():
    passage = SEEDS[2][1226:2293]
    a = "🚀 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 é — " * 20 + passage
    b = passage + " 🎉🎉🎉"
    (found,) = compare(a, b, "en", "en")
    assert a[found.a_begin : found.a_end] == b[found.b_begin : found.b_end] == passage.strip().rstrip(".")


def test_moved_paragraphs_are_passages_of_their_own():
    rng = random.Random(4)
    first, second = (" ".join(sample("en", 80, rng)) for _ in range(2))
    other = [" ".join(sample("en", 100, rng)) for _ in range(4)]
    a = " ".join([other[0], first, other[1], second])
    b = " ".join([second, other[2], first, other[3]])
    passages = compare(a, b, "en", "en")
    assert len(passages) == 2
    assert {a[p.a_begin : p.a_end] for p in passages} == {b[p.b_begin : p.b_end] for p in passages} == {first, second}


def test_a_copy_is_one_passage_from_end_to_end():
    (found,) = compare(SEEDS[0], SEEDS[0], "en", "en")
    words = SEEDS[0].split()
    assert SEEDS[0][found.a_begin : found.a_end].split()[0] in words[0]
    assert found.identity == 1
    assert found.a_end - found.a_begin > 0.99 * len(SEEDS[0].strip())


@pytest.mark.parametrize(("a", "b"), [("", ""), ("one", ""), ("!!!", "?"), ("a " * 5000, "a " * 4000)])
def test_texts_without_a_passage(a, b):
    assert compare(a, b, "en", "en") == []


def test_texts_that_repeat_themselves_stay_cheap():
    paragraph = SEEDS[2][1226:2293]
    passages = compare(paragraph * 40, paragraph * 30, "en", "en")
    assert passages
    assert mirror(compare(paragraph * 30, paragraph * 40, "en", "en")) == plain(passages)


WORDS = st.sampled_from(
    "the of and minister parliament resigned election budget inflation Lavrov Stoltenberg 2021 17 security guarantees"
    " response written missile deployment nuclear weapons treaty 44 summit".split()
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=150), st.lists(WORDS, max_size=150), st.lists(WORDS, max_size=60))
def test_exchanging_the_texts_exchanges_the_spans(a, b, common):
    text_a, text_b = " ".join(a[:50] + common + a[50:]), " ".join(b[:20] + common + b[20:])
    passages = compare(text_a, text_b, "en", "en")
    if text_a != text_b:
        assert plain(passages) == mirror(compare(text_b, text_a, "en", "en"))
    for p in passages:
        assert 0 <= p.a_begin < p.a_end <= len(text_a)
        assert 0 <= p.b_begin < p.b_end <= len(text_b)
        assert 0 < p.identity <= 1
    for one, other in itertools.combinations(passages, 2):
        assert overlap((one.a_begin, one.a_end), (other.a_begin, other.a_end)) == 0
        assert overlap((one.b_begin, one.b_end), (other.b_begin, other.b_end)) == 0


@pytest.mark.parametrize("seed", range(6))
def test_stretches_in_another_order_are_all_found(seed):
    rng = random.Random(seed)
    parts = [sample("en", 90, rng) for _ in range(8)]
    shuffled = rng.sample(parts, len(parts))
    a, b = (". ".join(map(" ".join, each)) for each in (parts, shuffled))
    found = compare(a, b, "en", "en")
    assert sum(one.n_words for one in found) >= 0.97 * 8 * 90
