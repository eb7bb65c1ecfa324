"""What WordPress (WXR) and Blogger export of a blog: its published posts, as readers see them.

Drafts, pages, attachments, menus, settings, comments and templates are `not text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import NamedTuple

from lxml import etree

from wirecopy.schemas.elements import Document, Reject, Unit
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import web_address
from wirecopy.transforms.read.io import separated
from wirecopy.transforms.read.io.opening import open_stream
from wirecopy.transforms.read.io.spans import Span
from wirecopy.transforms.read.io.streams import Stream
from wirecopy.transforms.read.wire import markup
from wirecopy.transforms.read.wire.markup import child, children, local

READER_VERSION = 1

_HEAD = 1 << 20
_BEGINS = re.compile(
    rb"<item>(?=\s*<(?:title|link|wp:))|<entry(?:\s[^<>]{0,400})?>(?=\s*<(?:id|title|blogger:|published))"
)
_WORDPRESS = b"wordpress.org/export/"
_BLOGGER = (b"schemas.google.com/blogger/2008/kind#", b"schemas.google.com/blogger/2018")
_KIND = "http://schemas.google.com/g/2005#kind"
_CONTROL = bytes({*range(32)} - set(b"\t\n\r"))
_NAMESPACES = "".join(
    f' xmlns:{prefix}="{prefix}"'
    for prefix in "app atom blogger content dc excerpt gd georss itunes media slash thr wfw wp".split()
).encode()
_WHOLE = re.compile(
    r"\[(caption|wp_caption|gallery|embed|audio|video|playlist|youtube|vimeo|tweet|instagram|contact-form-7"
    r"|contact-form|advanced_iframe|iframe|code|sourcecode)\b[^\]]{0,2000}\](?:(?:(?!\[\1\b).)*?\[/\1\])?",
    re.DOTALL | re.IGNORECASE,
)
_WITH_FIELDS = re.compile(
    r"\[[a-z][\w-]{1,60}(?:\s+[\w-]{1,60}=(?:\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^\s\]\"']{1,200}))+\s*/?\]", re.I
)
_PAIRS = 50
_CLOSING = re.compile(r"\[/([a-z][\w-]{1,60})\]", re.IGNORECASE)
_BETWEEN = re.compile(r"\r?\n[ \t]*\r?\n\s*")


class Blog(NamedTuple):
    """What an export says of its blog: address, title, language, and the names that people go by."""

    url: str | None
    title: str | None
    language: str | None
    names: Mapping[str, str]


def is_export(head: bytes) -> bool:
    """Say whether a feed begins as such an export."""
    return _WORDPRESS in head[:8192] or (b"blogger" in head and any(sign in head for sign in _BLOGGER))


def spans(stream: Stream) -> Iterator[Span]:
    """Cut an export into runs of posts."""
    return separated.spans(stream, _BEGINS)


def read(unit: Unit, stream: Stream) -> Iterator[Document | Reject]:
    """Yield the document of each post that begins in a unit, or a reject; see `separated.read`."""
    if unit.begin == 0:
        head = stream.head(_HEAD)
    else:
        path = unit.path.removesuffix("".join(f"!/{name}" for name in unit.inside))
        with closing(open_stream(path, unit.inside)) as start:
            head = start.head(_HEAD)
    blog = _blog(head)

    def document(data: bytes, ordinal: int, doc_ref: str) -> Document | None:
        found = _BEGINS.match(data)
        if not found:
            return None
        is_item = found[0] == b"<item>"
        end = data.rfind(b"</item>" if is_item else b"</entry>")
        if end < 0:
            raise Fault("truncated", "the export ends within a post")
        element = _parsed(data[: end + (7 if is_item else 8)])
        return (_wordpress if is_item else _blogger)(element, blog, unit.unit_id, ordinal, doc_ref)

    yield from separated.read(unit, stream, _BEGINS, document)


def _parsed(data: bytes) -> etree._Element:
    root = markup.parse(b"<export" + _NAMESPACES + b">" + data.translate(None, _CONTROL) + b"</export>")
    found: etree._Element = root[0]
    return found


def _blog(head: bytes) -> Blog:
    """Return what stands in front of the posts."""
    begin = _BEGINS.search(head)
    text = head[: begin.start() if begin else len(head)].decode("utf-8", "replace")
    names = {}
    for author in re.findall(r"<wp:author>(.*?)</wp:author>", text, re.DOTALL):
        login, shown = _value(author, "wp:author_login"), _value(author, "wp:author_display_name")
        if login and shown:
            names[login] = shown
    link = re.search(r"<link\b[^<>]*rel=[\"']alternate[\"'][^<>]*href=[\"']([^\"']+)", text)
    return Blog(
        web_address(_value(text, "wp:base_blog_url") or _value(text, "link") or (link[1] if link else None)),
        _value(text, "title"),
        _value(text, "language"),
        names,
    )


def _value(text: str, name: str) -> str | None:
    found = re.search(rf"<{name}(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))\s*</{name}>", text, re.DOTALL)
    return _plain(found[1] or found[2]) if found else None


def _plain(text: str | None) -> str | None:
    """Return a title or name, which may hold markup and entities, on one line."""
    told = markup.fragment(text) if text and ("&" in text or "<" in text) else text
    return " ".join(told.split()) or None if told else None


def _said(element: etree._Element, namespace: str, name: str) -> str | None:
    """Return the text of a child of one namespace."""
    found = element.find(f"{{{namespace}}}{name}" if namespace else name)
    return (found.text or "").strip() or None if found is not None else None


def _wordpress(item: etree._Element, blog: Blog, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    kind, state = _said(item, "wp", "post_type") or "post", _said(item, "wp", "status") or "publish"
    if kind != "post" and (kind in _NO_POSTS or kind.startswith(("wp_", "acf", "elementor", "_"))):
        raise Fault("not text", f"a WordPress item of type {kind}")
    if state != "publish":
        raise Fault("not text", f"a WordPress post that is not published: {state}")
    if _said(item, "wp", "post_password"):
        raise Fault("not text", "a WordPress post behind a password")
    text = shown(_said(item, "content", "encoded") or _said(item, "", "description") or "")
    if not text:
        raise Fault("no text", f"a WordPress post without a text: {(_said(item, '', 'title') or 'no title')[:200]}")
    writers = [
        blog.names.get(login, login) for each in children(item, "creator") if (login := (each.text or "").strip())
    ]
    labels = [
        told
        for each in children(item, "category")
        if each.get("domain") in ("category", "post_tag", "tag", None)
        and each.get("nicename") != "uncategorized"
        and (told := _plain(each.text))
    ]
    sent = _utc(_said(item, "wp", "post_date_gmt"))
    excerpt = _said(item, "excerpt", "encoded")
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=_said(item, "", "guid"),
        namespace=blog.url,
        url=web_address(_said(item, "", "link")),
        outlet=blog.url,
        outlet_name=blog.title,
        headline=_plain(_said(item, "", "title")),
        deck=shown(excerpt) if excerpt else None,
        authors=tuple(writers),
        language=blog.language,
        keywords=tuple(dict.fromkeys(labels)),
        published=sent or _said(item, "", "pubDate") or _said(item, "wp", "post_date"),
        modified=_utc(_said(item, "wp", "post_modified_gmt")),
    )


_NO_POSTS = frozenset(
    "attachment page nav_menu_item custom_css customize_changeset revision oembed_cache user_request feedback safecss"
    " wpcf7_contact_form mc4wp-form tablepress_table shop_order product_variation forum topic reply ml-slider"
    " amp_validated_url jp_img_sitemap scheduled-action".split()
)


def _utc(moment: str | None) -> str | None:
    return f"{moment}Z" if moment and not moment.startswith("0000") else None


def shown(content: str) -> str | None:
    """Return the text that WordPress shows of a post: blank lines part paragraphs, shortcodes and what is in them go.

    Words in square brackets that are no shortcodes, such as `[sic]`, stay.
    """
    text = _WITH_FIELDS.sub("", _WHOLE.sub("", content))
    for name in sorted({found.lower() for found in _CLOSING.findall(text)})[:_PAIRS]:
        text = re.sub(rf"\[/?{re.escape(name)}\b[^\]\n]{{0,2000}}\]", "", text, flags=re.IGNORECASE)
    return markup.fragment(_BETWEEN.sub("<p>", text))


def _blogger(entry: etree._Element, blog: Blog, unit_id: str, ordinal: int, doc_ref: str) -> Document:
    categories = list(children(entry, "category"))
    kinds = [each.get("term") or "" for each in categories if each.get("scheme") == _KIND]
    kind = (kinds[0].rpartition("#")[2] if kinds else _said(entry, "blogger", "type") or "post").lower()
    if kind != "post":
        raise Fault("not text", f"a Blogger entry of kind {kind}")
    draft = any((each.text or "").strip() == "yes" for each in entry.iterdescendants() if local(each) == "draft")
    state = _said(entry, "blogger", "status") or "LIVE"
    if draft or state != "LIVE":
        raise Fault("not text", f"a Blogger post that is not published: {'draft' if draft else state.lower()}")
    content = child(entry, "content")
    text = markup.fragment(content.text or "") if content is not None else None
    if not text:
        raise Fault("no text", f"a Blogger post without a text: {(_said(entry, '', 'title') or 'no title')[:200]}")
    links = [each.get("href") for each in children(entry, "link") if each.get("rel") == "alternate"]
    path = _said(entry, "blogger", "filename")
    writers = [told for each in children(entry, "author") if (told := _plain(_said(each, "", "name")))]
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=_said(entry, "", "id"),
        namespace="",
        url=next((web_address(link) for link in links), None)
        or (f"{blog.url.rstrip('/')}{path}" if blog.url and path else None),
        outlet=blog.url,
        outlet_name=blog.title,
        headline=_plain(_said(entry, "", "title")),
        authors=tuple(writers),
        keywords=tuple(dict.fromkeys(term for each in categories if each.get("scheme") != _KIND
                                     and (term := (each.get("term") or "").strip()))),
        published=_said(entry, "", "published") or _said(entry, "blogger", "created"),
        modified=_said(entry, "", "updated"),
    )  # fmt: skip
