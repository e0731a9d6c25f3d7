"""Fonts in a document, made once per process: the same letters give the same bytes, so they are kept.

A subset of a font costs more to make, compress and write down than a page of text. Most documents need the same
letters, so what was made for one serves the next. The order in which letters come is the document's own, so the same
facts give the same bytes whether anything was kept or not. See docs/design.md, "Documents" and "Speed".
"""

from __future__ import annotations

import threading
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from reportlab import rl_config
from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.ttfonts import FF_NONSYMBOLIC, FF_SYMBOLIC, SUBSETN, TTFont

# Streams are bytes, not letters that stand for bytes: a fifth smaller, and quicker to write.
rl_config.useA85 = 0

USUAL = "·–—−…×%’“”€£□ÄÖÜäöüßÉéèêàáçñóúíøåÅ"
"""Letters beside ASCII that every document takes in the same order, so that their subsets are the same."""

_KEPT_SUBSETS = 24
_MOST_PAIRS = 100
PDFDocument: TypeAlias = Any  # reportlab has no types
_making = threading.Lock()  # a font's file is read from one place at a time


class _Written(pdfdoc.PDFObject):  # type: ignore[misc]  # reportlab has no types
    """An object of a PDF that is written down already."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def format(self, _document: object) -> bytes:
        """The object as it stands in the file."""
        return self._content


class EmbeddedFont(TTFont):  # type: ignore[misc]  # reportlab has no types
    """A TrueType font whose subsets are kept from one document to the next."""

    def __init__(self, name: str, path: Path) -> None:
        """Load the font. Raises TTFError and OSError where that cannot be done."""
        super().__init__(name, str(path), shapable=False)
        self._subset = lru_cache(maxsize=_KEPT_SUBSETS)(self._made)

    def begin(self, document: object) -> None:
        """Give the usual letters their places in a document that begins."""
        self.splitString(USUAL, document)

    def shown(self, text: str, size: float, document: object) -> str:
        """The operators that show a text from where the pen is, in this font (ISO 32000-1, 9.4.3)."""
        return " ".join(
            f"{self.getSubsetInternalName(subset, document)} {size:g} Tf <{codes.hex()}> Tj"
            for subset, codes in self.splitString(text, document)
        )

    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802 - reportlab's own name
        """Add the font's subsets to a document that ends; called by reportlab."""
        state = self.state[doc]
        state.frozen = 1
        for number, subset in enumerate(state.subsets):
            internal = self.getSubsetInternalName(number, doc)[1:]
            base = self._base(number)
            cmap, widths, file, descriptor = self._subset(number, tuple(subset))
            file_ref = doc.Reference(_Written(file), f"fontFile:{self.face.filename}({base})")
            descriptor_ref = doc.Reference(
                _Written(descriptor % file_ref.format(doc)), f"fontDescriptor:{base}"
            )
            font = pdfdoc.PDFTrueTypeFont()
            font.Name, font.BaseFont = internal, base
            font.FirstChar, font.LastChar, font.Widths = 0, len(subset) - 1, _Written(widths)
            font.ToUnicode = doc.Reference(_Written(cmap), f"toUnicodeCMap:{base}")
            font.FontDescriptor = descriptor_ref
            doc.Reference(font, internal)
            doc.idToObject["BasicFonts"].dict[internal] = font
        del self.state[doc]

    def _base(self, number: int) -> str:
        name: bytes = SUBSETN(number) + b"+" + self.face.name + self.face.subfontNameX
        return name.decode("pdfdoc")

    def _made(self, number: int, subset: tuple[int, ...]) -> tuple[bytes, bytes, bytes, bytes]:
        """How the characters are read back, how wide they are, their outlines, and a template of the descriptor."""
        base, face = self._base(number), self.face
        cmap = _stream(_read_back(base, subset))
        widths = "[ " + " ".join(_number(face.getCharWidth(code)) for code in subset) + " ]"
        with _making:
            outlines = face.makeSubset(list(subset))
        flags = (face.flags & ~FF_NONSYMBOLIC) | FF_SYMBOLIC
        box = " ".join(_number(edge) for edge in face.bbox)
        descriptor = (
            f"<< /Type /FontDescriptor /Ascent {_number(face.ascent)} /CapHeight {_number(face.capHeight)} "
            f"/Descent {_number(face.descent)} /Flags {flags} /FontBBox [ {box} ] /FontName /{base} "
            f"/ItalicAngle {_number(face.italicAngle)} /StemV {_number(face.stemV)} "
            f"/MissingWidth {_number(face.defaultWidth)} /FontFile2 "
        )
        file = _stream(outlines, f" /Length1 {len(outlines)}")
        return cmap, widths.encode(), file, descriptor.replace("%", "%%").encode("latin-1") + b"%s >>"


def _read_back(base: str, subset: tuple[int, ...]) -> bytes:
    """Which characters the codes of a subset stand for (ISO 32000-1, 9.10.3), so that text can be found and copied."""
    lines = [
        "/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap",
        f"/CIDSystemInfo << /Registry ({base}) /Ordering ({base}) /Supplement 0 >> def",
        f"/CMapName /{base} def", "/CMapType 2 def",
        "1 begincodespacerange", f"<00> <{len(subset) - 1:02X}>", "endcodespacerange",
    ]  # fmt: skip
    pairs = [(code, chr(mark)) for code, mark in enumerate(subset) if mark]
    for first in range(0, len(pairs), _MOST_PAIRS):
        part = pairs[first : first + _MOST_PAIRS]
        lines.append(f"{len(part)} beginbfchar")
        lines += [f"<{code:02X}> <{mark.encode('utf-16-be').hex().upper()}>" for code, mark in part]
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines).encode()


def _stream(content: bytes, more: str = "") -> bytes:
    packed = zlib.compress(content)
    head = f"<< /Filter [ /FlateDecode ] /Length {len(packed)}{more} >>"
    return head.encode() + b"\r\nstream\r\n" + packed + b"\r\nendstream\r\n"


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
