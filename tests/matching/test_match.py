from __future__ import annotations

import datetime as dt
import itertools
import random
from pathlib import Path

import pyarrow as pa
import pytest
import wordfreq
from hypothesis import given, settings
from hypothesis import strategies as st

from wirecopy.schemas.reuse import PAIRS, PASSAGES
from wirecopy.transforms.matching import match as module
from wirecopy.transforms.matching.crowding import K
from wirecopy.transforms.matching.fingerprint import fingerprint
from wirecopy.transforms.matching.match import match
from wirecopy.transforms.matching.segments.segment import build
from wirecopy.transforms.matching.verify import compare

WORDS = [word for word in wordfreq.top_n_list("en", 12_000, "small")[400:] if word.isalpha()]
SEEDS = Path(__file__).parents[2] / "seeds"
DAY = 86_400_000_000


def prose(seed, n):
    return random.Random(seed).choices(WORDS, k=n)


def edited(words, rate, seed):
    rng = random.Random(seed)
    return [rng.choice(WORDS) if rng.random() < rate else word for word in words]


def article(name, *parts, **more):
    return {"source_id": name, "text": " ".join(itertools.chain(*parts)), "language": "en"} | more


@pytest.fixture(scope="session")
def found(make_batch):
    """Return a function from rows to (pairs, passages) found among them, articles called by their source_id."""

    def matched(*rows):
        batch = make_batch(rows)
        name = dict(zip(batch["article_id"].to_pylist(), batch["source_id"].to_pylist(), strict=True))
        return [
            [
                {k: name.get(v, v) if k.endswith("article_id") else v for k, v in row.items()}
                for row in table.to_pylist()
            ]
            for table in match(build([fingerprint(batch)]), [])
        ]

    return matched


def ends(row):
    return row["src_article_id"], row["dst_article_id"]


def test_the_seeds_share_one_passage_that_comes_from_tass(found):
    credit = {"002": {"agency": "TASS", "outlet": "tass.com"}, "003": {"agency": "TASS", "outlet": "aravot.am"}}
    texts = {path.name[:3]: path.read_text("utf-8") for path in sorted(SEEDS.glob("0*.txt"))}
    assert len(texts) == 5
    pairs, passages = found(*(article(name, [text], **credit.get(name, {})) for name, text in texts.items()))
    assert [(*ends(row), row["relation"]) for row in pairs] == [("002", "003", "reuse")]
    (passage,) = passages
    source = texts["002"][passage["src_begin"] : passage["src_end"]]
    destination = texts["003"][passage["dst_begin"] : passage["dst_end"]]
    for phrase in ("Antony Blinken and NATO Secretary General Jens Stoltenberg", "serious offensive weapons"):
        assert phrase in source and phrase in destination
    assert (passage["agency"], passage["is_quote"], passage["is_chrome"]) == ("TASS", False, False)


@st.composite
def corpora(draw):
    """Return rows of articles, in any order, that share passages, whole texts, identities and languages."""
    pool = [prose(seed, 70) for seed in range(draw(st.integers(1, 3)))]
    rows = []
    for i in range(draw(st.integers(2, 8))):
        text = prose(100 + i, draw(st.sampled_from([0, 3, 30])))
        for _ in range(draw(st.integers(1, 3))):
            k = draw(st.integers(0, len(pool) - 1))
            text += edited(pool[k], draw(st.sampled_from([0, 0, 0.1, 0.3])), draw(st.integers(0, 2)))
        rows.append(
            article(
                draw(st.sampled_from(["a", "b", f"c{i}", f"c{i}", f"c{i}"])),
                text,
                language=draw(st.sampled_from(["en", "en", None])),
                outlet=draw(st.sampled_from(["a.example", "b.example", None])),
                agency=draw(st.sampled_from([None, None, "TASS", "Reuters"])),
                published_at=draw(st.sampled_from([None, 19_000 * DAY, 19_001 * DAY])),
            )
        )
    return list({(row["source_id"], row["text"]): row for row in rows}.values())


@settings(deadline=None, max_examples=80)
@given(corpora(), st.data())
def test_any_order_and_any_waves_give_the_same_rows(make_batch, merged, rows, data):
    whole = match(build([fingerprint(make_batch(rows))]), [])
    shuffled = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    known, parts = [], []
    for begin, end in itertools.pairwise([0, *cuts, len(rows)]):
        wave = [shuffled[k : min(k + 2, end)] for k in range(begin, end, 2)]
        new = build([fingerprint(make_batch(batch)) for batch in wave])
        parts.append(match(new, known))
        known = [merged([*known, new])] if data.draw(st.booleans()) else [new, *known]
    for table, key in (("pairs", ("src_article_id", "dst_article_id")), ("passages", ("passage_id",))):
        together = pa.concat_tables([getattr(part, table) for part in parts])
        assert in_order(together, key) == in_order(getattr(whole, table), key)


