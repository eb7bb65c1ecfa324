"""The words that dates are made of, in the languages of the wires: months, weekdays, halves of the day.

The names are CLDR's (through Babel), in every width and in both grammatical forms, folded as `fold` folds what is read.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError, localedata

from wirecopy.transforms.disk_cache import kept

LANGUAGES = (
    "en en_GB en_AU en_CA fr fr_CA es es_MX it pt pt_PT de de_AT nl sv da nb nn fi is et lv lt pl cs sk sl hr"
    " bs sr sr_Latn mk bg ro hu el tr az ru uk be ka hy kk ky uz mn he ar ar_LB ar_DZ ar_TN ar_MA ar_IQ fa ps"
    " ur hi bn ta te mr gu ne th vi id ms fil sw sq ca gl eu ga cy af my km lo si am zh zh_Hant ja ko"
).split()
"""Locales whose names are tried where the language is not known or its names do not fit."""

_MORE_MONTHS = {
    "en": {9: "sept"},
    "de": {1: "jän jänner", 2: "feber", 3: "mrz", 9: "sept"},
    "fr": {2: "fev", 4: "avr", 7: "juill jul", 9: "sep"},
    "es": {9: "setiembre set sept"},
    "pt": {3: "março"},
    "it": {9: "sett"},
    "nl": {3: "mrt", 9: "sept"},
    "ru": {2: "фев", 3: "мар", 5: "май", 9: "сен", 11: "ноя"},
    "uk": {2: "лют", 9: "вер"},
    "pl": {9: "wrz", 10: "paź"},
    "ca": {1: "gen", 4: "abr"},
    "tr": {2: "sub", 8: "agu"},
    "hi": {2: "फरवरी"},
    "he": {3: "מרס"},
    "ar": dict(
        enumerate(
            "كانونـالثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرينـالأول تشرينـالثاني كانونـالأول".split(), 1
        )
    ),
}
"""Names that CLDR does not have, or not for all countries; a tatweel joins the words of one."""
_MORE_HALVES = {"am": 0, "pm": 12, "上午": 0, "下午": 12, "晚上": 12, "午前": 0, "午後": 12, "오전": 0, "오후": 12}
_MORE_HALVES |= {"μμ": 12, "πμ": 0, "ص": 0, "م": 12, "öö": 0, "ös": 12}
_MORE_HALVES |= dict.fromkeys(
    "এএম সকাল ভোর एएम सुबह प्रातः صباحا صباحًا صبح سحر قظ 凌晨 清晨 早上 早晨 새벽 아침 sáng pagi காலை ఉదయం".split(), 0
)
_MORE_HALVES |= dict.fromkeys(
    "পিএম বিকাল বিকেল বিকেলে সন্ধ্যা সন্ধ্যায় पीएम शाम مساء مساءً مساءا ظهرا عصر عصرا بظ 傍晚 夜间 저녁 chiều tối"
    " petang sore மாலை సాయంత్రం".split(),
    12,
)
NIGHT = -1
"""The half of the day that a word for night stands for: the hours until four are those of the next morning."""
_MORE_HALVES |= dict.fromkeys("রাত রাতে रात रात्रि ليلا ليلاً شب gece 深夜".split(), NIGHT)
LINKS = frozenset(
    "of the de del di d da do den le la el il am г в на p m na i ng at t ta nam ngay ta' dia года месяца"
    " tanggal pada mes ano año lun من".split()
)
"""Words that stand between the parts of a date and mean nothing by themselves."""
HOURS = frozenset("h hs hrs hr uhr heures horas ore ora часов год godz".split())
"""Words behind the hour."""
_PREFIXES = {"he": "ב"}


class Words(NamedTuple):
    """What words of one or of all languages may mean.

    Attributes:
        months: folded name to the months it may be, 1 to 12; several only where languages disagree.
        weekdays: folded name to the weekdays it may be, Monday is 0.
        halves: folded mark of the half of the day to 0 (before noon), 12, or NIGHT.
    """

    months: dict[str, frozenset[int]]
    weekdays: dict[str, frozenset[int]]
    halves: dict[str, int]


def fold(text: str) -> str:
    """Fold text for reading dates, one code point for one: lower case, no accents, ASCII digits, signs and spaces."""
    return text.lower() if text.isascii() else "".join(map(_fold_char, text))


@lru_cache(maxsize=4_096)
def _fold_char(char: str) -> str:
    if char.isascii():
        return char.lower()
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in ("Mn", "Mc"):
        return "ʼ"
    if category in ("Zs", "Cf", "Cc"):
        return " "
    if char in "−–—‐‑‒":
        return "-"
    if char in "’‘ʼ`´":
        return "'"
    if char in "，、،":
        return ","
    if char in "ıİ":
        return "i"
    if char in "أإآ":
        return "ا"
    point = ord(char)
    if point < 0x0530 or 0x1E00 <= point < 0x2000 or point >= 0xFF00:
        char = unicodedata.normalize("NFKD", char)[0]
    lower = char.lower()
    return lower if len(lower) == 1 else char


@cache
def words_of(locale: str) -> Words | None:
    """Return the words of one language (a Babel locale such as `en` or `sr_Latn`); None where CLDR has none."""
    return _words_of_all()[locale] if locale in LANGUAGES else _words_in_cldr(locale)


@kept("babel")
def _words_of_all() -> dict[str, Words | None]:
    """Return the words of LANGUAGES, for which Babel reads all that CLDR knows of them."""
    return {locale: _words_in_cldr(locale) for locale in LANGUAGES}


def _words_in_cldr(locale: str) -> Words | None:
    try:
        found = Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return None
    months: dict[str, frozenset[int]] = {}
    weekdays: dict[str, frozenset[int]] = {}
    for form in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in found.months[form][width].items():
                _add(months, name, number)
            for number, name in found.days[form][width].items():
                _add(weekdays, name, number)
    for number, names in _MORE_MONTHS.get(found.language, {}).items():
        for name in names.split():
            _add(months, name, number)
    if prefix := _PREFIXES.get(found.language):
        months |= {prefix + name: numbers for name, numbers in months.items()}
    halves = {fold(name): half for name, half in _MORE_HALVES.items()}
    for width in ("wide", "abbreviated"):
        periods = found.day_periods.get("format", {}).get(width, {})
        for period, half in (("am", 0), ("pm", 12)):
            if name := _key(periods.get(period, "")):
                halves[name] = half
    localedata._cache.clear()  # Babel keeps all it knows of each locale: 50 MB of every process
    return Words(months, weekdays, halves)


@cache
def all_words() -> Words:
    """Return the words of all languages together; a name on which they disagree has several meanings."""
    months: dict[str, frozenset[int]] = {}
    weekdays: dict[str, frozenset[int]] = {}
    halves: dict[str, int] = {}
    for locale in LANGUAGES:
        if words := words_of(locale):
            for ours, theirs in ((months, words.months), (weekdays, words.weekdays)):
                for name, numbers in theirs.items():
                    ours[name] = ours.get(name, frozenset()) | numbers
            halves |= words.halves
    for table in (months, weekdays, halves):
        for name in table.keys() & (LINKS | HOURS):
            del table[name]
    return Words(months, weekdays, halves)


def _add(table: dict[str, frozenset[int]], name: str, number: int) -> None:
    key = _key(name)
    if key and not any(map(str.isdigit, key)):
        table[key] = table.get(key, frozenset()) | {number}


def _key(name: str) -> str:
    return (
        "".join(part for part in fold(unicodedata.normalize("NFC", name)).split() if part).replace(".", "").strip("'")
    )
