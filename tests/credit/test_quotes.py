"""Direct speech: where it stands and who says it."""

from __future__ import annotations

import pytest

from wirecopy.transforms.credit.quotes.quotes import quotes, spans


def read(text: str, headline: str | None = None) -> list[tuple[str | None, str]]:
    return [(quote.speaker, quote.text) for quote in quotes(text, headline)]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('He said: "Go."', ["Go."]),
        ("He said: “Go.”", ["Go."]),
        ("Er sagte: „Geh.“", ["Geh."]),
        ("Il a dit : « Va. »", ["Va."]),
        ("Han sa: ”Gå.”", ["Gå."]),
        ("Er sagte: »Geh.«", ["Geh."]),
        ("“This person— President Putin»,— said an official.", ["This person— President Putin"]),
        ("Он сказал: «Читайте «Известия»», и ушёл.", ["Читайте «Известия»"]),
        ("Он сказал: «Читайте «Известия», и ушёл.", ["Читайте «Известия"]),
        ("“He called it ‘absurd’ twice,” she said.", ["He called it ‘absurd’ twice,"]),
        ("‘We don’t know,’ she said. ‘The workers’ rights matter.’", ["We don’t know,", "The workers’ rights matter."]),
        ("“One.\n“Two.\n“Three,” he said.", ["One.\n“Two.\n“Three,"]),
        ('A 5" pipe and a 6" one.', []),
        ("“Nothing closes this.\nNext paragraph.", []),
        ('""', []),
        ("他说：“走吧。”", ["走吧。"]),
    ],
)
def test_spans(text: str, quoted: list[str]) -> None:
    assert [text[span.begin : span.end] for span in spans(text)] == quoted


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("“We will go,” Ned Price said.", ["Ned Price"]),
        ("“We will go,” said Ned Price, a spokesman.", ["Ned Price"]),
        ("“We will go”, - US Secretary of State Antony Blinken said.", ["Antony Blinken"]),
        ("Ned Price, the spokesman, said: “We will go.”", ["Ned Price"]),
        ("Speaking in Geneva, Ned Price told reporters “we will go”.", ["Ned Price"]),
        ("Russian Foreign Minister Sergey Lavrov spoke. “Go,” Lavrov said.", ["Sergey Lavrov"]),
        ("Russian President Vladimir Putin asked Foreign Minister Sergey Lavrov. “Go,” he said.", ["Vladimir Putin"]),
        ("“We will go now,” Ned Price said. “We will not wait for them.”", ["Ned Price", "Ned Price"]),
        ("“We will go,” said an administration official.", ["an administration official"]),
        ("“We will go,” the US Department of State stressed.", ["US Department of State"]),
        ("“We will go,” a source familiar with the matter said.", ["a source familiar with the matter"]),
        ("According to Ned Price, this “would be right”.", ["Ned Price"]),
        ("“We will go,” said Dr. Louis Potters.", ["Louis Potters"]),
        ("It was described by Ned Price as “highly serious”.", ["Ned Price"]),
        ("„Das ist so“, sagte Bundeskanzlerin Angela Merkel.", ["Angela Merkel"]),
        ("« Nous irons », a déclaré le président Emmanuel Macron. « Oui », a-t-il ajouté.", ["Emmanuel Macron"] * 2),
        ("«Мы готовы», — сказал Сергей Лавров. По словам Лаврова, это «всё».", ["Сергей Лавров"] * 2),
        ('Safi Arpaguş, "Gidiyoruz." dedi.', ["Safi Arpaguş"]),
        ("« Nous irons », prévient le PDG, Pekka Lundmark.", ["Pekka Lundmark"]),
        ("“We will go,” says the former editor of the Standard, George Osborne.", ["George Osborne"]),
        ("Ned Price: “We will go.”", ["Ned Price"]),
        ("“Iremos”, dijo el presidente Gabriel Boric.", ["Gabriel Boric"]),
    ],
)
def test_speakers(text: str, speakers: list[str]) -> None:
    assert [speaker for speaker, _ in read(text)] == speakers


@pytest.mark.parametrize(
    "text",
    [
        "The so-called “fiscal cliff” looms over the markets.",
        "He read “War and Peace” in a week.",
        "The plan, dubbed “Operation Twist”, failed.",
        "The trader, known as the “London Whale”, left the bank, a source said.",
        'According to "Kommersant", the text will be available.',
    ],
)
def test_titles_and_irony_are_no_speech(text: str) -> None:
    assert read(text) == []


def test_german_nouns_are_no_part_of_a_name() -> None:
    text = "„Das ist neu“, erklärt der Klimaforscher Karsten Haustein. „Sehr neu“, so Haustein."
    assert [quote.speaker for quote in quotes(text, language="de")] == ["Karsten Haustein"] * 2


def test_the_headline_gives_a_full_name() -> None:
    assert read("“Go,” Lavrov said.", "Sergey Lavrov speaks in Geneva") == [("Sergey Lavrov", "Go,")]
