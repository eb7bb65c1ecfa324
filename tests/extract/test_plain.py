"""Plain text files: headline, deck and body, without what a site puts around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.extract.plain import read_plain

BODY = (
    "The committee said on Tuesday that it would publish its findings before the end of the month, after members asked "
    "for more time to study them.\n\n"
    "Two of its members had asked for the delay, and nobody objected, the chairwoman told reporters in the capital."
)
HEADLINE = "Committee to publish findings before end of month"


def test_a_plain_article_is_kept_whole():
    story = read_plain(f"{HEADLINE}\n\n{BODY}\n")
    assert (story.headline, story.text) == (HEADLINE, BODY)


def test_a_text_that_begins_with_its_lead_has_no_headline():
    story = read_plain(BODY)
    assert (story.headline, story.deck, story.text) == (None, None, BODY)


@pytest.mark.parametrize(
    "closing",
    [
        "Leave a Reply\n\nYour email address will not be published. Required fields are marked *",
        "Comments (3)\n\nNice.\nI do not agree with a word of this and want everybody to know it, said no one ever.",
        "Found a typo in the text? Select it and press ctrl + enter",
        "Нашли ошибку в тексте? Выделите её и нажмите Ctrl + Enter",
        "Share this:\nFacebook\nTwitter\nWhatsApp",
        "Facebook | Twitter | Telegram | E-mail | Print",
        "Subscribe to our Telegram channel",
        "Подписывайтесь на наш канал в Telegram",
        "Related articles\nMinister resigns over findings\nWho sits on the committee",
        "Read also: Minister resigns over findings",
        "Читайте также: Министр подал в отставку",
        "Lesen Sie auch: Ministerin tritt zurück",
        "Advertisement",
        "All rights reserved. © 2022",
    ],
)
def test_furniture_behind_the_text_is_dropped(closing):
    story = read_plain(f"{HEADLINE}\n\n{BODY}\n\n{closing}\n")
    assert (story.headline, story.text) == (HEADLINE, BODY)


def test_a_link_inside_the_text_takes_nothing_else_with_it():
    story = read_plain(
        f"{HEADLINE}\n\n{BODY}\n\nRead also: Minister resigns over findings\n\nWhat comes next\n\n{BODY} Then."
    )
    assert story.text == f"{BODY}\n\nWhat comes next\n\n{BODY} Then."


@pytest.mark.parametrize("opening", ["Newsfeed\nDay newsfeed", "Home\nWorld", "Главная\nПолитика", "Breaking News"])
def test_navigation_above_the_headline_is_dropped(opening):
    story = read_plain(f"{opening}\n\n{HEADLINE}\n\n{BODY}")
    assert (story.headline, story.text) == (HEADLINE, BODY)


@pytest.mark.parametrize(
    ("line", "raw", "section"),
    [
        ("February 03,2022 13:33", "February 03,2022 13:33", None),
        ("27 January, 16:40PoliticsPhoto: Соцсети", "27 January, 16:40", "Politics"),
        ("Published: 3 February 2022, 13:33", "3 February 2022, 13:33", None),
        ("3 февраля 2022, 13:33 | Политика", "3 февраля 2022, 13:33", "Политика"),
        ("Thursday, February 3, 2022", "Thursday, February 3, 2022", None),
        ("03.02.2022 13:33", "03.02.2022 13:33", None),
        ("2022年2月3日 13:33", "2022年2月3日 13:33", None),
    ],
)
def test_a_line_of_date_is_lifted_out_of_the_body(line, raw, section):
    story = read_plain(f"{HEADLINE}\n\n{line}\n\n{BODY}")
    assert (story.headline, story.text, story.section) == (HEADLINE, BODY, section)
    assert [stamp.raw for stamp in story.published] == [raw]


@pytest.mark.parametrize("headline", ["What happened on February 3, 2022", "February 14 protests: what we know so far"])
def test_a_headline_that_names_a_day_stays_a_headline(headline):
    story = read_plain(f"{headline}\n\n{BODY}")
    assert (story.headline, story.published) == (headline, [])


@pytest.mark.parametrize("line", ["Источник rbc.ru", "Source: Reuters", "Quelle: dpa", "Fuente: EFE", "来源：新华社"])
def test_a_line_that_names_the_source_becomes_a_credit(line):
    story = read_plain(f"{HEADLINE}\n\n{BODY}\n\n{line}")
    assert (story.text, story.credits) == (BODY, [line])


def test_a_line_that_only_begins_like_one_stays_text():
    line = "Sources close to the committee said that it had been divided from the start."
    assert read_plain(f"{HEADLINE}\n\n{BODY}\n\n{line}").text.endswith(line)


def test_a_byline_becomes_authors():
    story = read_plain(f"{HEADLINE}\nBy Jane Doe and John Q. Public\n\n{BODY}")
    assert (story.authors, story.byline) == (["Jane Doe", "John Q. Public"], "By Jane Doe and John Q. Public")


def test_repeated_headlines_are_dropped():
    story = read_plain(f"{HEADLINE}\n\n{HEADLINE}\n{HEADLINE.upper()}\n{BODY}")
    assert (story.headline, story.text) == (HEADLINE, BODY)


def test_a_standfirst_is_the_deck():
    deck = "Two members had asked for more time, and nobody objected to it"
    story = read_plain(f"{HEADLINE}\n{deck}\n{BODY}")
    assert (story.headline, story.deck, story.text) == (HEADLINE, deck, BODY)


@pytest.mark.parametrize(
    ("notice", "site"),
    [
        ("Media can quote materials of Aravot.am with hyperlink to the certain material quoted.", "aravot.am"),
        ("При использовании материалов гиперссылка на www.example.ru обязательна.", "example.ru"),
        ("© 2022 Example.com. All rights reserved.", "example.com"),
        ("Reproduction of example.com or example.org is prohibited.", None),
        ("Write to desk@example.com. All rights reserved.", None),
    ],
)
def test_a_reuse_notice_names_the_outlet(notice, site):
    story = read_plain(f"{HEADLINE}\n\n{BODY}\n\n{notice}")
    assert (story.outlet, story.text) == (site, BODY) if site else story.outlet is None


def test_a_text_of_furniture_alone_holds_no_article():
    assert read_plain("Leave a Reply\n\nShare this:\nFacebook\n").text == ""


@given(st.text(max_size=400))
def test_no_text_raises_and_none_is_invented(content):
    story = read_plain(content)
    kept = "".join(story.text.split())
    assert all(char in content for char in kept)
