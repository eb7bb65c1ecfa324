"""What a text shows as somebody's words, and its standing notices."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.credit.notices.notices import may_hold, notices
from wirecopy.transforms.credit.quotes.quoted import quoted

ONE = "I have carried this office for nine years and two droughts."
TWO = "I leave it tonight because a dammed river begins to smell."
REPORT = "The prime minister stepped down on Friday evening after a dispute about pensions that had lasted all winter."
REST = (
    "Her deputy will lead the cabinet until a vote that the constitution requires within ninety days of a resignation."
)


def shown(text):
    return " ".join(text[begin:end] for begin, end in quoted(text))


@pytest.mark.parametrize(
    "quote",
    [
        f'"{ONE} {TWO}" Krasna said.',
        f"“{ONE} {TWO}”",
        f"„{ONE} {TWO}“, sagte Krasna.",
        f"»{ONE} {TWO}«",
        f"« {ONE}\n\n« {TWO} », a-t-elle dit.",
        f"« {ONE}\n\n» {TWO} »",
        f"«{ONE} {TWO}», — сказала Красна.",
        f"‘{ONE} {TWO}’",
        f"『{ONE} {TWO}』",
        f"``{ONE} {TWO}'' she said.",
        f'"{ONE}\n\n"{TWO}"',
        f"“{ONE}\n\n{TWO}”",
        f'"{ONE}" Krasna said. "{TWO}"',
        f"    {ONE}\n    {TWO}",
        f"> {ONE}\n> {TWO}",
        f"— {ONE} — сказала Красна. — {TWO}",
        f"—¿Por qué? —preguntó un reportero.\n—{ONE} {TWO} —respondió.",
        f"KRASNA: {ONE}\n\nREPORTER: Why now?\n\nKRASNA: {TWO}",
        f"{ONE} {TWO}\n\n— Adela Krasna (@akrasna) May 10, 2024",
        f"{ONE} {TWO} pic.twitter.com/abcd",
        f"She wrote on Facebook:\n\n{ONE} {TWO}",
    ],
)
def test_what_is_shown_as_said(quote):
    text = f"{REPORT}\n\n{quote}\n\n{REST}"
    said = shown(text)
    assert ONE.rstrip(".") in said and TWO.rstrip(".") in said
    assert REPORT not in said and REST not in said


@pytest.mark.parametrize(
    "line", ["The full statement:", "Der Wortlaut der Erklärung:", "El texto íntegro del comunicado", "声明全文："]
)
def test_a_line_announces_a_full_text(line):
    said = shown(f"{REPORT}\n\n{line}\n\n{ONE}\n\n{TWO}")
    assert ONE in said and TWO in said and REPORT not in said


@pytest.mark.parametrize(
    "text",
    [
        f"{REPORT}\n\n{REST}",
        f"{REPORT}\n\n— The office closed at noon\n— The trams ran empty\n— Two guards played cards\n\n{REST}",
        f"{REPORT}\n    {REST}\n    {REPORT}",
        f"{REPORT} It was 5'11\" long.\n\n{REST}",
    ],
)
def test_what_is_not(text):
    assert shown(text) == ""


LEGAL = {
    "en": "This text contains forward-looking statements. Readers should not place undue reliance on them.",
    "de": "Diese Mitteilung enthält zukunftsgerichtete Aussagen. Es besteht keine Verpflichtung, diese zu ändern.",
    "fr": "Ce texte contient des déclarations prospectives, soumises à des risques et incertitudes de tout ordre.",
    "es": "Este texto contiene declaraciones a futuro, sujetas a riesgos e incertidumbres de toda clase.",
    "ru": "Текст содержит заявления прогнозного характера; результаты могут существенно отличаться от ожиданий.",
    "ja": "本資料には将来の見通しに関する記述が含まれ、実際の業績は大きく異なる可能性があります。",
    "zh": "本文包含前瞻性陈述，存在风险和不确定因素。",
}


@pytest.mark.parametrize("language", LEGAL)
def test_notices_are_told_by_their_wording(language):
    text = f"{REPORT}\n\n{LEGAL[language]}"
    (span,) = notices(text)
    assert text[span[0] : span[1]] == LEGAL[language]
    assert may_hold(pa.array([REPORT, text, None, text.upper()])).tolist() == [False, True, False, True]


def test_what_a_company_says_of_itself_is_a_notice():
    about = "About Orchard Savings\nOrchard is a leading lender, founded in 1920. Learn more at www.orchard.example."
    text = f"{REPORT}\n\n{about}"
    assert [text[begin:end] for begin, end in notices(text)] == [about]


@pytest.mark.parametrize(
    "text", [REPORT, "About 40 employees in nine countries walked out. For more information, they said, ask the mayor."]
)
def test_a_report_holds_no_notice(text):
    assert notices(text) == []


@given(st.text(alphabet="Ab .:\"'“”„«»—>\n@(İ1", max_size=60))
def test_spans_lie_in_the_text_in_order_and_apart(text):
    for spans in (quoted(text), notices(text)):
        ends = [0, *(end for _, end in spans)]
        assert all(ends[n] <= begin < end <= len(text) for n, (begin, end) in enumerate(spans))
