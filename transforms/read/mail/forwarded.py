"""Mails that others passed on or printed: the fields that mail programs write above them, in many languages."""

from __future__ import annotations

import re
from typing import NamedTuple

from wirecopy.transforms.read.faults import Fault
from wirecopy.transforms.read.io import charset

_FIELDS = {
    label: field
    for field, labels in {
        "From": "from|von|de|da|van|från|fra|lähettäjä|od|от|kimden|差出人|发件人|寄件者|보낸 사람",
        "Date": "date|sent|gesendet|datum|envoyé|enviado|enviado el|fecha|data|inviato|verzonden|skickat|sendt|dato"
        "|wysłano|дата|отправлено|tarih|日付|送信日時|发送时间|日期|날짜|보낸 날짜",
        "To": "to|an|à|para|a|aan|till|til|do|кому|kime|宛先|收件人|받는 사람",
        "Cc": "cc|kopie|copie|копия",
        "Subject": "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|тема|konu|件名|主题"
        "|主旨|제목",
    }.items()
    for label in labels.split("|")
}
_LINE = re.compile(r"[>* \t]*\*?([^\W\d_][^\W\d_]{0,12}(?: [^\W\d_]{2,8})?)\s?[:：]\*?[ \t]*(.*)")
_RULE = re.compile(
    r"^[> \t]*(?:-{2,}[ \t]?[^\n-]{4,60}?[ \t]?-{2,}|Begin forwarded message:|Anfang der weitergeleiteten Nachricht:"
    r"|Début du message réexpédié\s?:|Inizio messaggio inoltrato:|Inicio del mensaje reenviado:|_{20,})[ \t]*\n+",
    re.MULTILINE | re.IGNORECASE,
)
_PASSED_ON = re.compile(
    r"\s*(?:\[?(?:fwd?|wg|tr|rv|enc|i|doorst|vs|vb|vl|пересл|转发|轉寄)\s?[:：]\s*)+(?=\S)", re.IGNORECASE
)
_LINES = 12
"""Lines that a mail's fields take at most."""


class Forwarded(NamedTuple):
    """A mail as its first sender wrote it."""

    sender: str | None
    subject: str | None
    date: str | None
    text: str


def forwarded(text: str, subject: str | None) -> Forwarded | None:
    """Return the mail that another passes on, or None where it passes on none, or says more than that one.

    Args:
        text: the text of the mail that may pass on another.
        subject: its subject, which must say so.
    """
    behind = _PASSED_ON.match(subject or "")
    if not behind:
        return None
    for rule in _RULE.finditer(text):
        fields, body = _fields(text[rule.end() :])
        if {"From", "Subject"} <= fields.keys() and len(body) > rule.start() and body.strip():
            said = fields["Subject"] or (subject or "")[behind.end() :]
            return Forwarded(fields["From"], said, fields.get("Date"), body)
    return None


def is_printed(head: bytes) -> bool:
    """Say whether a file begins as a mail does that a program has printed: three fields in words of one language."""
    if b":" not in head[:64] or head[:1] in b"<{[":
        return False
    fields, _ = _fields(_decoded(head[: 1 << 12]))
    first = _LINE.match(_decoded(head[:200]))
    is_first = first is not None and _FIELDS.get(first[1].lower()) == "From"
    return is_first and {"From", "Date", "Subject"} <= fields.keys() and not _is_standard(head)


def standard(data: bytes) -> bytes:
    """Return a printed mail with the names of fields that all mails have, in UTF-8."""
    fields, body = _fields(_decoded(data))
    lines = [f"{name}: {' '.join(value.split())}" for name, value in fields.items()]
    return ("\n".join([*lines, "Content-Type: text/plain; charset=utf-8"]) + f"\n\n{body}").encode("utf-8", "replace")


def _is_standard(head: bytes) -> bool:
    """Say whether the fields are those of a mail as it is sent, which its own parser reads."""
    top = head[:400].replace(b"\r\n", b"\n").partition(b"\n\n")[0].lower()
    return b"\ndate:" in b"\n" + top and b"\nsubject:" in top and b"from:\t" not in top


def _decoded(data: bytes) -> str:
    try:
        text = charset.decode(data)
    except Fault:
        text = data.decode("utf-8", "replace")
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _fields(text: str) -> tuple[dict[str, str], str]:
    """Return the fields at the top of a text, by their names in mail, and what stands below them."""
    found: dict[str, str] = {}
    lines = text.split("\n")
    at = 0
    for line in lines[:_LINES]:
        told = _LINE.fullmatch(line)
        field = _FIELDS.get(told[1].lower()) if told else None
        if field is None or field in found or told is None:
            if line.strip() or found:
                break
        else:
            found[field] = told[2].strip(" *\t")
        at += 1
    return found, "\n".join(lines[at:]).strip("\n")