def in_order(table, key):
    return sorted(table.to_pylist(), key=lambda row: [row[name].bytes for name in key])


def test_such_corpora_hold_copies_and_reuse(found):
    a, b = prose(1, 70), prose(2, 70)
    rows = [article("a", a, b), article("b", a, prose(3, 200)), article("c", edited(a + b, 0.02, 1))]
    pairs, passages = found(*rows)
    assert {frozenset(ends(row)): row["relation"] for row in pairs} == {
        frozenset("ab"): "reuse",
        frozenset("ac"): "copy",
        frozenset("bc"): "reuse",
    }
    text = {row["source_id"]: row["text"] for row in rows}
    for row in passages:
        if set(ends(row)) == set("ab"):
            source = text[row["src_article_id"]][row["src_begin"] : row["src_end"]]
            assert source == text[row["dst_article_id"]][row["dst_begin"] : row["dst_end"]] == " ".join(a)
            assert row["n_words"] == 70 and row["identity"] == 1


def test_an_identical_text_is_a_copy_with_one_passage_over_all_of_it(found):
    (pair,), (passage,) = found(article("a", prose(1, 150)), article("b", prose(1, 150)))
    assert (pair["relation"], pair["jaccard"], pair["src_coverage"], pair["dst_coverage"]) == ("copy", 1, 1, 1)
    length = len(" ".join(prose(1, 150)))
    assert [passage[k] for k in ("src_begin", "src_end", "dst_begin", "dst_end")] == [0, length, 0, length]
    assert pair["score"] == passage["score"] > 0


@pytest.mark.parametrize("n, relation", [(59, None), (60, "copy")])
def test_a_story_cut_short_is_a_copy_from_sixty_words_on(found, n, relation):
    whole = prose(1, 600)
    pairs, _ = found(article("whole", whole), article("cut", whole[:n]))
    assert [row["relation"] for row in pairs if row["relation"] == "copy"] == ([relation] if relation else [])
    assert all(row["jaccard"] < 0.45 for row in pairs)


@pytest.mark.parametrize("n, copies", [(0, 0), (1, 0), (4, 0), (5, 1), (12, 1)])
def test_short_texts_are_copies_from_five_words_on(found, n, copies):
    words = ["the", "of", "and", "to", "in", "is"] * 2
    pairs, passages = found(article("a", words[:n]), article("b", words[:n]), article("c", [], prose(5, 40)))
    assert [row["relation"] for row in pairs] == ["copy"] * copies
    assert [(row["src_begin"], row["n_words"]) for row in passages] == [(0, n)] * copies


def test_versions_of_one_article_are_no_pair(found):
    text = prose(1, 200)
    assert found(article("a", text), article("a", text, ["corrected"])) == [[], []]


def test_credit_time_and_outlet_tell_source_from_destination(found):
    text = prose(1, 120)
    rows = [
        article("paper", text, prose(2, 30), outlet="paper.example", agency="TASS", published_at=19_000 * DAY),
        article("tass", text, outlet="tass.com", agency="TASS", published_at=19_001 * DAY),
        article("later", text, prose(3, 30), outlet="paper.example", published_at=19_002 * DAY),
    ]
    pairs, passages = found(*rows)
    assert {ends(row) for row in pairs} == {("tass", "paper"), ("tass", "later"), ("paper", "later")}
    assert {ends(row): row["same_outlet"] for row in pairs}["paper", "later"]
    assert not {ends(row): row["same_outlet"] for row in pairs}["tass", "paper"]
    lag = {ends(row): (row["lag_s"], row["agency"]) for row in passages}
    assert lag["tass", "later"] == (86_400, "TASS")
    assert lag["paper", "later"] == (2 * 86_400, "TASS")
    assert max(row["event_at"] for row in pairs) == dt.datetime.fromtimestamp(19_002 * 86_400, dt.UTC)


def in_marks(words):
    return ['"' + words[0], *words[1:-1], words[-1] + ',"', "said", "the", "mayor."]


def judged(found, *rows):
    """Return what the pair of two articles is, and for each passage whether it is a quote, what stock, and taken."""
    (pair,), passages = found(*rows)
    return pair, [(row["is_quote"], row["stock"], row["taken"]) for row in passages]


