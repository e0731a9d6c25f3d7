"""The rows of a table, from text or a workbook, before anybody said what its columns are.

A workbook is opened without running anything in it, and only as far as a table of sessions can be long: a small file
can unpack into a very large one. See docs/design.md, "Runtime" (big parses).
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from console.domain.exchange import MOST_ENTRIES, Sheet, Unread
from console.errors import Invalid
from console.services.imports.tables import DELIMITERS, header_of, normalised, table
from console.services.imports.text import decode

_MOST_COLUMNS = 200
_MOST_UNPACKED = 300 * 1024 * 1024
_WORKBOOK = b"PK\x03\x04"
_EPOCHS = (date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1904, 1, 1))

Watch = Callable[[int, int], None]


def is_workbook(data: bytes) -> bool:
    """Whether the bytes begin as those of a workbook (or another archive)."""
    return data.startswith(_WORKBOOK)


def read_sheet(data: bytes, name: str, watch: Watch = lambda _done, _of: None) -> Sheet:
    """The rows of a CSV file or a workbook by their headings. Raises Invalid with one sentence."""
    sheet = _workbook(data, watch) if is_workbook(data) else _csv(data, name)
    if len(sheet.rows) > MOST_ENTRIES:
        raise Invalid(
            f"The table has more than {MOST_ENTRIES:,} rows.", hint="Divide it.", code="too_many_entries"
        )
    if not sheet.rows and not sheet.refused:
        raise Invalid("The table has no rows below its headings.", code="import_empty")
    return sheet


def _csv(data: bytes, name: str) -> Sheet:
    text = decode(data, name).text
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    found = table(text, delimiter)
    header = [normalised(label) for label in header_of(text, delimiter)]
    return Sheet(
        labels=found.labels,
        rows=tuple((line, row) for line, row in found.rows if any(cell.strip() for cell in row.values())),
        refused=tuple(Unread(one.line, one.reason) for one in found.rejected),
        shape=_shape(header),
    )


def _workbook(data: bytes, watch: Watch) -> Sheet:
    import openpyxl

    broken = Invalid("This workbook cannot be read.", hint="Save it as XLSX or CSV again.", code="workbook")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > _MOST_UNPACKED:
                raise Invalid("This workbook is too large.", hint="Divide it.", code="workbook")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that no cell's value needs
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                for sheet in book.worksheets:
                    sheet.reset_dimensions()
                    found = _rows(sheet.iter_rows(values_only=True), watch)
                    if found is not None:
                        return found
            finally:
                book.close()
    except Invalid:
        raise
    # A damaged workbook fails in whichever part of it is read first, each with an error of its own.
    except (
        zipfile.BadZipFile,
        OSError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        SyntaxError,
    ) as error:
        raise broken from error
    raise Invalid("The workbook has no rows.", code="import_empty")


def _rows(found: Iterable[Sequence[object]], watch: Watch) -> Sheet | None:
    header: list[str] = []
    labels: dict[str, str] = {}
    rows: list[tuple[int, dict[str, str]]] = []
    for line, values in enumerate(found, start=1):
        if line % 500 == 0:
            watch(line, MOST_ENTRIES)
        cells = [_cell(one) for one in values[:_MOST_COLUMNS]]
        if not any(one.strip() for one in cells):
            if line > MOST_ENTRIES * 3:
                break
            continue
        if not header:
            header = [normalised(one) for one in cells]
            for key, label in zip(header, cells, strict=True):
                if key and key in labels:
                    raise Invalid(
                        f"The header names the column “{label.strip()}” twice.", code="import_header"
                    )
                if key:
                    labels[key] = label.strip()
            continue
        rows.append((line, {key: cell for key, cell in zip(header, cells, strict=False) if key}))
        if len(rows) > MOST_ENTRIES:
            break
    return Sheet(labels, tuple(rows), (), _shape(header)) if header else None


def _cell(value: object) -> str:
    """A cell as a person would type it."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, datetime):
        if value.date() in _EPOCHS:
            return value.time().isoformat("seconds")
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("seconds")
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds()) // 60
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    # How workbooks write an underscore before what looks like one of their own signs.
    return re.sub("_x005F_(?=x[0-9A-Fa-f]{4}_)", "_", str(value))


def _shape(header: Sequence[str]) -> str:
    return sha256("\x1f".join(header).encode("utf-8", "replace")).hexdigest()
