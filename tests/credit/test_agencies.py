"""The data of agencies and outlets, and finding their names."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from importlib.resources import files

import pytest

from wirecopy.transforms.credit.agencies import by_alias, by_domain, fold, mentions

DATA = tomllib.loads(files("wirecopy.transforms.credit").joinpath("agencies.toml").read_text("utf-8"))
ROWS = [*DATA["agencies"], *DATA["outlets"]]
DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")


def spellings(row: dict) -> list[str]:
    return [*row["aliases"], *row.get("codes", ()), *row.get("framed", ())]


def test_there_are_agencies_of_the_world() -> None:
    assert len(DATA["agencies"]) >= 150
    assert len({row["country"] for row in DATA["agencies"]}) >= 80


def test_no_name_is_claimed_twice() -> None:
    claims = Counter(name for row in ROWS for name in {fold(words) for words in [row["name"], *spellings(row)]})
    assert [name for name, times in claims.items() if times > 1] == []


def test_no_domain_is_claimed_twice_and_all_are_well_formed() -> None:
    domains = Counter(domain for row in ROWS for domain in row["domains"])
    assert [domain for domain, times in domains.items() if times > 1] == []
    assert [domain for domain in domains if not DOMAIN.fullmatch(domain) or domain != domain.lower()] == []


def test_rows_are_well_formed() -> None:
    for row in ROWS:
        assert row["name"].strip() == row["name"]
        assert re.fullmatch(r"[A-Z]{2}", row["country"]), row["name"]
        assert all(re.fullmatch(r"[a-z]{2}", language) for language in row["languages"]), row["name"]
        assert spellings(row) or row["domains"], row["name"]
        assert all(words == unicodedata.normalize("NFC", words).strip() for words in spellings(row)), row["name"]


def test_names_stand_in_many_scripts() -> None:
    scripts = {unicodedata.name(words[0]).split()[0] for row in ROWS for words in spellings(row) if words[0].isalpha()}
    assert scripts >= {"LATIN", "CYRILLIC", "ARABIC", "CJK", "HANGUL", "KATAKANA", "GREEK", "HEBREW", "DEVANAGARI"}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("TASS", "TASS"),
        ("ИТАР-ТАСС", "TASS"),
        ("the associated press", "AP"),
        ("«Коммерсантъ»", "Kommersant"),
        ("  Agence\nFrance-Presse ", "AFP"),
        ("新华社", "Xinhua"),
        ("Sergey Lavrov", None),
        ("", None),
    ],
)
def test_by_alias(words: str, name: str | None) -> None:
    holder = by_alias(words)
    assert (holder and holder.name) == name


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("reuters.com", "Reuters"),
        ("www.reuters.com", "Reuters"),
        ("RBC.RU", "RBC"),
        ("notreuters.com", None),
        ("com", None),
    ],
)
def test_by_domain(domain: str, name: str | None) -> None:
    holder = by_domain(domain)
    assert (holder and holder.name) == name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Reuters", ["Reuters"]),
        ("REUTERS", ["Reuters"]),
        ("reuters", []),
        ("a CAPITAL idea", []),
        ("Thomson Reuters said", []),
        ("AP examined it", ["AP"]),
        ("Газета «Коммерсантъ», «Интерфаксу» и ТАССу", ["Kommersant", "Interfax"]),
        ("据新华社报道", ["Xinhua"]),
        ("연합뉴스에 따르면", ["Yonhap"]),
        ("قال لرويترز", ["Reuters"]),
    ],
)
def test_mentions(text: str, names: list[str]) -> None:
    found = mentions(text)
    assert [name.holder.name for name in found] == names
