from __future__ import annotations

import pytest
from lakes import ingest, query, write_jsonl

SPEECH = (
    "I have carried this office for nine years, through two droughts and one very long winter, and I have "
    "tried each morning to remember the widow in Brodice who told me that a government should be like a good "
    "ferryman, on time, sober and silent about the weather. I leave it tonight because a river that is dammed "
    "for too long begins to smell."
)
HARBOUR = (
    "This press release contains forward-looking statements within the meaning of the securities laws. These "
    "statements involve known and unknown risks that may cause actual results to differ materially from those "
    "expressed or implied. Readers are cautioned not to place undue reliance on them, and the company "
    "undertakes no obligation to update any of them, whether as a result of new information, future events or "
    "otherwise, except as required by law."
)
OBITUARY = (
    "{0} {1}, of {2}, passed away peacefully on {3} at home surrounded by family. Born in {2}, {0} worked for "
    "many years at {4} and was a beloved member of the community. A funeral service will be held on {5} at "
    "{6}, with visitation one hour prior to the service. Burial will follow at the church cemetery. In lieu of"
    " flowers, memorial contributions may be made to {7}. Arrangements have been entrusted to the Whitfield "
    "and Sons Funeral Home, and condolences may be shared with the family there."
)
OWN = (
    "Residents of the old harbour quarter woke to an unusual silence, with gulls louder than forklifts for the"
    " first time in years, and the tram ran empty to its terminus beside the customs house where two guards "
    "played cards.",
    "Aides wept in the corridor. Across the square a wedding party, unaware, danced to a brass band until the "
    "police asked them for the name of the groom, and captains planned a football match on the hatch covers "
    "instead.",
    "The lender bought a data centre near the capital that a neighbouring brewery will heat in part, an "
    "arrangement which its chief executive called unusual but sound, and sixty engineers will move there in "
    "the spring.",
    "A trial of an inhaled medicine met its main goal in six hundred adults, cutting the number of coughs an "
    "hour by a third against placebo, and its maker wants to ask for approval before the leaves fall.",
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """Two reports of one speech, two releases with one safe-harbour paragraph, two obituaries, and a copy."""
    texts = [
        f'{OWN[0]}\n\n"{SPEECH}" she said.',
        f"{OWN[1]}\n\n“{SPEECH[:150]}”, she said. “{SPEECH[150:]}”",
        f"{OWN[2]}\n\n{HARBOUR}",
        f"{OWN[3]}\n\n{HARBOUR}",
        OBITUARY.format("Martha", "Quill", "Elm Crossing", "Monday", "the dairy", "Friday", "Grace Church", "Caritas"),
        OBITUARY.format("George", "Ferris", "Millford", "Sunday", "Weston Motors", "Tuesday", "Saint Blaise", "Oxfam"),
        f"{OWN[0]}\n\n{OWN[1]}",
        f"{OWN[0]}\n\n{OWN[1]}",
    ]
    made = [
        {"id": str(n), "url": f"https://paper{n}.com/{n}", "text": text, "published": f"2024-05-{10 + n}T10:00:00Z"}
        for n, text in enumerate(texts)
    ]
    folder = tmp_path_factory.mktemp("nobody")
    ingest(folder / "lake", write_jsonl(folder / "made.jsonl", made))
    return folder / "lake"


def test_a_view_says_what_is_nobodys_and_why(lake):
    told = query(lake, "SELECT why, n_articles, n_outlets, outlet FROM nobodys_passages ORDER BY why")
    assert told == [("form", 2, 2, "paper4.com"), ("notice", 2, 2, "paper2.com"), ("quote", 2, 2, "paper0.com")]


def test_the_views_of_copies_leave_it_out(lake):
    copies = {tuple(row) for row in query(lake, "SELECT source_outlet, outlet FROM outlet_network")}
    assert ("paper6.com", "paper7.com") in copies
    assert not copies & {(f"paper{n}.com", f"paper{n + 1}.com") for n in (0, 2, 4)}
    ones = query(lake, "SELECT outlet FROM outlets WHERE original = 1 ORDER BY outlet")
    assert {f"paper{n}.com" for n in (2, 3, 4, 5)} <= {outlet for (outlet,) in ones}


def test_the_pairs_tell_it_to_who_asks(lake):
    rows = query(
        lake,
        "SELECT relation, dst_coverage > 0.3, dst_taken FROM plain_pairs "
        "JOIN articles AS dst ON dst_article_id = article_id WHERE dst.source_id IN ('1', '3', '5') AND dst_taken = 0 "
        "ORDER BY dst.source_id",
    )
    assert rows == [("reuse", True, 0), ("stock", True, 0), ("stock", True, 0)]
