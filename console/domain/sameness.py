"""What two venues are compared by when somebody may have applied twice: the same keys as `vetting.keys()` makes in SQL.

A name loses case, accents, punctuation and its form of company, an address the ways to write "street", a telephone
number all but its last ten digits. Only what stands here is folded, so that no server's locale changes what is found;
a property test holds SQL and Python together. See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

SHORTEST_PHONE = 7
SHORTEST_TAX_NUMBER = 5
_PHONE_DIGITS = 10
_BLOCK = 5
_MOST_BLOCKS = 6

# Latin, Latin with accents, Greek, Cyrillic, Vietnamese: what one letter of each becomes is one letter.
_RANGES = ((0x41, 0x5B), (0xC0, 0x180), (0x386, 0x3CF), (0x400, 0x460), (0x1EA0, 0x1EFA))
_BY_HAND = {
    "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ł": "l", "Ł": "l", "ħ": "h", "Ħ": "h", "ŧ": "t", "Ŧ": "t",
    "ı": "i", "ð": "d", "Ð": "d", "ς": "σ",
}  # fmt: skip
_TO_TWO = (("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("þ", "th"))
_GONE = re.compile(
    "['`.\u00ad\u00b4\u0300-\u036f\u2018\u2019\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
_BLANK = re.compile(
    "[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf\u2100-\u2bff"
    "\u3000-\u303f\uff00-\uff0f\U0001f000-\U0001faff]+"
)

FORMS = frozenset(
    [
        "llc",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "llp",
        "lp",
        "plc",
        "pllc",
        "gmbh",
        "ug",
        "ag",
        "kg",
        "ohg",
        "ev",
        "sl",
        "slu",
        "sa",
        "sas",
        "sarl",
        "srl",
        "spa",
        "bv",
        "nv",
        "oy",
        "ab",
        "as",
        "aps",
        "ooo",
        "zao",
        "oao",
        "ооо",
        "зао",
        "оао",
        "пао",
        "ао",
        "ип",
        "and",
        "the",
    ]
)
"""Words a name is compared without: forms of company, "and" and "the"."""

STREET_WORDS = {
    "street": "st", "avenue": "ave", "av": "ave", "road": "rd", "boulevard": "blvd", "drive": "dr", "lane": "ln",
    "court": "ct", "place": "pl", "square": "sq", "highway": "hwy", "parkway": "pkwy", "terrace": "ter", "suite": "ste",
    "apartment": "apt", "building": "bldg", "floor": "fl", "north": "n", "south": "s", "east": "e", "west": "w",
    "northwest": "nw", "northeast": "ne", "southwest": "sw", "southeast": "se", "calle": "c", "avenida": "avda",
    "strasse": "str", "улица": "ул", "проспект": "пр", "переулок": "пер", "дом": "д",
}  # fmt: skip
"""How the words of an address are written for short."""

COMMON = frozenset(
    [
        "studio",
        "studios",
        "academy",
        "school",
        "schools",
        "center",
        "centre",
        "club",
        "kids",
        "children",
        "childrens",
        "family",
        "play",
        "house",
        "space",
        "room",
        "arts",
        "dance",
        "music",
        "sports",
        "studio",
    ]
)
"""Words too many venues have in their name to look for others by."""


@cache
def letters() -> dict[int, str]:
    """What single letters become, by code point: the table that SQL's `translate` has."""
    table: dict[int, str] = {}
    for first, after in _RANGES:
        for code in range(first, after):
            mark = chr(code)
            base = _BY_HAND.get(mark)
            if base is None:
                plain = unicodedata.normalize("NFD", mark.lower())
                base = "".join(one for one in plain if not unicodedata.combining(one))
                base = _BY_HAND.get(base, base)
            if len(base) == 1 and base != mark:
                table[code] = base
    return table


def plain(raw: str | None) -> str:
    """Small letters without accents, words between single blanks, nothing else."""
    text = (raw or "").translate(letters())
    for one, two in _TO_TWO:
        text = text.replace(one, two)
    return _BLANK.sub(" ", _GONE.sub("", text)).strip(" ")


def name_key(name: str | None) -> str:
    """A name without its form of company; with it, where nothing else is left."""
    words = plain(name).split(" ")
    telling = [word for word in words if word not in FORMS]
    return " ".join(telling or words)


def name_blocks(key: str) -> list[str]:
    """The beginnings that names must share at least one of to be compared, in alphabetical order of code points."""
    if not key:
        return []
    words = [word for word in key.split(" ") if len(word) >= 4 and word not in COMMON][:_MOST_BLOCKS]
    return sorted({"^" + key.replace(" ", "")[:_BLOCK], *(word[:_BLOCK] for word in words)})


def address_key(line: str | None, city: str | None, postal_code: str | None) -> str:
    """The street line with its usual short words, and the postal code, or the city where there is none."""
    words = plain(line)
    if not words:
        return ""
    street = " ".join(STREET_WORDS.get(word, word) for word in words.split(" "))
    code = plain(postal_code).replace(" ", "")
    if re.fullmatch("[0-9]{9}", code):
        code = code[:5]  # a ZIP+4 is a ZIP and the side of a street
    return f"{street} {code or plain(city)}".strip(" ")


def phone_key(phone: str | None) -> str:
    """The last ten digits without an extension; empty for what is too short to be a telephone number."""
    digits = re.sub("[^0-9]", "", re.split("[xX#;]|[eE][xX][tT]", phone or "", maxsplit=1)[0])
    return digits[-_PHONE_DIGITS:] if len(digits) >= SHORTEST_PHONE else ""


def tax_key(number: str | None) -> str:
    """Letters and digits of a tax number; empty for what is too short to be one."""
    found = re.sub("[^0-9A-Za-z]", "", number or "").translate(letters())
    return found if len(found) >= SHORTEST_TAX_NUMBER else ""
