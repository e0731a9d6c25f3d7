"""The bytes and the rows of session files: every encoding and dialect, and a line and a reason for what is wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.importing import Reading, Rejection
from console.errors import ConsoleError, Invalid, NotFound
from console.services.imports import cells, layouts
from console.services.imports.tables import Record, records
from console.services.imports.text import Text, decode, read_text
from tests.support.session_files import drop_in, drop_in_row


def read(text: str) -> Reading:
    return layouts.read(Text("sessions.csv", text))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_every_encoding_reads_the_same(encoding: str) -> None:
    text = drop_in(
        drop_in_row(**{"Course Title": "Échecs à l’école" if encoding != "latin-1" else "Échecs à midi"})
    )
    found = decode(text.encode(encoding), "sessions.csv")
    assert found.text == text
    assert bool(found.notes) == (encoding in {"cp1252", "latin-1", "utf-16-le", "utf-16-be"})


def test_an_assumed_encoding_is_said_with_the_line() -> None:
    text = drop_in(drop_in_row(), drop_in_row(**{"Course Title": "Échecs"}), end="\r")
    assert decode(text.encode("cp1252"), "f").notes == (
        "The file is not UTF-8 (line 3); read as Windows-1252, so check the accents.",
    )
    assert "Latin-1" in decode(b"a,b\n\x81\n", "f").notes[0]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "f is empty."),
        (b" \r\n\n", "f is empty."),
        (b"\xef\xbb\xbf", "f is empty."),
        (b"\xff\xfe", "f is empty."),
        (b"PK\x03\x04rest", "f is an Excel workbook or a ZIP archive, not a CSV or JSON file."),
        (b"\x89PNG\r\n", "f is a picture, not a CSV or JSON file."),
        (bytes(range(256)) * 4, "f is not a text file."),
        (
            b"\xef\xbb\xbfa,b\n1,2\n\xff",
            "Line 3 of f holds bytes that are not UTF-8, which the file says it is.",
        ),
        (
            "a,b\r\n".encode("utf-16") + b"x",
            "Line 2 of f holds bytes that are not UTF-16, which the file says it is.",
        ),
        (
            b"\xff\xfe" + b"a\x00\n\x00" + b"\x00\xd8",
            "Line 2 of f holds bytes that are not UTF-16, which the file says it is.",
        ),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as raised:
        decode(data, "f")
    assert raised.value.sentence == sentence


def test_paths_that_are_no_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="is a folder"):
        read_text(tmp_path)
    with pytest.raises(NotFound, match="There is no file"):
        read_text(tmp_path / "missing.csv")
    (tmp_path / "zero.csv").touch()
    with pytest.raises(Invalid, match=r"zero\.csv is empty"):
        read_text(tmp_path / "zero.csv")
    with pytest.raises(ConsoleError):
        read_text(tmp_path / "nul\x00.csv")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(Invalid, match="not an ordinary file"):
            read_text(tmp_path / "pipe")
    with (tmp_path / "huge.csv").open("wb") as huge:
        huge.truncate(100 * 1024 * 1024 + 1)
    with pytest.raises(Invalid, match="larger than 100 MB"):
        read_text(tmp_path / "huge.csv")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_a_sentence(data: bytes) -> None:
    refused: list[ConsoleError] = []
    try:
        layouts.read(decode(data, "f"))
    except ConsoleError as error:
        refused.append(error)
    assert all(error.sentence.endswith(".") and error.sentence.isprintable() for error in refused)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_line_numbers(end: str) -> None:
    text = end.join(["a,b", '"x', 'y",1', "", "z", '2,"']) + end
    assert list(records(text)) == [
        Record(1, ["a", "b"]),
        Record(2, [f"x{end}y", "1"]),
        Record(5, ["z"]),
        Rejection(6, "A quotation mark opened on this line is never closed."),
    ]


def test_rows_that_cannot_be_read_have_their_line_and_the_rest_goes_on() -> None:
    good = drop_in_row()
    text = drop_in(good, good[:-1], [*good, "more"], good, [""], good)
    text = text.replace("Chess", "Che\x00ss", 1)
    reading = read(text + '9,"7"x,1\n' + '"' + "y" * 140_000 + '",1\n')
    assert reading.rejected == (
        Rejection(2, "The row holds a NUL character, which is no text."),
        Rejection(3, "The row has 14 cells where the header has 15."),
        Rejection(4, "The row has 16 cells where the header has 15."),
        Rejection(8, "Something stands between a closing quotation mark and the next separator."),
        Rejection(9, "A cell is longer than 131,072 characters."),
    )
    assert [row.line for row in reading.rows] == [5, 7]


def test_the_public_dialect_cases(shared_data: Path) -> None:
    folder = shared_data / "csv_spectrum"
    names = sorted(path.stem for path in (folder / "csvs").glob("*.csv"))
    assert len(names) == 11
    for name in names:
        text = decode((folder / "csvs" / f"{name}.csv").read_bytes(), name).text
        if name.endswith("_crlf"):
            # The published copies lost the line ends that they are named for.
            text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        header, *rest = [one.cells for one in records(text) if isinstance(one, Record)]
        expected = json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8"))
        assert [dict(zip(header, row, strict=True)) for row in rest] == expected, name


def test_cells_are_shown_without_disturbing_a_terminal() -> None:
    assert cells.shown("a\x1b[2Jb\u202ec") == "“a\N{REPLACEMENT CHARACTER}[2Jb\N{REPLACEMENT CHARACTER}c”"
    assert cells.shown("x" * 50) == "“" + "x" * 39 + "…”"
