"""Dates of other calendars, made Gregorian: Japanese and Chinese eras, Thai Buddhist years, solar and lunar Hijri.

A date is found in a line by the names of its months, its era, or, where the language says so, its numbers, and is
written anew as ISO 8601 has it; what stands around it stays. Where a Gregorian date stands beside it, that counts.

Solar Hijri (Jalali) years follow Borkowski, "The Persian calendar for 3000 years", 1996; lunar ones the Umm al-Qura
calendar of Saudi Arabia, whose months are a table. Other countries' lunar months begin a day sooner or later, so what
is made of a lunar date is marked as inferred; so is what only numbers and a language make another calendar's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from wirecopy.transforms.extract.dates.words import fold

CALENDAR = "calendar"
"""What is inferred where a date is of a calendar that it does not name, or that differs from country to country."""


class Foreign(NamedTuple):
    """A date of another calendar in a line: code points begin to end, the day, and whether the calendar is inferred."""

    begin: int
    end: int
    day: date
    inferred: bool

    def written(self, text: str) -> str:
        """Return the line with the day in its place, as ISO 8601 has it."""
        return f"{text[: self.begin]}{self.day.isoformat()}{text[self.end :]}"

    def without(self, text: str) -> str:
        """Return the line with spaces in its place."""
        return f"{text[: self.begin]}{' ' * (self.end - self.begin)}{text[self.end :]}"


_NUMERALS = {"〇": "0", "零": "0", "○": "0"} | {char: str(n) for n, char in enumerate("一二三四五六七八九", 1)}
_KANJI = r"[〇零○一二三四五六七八九十廿卅]"
_N = rf"(?:\d{{1,2}}|{_KANJI}{{1,4}})"
_ERAS = {
    **dict.fromkeys(("令和", "r"), (2018, date(2019, 5, 1))),
    **dict.fromkeys(("平成", "h"), (1988, date(1989, 1, 8))),
    **dict.fromkeys(("昭和", "s"), (1925, date(1926, 12, 25))),
    "大正": (1911, date(1912, 7, 30)),
    "明治": (1867, date(1868, 1, 25)),
    **dict.fromkeys(("中華民國", "中华民国", "民國", "民国"), (1911, date(1912, 1, 1))),
}
_ERA = re.compile(
    rf"(?P<era>令和|平成|昭和|大正|明治|中華民國|中华民国|民國|民国)\s*(?P<y>元|\d{{1,3}}|{_KANJI}{{1,5}})\s*年\s*"
    rf"(?P<m>{_N})\s*月\s*(?P<d>{_N})\s*日"
)
_ERA_LETTER = re.compile(r"(?<![^\W_])(?P<era>[rhs])\s?(?P<y>\d{1,2})[./-](?P<m>\d{1,2})[./-](?P<d>\d{1,2})(?!\d)")
_IN_WORDS = re.compile(rf"(?P<y>[〇零○一二三四五六七八九]{{4}})年(?P<m>{_KANJI}{{1,2}})月(?P<d>{_KANJI}{{1,3}})日")
_YEARLY = re.compile("[〇零○一二三四五六七八九十元]年")
_MINGUO = re.compile(
    r"(?<!\d)(?P<y>(?:9\d|1[0-4]\d))(?:[./-](?P<m>\d{1,2})[./-](?P<d>\d{1,2})(?![\d:])|年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日)"
)

_JALALI_MONTHS = (
    "فروردین|حمل اردیبهشت|ثور خرداد|جوزا تیر|سرطان مرداد|امرداد|اسد شهریور|سنبله مهر|میزان آبان|ابان|عقرب آذر|اذر|قوس"
    " دی|جدی بهمن|دلو اسفند|حوت"
).split()
_HIJRI_MONTHS = (
    "محرم|المحرم صفر ربیع_الاول|ربیع_اول ربیع_الاخر|ربیع_الثانی|ربیع_ثانی جمادی_الاولی|جمادی_الاول|جمادی_اول"
    " جمادی_الاخره|جمادی_الاخری|جمادی_الثانیه|جمادی_الثانی|جمادی_ثانی رجب شعبان رمضان شوال"
    " ذو_القعده|ذی_القعده|ذوالقعده|ذیقعده|ذی_القعد ذو_الحجه|ذی_الحجه|ذوالحجه|ذیحجه|ذی_الحج"
).split()


_ARABIC = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "آ": "ا", "أ": "ا", "إ": "ا", "ۀ": "ه", "ھ": "ه", "ه": "ه"}
)
"""Letters that Arabic, Persian and Urdu keyboards write otherwise, one for one."""


def _names(months: list[str]) -> tuple[dict[str, int], str]:
    numbers = {
        fold(name).translate(_ARABIC).replace("_", " "): number
        for number, names in enumerate(months, 1)
        for name in names.split("|")
    }
    pattern = "|".join(re.escape(name).replace("\\ ", r"\s?") for name in sorted(numbers, key=len, reverse=True))
    return {re.sub(r"\s", "", name): number for name, number in numbers.items()}, pattern


_JALALI, _JALALI_NAMES = _names(_JALALI_MONTHS)
_HIJRI, _HIJRI_NAMES = _names(_HIJRI_MONTHS)
_MARK = r"(?:\s*(?:هـ|هجریه?|ه\b\.?(?:\s?[قش]\b\.?)?|ah\b))?"
_WORDED_JALALI = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})\s*(?:ام\s*)?(?P<m>{_JALALI_NAMES})\s*(?:ماه\s*)?[,،]?\s*(?P<y>1[2-4]\d\d)(?!\d){_MARK}"
)
_WORDED_HIJRI = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})\s*(?:من\s*)?(?P<m>{_HIJRI_NAMES})\s*[,،/]?\s*(?P<y>1[3-5]\d\d)(?!\d){_MARK}"
)
_LATIN_HIJRI = (
    "muharram|moharram safar rabi_al-awwal|rabi_i|rabiul_awal rabi_al-thani|rabi_ii|rabiul_akhir jumada_al-awwal"
    "|jumada_i|jumadil_awal jumada_al-thani|jumada_ii|jumadil_akhir rajab shaban|sha'ban|syaban ramadan|ramadhan|ramzan"
    " shawwal|syawal dhu_al-qidah|dhul_qadah|zulkaidah|zulqadah dhu_al-hijjah|dhul_hijjah|zulhijjah|zulhijah"
).split()
_LATIN, _LATIN_NAMES = _names(_LATIN_HIJRI)
_WORDED_LATIN = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})\s*(?P<m>{_LATIN_NAMES})\s*[,/]?\s*(?P<y>1[3-5]\d\d)(?!\d)(?:\s*(?:ah|h)\b)?"
)
_NUMBERS = re.compile(
    rf"(?<![\d/.-])(?:(?P<y>1[2-5]\d\d)(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})"
    rf"|(?P<d2>\d{{1,2}})(?P<s2>[-/.])(?P<m2>\d{{1,2}})(?P=s2)(?P<y2>1[2-5]\d\d))(?![\d/-]){_MARK}"
)
_SOLAR_LANGUAGES = frozenset("fa ps tg ku ckb az prs".split())
_LUNAR_LANGUAGES = frozenset("ar ur".split())
_LAST_SOLAR = 1429
"""The last year of the solar calendar that a date without a mark may be of: 2050."""

_THAI = re.compile(r"[ก-๛]")
_THAI_YEAR = re.compile(
    r"(?P<lead>(?<![\d๐-๙])[\d๐-๙]{1,2}\s*[ก-๛][ก-๛.]*\s*(?:พ\.?ศ\.?\s*|ปี\s*)?)(?P<y>[\d๐-๙]{2,4})(?![\d๐-๙:]|[.:][\d๐-๙])"
)
_THAI_NUMBERS = re.compile(
    r"(?P<lead>(?<![\d๐-๙/.-])[\d๐-๙]{1,2}(?P<s>[/.-])[\d๐-๙]{1,2}(?P=s))(?P<y>[\d๐-๙]{2,4})(?![\d๐-๙:/-])"
)
_THAI_ERA = re.compile(r"[พค]\.?ศ\.?")
_BUDDHIST = 543
_BENGALI = re.compile(
    r"(?<![\d০-৯])[\d০-৯]{1,2}\s*(?:বৈশাখ|জ্যৈষ্ঠ|জৈষ্ঠ্য|আষাঢ়|আষাঢ়|শ্রাবণ|ভাদ্র|আশ্বিন|কার্তিক|অগ্রহায়ণ|অগ্রহায়ণ|পৌষ|মাঘ|ফাল্গুন|চৈত্র"
    r"|মহররম|মুহাররম|সফর|রবিউল আউয়াল|রবিউস সানি|জমাদিউল আউয়াল|জমাদিউস সানি|রজব|শাবান|রমজান|শাওয়াল|জিলকদ|জিলহজ)"
    r"\s*[,،]?\s*[\d০-৯]{4}(?:\s*(?:বঙ্গাব্দ|হিজরি|বাংলা))?"
)

_UMM_AL_QURA_BEGINS = date.fromordinal(date(1970, 1, 1).toordinal() - 31826)
_UMM_AL_QURA = (
    "5552ab9372b657636cb55aaa95649e95d2ba5b53aab4ba9652e2ad56db5a752f25e8ad16a56ab56b4da9b92b2564ba9b35a6d95d4da5"
    "d4aa955369752f46e96d46a953525d4bd9ba3b4b69b2aa554ada5d2da6d9eaae94d2ac564aea6d56ad55d4aa9352ba5b53a6b5ea9d52"
    "d29a554ad56daea6e4ed1da2aaa95a2da5b9bb27646c95552ab4dbaba5b4da9d52aa592d26d8ed2daad5aa5a4b4979372b6975d69d52"
    "c9592b25b4db9d55d2da5d4aa9554daad3aabd2bc4b89a9552d5adb6a6d4dc9d92aa69562ae56d36ab55aaa94d49d95d2ba5b55aad55"
    "a9a92e26e55dada6d46a5b27a4d4ad56db5a754f49e92d26a563566b5baab92b2568ba9b55aada5b4da9b52a9a536276575af26d46a9"
    "5552ad4bd9ba574b69b52a9552da5d4daad96b2e95e2ac9692eaad56ad65d4ad1562bc5b53a6b5db2d64d29a554ad96daea6e8ed1da4"
    "d4aa6a2da5b9b72b686d16554ab95b2ba5b5da9d52ca694e46e95d4daad5aaaa4d49b9374b6975d6ad52aa594b2ab55bad95d2dc5d92"
    "b25555ab55b4ba97a2745593aab4d69d65d2ba5b4aa954ad15d2dd9da5b45a952d25b8b717656db6aacaa9652b15b2bb5b6daab94d46"
    "a8d52da9d55a755749f13e4aa965566b5baab94"
)
"""Months of 1300 to 1600 of the Umm al-Qura calendar: twelve bits a year, the first month lowest, set for 30 days."""
_BREAKS = (-61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181, 1210, 1635, 2060, 2097, 2192, 2262, 2324, 2394, 2456, 3178)
"""Years in which the cycle of leap years of the solar calendar breaks (Borkowski)."""


def find(text: str, language: str | None) -> Foreign | None:
    """Return the first date of another calendar in a line, None where there is none that can be.

    Args:
        text: the line.
        language: BCP-47 tag of its source; numbers alone are of another calendar where its press writes so.
    """
    if (text.isascii() and not language) or not (_YEARLY.search(text) or any(map(str.isdigit, text))):
        return None
    folded = fold(text).translate(_ARABIC)
    primary, _, region = (language or "").partition("-")
    for found, make, inferred in _candidates(folded, text, primary, region):
        try:
            return Foreign(found.start(), found.end(), make(found), inferred)
        except (ValueError, OverflowError, IndexError, KeyError):
            continue
    return None


Make = Callable[[re.Match[str]], date]


def _candidates(folded: str, text: str, language: str, region: str) -> Iterator[tuple[re.Match[str], Make, bool]]:
    if "年" in text:
        if found := _ERA.search(folded):
            yield found, _of_era, False
        if found := _IN_WORDS.search(folded):
            yield found, lambda found: date(_number(found["y"]), _number(found["m"]), _number(found["d"])), False
    if language == "ja" and (found := _ERA_LETTER.search(folded)):
        yield found, _of_era, False
    if language == "zh" and "CN" not in region and "Hans" not in region and (found := _MINGUO.search(folded)):
        yield found, _of_minguo, True
    if not text.isascii():
        if found := _WORDED_JALALI.search(folded):
            yield found, lambda found: jalali(int(found["y"]), _JALALI[_bare(found["m"])], int(found["d"])), False
        if found := _WORDED_HIJRI.search(folded):
            yield found, lambda found: hijri(int(found["y"]), _HIJRI[_bare(found["m"])], int(found["d"])), True
    if language in ("en", "id", "ms", "tr", "") and (found := _WORDED_LATIN.search(folded)):
        yield found, lambda found: hijri(int(found["y"]), _LATIN[_bare(found["m"])], int(found["d"])), True
    if found := _NUMBERS.search(folded):
        year = int(found["y"] or found["y2"])
        month, day = int(found["m"] or found["m2"]), int(found["d"] or found["d2"])
        persian, arabic = re.search("[۰-۹]", text) is not None, re.search("[٠-٩]", text) is not None
        lunar = "هـ" in text or (year > _LAST_SOLAR and (language in _LUNAR_LANGUAGES | _SOLAR_LANGUAGES or arabic))
        solar = year <= _LAST_SOLAR and (language in _SOLAR_LANGUAGES or (persian and language not in _LUNAR_LANGUAGES))
        if lunar or solar:
            make = hijri if lunar else jalali
            yield found, lambda _: make(year, month, day), True


def _of_era(found: re.Match[str]) -> date:
    base, begin = _ERAS[found["era"]]
    year = 1 if found["y"] == "元" else _number(found["y"])
    day = date(base + year, _number(found["m"]), _number(found["d"]))
    later = [first for _, first in _ERAS.values() if first > begin and found["era"][:1] not in "民中"]
    if day < begin or (later and day >= min(later)):
        raise ValueError("a day of another era")
    return day


def _of_minguo(found: re.Match[str]) -> date:
    return date(1911 + int(found["y"]), int(found["m"] or found["m2"]), int(found["d"] or found["d2"]))


def _bare(name: str) -> str:
    return re.sub(r"\s", "", name)


def _number(text: str) -> int:
    """Return a number in digits or in Chinese numerals: 十五, 二〇二六, 廿八."""
    if text.isdigit() and text.isascii():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "百" in text:
        raise ValueError(text)
    if "十" not in text:
        return int("".join(_NUMERALS[char] for char in text))
    tens, _, ones = text.partition("十")
    return (int(_NUMERALS[tens]) if tens else 1) * 10 + (int(_NUMERALS[ones]) if ones else 0)


def jalali(year: int, month: int, day: int) -> date:
    """Return the day of a date of the solar Hijri calendar. Raises ValueError where there is no such day."""
    leap, march = _jalali_year(year)
    if not (1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30 if month < 12 or leap == 0 else 29)):
        raise ValueError("no day of the solar calendar")
    days = (month - 1) * 31 - max(0, month - 7) + day - 1
    return date(year + 621, 3, march) + timedelta(days=days)


def _jalali_year(year: int) -> tuple[int, int]:
    """Return the years since the last leap year (0 in one), and the day of March on which a year begins."""
    leaps, before, jump = -14, _BREAKS[0], 0
    for until in _BREAKS[1:]:
        jump = until - before
        if year < until:
            break
        leaps += jump // 33 * 8 + jump % 33 // 4
        before = until
    n = year - before
    leaps += n // 33 * 8 + (n % 33 + 3) // 4
    if jump % 33 == 4 and jump - n == 4:
        leaps += 1
    gregorian = year + 621
    march = 20 + leaps - (gregorian // 4 - (gregorian // 100 + 1) * 3 // 4 - 150)
    if jump - n < 6:
        n = n - jump + (jump + 4) // 33 * 33
    leap = ((n + 1) % 33 - 1) % 4
    return (4 if leap == -1 else leap), march


def hijri(year: int, month: int, day: int) -> date:
    """Return the day of a date of the Umm al-Qura calendar, 1300 to 1600. Raises ValueError where there is none."""
    if not (1300 <= year <= 1600 and 1 <= month <= 12):
        raise ValueError("no month of the lunar calendar")
    masks = [int(_UMM_AL_QURA[at : at + 3], 16) for at in range(0, 3 * (year - 1299), 3)]
    length = 29 + (masks[-1] >> (month - 1) & 1)
    if not 1 <= day <= length:
        raise ValueError("no day of the lunar calendar")
    months = 12 * (year - 1300) + month - 1
    full = sum(mask.bit_count() for mask in masks[:-1]) + (masks[-1] & ((1 << (month - 1)) - 1)).bit_count()
    return _UMM_AL_QURA_BEGINS + timedelta(days=29 * months + full + day - 1)


def without_eras(text: str) -> str:
    """Return a line with spaces in place of the marks of Thai eras, one for one."""
    return text if text.isascii() else _THAI_ERA.sub(lambda era: " " * len(era[0]), text)


def plain(text: str, language: str | None) -> tuple[str, bool]:
    """Return a line with Thai years made Gregorian and Bengali dates left out, and whether an era was inferred.

    Years of two digits are Buddhist from 2543 on, the year 2000; smaller ones are Gregorian. Either is inferred.
    """
    if text.isascii() and language != "th":
        return text, False
    if _BENGALI.search(text):
        text = _BENGALI.sub(lambda found: " " * len(found[0]), text)
    if (language or "").partition("-")[0] != "th" and not _THAI.search(text):
        return text, False
    inferred = False

    def gregorian(found: re.Match[str]) -> str:
        nonlocal inferred
        year = int(found["y"])
        if len(found["y"]) == 2:
            inferred = True
            year = 2500 + year - _BUDDHIST if year >= 43 else 2000 + year
        elif len(found["y"]) == 3:
            return found[0]
        elif 2400 < year < 2700:
            year -= _BUDDHIST
        return _THAI_ERA.sub(lambda era: " " * len(era[0]), found["lead"]) + str(year)

    for form in (_THAI_YEAR, _THAI_NUMBERS):
        text, count = form.subn(gregorian, text, count=1)
        if count:
            break
    return without_eras(text), inferred
