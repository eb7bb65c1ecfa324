"""Elasticsearch, Telegram and Factiva's snapshots: JSON that holds articles deeper than a corpus does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.extract import extract_batch
from wirecopy.transforms.read import plan, read
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.records import elastic, telegram_export
from wirecopy.transforms.read.sniff import sniff

STORY = "The council voted on Tuesday to mend the wall that the storm had broken."


def read_all(path: Path) -> tuple[list[Document], list[Reject]]:
    found = [each for unit in plan([str(path)]) for each in (read(unit) if isinstance(unit, Unit) else [unit])]
    return [x for x in found if isinstance(x, Document)], [x for x in found if isinstance(x, Reject)]


def of(tmp_path: Path, name: str, *values: Any, indent: int | None = None) -> tuple[list[Document], list[Reject]]:
    path = tmp_path / name
    path.write_text("\n".join(json.dumps(value, indent=indent) for value in values), encoding="utf-8")
    return read_all(path)


HIT = {"_index": "news", "_id": "7", "_score": 1.0, "_source": {"title": "Vote", "body": STORY, "date": "2026-03-06"}}


def test_a_dumped_hit_is_its_source(tmp_path: Path) -> None:
    (found,), rejects = of(tmp_path, "dump.json", HIT)
    assert (found.headline, found.outlet_name, found.source_id, rejects) == ("Vote", None, "7", [])


def test_the_hits_of_one_reply_or_of_several_are_articles(tmp_path: Path) -> None:
    reply = {"took": 2, "timed_out": False, "hits": {"total": {"value": 2}, "hits": [HIT, {**HIT, "_id": "8"}]}}
    documents, rejects = of(tmp_path, "reply.json", reply, indent=1)
    assert [x.headline for x in documents] == ["Vote", "Vote"] and not rejects
    documents, rejects = of(tmp_path, "several.json", {"took": 2, "responses": [reply, {"error": {}}]}, indent=1)
    assert len(documents) == 2 and not rejects


def test_fields_of_a_hit_are_lists_of_one(tmp_path: Path) -> None:
    hit = {"_index": "news", "_id": "7", "fields": {"title": ["Vote"], "body": [STORY], "tags": ["a", "b"]}}
    (found,), _ = of(tmp_path, "reply.json", {"hits": {"hits": [hit]}})
    assert (found.headline, found.content, found.keywords) == ("Vote", STORY, ("a", "b"))


def test_lines_of_a_bulk_request_that_say_what_to_do_are_no_records(tmp_path: Path) -> None:
    record = {"title": "Vote", "body": STORY}
    lines = [{"index": {"_index": "news", "_id": "1"}}, record, {"create": {}}, record, {"delete": {"_id": "2"}}]
    documents, rejects = of(tmp_path, "bulk.ndjson", *lines)
    assert len(documents) == 2 and not rejects


def test_a_record_with_a_field_called_index_is_no_action() -> None:
    assert not elastic.is_action({"index": {"title": "Vote"}})
    assert not elastic.is_action({"index": 3}) and not elastic.is_action({"index": {}, "body": STORY})


def test_hits_that_are_no_objects_are_rejects(tmp_path: Path) -> None:
    documents, rejects = of(tmp_path, "reply.json", {"took": 1, "hits": {"hits": [HIT, 3, None, {"_source": 4}]}})
    assert len(documents) == 1 and [x.reason for x in rejects] == ["malformed", "malformed", "no text"]


def message(number: int, **other: Any) -> dict[str, Any]:
    text = [{"type": "bold", "text": "Vote"}, "\n\nThe council of ", {"type": "mention", "text": "@port"}, " voted."]
    told = {"id": number, "type": "message", "date": "2022-02-24T05:00:00", "date_unixtime": "1645675200"}
    return {**told, "from": "Ellery News", "from_id": "channel1001", "text": text, **other}


CHAT = {"name": "Ellery News", "type": "public_channel", "id": 1001}


def test_a_telegram_export_is_an_article_a_message(tmp_path: Path) -> None:
    service = {"id": 1, "type": "service", "date": "2022-02-23T00:00:00", "action": "create_channel", "text": ""}
    messages = [service, message(2), message(3, text="", photo="p.jpg"), message(4, forwarded_from="Wire")]
    documents, rejects = of(tmp_path, "result.json", {**CHAT, "messages": messages}, indent=1)
    first, second = documents
    assert first.content == "Vote\n\nThe council of @port voted."
    assert (first.source_id, first.namespace, first.outlet_name) == ("2", "telegram 1001", "Ellery News")
    assert (first.published, second.credit) == ("1645675200", "Wire")
    assert [x.reason for x in rejects] == ["not text", "not text"]
    assert rejects[0].doc_ref.endswith("result.json#1")


def test_a_telegram_export_is_cut_into_units_that_all_know_the_chat(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps({**CHAT, "messages": [message(n, text=f"{n} " + STORY) for n in range(50)]}))
    with path.open("rb", buffering=0) as file:
        spans = list(telegram_export.spans(Stream(file), target=2000))  # type: ignore[arg-type]
    assert len(spans) > 3
    found = []
    for span in spans:
        unit = Unit("0" * 32, str(path), "telegram", span.begin, span.end, span.size, span.first)
        found += [each for each in read(unit) if isinstance(each, Document)]
    assert [x.source_id for x in found] == [str(n) for n in range(50)]
    assert {x.outlet_name for x in found} == {"Ellery News"}
    assert [x.doc_ref.rpartition("#")[2] for x in found] == [str(n + 1) for n in range(50)]


def test_the_export_of_an_account_holds_chats(tmp_path: Path) -> None:
    account = {"about": "x", "chats": {"about": "y", "list": [{**CHAT, "messages": [message(2)]}]}}
    (found,), _ = of(tmp_path, "result.json", account, indent=1)
    assert found.outlet_name == "Ellery News"
    chats = [
        {**CHAT, "messages": [message(2), message(3)]},
        {**CHAT, "name": "Second", "id": 9, "messages": [message(2)]},
    ]
    found_all, rejects = of(tmp_path, "result.json", {"about": "x", "chats": {"about": "y", "list": chats}})
    assert [x.outlet_name for x in found_all] == ["Ellery News", "Ellery News", "Second"] and not rejects


def test_a_telegram_export_as_a_page_is_an_article_a_message(tmp_path: Path) -> None:
    def one(n: int, text: str, name: str = "Ellery News") -> str:
        return (
            f'<div class="message default clearfix" id="message{n}"><div class="body"><div class="date details"'
            f' title="24.02.2022 06:0{n}:00 UTC+02:00">06:0{n}</div><div class="from_name">{name}</div>'
            f'<div class="text">{text}</div></div></div>'
        )

    page = '<html><head><title>Exported Data</title></head><body><div class="page_wrap"><div class="page_header">'
    page += '<div class="text bold">Ellery News</div></div>' + one(1, f"{STORY}<br><br>Two <b>bold</b>.") + one(2, "")
    page += one(3, STORY, "Mara Rook") + "</div></body></html>"
    path = tmp_path / "messages.html"
    path.write_text(page, encoding="utf-8")
    (first, second), rejects = read_all(path)
    assert (first.content, first.outlet_name, first.authors) == (f"{STORY}\n\nTwo bold.", "Ellery News", ())
    assert (first.published, first.source_id, second.authors) == ("2022-02-24T06:01:00+02:00", "1", ("Mara Rook",))
    assert [x.reason for x in rejects] == ["not text"]


def test_dates_and_names_as_mongodb_and_kibana_write_them(tmp_path: Path) -> None:
    mongo = {
        "_id": {"$oid": "507f1f77bcf86cd799439031"},
        "text": STORY,
        "date": {"$date": {"$numberLong": "1772784000000"}},
    }
    kibana = {"_index": "n", "_source.title": "Vote", "_source.body": STORY}
    (first, second), _ = of(tmp_path, "a.jsonl", mongo, kibana)
    assert (first.published, second.headline) == ("1772784000000", "Vote")


def test_messages_of_telethon_and_pyrogram(tmp_path: Path) -> None:
    telethon = {"_": "Message", "id": 5, "peer_id": {"_": "PeerChannel", "channel_id": 1001}, "message": STORY}
    telethon |= {"date": "2022-02-24T05:00:00+00:00", "post_author": "Mara Rook", "entities": []}
    pyrogram = {"_": "Message", "id": 6, "chat": {"id": -1001, "title": "Ellery", "username": "ellery"}, "text": STORY}
    (first, second), rejects = of(tmp_path, "m.jsonl", telethon, pyrogram, {"_": "MessageService", "peer_id": {}})
    assert (first.content, first.namespace, first.authors) == (STORY, "telegram 1001", ("Mara Rook",))
    assert (second.url, second.outlet_name) == ("https://t.me/ellery/6", "Ellery")
    assert [x.reason for x in rejects] == ["not text"]


@pytest.mark.parametrize("cut", [60, 150, 400])
def test_a_telegram_export_cut_in_the_middle_keeps_what_is_whole(tmp_path: Path, cut: int) -> None:
    whole = json.dumps({**CHAT, "messages": [message(2), message(3)]})
    path = tmp_path / "result.json"
    path.write_text(whole[: len(whole) - cut])
    documents, rejects = read_all(path)
    assert len(documents) <= 1 and [x.reason for x in rejects] in (["truncated"], ["empty"])


def test_hostile_telegram_exports_are_rejects(tmp_path: Path) -> None:
    deep = "[" * 5000 + "]" * 5000
    path = tmp_path / "result.json"
    head = json.dumps(CHAT)[:-1]
    path.write_text(
        f'{head}, "messages": [{{"text": {deep}}}, 3, {{"type": "message", "text": 7}}, {json.dumps(message(4))}]}}'
    )
    documents, rejects = read_all(path)
    assert [x.source_id for x in documents] == ["4"]
    assert {x.reason for x in rejects} == {"too large", "not text"}


def test_a_corpus_with_messages_is_no_telegram_export() -> None:
    assert not telegram_export.is_export(b'{"name": "a", "type": "blog", "messages": [')
    assert sniff(b'{"type": "public_channel", "text": "messages"}', "a.json") != "telegram"


def test_a_factiva_snapshot_has_its_lead_and_its_time(tmp_path: Path) -> None:
    told = {"an": "ELL1", "title": "Vote", "snippet": "The lead.", "body": STORY, "byline": "By Mara Rook"}
    told |= {"source_code": "ELL", "source_name": "The Gazette", "language_code": "en"}
    told |= {"publication_date": 1772755200000, "publication_datetime": 1772784000000}
    documents, rejects = of(
        tmp_path, "s.json", told, {"an": "ELL2", "source_code": "ELL", "publication_date": 1, "action": "del"}
    )
    batch, _ = extract_batch(documents)
    (row,) = batch.to_pylist()
    assert row["text"] == f"The lead.\n\n{STORY}"
    assert (row["authors"], row["outlet_name"], row["published_precision"]) == (["Mara Rook"], "The Gazette", "second")
    assert str(row["published_at"]).startswith("2026-03-06 08:00:00")
    assert [x.reason for x in rejects] == ["not text"]