def test_a_passage_that_both_show_as_said_is_a_quote_and_was_not_taken(found):
    said = prose(1, 60)
    pair, passages = judged(found, *(article(name, prose(name, 200), in_marks(said)) for name in "ab"))
    assert passages == [(True, None, False)]
    assert (pair["relation"], pair["src_taken"], pair["dst_taken"]) == ("reuse", 0, 0)
    assert pair["dst_coverage"] > 0.2


def test_what_stands_around_a_quote_in_both_was_taken(found):
    said, around = in_marks(prose(1, 80)), prose(2, 50)
    pair, passages = judged(found, *(article(name, prose(name, 200), said, around) for name in "ab"))
    assert passages == [(False, None, True)]
    assert pair["dst_taken"] == pair["dst_coverage"] > 0.3


def test_a_copy_is_one_with_its_quotes(found):
    said, around = in_marks(prose(1, 80)), prose(2, 60)
    pair, passages = judged(found, *(article(name, around[:30], said, around[30:]) for name in "ab"))
    assert (pair["relation"], pair["dst_taken"]) == ("copy", 1)
    assert all(taken for *_, taken in passages)


def test_two_that_print_one_statement_are_no_copies_unless_both_credit_one_agency(found):
    said = in_marks(prose(1, 150))
    rows = [article(name, prose(name, 40), said) for name in "ab"]
    pair, passages = judged(found, *rows)
    assert (pair["relation"], pair["dst_taken"], passages) == ("reuse", 0, [(True, None, False)])
    pair, passages = judged(found, *(row | {"agency": "TASS"} for row in rows))
    assert (pair["relation"], passages) == ("copy", [(True, None, True)])


def filled(form, *particulars):
    words = iter(particulars)
    return [next(words) if n % 6 == 3 else word for n, word in enumerate(form)]


def test_a_form_filled_in_anew_is_stock_and_one_whose_particulars_stay_is_a_copy(found):
    form = prose(1, 90)
    ones, others = ([f"{kind}{name}" for name in "abdefghjklmnopq"] for kind in ("Xan", "Yor"))
    pair, passages = judged(found, article("a", filled(form, *ones)), article("b", filled(form, *others)))
    assert (pair["relation"], pair["dst_taken"]) == ("stock", 0)
    assert {stock for _, stock, _ in passages} == {"form"}
    rows = article("a", filled(form, *ones)), article("b", filled(edited(form, 0.08, 2), *ones))
    pair, passages = judged(found, *rows)
    assert (pair["relation"], {stock for _, stock, _ in passages}) == ("copy", {None})


JAPANESE = (
    "{0}（{1}歳）は{2}月{3}日、自宅で家族に見守られて死去した。葬儀は{2}月{4}日午前{5}時から営まれる。故人は長年地域のために"
    "働き、多くの人に親しまれた。供花の代わりに寄付を受け付けている。弔問の受付は式の一時間前から行い、駐車場には限りがあるため"
    "公共交通機関の利用を呼びかけている。連絡は葬儀社の代表番号まで。"
)


def test_numbers_tell_a_form_where_no_capitals_tell_names(found):
    one, other = JAPANESE.format("山田花子さん", 88, 5, 6, 10, 11), JAPANESE.format("佐藤健一さん", 73, 6, 18, 22, 10)
    pair, _ = judged(found, *(article(n, [text], language="ja") for n, text in (("a", one), ("b", other))))
    assert (pair["relation"], pair["dst_taken"]) == ("stock", 0)
    cut = one.replace("故人は長年", "故人は").replace("連絡は葬儀社の代表番号まで。", "")
    pair, _ = judged(found, *(article(n, [text], language="ja") for n, text in (("a", one), ("b", cut))))
    assert pair["relation"] == "copy"


def test_a_list_of_names_is_stock_and_an_article_that_is_one_is_copied(found):
    listed = [word for n in range(60) for word in ("with", f"Xan{n}", str(100 + n), str(200 + n), "of")]
    pair, passages = judged(found, *(article(name, prose(name, 300), listed) for name in "ab"))
    assert (pair["relation"], pair["dst_taken"], passages) == ("reuse", 0, [(False, "list", False)])
    pair, passages = judged(found, *(article(name, prose(name, 12), listed) for name in "ab"))
    assert (pair["relation"], passages) == ("copy", [(False, "list", True)])


