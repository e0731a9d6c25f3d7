"""What may be attached as evidence: by its bytes, off the loop, in a process that a hostile file cannot leave.

docs/decisions/0023-evidence-files.md; docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

import os
import struct
import time
import zlib
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pypdfium2
import pytest
from PIL import Image

from console.domain import evidence
from console.domain.compliance import MOST_BYTES, DocumentFile
from console.errors import Invalid, Unavailable
from console.services import evidence_process
from console.services.evidence import EvidenceService
from console.storage.evidence import EvidenceQueries


def pdf(pages: int = 1, extra: bytes = b"") -> bytes:
    """A real document of empty pages, with more objects after it."""
    made = pypdfium2.PdfDocument.new()
    for _page in range(pages):
        made.new_page(300, 400)
    out = BytesIO()
    made.save(out)
    made.close()
    return out.getvalue() + extra


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind)
    return out.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A few bytes that say they are a picture of billions of points."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 4_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def objects(text: bytes, dictionary: bytes = b"/Filter /FlateDecode") -> bytes:
    """Objects packed into a stream, as newer documents do."""
    packed = zlib.compress(text)
    head = b"9 0 obj <</Type /ObjStm /N 1 /First 4 /Length %d %s>>" % (len(packed), dictionary)
    return head + b"stream\n" + packed + b"\nendstream endobj\n"


GOOD = [
    (evidence.PNG, picture("PNG"), (40, 30)),
    (evidence.JPEG, picture("JPEG"), (40, 30)),
    (evidence.WEBP, picture("WEBP"), (40, 30)),
    (evidence.PDF, pdf(), None),
    # What a document says is no script: only names count, and links are harmless.
    (evidence.PDF, pdf(extra=b"(JavaScript and Launch are words) /URI (https://example.org)"), None),
    (evidence.PDF, pdf(extra=b"/OpenAction [3 0 R /Fit]"), None),
    (evidence.PDF, pdf(extra=objects(b"1 0 <</Type /Catalog>>")), None),
]


@pytest.mark.parametrize(("media_type", "content", "size"), GOOD)
def test_a_file_is_what_its_bytes_say(media_type: str, content: bytes, size: tuple[int, int] | None) -> None:
    assert evidence.tell(content) == evidence.Told(media_type, size)


def test_sizes_of_every_kind_of_webp_are_read() -> None:
    lossless, alpha = BytesIO(), BytesIO()
    Image.new("RGB", (41, 31)).save(lossless, "WEBP", lossless=True)
    Image.new("RGBA", (42, 32), (1, 2, 3, 99)).save(alpha, "WEBP", exif=b"Exif\0\0")
    assert evidence.tell(lossless.getvalue()).size == (41, 31)
    assert evidence.tell(alpha.getvalue()).size == (42, 32)


def _hidden(text: bytes) -> bytes:
    return pdf(extra=text)


BAD: list[tuple[str, bytes, str]] = [
    ("nothing", b"", evidence.NOT_A_KIND),
    ("html", b"<!doctype html><script>alert(1)</script>", evidence.NOT_A_KIND),
    ("svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', evidence.NOT_A_KIND),
    ("shell", b"#!/bin/sh\nrm -rf /\n", evidence.NOT_A_KIND),
    ("windows", b"MZ\x90\0", evidence.NOT_A_KIND),
    ("gif", b"GIF89a\1\0\1\0", evidence.NOT_A_KIND),
    ("before", b"\n<html>%PDF-1.4", evidence.NOT_A_KIND),
    ("script", _hidden(b"<</S /JavaScript /JS (app.alert\\(1\\))>>"), evidence.SCRIPT),
    ("escaped", _hidden(b"<</S /J#61va#53cript>>"), evidence.SCRIPT),
    ("short", _hidden(b"<</JS 5 0 R>>"), evidence.SCRIPT),
    ("launch", _hidden(b"<</S /Launch /F (cmd.exe)>>"), evidence.SCRIPT),
    ("media", _hidden(b"<</Subtype /RichMedia>>"), evidence.SCRIPT),
    ("files", _hidden(b"<</Names <</EmbeddedFiles 8 0 R>>>>"), evidence.FILE),
    ("form", _hidden(b"<</AcroForm <</XFA 7 0 R>>>>"), evidence.FORM),
    ("locked", _hidden(b"trailer <</Encrypt 7 0 R>>"), evidence.LOCKED),
    ("packed", _hidden(objects(b"1 0 <</S /JavaScript /JS 2 0 R>>")), evidence.SCRIPT),
    ("packed, escaped", _hidden(objects(b"1 0 <</S /#4aS 2 0 R>>")), evidence.SCRIPT),
    ("packed otherwise", _hidden(objects(b"x", b"/Filter /LZWDecode")), evidence.UNREADABLE),
    ("packed twice", _hidden(objects(b"x", b"/Filter [/FlateDecode /FlateDecode]")), evidence.UNREADABLE),
    ("packing broken", _hidden(objects(b"x").replace(b"\x78\x9c", b"\x00\x00")), evidence.UNREADABLE),
    ("unpacks for ever", _hidden(objects(b"\0" * 70_000_000)), evidence.UNREADABLE),
    ("hidden behind a stream", _hidden(b"(stream\n) <</S /JavaScript>> endstream"), evidence.SCRIPT),
    ("bomb", bomb(), evidence.TOO_LARGE_PICTURE),
    ("long side", bomb(30_000, 2), evidence.TOO_LARGE_PICTURE),
    ("no width", bomb(0, 4), evidence.UNREADABLE),
    ("cut", picture("PNG")[:18], evidence.UNREADABLE),
    ("cut photograph", picture("JPEG")[:30], evidence.UNREADABLE),
]


@pytest.mark.parametrize(("content", "sentence"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_what_is_no_plain_file_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(evidence.Refused) as caught:
        evidence.tell(content)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("name", "media_type", "safe"),
    [
        ("Certificate 2026.pdf", evidence.PDF, "Certificate 2026.pdf"),
        ("../../etc/passwd", evidence.PDF, "passwd.pdf"),
        ("C:\\Users\\maya\\scan.PDF", evidence.PDF, "scan.pdf"),
        ("a\u202efdp.exe", evidence.PDF, "afdp.exe.pdf"),
        ("photo.jpeg", evidence.JPEG, "photo.jpeg"),
        ("photo.pdf", evidence.JPEG, "photo.jpg"),
        ("a\nb\x00c\td.png", evidence.PNG, "a b c d.png"),
        ("..", evidence.PDF, "document.pdf"),
        ("", evidence.PDF, "document.pdf"),
        (".pdf", evidence.PDF, "document.pdf"),
        ("CON.pdf", evidence.PDF, "document.pdf"),
        ("\u200b\ufeff.png", evidence.PNG, "document.png"),
        ("Страховка \u2068студии\u2069.pdf", evidence.PDF, "Страховка студии.pdf"),
        ('a<b>:"|?*.webp', evidence.WEBP, "a b.webp"),
        ("x" * 300 + ".pdf", evidence.PDF, "x" * evidence.LONGEST_NAME + ".pdf"),
    ],
)
def test_a_name_becomes_a_safe_one(name: str, media_type: str, safe: str) -> None:
    assert evidence.safe_name(name, media_type) == safe


@pytest.fixture
def service() -> EvidenceService:
    return EvidenceService(cast("EvidenceQueries", None))


async def test_a_file_is_looked_at_in_a_process_of_its_own(service: EvidenceService, tmp_path: Path) -> None:
    path = tmp_path / "scan.exe"
    path.write_bytes(pdf(3))
    found = await service.look_at_file(path, "  The\n certificate ")
    assert (found.title, found.file_name, found.media_type, found.pages) == (
        "The certificate",
        "scan.exe.pdf",
        evidence.PDF,
        3,
    )
    assert found.content == path.read_bytes()


def test_a_large_file_is_never_read(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.4")
        file.truncate(200 * 1024 * 1024)
    begun = time.process_time()
    with pytest.raises(Invalid, match="200 MB; at most 20") as caught:
        evidence_process.look_at(str(path))
    assert caught.value.code == "documents"
    assert time.process_time() - begun < 0.05
    with path.open("r+b") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(Invalid, match="at most 20"):
        evidence_process.look_at(str(path))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty.pdf").write_bytes(b"")
    for name, error in (("pipe", Invalid), (".", Invalid), ("empty.pdf", Invalid), ("none.pdf", Unavailable)):
        with pytest.raises(error):
            evidence_process.look_at(str(tmp_path / name))


def test_a_pdf_that_is_none_and_one_of_too_many_pages_are_refused() -> None:
    with pytest.raises(Invalid, match="damaged"):
        evidence_process.told(b"%PDF-1.7\n" + os.urandom(3000))
    with pytest.raises(Invalid, match="201 pages; at most 200"):
        evidence_process.told(pdf(201))
    assert evidence_process.told(pdf(200)) == (evidence.PDF, 200)


def drawn(content: bytes, page: int = 0, width: int = 120) -> Image.Image:
    return Image.open(BytesIO(evidence_process.draw(content, page, width)))


def test_pages_and_pictures_are_drawn_as_png() -> None:
    for content in (
        pdf(2),
        picture("PNG", (600, 800)),
        picture("JPEG", (600, 800)),
        picture("WEBP", (600, 800)),
    ):
        made = drawn(content)
        assert (made.format, made.size) == ("PNG", (120, 160))
    with pytest.raises(Invalid):
        drawn(pdf(2), page=2)
    with pytest.raises(Invalid):
        drawn(pdf(2), page=-1)
    # Larger than it is, a picture is not drawn.
    assert drawn(picture("PNG"), width=1000).size == (40, 30)


async def test_the_service_draws_apart(service: EvidenceService) -> None:
    file = DocumentFile(uuid4(), "a.pdf", evidence.PDF, pdf(), bytes(32), datetime(2026, 3, 2, tzinfo=UTC))
    assert (await service.picture(file, 0, 80)).startswith(b"\x89PNG")
    broken = DocumentFile(uuid4(), "a.png", evidence.PNG, bomb(), bytes(32), datetime(2026, 3, 2, tzinfo=UTC))
    with pytest.raises(Invalid):
        await service.picture(broken, 0, 80)


def _crash(*_: Any) -> None:
    os.abort()


def _hang(*_: Any) -> None:
    time.sleep(600)


@pytest.mark.parametrize(("work", "seconds"), [(_crash, 20.0), (_hang, 1.0)])
def test_a_file_that_brings_its_reader_down_is_one_sentence(work: Any, seconds: float) -> None:
    with pytest.raises(Invalid) as caught:
        evidence_process.apart(partial(work), seconds)
    assert caught.value.sentence == evidence.UNREADABLE
