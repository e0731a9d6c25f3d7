"""Reading a PDF as others do: every tool that is here looks at it. On Debian `dev.py test` installs them all."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pypdfium2

from tests.support.paper_samples import texts


def words(pdf: bytes, folder: Path) -> str:
    """All the text of a document, by poppler's pdftotext where it is installed, else by pdfium."""
    tool = shutil.which("pdftotext")
    if tool is None:
        return " ".join(texts(pdf))
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    done = subprocess.run([tool, "-raw", str(path), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def check(pdf: bytes, folder: Path) -> None:
    """The file is sound: qpdf finds nothing where it is installed; its table of objects is right; it opens."""
    tool = shutil.which("qpdf")
    if tool is not None:
        path = folder / "check.pdf"
        path.write_bytes(pdf)
        done = subprocess.run([tool, "--check", str(path)], capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    _check_objects(pdf)
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert len(document) > 0
        for page in document:
            assert page.render(scale=0.2).to_pil().getbbox() is not None
    finally:
        document.close()


def _check_objects(pdf: bytes) -> None:
    """Each object stands where the table at the end says, and each stream is as long as it says."""
    start = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    assert pdf[start : start + 4] == b"xref"
    entries = re.findall(rb"(\d{10}) (\d{5}) n", pdf[start:])
    for number, (offset, generation) in enumerate(entries, 1):
        head = b"%d %d obj" % (number, int(generation))
        assert pdf[int(offset) : int(offset) + len(head)] == head
    for found in re.finditer(rb"/Length (\d+)[^>]*>>\s*?\r?\nstream\r?\n", pdf):
        end = found.end() + int(found.group(1))
        assert re.match(rb"\r?\n?endstream", pdf[end : end + 12]), pdf[end : end + 12]


def fonts_are_embedded(pdf: bytes) -> bool:
    """Whether every font of a document is in it."""
    return 0 < len(re.findall(rb"/BaseFont", pdf)) == len(re.findall(rb"/FontFile2", pdf))


def bounds(pdf: bytes) -> list[tuple[float, float, float, float]]:
    """The bounds of everything drawn on each page, in points."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [found.get_bounds() for page in document for found in page.get_objects()]
    finally:
        document.close()
