"""Identity: one article, one id, and no two things share a name by accident."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from wirecopy.transforms.extract.identity import article_id, identity, text_hash


def test_the_strongest_name_decides():
    by_url = identity("https://example.com/a", "example.com", "7", "text")
    assert by_url == identity("https://example.com/a", "other.org", "8", "other text")
    by_source = identity(None, "example.com", "7", "text")
    assert by_source == identity(None, "example.com", "7", "other text")
    assert by_source != identity(None, "other.org", "7", "text")
    assert identity(None, None, "7", "text") == identity(None, None, "7", "text")
    assert identity(None, None, "7", "text") != identity(None, None, "7", "other text")
    assert identity(None, "", None, "text") != identity(None, "", None, "other text")


@given(st.text(min_size=1), st.text())
def test_a_name_of_one_kind_never_equals_one_of_another(name, other):
    assert len({identity(name, "", None, ""), identity(None, "", name, ""), identity(None, "", None, name)}) == 3
    assert identity(None, name + "x", other + "y", "") != identity(None, name, "x" + other + "y", "")


@given(st.text(), st.text())
def test_versions_of_an_article_differ_in_id_and_share_identity(before, after):
    who = identity("https://example.com/a", "", None, before)
    ids = {article_id(who, text_hash(before)), article_id(who, text_hash(after))}
    assert len(ids) == len({before, after})
    for each in ids:
        assert uuid.UUID(bytes=each).version == 8
        assert uuid.UUID(bytes=each).variant == uuid.RFC_4122
