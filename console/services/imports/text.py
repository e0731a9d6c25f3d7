"""The bytes of a file as text, whatever program wrote them.

Town halls publish what their spreadsheet saved: with a byte-order mark, in UTF-16, in the Windows code page. Each is
read, an assumption is said in the report, and what is no text at all is refused in one sentence.
"""

from __future__ import annotations

import codecs
import stat
from dataclasses import dataclass
from pathlib import Path

from console.errors import FileTrouble, Invalid, NotFound

LARGEST_FILE = 100 * 1024 * 1024
"""Bytes. The largest public file known is a few megabytes; more than this is a mistake."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16: the mark of UTF-32, little end first, begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHER_FORMATS = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3", "a database"),
)
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\x0b\x0c\x1a")


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text without any byte-order mark, and what had to be assumed to read it."""

    name: str
    text: str
    notes: tuple[str, ...] = ()


def read_text(path: Path) -> Text:
    """Read a file as text.

    Raises NotFound (no such file), Unavailable (cannot be read) or Invalid (a folder, empty, too large, no text).
    """
    name = path.name or str(path)
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise Invalid(f"{name} is a folder, not a file.", code="import_directory")
        if not stat.S_ISREG(found.st_mode):
            raise Invalid(f"{name} is not an ordinary file.", code="import_not_regular")
        if found.st_size > LARGEST_FILE:
            raise Invalid(
                f"{name} is larger than 100 MB, so it cannot be a session file.", code="import_too_large"
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.", code="import_no_file") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not valid"
        raise FileTrouble(f"{name} cannot be read: {reason}.", code="import_unreadable") from error
    return decode(data, name)


def decode(data: bytes, name: str) -> Text:
    """The text of `data`. `name` is for the sentences. Raises Invalid where it is empty or no text."""
    if not data.strip(b"\x00\t\n\r \xef\xbb\xbf\xff\xfe"):
        raise Invalid(f"{name} is empty.", code="import_empty")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Text(name, _strict(data[len(mark) :], encoding, name))
    for mark, what in _OTHER_FORMATS:
        if data.startswith(mark):
            raise Invalid(
                f"{name} is {what}, not a CSV or JSON file.",
                hint="Save the sessions as CSV and import that.",
                code="import_not_text",
            )
    wide = _wide_encoding(data)
    if wide is not None:
        label = wide.upper().rsplit("-", 1)[0]
        return Text(
            name, _strict(data, wide, name), (f"The file says nothing of its encoding; read as {label}.",)
        )
    _refuse_binary(data, name)
    try:
        return Text(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = _line_of(data[: error.start].decode("latin-1"))
        return _single_byte(data, name, line)


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = _line_of(data[: error.start].decode(encoding, "replace"))
        label = encoding.upper().removesuffix("-LE").removesuffix("-BE")
        raise Invalid(
            f"Line {line} of {name} holds bytes that are not {label}, which the file says it is.",
            hint="Save the file again as UTF-8.",
            code="import_encoding",
        ) from error


def _single_byte(data: bytes, name: str, line: int) -> Text:
    try:
        text, label = data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        text, label = data.decode("latin-1"), "Latin-1"
    return Text(name, text, (f"The file is not UTF-8 (line {line}); read as {label}, so check the accents.",))


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without its mark: in mostly Western text every other byte is zero."""
    sample = data[:4096]
    if len(sample) < 4 or len(data) % 2:
        return None
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.7 and odd < half * 0.1:
        return "utf-16-be"
    return None


def _refuse_binary(data: bytes, name: str) -> None:
    sample = data[:4096]
    if sum(byte in _CONTROLS for byte in sample) > len(sample) * 0.1:
        raise Invalid(f"{name} is not a text file.", code="import_not_text")


def _line_of(before: str) -> int:
    """The number of the line that follows `before`, for any of the three line ends."""
    return before.count("\n") + before.replace("\r\n", "").count("\r") + 1
