"""What the bytes of an evidence file may be, and what its name becomes.

A file is what its bytes say, never what its name says. Nothing here decodes a picture or opens a document: sizes are
read from headers, so that a picture of a billion points costs nothing to refuse. See
docs/decisions/0023-evidence-files.md and docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

PDF, PNG, JPEG, WEBP = "application/pdf", "image/png", "image/jpeg", "image/webp"
MOST_PIXELS = 40_000_000
"""The largest picture that is decoded; a sheet of paper at 400 dots per inch has 15 million."""
MOST_SIDE = 20_000
MOST_PAGES = 200
LONGEST_NAME = 100
_MOST_UNPACKED = 64 * 1024 * 1024
_ENDINGS = {PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg"), WEBP: (".webp",)}

NOT_A_KIND = "This is no PDF, PNG, JPEG or WebP file. Save or scan it as one of these and attach that."
SCRIPT = "This PDF has a script or a program call inside. Print it to a new PDF and attach that."
FILE = "This PDF has other files inside. Print it to a new PDF, or attach them one by one."
FORM = "This PDF is a form that works by a program. Print it to a new PDF and attach that."
LOCKED = "This PDF is locked. Save it without a password and attach that."
UNREADABLE = "This file is damaged or cannot be looked through. Print it to a new PDF and attach that."
TOO_LARGE_PICTURE = "This picture has too many points. Make it smaller and attach that."


@dataclass(frozen=True, slots=True)
class Told:
    """What a file is. `size`: width and height of a picture in points; None for a PDF."""

    media_type: str
    size: tuple[int, int] | None


class Refused(ValueError):
    """The file is not taken; the argument is a sentence that says what to do."""


def tell(content: bytes) -> Told:
    """What these bytes are. Raises Refused for everything that is no plain PDF and no picture of a sane size.

    That a PDF opens, and how many pages it has, is for whoever can open one.
    """
    media_type = _kind(content)
    if media_type is None:
        raise Refused(NOT_A_KIND)
    if media_type == PDF:
        _look_through(content)
        return Told(PDF, None)
    size = {PNG: _png_size, JPEG: _jpeg_size, WEBP: _webp_size}[media_type](content)
    if size is None or 0 in size:
        raise Refused(UNREADABLE)
    if size[0] * size[1] > MOST_PIXELS or max(size) > MOST_SIDE:
        raise Refused(TOO_LARGE_PICTURE)
    return Told(media_type, size)


def _kind(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    return None


def _png_size(content: bytes) -> tuple[int, int] | None:
    if len(content) < 24 or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            return None
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker in (0x01, *range(0xD0, 0xD8)):
            place += 2
            continue
        if marker in (0xD9, 0xDA):
            return None
        (length,) = struct.unpack(">H", content[place + 2 : place + 4])
        if length < 2:
            return None
        # Every start of a frame but the tables that share its numbers.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if place + 9 > len(content):
                return None
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    if len(content) < 30:
        return None
    chunk = content[12:16]
    if chunk == b"VP8X":
        return (
            1 + int.from_bytes(content[24:27], "little"),
            1 + int.from_bytes(content[27:30], "little"),
        )
    if chunk == b"VP8L" and content[20] == 0x2F:
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    if chunk == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


# A name in a PDF may write any of its letters as #hh.
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n")
# Long enough not to come about by chance in packed bytes, so they are looked for everywhere.
_ANYWHERE = (
    (re.compile(rb"/JavaScript(?![A-Za-z])"), SCRIPT),
    (re.compile(rb"/Launch(?![A-Za-z])"), SCRIPT),
    (re.compile(rb"/RichMedia(?![A-Za-z])"), SCRIPT),
    (re.compile(rb"/EmbeddedFiles?(?![A-Za-z])"), FILE),
)
_IN_TEXT = (
    *_ANYWHERE,
    (re.compile(rb"/JS(?![A-Za-z])"), SCRIPT),
    (re.compile(rb"/XFA(?![A-Za-z])"), FORM),
    (re.compile(rb"/Encrypt(?![A-Za-z])"), LOCKED),
)


def _look_through(content: bytes) -> None:
    """Refuse a PDF with scripts, program calls, other files or a lock, also where they lie in packed objects."""
    _refuse(_plain(content), _ANYWHERE)
    left = _MOST_UNPACKED
    for text, packed in _parts(content):
        plain = _plain(text)
        _refuse(plain, _IN_TEXT)
        # Objects are packed in streams of their own; what else is in a stream is no object.
        head = plain[-2000:]
        if packed is None or b"/ObjStm" not in head:
            continue
        unpacked = _unpacked(head[head.rfind(b"obj") :], packed, left)
        left -= len(unpacked)
        _refuse(_plain(unpacked), _IN_TEXT)


def _plain(text: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes((int(found[1], 16),)), text)


def _refuse(text: bytes, hidden: tuple[tuple[re.Pattern[bytes], str], ...]) -> None:
    for pattern, sentence in hidden:
        if pattern.search(text):
            raise Refused(sentence)


def _parts(content: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """The text before each stream and the stream's bytes; the text after the last one."""
    place = 0
    while found := _STREAM.search(content, place):
        end = content.find(b"endstream", found.end())
        if end < 0:
            break
        yield content[place : found.start()], content[found.end() : end]
        place = end
    yield content[place:], None


def _unpacked(head: bytes, packed: bytes, most: int) -> bytes:
    if b"/Filter" not in head:
        return packed
    if re.search(rb"/Filter\s*(?:/FlateDecode|\[\s*/FlateDecode\s*\])\s*(?:/|>>)", head) is None:
        raise Refused(UNREADABLE)
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(packed, most + 1)
    except zlib.error:
        raise Refused(UNREADABLE) from None
    if len(unpacked) > most:
        raise Refused(UNREADABLE)
    return unpacked


_UNSAFE = re.compile(r'[/\\:*?"<>|]')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])$")


def safe_name(name: str, media_type: str) -> str:
    """A name that is safe as a file's on every system, with the ending of what the file is.

    No folders, nothing invisible, nothing that turns the direction of the text; never empty.
    """
    plain = "".join(
        " " if unicodedata.category(one) in ("Cc", "Zl", "Zp", "Zs") else one
        for one in unicodedata.normalize("NFC", name)
        if unicodedata.category(one) not in ("Cf", "Cs", "Co", "Cn")
    )
    base = re.split(r"[/\\]", plain.rstrip("/\\ "))[-1]
    base = _UNSAFE.sub(" ", base)
    written = base.strip().lower()
    stem = base.strip()
    for ending in (one for every in _ENDINGS.values() for one in every):
        if written.endswith(ending):
            stem = stem[: -len(ending)]
            break
    stem = re.sub(r"\s+", " ", stem).strip(" .")[:LONGEST_NAME].strip(" .")
    if not stem or _RESERVED.match(stem):
        stem = "document"
    endings = _ENDINGS[media_type]
    return stem + next((one for one in endings if written.endswith(one)), endings[0])
