"""From documents to rows: what the reader of the lake relies on."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.schemas.articles import ARTICLE_BATCH, PRECISIONS
from wirecopy.schemas.elements import Document
from wirecopy.schemas.rejects import REASONS
from wirecopy.transforms.extract import extract_batch

UNIT = "0123456789abcdef" * 2
TEXT = (
    "MOSCOW, February 14. /TASS/. The ministry said on Monday that it would answer the proposals within ten days, a"
    " spokeswoman told reporters.\n\nOn December 17, 2021, it had published drafts of two agreements."
)


def record(content=TEXT, **fields):
    return Document(UNIT, 0, "file.jsonl#1", "record", content, **fields)


def rows(*documents):
    batch, rejects = extract_batch(documents)
    batch.validate(full=True)
    assert batch.schema.equals(ARTICLE_BATCH)
    return batch.to_pylist(), rejects


def row(document):
    found, rejects = rows(document)
    assert (len(found), rejects) == (1, [])
    return found[0]


def instant(text):
    return None if text is None else pa.scalar(text).cast(pa.timestamp("us", tz="UTC")).as_py()


def test_an_empty_batch_has_the_schema():
    assert rows() == ([], [])


def test_text_that_arrived_extracted_is_kept_unchanged():
    text = "  Leave a Reply\n\n\n" + TEXT + " \t\nShare this:\u00a0"
    found = row(record(text, headline="A headline"))
    assert (found["text"], found["n_chars"], found["headline"]) == (text, len(text), "A headline")


def test_what_a_record_says_becomes_its_fields():
    found = row(
        record(
            source_id="7",
            url="http://www.tass.com/world/1?utm_source=x",
            headline="Ministry to answer",
            authors=["By Jane Doe", "John Roe and Ann Poe", "Reuters", "jane@example.com"],
            language="en_GB",
            section="World",
            keywords=["a", "b", "a"],
            published="2022-02-14T09:00:00+03:00",
            modified="2022-02-14 10:00:00",
            first_seen_at=1_644_900_000_000_000,
        )
    )
    assert found["canonical_url"] == "https://tass.com/world/1"
    assert found["outlet"] == "tass.com"
    assert found["authors"] == ["Jane Doe", "John Roe", "Ann Poe", "Reuters"]
    assert found["language"] == "en-GB"
    assert found["keywords"] == ["a", "b"]
    assert found["published_at"] == found["event_at"] == instant("2022-02-14T06:00:00Z")
    assert (found["published_precision"], found["published_source"]) == ("second", "record")
    assert found["modified_at"] == instant("2022-02-14T10:00:00Z")
    assert (found["agency"], found["dateline"]) == ("TASS", "MOSCOW, February 14. /TASS/.")


def test_markup_in_a_short_field_is_taken_off():
    found = row(
        record(headline="Smith &amp;amp; Sons: 1 < 2, <b>says</b>\n  the&nbsp;court", section="News &amp; Views")
    )
    assert (found["headline"], found["section"]) == ("Smith & Sons: 1 < 2, says the court", "News & Views")


def test_every_offset_points_at_its_evidence():
    found = row(
        record("𝔘𝔫𝔦 " + TEXT + ' "We will answer in ten days, as agreed," Jane Doe said. Reuters reported it first.')
    )
    for item in found["credits"] + found["cited"]:
        if item["where"] == "text":
            assert found["text"][item["begin"] : item["end"]] == item["evidence"]
    assert found["quotes"]
    for quote in found["quotes"]:
        assert found["text"][quote["begin"] : quote["end"]] == quote["text"]


def test_one_article_has_one_id_wherever_it_was_read():
    one = row(record(url="https://www.example.com/a?utm_source=x"))
    other = row(
        Document(
            "f" * 32,
            9,
            "elsewhere.warc#9",
            "record",
            TEXT,
            url="http://example.com/a/",
            fetched_at=1_700_000_000_000_000,
        )
    )
    assert one["article_id"] == other["article_id"]
    edited = row(record(TEXT + " It did.", url="https://example.com/a"))
    assert edited["identity"] == one["identity"]
    assert edited["article_id"] != one["article_id"]


def test_a_record_number_is_a_name_only_within_its_outlet():
    def who(content=TEXT, **fields):
        return row(record(content, source_id="7", **fields))["identity"]

    assert who(outlet="a.com") != who(outlet="b.com")
    assert who(namespace="x") == who("Other text, other words.", namespace="x")


def test_a_row_does_not_depend_on_its_batch():
    documents = [record(TEXT + f" Number {n}.", source_id=str(n), language=("en", "de")[n % 2]) for n in range(7)]
    together, _ = rows(*documents)
    assert together == [row(document) for document in documents]


@pytest.mark.parametrize("content", ["", " \n\t", "—\n***"])
@pytest.mark.parametrize("form", ["record", "text", "html"])
def test_nothing_is_rejected_as_nothing(content, form):
    found, rejects = rows(Document(UNIT, 0, "f#1", form, content))
    assert found == []
    assert [reject.reason for reject in rejects] in (["empty"], ["no text"])
    assert len(rejects[0].payload_sha256) == 32


@pytest.mark.parametrize("raw", ["31 February 2022", "2099-01-01T00:00:00Z", "yesterday", "03/04/2022"])
def test_a_date_that_cannot_be_read_is_reported_and_its_article_kept(raw):
    found, rejects = rows(record("Some words about nothing at all, which name no day.", published=raw))
    assert (found[0]["published_at"], found[0]["published_precision"]) == (None, "none")
    assert [(reject.reason, raw in reject.error) for reject in rejects] == [("bad date", True)]


def test_a_date_after_the_document_was_read_is_not_believed():
    found, rejects = rows(
        record("Words of a text.", published="2022-03-20", fetched_at=1_644_829_200_000_000, first_seen_at=5)
    )
    assert found[0]["event_at"] == instant("1970-01-01T00:00:00.000005Z")
    assert rejects[0].reason == "bad date"


def test_broken_characters_are_mended_one_for_one():
    found = row(
        record(
            "Half a pair \ud83d and a \x00 stand in this text.", headline="A \udc00 headline", authors=["J\x00ane Doe"]
        )
    )
    assert found["text"] == "Half a pair \ufffd and a \ufffd stand in this text."
    assert found["headline"] == "A \ufffd headline"


def test_what_a_text_file_does_not_say_is_inferred_from_it_and_marked():
    dateline = row(Document(UNIT, 0, "a.txt", "text", "Ministry to answer\n" + TEXT))
    assert dateline["published_at"] == instant("2022-02-14T00:00:00Z")
    assert (dateline["published_source"], dateline["published_inferred"]) == ("dateline", ["year"])
    lead = "Officials have asked for time. On Friday, January 21, the paper reports, citing a source.\nMore is to come."
    assert row(Document(UNIT, 0, "b.txt", "text", lead))["published_inferred"] == ["year", "day"]
    zone = (
        f"Ministry to answer\nFebruary 03,2022 13:33\n{TEXT}\n\nMedia can quote materials of Aravot.am with hyperlink."
    )
    found = row(Document(UNIT, 0, "c.txt", "text", zone))
    assert (found["published_at"], found["outlet"]) == (instant("2022-02-03T09:33:00Z"), "aravot.am")
    assert (found["published_precision"], found["published_inferred"]) == ("minute", ["zone"])


def test_an_address_filed_under_a_day_dates_what_nothing_else_dates():
    found = row(record("Words of a text.", url="https://example.com/2022/02/03/talks"))
    assert (found["published_at"], found["published_precision"]) == (instant("2022-02-03T00:00:00Z"), "day")
    assert (found["published_source"], found["published_inferred"]) == ("url", ["day"])
    said = row(record("Words of a text.", url="https://example.com/2022/02/03/talks", published="2022-02-04"))
    assert said["published_source"] == "record"


def test_a_day_without_a_year_stays_one_without_evidence():
    found = row(
        Document(UNIT, 0, "d.txt", "text", f"Ministry to answer\n27 January, 16:40PoliticsPhoto: X\n{TEXT[29:130]}")
    )
    assert (found["published_at"], found["event_at"], found["published_precision"]) == (None, None, "month-day")
    assert found["published_raw"] == "27 January, 16:40"


def test_years_that_contradict_each_other_settle_nothing():
    text = (
        "Bond to be paid back early\nLONDON, Feb 14 (Reuters) - A bond of 2012 is due on January 15, 2020, a bank said."
    )
    assert row(Document(UNIT, 0, "e.txt", "text", text))["published_precision"] == "month-day"


def test_a_text_file_is_bounded_by_its_lines_and_not_by_empty_ones():
    article = f"Ministry to answer\n{TEXT}"
    assert row(Document(UNIT, 0, "f.txt", "text", article + "\n" * 1_000_000))["headline"] == "Ministry to answer"
    found, rejects = rows(Document(UNIT, 0, "g.txt", "text", "a line\n" * 60_000))
    assert (found, [reject.reason for reject in rejects]) == ([], ["too large"])


@given(st.text(max_size=300), st.sampled_from(["record", "text", "html"]), st.text(max_size=30), st.text(max_size=40))
def test_any_document_becomes_a_row_or_a_reject(content, form, published, url):
    document = Document(UNIT, 3, "f#3", form, content, published=published, url=url, authors=[url], headline=published)
    found, rejects = rows(document)
    assert len(found) + len(rejects) >= 1
    assert all(reject.reason in REASONS and reject.stage == "extract" for reject in rejects)
    assert all(each["published_precision"] in PRECISIONS for each in found)
