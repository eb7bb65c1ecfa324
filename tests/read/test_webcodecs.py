"""Encodings mean what they mean on the web."""

from __future__ import annotations

import codecs

import pytest

from wirecopy.transforms.read.feeds import feeds
from wirecopy.transforms.read.io import charset
from wirecopy.transforms.read.io.webcodecs import codec, decode, labels
from wirecopy.transforms.read.web import html


def test_every_label_is_of_a_codec_that_there_is() -> None:
    assert len(labels()) >= 220
    for name in set(labels().values()):
        codecs.lookup(name)


@pytest.mark.parametrize(
    ("label", "data", "text"),
    [
        ("big5", "嘅咗嚟唔啲".encode("big5hkscs"), "嘅咗嚟唔啲"),
        ("Big5", b"\xa3\xe1\xa1\x45\xf9\xd6", "€‧碁"),
        ("iso-8859-9", b"\x80\x91\x92\x96\xfd\xfe\xf0", "€‘’–ışğ"),
        ("latin5", b"\xfd", "ı"),
        ("iso-8859-1", b"\x93\x94\x80", "“”€"),
        ("iso8859_1", b"\x93\x94\x80", "“”€"),
        ("gb2312", b"\x80\xe9F", "€镕"),
        ("tis-620", b"\xa1\x93", "ก“"),
        ("iso-8859-11", b"\xa1\x93", "ก“"),
        ("euc-kr", b"\x94\xee", "뷁"),
        ("euc-jp", b"\xad\xa1\xa1\xc1", "①～"),
        ("iso-2022-jp", b"\x1b$B-!F|\x1b(Bok", "①日ok"),
        ("x-sjis", b"\x87\x40", "①"),
        ("macintosh", b"\xd2", "“"),
        ("koi8-ru", b"\xa4", "є"),
    ],
)
def test_a_label_means_what_it_means_to_a_browser(label: str, data: bytes, text: str) -> None:
    assert decode(data, codec(label) or "") == text


WESTERN = (
    "Le conseil a décidé mardi de fermer jusqu'à l'automne le musée, où l'eau est entrée ; «Ça suffit», a-t-on dit."
)
POLISH = "Rada miasta zdecydowała zamknąć do jesieni muzeum nad fosą, ponieważ w piwnicy stoi woda i jest źle."
LATVIAN = "Dome nolēma slēgt muzeju; ņemot vērā, ka krājums ir briesmās, to pārvietos šķūnī, kur būs drošāk un ķērāk."


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (WESTERN, "cp1252"),
        (WESTERN, "cp850"),
        (WESTERN, "mac_roman"),
        ("El martes decidió cerrar el museo hasta el otoño; ¿por qué ya no? Según él, nadie lo notó.", "cp1252"),
        ("A câmara decidiu fechar até ao outono o museu, porque a coleção corre perigo; não há solução.", "cp1252"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859_2"),
        ("Městská rada rozhodla, že muzeum zůstane zavřené; ve sklepě stojí voda, práce začnou příště.", "cp1250"),
        (LATVIAN, "cp1257"),
        ("Belediye meclisi salı günü müzeyi kapatmaya karar verdi; başkan süreceğini söyledi.", "cp1254"),
        ("Городской совет решил во вторник закрыть до осени музей на рву, потому что в подвале стоит вода.", "cp1251"),
    ],
)  # fmt: skip
def test_text_that_declares_nothing_is_told_by_its_letters(text: str, codec: str) -> None:
    assert charset.decode(text.encode(codec)) == text


def test_what_is_no_encoding_of_text_is_none() -> None:
    assert [codec(label) for label in ("punycode", "utf-16", "hex", "x-unknown", "")] == [None] * 5


def test_a_page_of_hong_kong() -> None:
    page = '<meta charset="big5"><p>' + "佢哋嘅船喺港口，唔知幾時開。" * 3
    assert html.decode(page.encode("big5hkscs")) == page


def test_bytes_that_no_codec_knows_are_still_a_fault() -> None:
    with pytest.raises(charset.Fault, match=r"encoding|big5"):
        charset.decode(b"\xff\xff" * 40, "big5")


@pytest.mark.parametrize(
    ("label", "title", "text"),
    [
        ("windows-1251", "Музей закрывают", "Городской совет решил закрыть музей."),
        ("ISO-8859-2", "Żółte muzeum", "Rada zdecydowała zamknąć muzeum, bo jest źle."),
    ],
)
def test_a_feed_in_another_encoding_with_utf_8_inside(label: str, title: str, text: str) -> None:
    feed = f'<?xml version="1.0" encoding="{label}"?><rss version="2.0"><channel><title>J</title><item><title>'.encode()
    feed += title.encode(label) + b"</title><description>" + text.encode() + b"</description></item></channel></rss>"
    found = feeds.parse(feed).entries[0]
    assert (found.title, found.markup) == (title, text)


def test_what_is_declared_utf_8_and_has_none_of_it_is_told_by_its_letters() -> None:
    assert charset.decode("Évènement à Saint-Lô, où l'été est né".encode("cp1252"), "utf-8").startswith("Évènement à")
    with pytest.raises(charset.Fault):
        charset.decode("Évènement à Saint-Lô: «été»".encode() + b" \xe9 fin", "utf-8")


@pytest.mark.parametrize("wire", ["L’été — 5 € « la préfète »", "Die Bürgermeisterin: „Nein“ – 4 €"])
def test_a_feed_in_latin_1_with_utf_8_inside(wire: str) -> None:
    title = "Évènement n°1 à Saint-Lô"
    feed = (
        b'<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0"><channel><title>J</title><link>https://j.fr/</link>'
        b"<item><title>" + title.encode("latin-1") + b"</title><link>https://j.fr/1</link><description>"
        b"<![CDATA[<p>" + wire.encode() + b"</p>]]></description></item></channel></rss>"
    )
    found = feeds.parse(feed).entries[0]
    assert (found.title, found.markup) == (title, f"<p>{wire}</p>")
    broken = feed.replace(b"</channel>", b"&nbsp;</chanel>")
    assert feeds.parse(broken).entries[0].title == title
