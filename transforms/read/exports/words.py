"""Words that databases of news put around an article, in the languages of their surfaces."""

from __future__ import annotations

import re

_LANGUAGES = {
    tag: names.split(",")
    for tag, names in {
        "ar": "arabic,arabe,arabisch,arabo,árabe,العربية",
        "bg": "bulgarian,bulgare,bulgarisch",
        "ca": "catalan,katalanisch,catalán",
        "cs": "czech,tchèque,tschechisch,checo",
        "da": "danish,danois,dänisch,danés,dansk",
        "de": "german,allemand,deutsch,alemán,tedesco,alemão,german; deutsch,德语",
        "el": "greek,grec,griechisch,griego",
        "en": "english,anglais,englisch,inglés,inglese,inglês,engels,engelska,engelsk,英语,英語",
        "es": "spanish,espagnol,spanisch,español,castellano,spagnolo,espanhol,spanish; castilian,西班牙语",
        "fi": "finnish,finnois,finnisch,suomi",
        "fr": "french,français,francais,französisch,francés,francese,francês,法语",
        "he": "hebrew,hébreu,hebräisch",
        "hr": "croatian,croate,kroatisch",
        "hu": "hungarian,hongrois,ungarisch,magyar",
        "id": "indonesian,bahasa indonesia,indonésien,indonesisch",
        "it": "italian,italien,italienisch,italiano,意大利语",
        "ja": "japanese,japonais,japanisch,japonés,日本語,日语",
        "ko": "korean,coréen,koreanisch,한국어",
        "ms": "malay,bahasa malaysia,malais",
        "nl": "dutch,néerlandais,niederländisch,holandés,nederlands,olandese",
        "no": "norwegian,norvégien,norwegisch,norsk",
        "pl": "polish,polonais,polnisch,polaco,polski",
        "pt": "portuguese,portugais,portugiesisch,portugués,português,portoghese",
        "ro": "romanian,roumain,rumänisch",
        "ru": "russian,russe,russisch,ruso,русский,russo",
        "sk": "slovak,slovaque,slowakisch",
        "sv": "swedish,suédois,schwedisch,sueco,svenska",
        "th": "thai,thaï,thailändisch",
        "tr": "turkish,turc,türkisch,turco,türkçe",
        "uk": "ukrainian,ukrainien,ukrainisch",
        "vi": "vietnamese,vietnamien,vietnamesisch",
        "zh": "chinese,chinois,chinesisch,chino,中文,简体中文,繁体中文,chinese - traditional,chinese - simplified",
    }.items()
}
_TAGS = {name: tag for tag, names in _LANGUAGES.items() for name in names}

COUNTED = re.compile(
    r"[\s\d.,’']{1,12}\s?(?:words?|mots?|palabras?|w(?:ö|oe)rter|worte?|parole|palavras?|woorden|ord|слов\w*|字|語|words)\b\.?",
    re.IGNORECASE,
)
"""A line that says how many words an article has."""

COPYRIGHT = re.compile(
    r"(?:\(c\)|©|copyright|all rights reserved|alle rechte|tous droits|todos los derechos)", re.IGNORECASE
)
"""The beginning of a line that says whose an article is."""

CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]\.?m\.?)?(?:\s?(?:GMT|UTC|[A-Z]{2,4}))?", re.IGNORECASE)
"""A time of day that stands alone."""

DATE = re.compile(
    r"(?:(?:\d{1,2}\.?(?:er|º|st|nd|rd|th)?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?(?:1[89]|20)\d\d)"
    r"|(?:[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+(?:1[89]|20)\d\d)"
    r"|(?:(?:1[89]|20)\d\d\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日)"
    r"|(?:(?:1[89]|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2})|(?:\d{1,2}[./]\d{1,2}[./](?:1[89]|20)\d\d))",
)
"""A day with its year, as the surfaces of databases write it."""


def language(name: str | None) -> str | None:
    """Return the BCP-47 tag of a language's name, or None where it is not known."""
    return _TAGS.get(name.strip().lower()) if name else None
