"""Evidence of the demo's venues: small PDF files of a few lines and small pictures, made of nothing but their words.

Real ones, because a reviewer opens them: a certificate, a report of several pages, photographs of a room. See
docs/decisions/0023-evidence-files.md for what such a file may be.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from console.domain.compliance import NewDocument

_WIDTH, _HEIGHT = 612, 792


def paper(title: str, file_name: str, *pages: Sequence[str]) -> NewDocument:
    """A PDF whose pages have these lines, the first of each in large letters."""
    return NewDocument(title, file_name, "application/pdf", _pdf(pages), len(pages))


def photograph(title: str, file_name: str, hue: int) -> NewDocument:
    """A picture of a room as somebody would draw it: a wall, a floor, a door and a window, in a colour of its own."""
    return NewDocument(title, file_name, "image/png", _png(hue), None)


def _pdf(pages: Sequence[Sequence[str]]) -> bytes:
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        drawn = _page(lines)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    written = bytearray(b"%PDF-1.4\n")
    places = []
    for number, one in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n{one}\nendobj\n".encode("cp1252")
    start = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    written += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    written += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(written)


def _page(lines: Sequence[str]) -> str:
    # A rule under the heading and one at the foot: a sheet with words only looks like no certificate.
    drawn = ["0.35 0.38 0.85 RG 2 w 72 690 m 540 690 l S 0.8 G 0.5 w 72 90 m 540 90 l S 0.1 g"]
    for number, line in enumerate(lines):
        size, up = (22, 706) if number == 0 else (12, 664 - 22 * number)
        words = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        drawn.append(f"BT /F1 {size} Tf 72 {up} Td ({words}) Tj ET")
    return "\n".join(drawn)


def _png(hue: int) -> bytes:
    wide, high = 480, 320
    wall, floor = bytes((235 - hue % 30, 228, 205 + hue % 40)), bytes((150, 110 + hue % 40, 75))
    door, window = bytes((96, 70 + hue % 60, 60)), bytes((170, 205, 235))
    upper = wall * wide
    with_window = wall * 60 + window * 150 + wall * (wide - 210)
    with_both = wall * 60 + window * 150 + wall * 110 + door * 90 + wall * (wide - 410)
    with_door = wall * 320 + door * 90 + wall * (wide - 410)
    rows = [upper] * 60 + [with_window] * 20 + [with_both] * 80 + [with_door] * 90
    rows += [floor * wide] * (high - len(rows))
    body = zlib.compress(b"".join(b"\x00" + row for row in rows), 9)
    header = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
