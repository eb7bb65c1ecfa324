"""A week of made news to try things on: `python examples/make_news.py news.jsonl`.

Sixty stories of three agencies and eight outlets, with what happens to wire copy: it is reprinted with and without
credit, shortened, built into longer reports, passed on by a second outlet, and corrected. The outlets are made up; the
same file comes out each time.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

AGENCIES = {"Reuters": "reuters.com", "AP": "apnews.com", "AFP": "afp.com"}
OUTLETS = [f"{name}.example" for name in "harbourpost northgazette dailyledger cityherald riverecho".split()]
OWN_DESK = ["capitalreview.example", "coastnews.example"]
PLACES = "Lisbon Oslo Nairobi Manila Quito Tbilisi Dhaka Accra Riga Hanoi Tunis Lima Perth Leeds Turin Malmo".split()
FIRST_NAMES = "Ana Bo Carla David Esi Farid Greta Hugo Ines Jonas Karin Leo Mara Nils Olga Pavel Rosa Samir".split()
LAST_NAMES = (
    "Almeida Berg Castro Doyle Eriksen Farouk Grant Hale Ibsen Jansen Kovacs Lund Moreau Novak Okafor Petit".split()
)
SUBJECTS = [
    ("port", "dockers", "container terminal", "freight rates", "shipping lines"),
    ("budget", "lawmakers", "spending bill", "deficit", "finance ministry"),
    ("flood", "rescue crews", "river embankment", "water level", "meteorological office"),
    ("vote", "election officials", "recount", "turnout", "constitutional court"),
    ("rail", "engineers", "signalling system", "ticket prices", "transport authority"),
    ("harvest", "farmers", "irrigation scheme", "grain price", "growers' union"),
    ("clinic", "nurses", "vaccination campaign", "waiting list", "health service"),
    ("power", "grid operators", "transmission line", "electricity price", "energy regulator"),
    ("school", "teachers", "curriculum reform", "class size", "education board"),
    ("mine", "miners", "copper pit", "ore price", "labour inspectorate"),
]
VERBS = "halted resumed postponed extended suspended reopened scaled-back approved rejected reviewed".split()
REASONS = [
    "after talks that lasted through the night",
    "citing a shortage of spare parts",
    "because a court order left no other choice",
    "in spite of warnings from abroad",
    "following weeks of quiet preparation",
    "as costs rose faster than anyone had planned",
    "once auditors had signed the last page",
    "before most commuters were awake",
    "under pressure from three neighbouring districts",
    "with the backing of a narrow majority",
]
JUDGEMENTS = [
    "a gamble that few would have taken a year ago",
    "the only honest way out of a long quarrel",
    "too little for families who had waited since spring",
    "a lesson in patience for everybody at the table",
    "proof that numbers alone settle nothing",
    "the beginning of a conversation rather than its end",
    "an expensive answer to a question nobody had asked",
    "something that should have been done in January",
    "good news for towns along the coast",
    "a decision that historians will argue about",
]
FILLERS = (
    "quiet sharp broken early narrow distant heavy patient costly sudden lasting public private northern southern old"
    " second third final open partial joint interim local regional"
).split()
THINGS = (
    "agreement warning delay report survey letter contract forecast inspection protest visit vote ruling plan offer"
    " compromise shortage repair payment timetable deadline promise audit appeal meeting"
).split()


def person_of(rng: random.Random) -> str:
    """Return a name."""
    return f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"


def sentences(rng: random.Random, place: str, person: str, subject: tuple[str, ...]) -> Iterator[str]:
    """Yield sentences on a subject, without end; each is drawn anew, so two stories share none."""
    _, group, thing, measure, body = subject

    def odd() -> str:
        return f"{rng.choice(FILLERS)} {rng.choice(THINGS)}"

    while True:
        number, share, day = rng.randint(12, 9_800), rng.randint(2, 94), rng.randint(1, 28)
        yield rng.choice(
            [
                f"{group.title()} in {place} {rng.choice(VERBS)} the {odd()} {rng.choice(REASONS)}, {person} said.",
                f"The {measure} moved by {share} percent to {number:,}, and the {odd()} with it, the {body} noted.",
                f"“It is {rng.choice(JUDGEMENTS)},” {person} told reporters beside the {rng.choice(FILLERS)} {thing}.",
                f"A {odd()} of {number:,} pages calls the {odd()} {rng.choice(JUDGEMENTS)}.",
                f"By the {day}th the {body} wants {number:,} signatures for its {odd()}, {rng.choice(REASONS)}.",
                f"Of {number:,} {group}, {share} percent answered the {odd()}; the others waited for a {odd()}.",
                f"What the {odd()} costs {place} is unknown, though one {odd()} speaks of {number:,} a week.",
                f"Nobody at the {thing} expected the {odd()} to end {rng.choice(REASONS)}.",
            ]
        )


def paragraphs(rng: random.Random, n: int, place: str, person: str, subject: tuple[str, ...]) -> list[str]:
    """Return n paragraphs of three sentences each."""
    said = sentences(rng, place, person, subject)
    return [" ".join(next(said) for _ in range(3)) for _ in range(n)]


def week(seed: int = 1) -> Iterator[dict[str, str]]:
    """Yield the articles, in the fields that `wirecopy ingest` knows."""
    rng = random.Random(seed)
    monday = datetime(2024, 3, 4, 5, tzinfo=UTC)
    number = 0

    def article(outlet: str, headline: str, body: list[str], at: datetime, **more: str) -> dict[str, str]:
        nonlocal number
        number += 1
        url = more.pop("url", f"https://{outlet}/{at:%Y/%m/%d}/{number}")
        text = "\n\n".join(body)
        return {"url": url, "headline": headline, "text": text, "published": at.isoformat(), **more}

    for story in range(60):
        subject = SUBJECTS[story % len(SUBJECTS)]
        agency, place, person = rng.choice(list(AGENCIES)), rng.choice(PLACES), person_of(rng)
        at = monday + timedelta(minutes=rng.randint(0, 7 * 24 * 60))
        body = paragraphs(rng, rng.randint(4, 8), place, person, subject)
        headline = f"{subject[1].capitalize()} in {place} face {rng.choice(FILLERS)} {rng.choice(THINGS)}"
        credited = [f"{place.upper()} ({agency}) - {body[0]}", *body[1:]]
        yield article(AGENCIES[agency], headline, credited, at)
        for outlet in rng.sample(OUTLETS, rng.randint(0, 5)):
            later = at + timedelta(minutes=rng.randint(4, 900))
            how = rng.random()
            if how < 0.5:
                yield article(outlet, headline, credited[: rng.randint(3, len(body))], later)
            elif how < 0.75:
                yield article(outlet, f"{place}: what is known so far", body, later)
            else:
                own = paragraphs(rng, 4, place, person_of(rng), subject)
                yield article(
                    outlet, f"What {place} makes of the {subject[0]}", [*own[:2], *body[1:3], *own[2:]], later
                )
        if story % 6 == 0:
            own = paragraphs(rng, 6, place, person, rng.choice(SUBJECTS))
            desk = rng.choice(OWN_DESK)
            first = article(desk, f"{place} seen from its {rng.choice(THINGS)} desk", own, at + timedelta(hours=3))
            yield first
            mended = [own[0].replace(person, person_of(rng)), *own[1:], f"This report was corrected in {place}."]
            yield article(desk, first["headline"], mended, at + timedelta(hours=9), url=first["url"])
            yield article(rng.choice(OUTLETS), first["headline"], own[:4], at + timedelta(hours=12))


if __name__ == "__main__":
    with Path(sys.argv[1]).open("w", encoding="utf-8") as out:
        for row in week():
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
