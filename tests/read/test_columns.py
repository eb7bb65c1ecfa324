"""Columns are known by the words of their names."""

from __future__ import annotations

import pytest

from wirecopy.transforms.read.fields.columns import fields
from wirecopy.transforms.read.fields.mapping import document, told

STORY = "The council of Port Ellery voted on Tuesday to rebuild the northern breakwater."

SAID = {
    "published": "published_on posted_on PublishedOn date_posted pub_datetime article_date releaseDate"
    " fecha_publicacion"
    " veröffentlicht_am 发布时间 公開日 Дата",
    "authors": "author_name authorNames reporter_name written_by Autor 作者 Автор",
    "url": "link_url story_link articleHref permalink_url Enlace 链接",
    "headline": "headline_text article_heading Titre Überschrift 标题 제목",
    "text": "clean_text story_body article_full_text Cuerpo 正文 본문",
    "modified": "updated_on last_edited modification_time",
    "seen": "scraped_on crawl_timestamp ingestion_datetime",
    "language": "article_language lang_code Idioma",
    "keywords": "tag_list keyword_names Schlagworte",
}


@pytest.mark.parametrize(("field", "name"), [(field, name) for field, names in SAID.items() for name in names.split()])
def test_a_name_says_what_it_is(field: str, name: str) -> None:
    assert field in list(fields(name))


@pytest.mark.parametrize(
    "name",
    "image_url author_id author_email content_type title_length text_hash comment_count share_url_count video_link"
    " event_date birth_date expiry_date author_bio site_rank sentiment publisher_country".split(),
)
def test_a_name_with_another_word_says_nothing(name: str) -> None:
    assert list(fields(name)) == []


def test_a_time_is_better_than_a_day_and_an_event_than_a_mere_date() -> None:
    record = {"text": STORY, "publication_date": "2026-03-06", "publication_datetime": "2026-03-06T08:00:00Z"}
    assert document(record, "u", 0, "r").published == "2026-03-06T08:00:00Z"
    record = {"text": STORY, "date": "2020-01-01", "published_on": "2026-03-06"}
    assert document(record, "u", 0, "r").published == "2026-03-06"


def test_a_number_in_a_column_of_days_is_a_day() -> None:
    assert document({"text": STORY, "publication_date": 1772755200000}, "u", 0, "r").published == "2026-03-06"
    assert document({"text": STORY, "timestamp": 1772755200, "title": "T"}, "u", 0, "r").published == "1772755200"


def test_a_user_names_a_column_a_constant_or_a_part() -> None:
    own = told({"headline": "kop", "outlet": "'ellerygazette.com'", "published": r"nr~_(\d{8})_", "section": "'Port'"})
    found = document({"text": STORY, "kop": "Vote", "nr": "EG_20260306_17", "section": "Sport"}, "u", 0, "r", own)
    assert (found.headline, found.outlet, found.published, found.section) == (
        "Vote",
        "ellerygazette.com",
        "20260306",
        "Port",
    )


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no regular expression"):
        told({"published": r"nr~(\d{8}"})


@pytest.mark.parametrize(
    ("record", "published", "url"),
    [
        ({"data": "2026-03-06", "titolo": "Voto"}, "2026-03-06", None),
        ({"data": "Some words that are no day", "title": "Vote"}, None, None),
        ({"data": {"a": 1}, "title": "Vote"}, None, None),
        ({"data_publicacao": "06/03/2026", "url_noticia": "https://a.com.br/1"}, "06/03/2026", "https://a.com.br/1"),
        ({"source": "https://a.com/news/1", "source-hostname": "A"}, None, "https://a.com/news/1"),
        ({"source": "https://www.a.com/", "title": "Vote"}, None, None),
    ],
)
def test_a_column_whose_name_means_several_things_is_told_by_its_values(
    record: dict[str, object], published: str | None, url: str | None
) -> None:
    found = document({"text": "The council voted on Tuesday."} | record, "unit", 0, "ref")
    assert (found.published, found.url) == (published, url)
