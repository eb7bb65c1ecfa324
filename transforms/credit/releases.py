"""Press releases: what services such as PR Newswire, Business Wire and news aktuell pass on, told as what it is.

Where the service is not credited in a dateline or a line, it stands in the lines that it puts around each release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wirecopy.transforms.credit.agencies import by_alias
from wirecopy.transforms.credit.credits import RELEASE, Claim, Credit

_TOP, _TAIL = 600, 1_500
_SERVICES = {
    re.compile(pattern, re.MULTILINE | re.IGNORECASE): name
    for pattern, name in {
        r"^(?:EQS|DGAP)-[a-z][\w-]{1,12}(?: \| |: )\S[^\n]{0,200}": "EQS",
        r"(?:übermittelt|veröffentlicht) durch (?:die )?(?:EQS|DGAP)\b[^\n]{0,60}": "EQS",
        r"original-content von:[^\n]{1,120}?übermittelt durch news aktuell": "ots",
        r"ots-originaltext[^\n]{0,160}": "APA-OTS",
        r"view (?:the )?original content[^\n]{0,90}?prnewswire\.com[^\n]{0,120}": "PR Newswire",
        r"view (?:the )?source version on businesswire\.com[^\n]{0,120}": "Business Wire",
        r"view (?:the )?(?:source|original) (?:version|press release) on \S{0,12}accesswire[^\n]{0,120}": "Accesswire",
        r"release (?:was |is )?(?:distributed|issued) (?:by|via|through) globenewswire[^\n]{0,80}": "GlobeNewswire",
        r"view the source version of this press release[^\n]{0,60}?newsfilecorp[^\n]{0,80}": "Newsfile",
    }.items()
}
"""Lines that a service puts around a release, and its name."""
_HINTS = "eqs dgap ots-original original-content newswire businesswire accesswire newsfilecorp".split()


def claims(text: str) -> Iterator[Claim]:
    """Yield the credits of the lines that services put around a release, at the beginning and the end of a text."""
    ends = f"{text[:_TOP]} {text[-_TAIL:]}".casefold()
    if not any(hint in ends for hint in _HINTS):
        return
    for pattern, name in _SERVICES.items():
        holder = by_alias(name)
        found = pattern.search(text, 0, _TOP) or pattern.search(text, max(0, len(text) - _TAIL))
        if holder and found:
            yield Claim(Credit(name, RELEASE, found[0].strip(), "text", found.start(), found.end()), holder)


def told_as_such(claim: Claim) -> Claim:
    """Return a claim whose holder passes on press releases as one of that kind; others unchanged."""
    return claim._replace(credit=claim.credit._replace(kind=RELEASE)) if claim.holder.releases else claim
