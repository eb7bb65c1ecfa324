"""A page that is not the entry's is told from one that is, in any script."""

import pytest

from wirecopy.transforms.fetch.page_check import contradicts
from wirecopy.transforms.read.feeds.feeds import Entry

TEXT = (
    "The harbour council voted on Tuesday to rebuild the northern breakwater after last winter's storms tore away "
    "forty metres of stone and flooded three streets of the old town."
)
WALL = (
    "<title>Before you continue</title><p>We and our partners keep cookies on your device, and use personal data for "
    "advertising that suits you. Click below to consent to all of it. You can withdraw it at any time.</p>"
)
CHINESE = "港口委员会星期二投票决定重建北部防波堤，此前冬季风暴冲走了四十米石料，并淹没了老城的三条街道。"


def entry(title, text):
    return Entry("1", "https://n.example.com/a", title, f"<p>{text}</p>")


@pytest.mark.parametrize(
    ("title", "text", "page", "found"),
    [
        ("Vote on the breakwater", TEXT, WALL, True),
        ("Vote on the breakwater", TEXT, f"<p>{TEXT}</p>", False),
        ("Vote on the breakwater", TEXT, "<title>Vote on the breakwater</title><script>load()</script>", False),
        ("Breakwater: it is decided", TEXT, "<p>A breakwater &mdash; it is decided, and so on.</p>", False),
        ("Vote", "Read more.", WALL, False),
        (None, TEXT, WALL, True),
        ("防波堤重建", CHINESE, "<title>请稍候</title><p>正在检查您的浏览器是否安全，请启用脚本。</p>", True),
        ("防波堤重建", CHINESE, f"<p>{CHINESE}</p>", False),
    ],
)
def test_a_page_with_neither_title_nor_text_is_another(title, text, page, found):
    assert contradicts(page.encode(), "utf-8", entry(title, text)) is found
