"""Which entries of a feed are new, which were edited, and which are known, whatever the feed does to their names.

An entry is known by marks: its address in canonical form (so tracking parameters, http and https, www and mobile
variants are one), and its GUID together with its title. A GUID alone is no mark, because feeds use one for several
entries and write others anew; an address that several entries of one body share is none either. So

* a rewritten GUID at the same address is the same entry, as is a changed address under the same GUID and title;
* entries without GUID and address of their own are known by their words, and by their date where several of one body
  have the same words;
* a reused GUID at another address with another title is another entry;
* the same entry with another title or another date of change is an edited one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from wirecopy.transforms.extract.urls import canonical_url
from wirecopy.transforms.hashing import blake2b_128
from wirecopy.transforms.read.feeds.feeds import Entry

NEW, EDITED = "new", "edited"


class Marked(NamedTuple):
    """An entry with the hashes it is known by.

    Attributes:
        entry: the entry.
        entry_id: hexadecimal blake2b-128 of its strongest name and its version.
        address: mark of its canonical address; None where it has none of its own.
        names: its identity marks, that of its address among them.
        words: mark of its identity and title.
        dated: mark of its identity, title and dates.
    """

    entry: Entry
    entry_id: str
    address: int | None
    names: tuple[int, ...]
    words: int
    dated: int

    @property
    def marks(self) -> tuple[int, ...]:
        """All marks it leaves in a feed's memory."""
        return (*self.names, self.words, self.dated)


def mark(entries: Sequence[Entry], outlet: str) -> list[Marked]:
    """Return the entries of one body with their marks, each once, in order.

    Args:
        entries: the body's entries.
        outlet: what GUIDs are unique in: the feed's outlet, or its address.
    """
    addresses = [canonical_url(entry.url) for entry in entries]
    titles = [_words(entry.title) for entry in entries]
    shared = Counter(address for address, _ in set(zip(addresses, titles, strict=True)) if address)
    reused = Counter(guid for guid, _ in {(entry.id, title) for entry, title in zip(entries, titles, strict=True)})
    repeated = Counter(
        said
        for said, _ in {
            (_said(entry, address, title), entry.published)
            for entry, address, title in zip(entries, addresses, titles, strict=True)
        }
    )
    found: dict[tuple[int, ...], Marked] = {}
    for entry, address, title in zip(entries, addresses, titles, strict=True):
        own = address if address and shared[address] == 1 else None
        names = []
        if own:
            names.append(_hash("address", own))
        if entry.id and title:
            names.append(_hash("guid and title", outlet, entry.id, title))
        elif entry.id and not own and reused[entry.id] == 1:
            names.append(_hash("guid", outlet, entry.id))
        dates = (entry.published or "", entry.modified or "")
        if not names:
            said = _said(entry, address, title)
            names += [_hash("words", outlet, *said)] if repeated[said] == 1 else []
            names.append(_hash("words and date", outlet, *said, dates[0]))
        strongest = str(names[0])
        one = Marked(
            entry,
            blake2b_128(outlet.encode(), strongest.encode(), title.encode(), *(date.encode() for date in dates)).hex(),
            names[0] if own else None,
            tuple(names),
            _hash("title", strongest, title),
            _hash("dates", strongest, title, *dates),
        )
        found.setdefault(one.names[:1], one)
    return list(found.values())


def changes(marked: Sequence[Marked], memory: Collection[int]) -> list[tuple[Marked, str]]:
    """Return the entries that are new or edited, with which they are.

    Args:
        marked: the entries of one body.
        memory: the marks that the feed's earlier entries left.

    Dates are believed to tell an edit only where no more than half of the known entries carry others: some feeds stamp
    every entry with the time of the request.
    """
    known = [one for one in marked if any(name in memory for name in one.names)]
    redated = [one for one in known if one.words in memory and one.dated not in memory]
    believed = 2 * len(redated) <= max(2, len(known))
    there = set(map(id, known))
    found = []
    for one in marked:
        if id(one) not in there:
            found.append((one, NEW))
        elif _reworded(one, memory) or (believed and one.words in memory and one.dated not in memory):
            found.append((one, EDITED))
    return found


def _reworded(one: Marked, memory: Collection[int]) -> bool:
    """Say whether a known entry has another title; only an address stays the same when a title changes."""
    return one.address is not None and one.words not in memory and one.address in memory


def _said(entry: Entry, address: str | None, title: str) -> tuple[str, str]:
    """Return what an entry without a name is known by: its words, at the address that it shares with others."""
    return address or "", title or entry.markup or entry.deck or ""


def _words(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def _hash(*parts: str) -> int:
    digest = blake2b_128(*(part.encode(errors="surrogatepass") for part in parts))
    return int.from_bytes(digest[:8], "big", signed=True)