def test_furniture_closes_two_different_articles_of_one_outlet(found):
    furniture = prose(1, 60)
    a, b, c = (
        article(name, prose(name, 150), furniture, outlet=f"{site}.example") for name, site in ("ax", "bx", "cy")
    )
    _, passages = found(a, b, c)
    assert {frozenset(ends(row)): row["is_chrome"] for row in passages} == {
        frozenset("ab"): True,
        frozenset("ac"): False,
        frozenset("bc"): False,
    }


def test_what_more_than_k_articles_hold_pairs_them_with_the_first_k(found):
    """Each has a passage that all hold in a text of its own."""
    n = K + 6
    rows = [article(f"{i:02}", prose(1, 60), prose(100 + i, 150), published_at=(19_000 + i) * DAY) for i in range(n)]
    pairs, passages = found(*random.Random(0).sample(rows, n))
    first = {f"{i:02}" for i in range(K)}
    expected = {(f"{i:02}", f"{j:02}") for i, j in itertools.combinations(range(n), 2)}
    assert {ends(row) for row in pairs} == {pair for pair in expected if first & set(pair)}
    assert len(passages) == len(pairs)


@pytest.mark.parametrize("rate", [0, 0.03])
def test_a_story_printed_everywhere_costs_one_comparison_a_print(make_batch, monkeypatch, rate):
    """300 prints, cut and edited; one article took a passage before, one print has a part that another article took."""
    compared = []
    monkeypatch.setattr(module, "compare", lambda *given: compared.append(len(given[1])) or compare(*given))
    story, n = prose(1, 400), 300
    rows = [
        article(f"{i:03}", edited(story, rate, i)[: 400 - 7 * (i % 3)], published_at=(19_000 + i) * DAY)
        for i in range(n)
    ]
    rows += [article(f"other{i}", prose(1000 + i, 300)) for i in range(50)]
    rows += [
        article("took", prose(2, 200), story[100:200], published_at=18_000 * DAY),
        article("own part", edited(story, rate, 500), prose(3, 80), published_at=20_000 * DAY),
        article("same part", prose(4, 200), prose(3, 80), published_at=20_001 * DAY),
    ]
    batches = [make_batch(rows[k : k + 50]) for k in range(0, len(rows), 50)]
    pairs, _ = match(build([fingerprint(batch) for batch in batches]), [])
    ids = {row["article_id"]: row["source_id"] for batch in batches for row in batch.to_pylist()}
    partners = {name: set() for name in ids.values()}
    for row in pairs.to_pylist():
        one, other = ids[row["src_article_id"]], ids[row["dst_article_id"]]
        partners[one].add(other)
        partners[other].add(one)
    first = {f"{i:03}" for i in range(K)}
    assert all(first - {name} <= partners[name] for name in first)
    late = [partners[f"{i:03}"] for i in range(4 * K, n)]
    assert all(len(some) == 1 and min(some) < "010" for some in late)
    assert partners["took"] >= first - {"031"}
    assert partners["same part"] == {"own part"}
    assert len(partners["own part"]) == 2
    assert sum(compared) < n + 2 * K * K


def test_nothing_matches_nothing(make_batch):
    empty, one = build([]), build([fingerprint(make_batch([article("a", prose(1, 90))]))])
    for new, known in ((empty, []), (empty, [one]), (one, []), (one, [empty]), (one, [build([])] * 3)):
        pairs, passages = match(new, known)
        assert (pairs.num_rows, passages.num_rows) == (0, 0)
        assert (pairs.schema, passages.schema) == (PAIRS.schema, PASSAGES.schema)


def test_waves_of_hundreds_of_articles_give_the_rows_of_one(make_batch):
    rng = random.Random(5)
    rows = [
        article(
            f"{i:03}",
            prose(i, 40),
            edited(prose(1000 + rng.randrange(60), 80), rng.choice([0, 0.1, 0.3]), i % 3),
            prose(5000 + i, rng.randrange(60)),
            published_at=(19_000 + rng.randrange(5)) * DAY,
        )
        for i in range(300)
    ]
    fingerprints = [fingerprint(make_batch(rows[k : k + 50])) for k in range(0, 300, 50)]
    whole = match(build(fingerprints), [])
    assert {"copy", "reuse"} == set(whole.pairs["relation"].to_pylist())
    rng.shuffle(fingerprints)
    parts, known = [], []
    for wave in (fingerprints[:1], fingerprints[1:4], fingerprints[4:]):
        new = build(wave)
        parts.append(match(new, known))
        known.append(new)
    for table, key in (("pairs", ("src_article_id", "dst_article_id")), ("passages", ("passage_id",))):
        together = pa.concat_tables([getattr(part, table) for part in parts])
        assert in_order(together, key) == in_order(getattr(whole, table), key)
