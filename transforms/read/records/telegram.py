"""Messages of Telegram as its desktop program exports them, and as Telethon and Pyrogram write them.

A message is an article. Its text is what its parts are when they are put one behind another: a link or a bold word
ends no sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wirecopy.schemas.elements import Document
from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.fields.mapping import string

_GROUPS = ("personal_chat", "private_group", "private_supergroup", "public_group", "public_supergroup")
_TEXTS = ("text", "message", "text_entities", "caption")
_SIGNS = frozenset(("date_unixtime", "from_id", "text_entities", "actor_id"))
MARKS = _SIGNS | {"_"}
"""Names of which each message has one."""
_SIGNED = ("author", "post_author", "author_signature")


def is_message(value: Mapping[str, Any]) -> bool:
    """Say whether an object is a message of Telegram."""
    if value.get("_") in ("Message", "MessageService"):
        return "peer_id" in value or "to_id" in value or "chat" in value or "message" in value
    return value.get("type") in ("message", "service") and not _SIGNS.isdisjoint(value)


def chats(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the chats with messages that an object is, or that the export of an account holds."""
    held = [value]
    for name in ("chats", "left_chats"):
        listed = value.get(name)
        listed = listed.get("list") if isinstance(listed, Mapping) else None
        held += listed if isinstance(listed, list) else []
    for each in held:
        messages = each.get("messages") if isinstance(each, Mapping) else None
        if isinstance(messages, list) and any(isinstance(one, Mapping) and is_message(one) for one in messages[:50]):
            yield each


def document(
    message: Mapping[str, Any], unit_id: str, ordinal: int, doc_ref: str, about: Mapping[str, Any]
) -> Document:
    """Return a message's document, of form `record`.

    Args:
        message: the message.
        unit_id: the unit it stands in.
        ordinal: its number within the unit, from 0.
        doc_ref: where it stands.
        about: name, type and id of its chat, where the export gives them.

    Raises:
        Fault: `not text` where it tells of something done in the chat or has no text.
    """
    kind = string(message.get("type")) or ""
    if kind == "service" or message.get("_") == "MessageService":
        raise Fault("not text", f"a service message of Telegram: {string(message.get('action')) or 'of no action'}")
    text = next((found for name in _TEXTS if (found := _joined(message.get(name)))), None)
    if not text:
        raise Fault("not text", "a message of Telegram without a text")
    own, peer = message.get("chat"), message.get("peer_id") or message.get("to_id")
    own = own if isinstance(own, Mapping) else {}
    name, username = string(own.get("title")) or string(about.get("name")), string(own.get("username"))
    identity = string(about.get("id")) or string(own.get("id")) or _peer(peer) or string(message.get("from_id"))
    number = string(message.get("id"))
    sender = string(message.get("from"))
    if not about and not own and (string(message.get("from_id")) or "").startswith("channel"):
        name = sender
    signed = (
        string(message.get("author")) or string(message.get("post_author")) or string(message.get("author_signature"))
    )
    if not signed and sender != name and about.get("type") in _GROUPS:
        signed = sender
    edited = message.get("edited_unixtime") or message.get("edited") or message.get("edit_date")
    return Document(
        unit_id,
        ordinal,
        doc_ref,
        "record",
        text,
        source_id=number,
        namespace=f"telegram {identity.removeprefix('channel')}" if identity else None,
        url=f"https://t.me/{username}/{number}" if username and number else None,
        outlet_name=name,
        authors=(signed,) if signed else (),
        byline=signed,
        credit=string(message.get("forwarded_from")),
        published=string(message.get("date_unixtime")) or string(message.get("date")),
        modified=string(edited),
    )


def _joined(value: Any) -> str | None:
    """Return a text, or its parts one behind another as they stand; None where it is empty."""
    if isinstance(value, Mapping):
        value = value.get("text")
    if isinstance(value, list):
        parts = [part.get("text") if isinstance(part, Mapping) else part for part in value]
        value = "".join(part for part in parts if isinstance(part, str))
    return (string(value, strip=False) if value.strip() else None) if isinstance(value, str) else None


def _peer(peer: Any) -> str | None:
    if not isinstance(peer, Mapping):
        return None
    return next((found for name in ("channel_id", "chat_id", "user_id") if (found := string(peer.get(name)))), None)
