from __future__ import annotations

from typing import Any

import pytest

from wirecopy.schemas.elements import Document
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import document


def of(record: dict[str, Any], ref: str = "/data/corpus.jsonl.gz#7") -> Document:
    return document(record, "unit", 0, ref)


def test_c4_has_a_crawl_time_and_no_publication_time() -> None:
    found = of({"text": "Body.", "url": "https://a.com/x", "timestamp": "2019-04-25T12:57:54Z"})
    assert (found.form, found.content, found.url, found.published) == ("record", "Body.", "https://a.com/x", None)
    assert found.first_seen_at == found.fetched_at == 1556197074000000


def test_a_timestamp_beside_other_fields_is_the_publication_time() -> None:
    assert (
        of({"text": "Body.", "url": "https://a.com", "title": "T", "timestamp": 1556197074}).published == "1556197074"
    )


def test_news_please() -> None:
    found = of(
        {
            "authors": ["Jane Doe"],
            "date_download": "2016-09-15 12:34:56",
            "date_modify": None,
            "date_publish": "2016-09-14 08:00:00",
            "description": "The deck.",
            "filename": "x.json",
            "language": "en",
            "maintext": "The body.\nMore.",
            "source_domain": "example.com",
            "title": "The headline",
            "url": "https://example.com/a",
        }
    )
    assert (found.content, found.headline, found.deck, found.outlet) == (
        "The body.\nMore.",
        "The headline",
        "The deck.",
        "example.com",
    )
    assert (found.authors, found.published, found.language) == (("Jane Doe",), "2016-09-14 08:00:00", "en")
    assert found.first_seen_at is None, "a time without a zone is not guessed"


def test_fundus() -> None:
    found = of(
        {
            "title": "The headline",
            "authors": ["Jane Doe", "John Roe"],
            "publishing_date": "2024-05-01 10:00:00+02:00",
            "topics": ["War", "Peace"],
            "body": {
                "summary": ["Summary."],
                "sections": [
                    {"headline": [], "paragraphs": ["One.", "Two."]},
                    {"headline": ["Sub"], "paragraphs": ["Three."]},
                ],
            },
        }
    )
    assert found.content == "Summary.\n\nOne.\n\nTwo.\n\nSub\n\nThree."
    assert found.published == "2024-05-01 10:00:00+02:00"
    assert found.keywords == ("War", "Peace")


def test_webhose() -> None:
    found = of(
        {
            "uuid": "0b2ef4bc9ae8a5bd1d5d4e1d8f7d2f1c0a9b8e7d",
            "url": "https://www.example.com/story",
            "thread": {"site": "example.com", "title": "Other", "section_title": "Politics", "published": "x"},
            "author": "Jane Doe",
            "published": "2021-03-04T05:06:00.000+02:00",
            "title": "The headline",
            "text": "Body.",
            "language": "english",
            "crawled": "2021-03-04T06:00:00.000+02:00",
        }
    )
    assert (found.outlet, found.section, found.headline) == ("example.com", "Politics", "The headline")
    assert found.published == "2021-03-04T05:06:00.000+02:00"
    assert found.first_seen_at == 1614830400000000


def test_event_registry() -> None:
    found = of(
        {
            "uri": "7654321",
            "lang": "eng",
            "date": "2022-02-14",
            "time": "10:11:12",
            "dateTime": "2022-02-14T10:11:12Z",
            "dateTimePub": "2022-02-14T10:00:00Z",
            "url": "https://tass.com/politics/1",
            "title": "The headline",
            "body": "Body.",
            "source": {"uri": "tass.com", "dataType": "news", "title": "TASS"},
            "authors": [{"uri": "a", "name": "Jane Doe", "type": "author", "isAgency": False}],
        }
    )
    assert (found.source_id, found.namespace, found.outlet, found.outlet_name) == (
        "7654321",
        "tass.com",
        "tass.com",
        "TASS",
    )
    assert (found.published, found.authors, found.language) == ("2022-02-14T10:00:00Z", ("Jane Doe",), "eng")


def test_plain_names_of_data_sets() -> None:
    found = of(
        {"id": 7, "headline": "H", "outlet": "Aravot", "published_at": "2022-02-03", "time": "13:33", "text": " T "}
    )
    assert (found.source_id, found.outlet, found.outlet_name, found.published) == (
        "7",
        None,
        "Aravot",
        "2022-02-03 13:33",
    )
    assert found.content == " T ", "text that arrives extracted is kept unchanged"
    assert found.namespace == "Aravot"


def test_an_id_is_unique_in_its_file_unless_it_says_more() -> None:
    assert of({"id": "7", "text": "T"}).namespace is None
    assert of({"id": "<urn:uuid:1>".strip("<>"), "text": "T"}).namespace == ""


def test_records_inside_wrappers_and_beside_metadata() -> None:
    elastic = of({"_index": "news", "_id": "1", "_source": {"title": "H", "text": "T", "url": "https://a.com/1"}})
    assert (elastic.content, elastic.headline, elastic.url) == ("T", "H", "https://a.com/1")
    pile = of({"text": "T", "meta": {"url": "https://a.com/2", "publish_date": "2020-01-01"}})
    assert (pile.url, pile.published) == ("https://a.com/2", "2020-01-01")


def test_mongo_and_wordpress_values() -> None:
    mongo = of({"_id": {"$oid": "5f"}, "text": "T", "date": {"$date": "2020-01-01T00:00:00Z"}})
    assert (mongo.source_id, mongo.published) == ("5f", "2020-01-01T00:00:00Z")
    wordpress = of(
        {
            "id": 3,
            "date": "2020-01-01T10:00:00",
            "date_gmt": "2020-01-01T08:00:00",
            "link": "https://a.com/3",
            "title": {"rendered": "H"},
            "content": {"rendered": "<p>One</p>\n<p>Two</p>"},
        }
    )
    assert (wordpress.form, wordpress.headline, wordpress.url) == ("html", "H", "https://a.com/3")


def test_html_is_told_from_text() -> None:
    assert of({"html": "<p>x</p>"}).form == "html"
    assert of({"text": "T", "html": "<p>x</p>"}) == of({"text": "T"})
    assert of({"content": "if a < b and c > d then <p> is not closed"}).form == "record"


def test_withdrawn_and_embargoed_records_say_so() -> None:
    assert of({"text": "T", "pubstatus": "canceled"}).status == "cancelled"
    assert of({"text": "T", "status": 200}).status is None


@pytest.mark.parametrize("record", [{}, {"title": "T"}, {"text": None}, {"text": 5}, {"text": ["", " "]}, {"text": {}}])
def test_a_record_without_text_is_a_fault(record: dict[str, Any]) -> None:
    with pytest.raises(Fault, match="no text"):
        of(record)
