"""Looking at files that strangers made, in a process of its own that is ended afterwards.

A file may be made to bring down or to keep busy whatever opens it. So it is read, told and drawn in a process that
has no connection, little memory and a limit of time; the window never waits for it. Scripts inside a document are
never run: the renderer is used without its form and script parts. See docs/decisions/0023-evidence-files.md.
"""

from __future__ import annotations

import math
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from console.domain import evidence
from console.domain.compliance import MOST_BYTES
from console.errors import FileTrouble, Invalid

if TYPE_CHECKING:
    from PIL.Image import Image

Made = TypeVar("Made")

SECONDS = 30.0
_MOST_MEMORY = 2 * 1024**3
_WIDEST = 3000


def look_at(path: str) -> tuple[bytes, str, int]:
    """A file's bytes, what it is, and how many pages. Raises Invalid, FileTrouble. Larger ones are never read."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise FileTrouble(
            "This file cannot be opened.", hint="Choose it again.", code="file_unreadable"
        ) from error
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
        os.close(handle)
        if not stat.S_ISREG(found.st_mode):
            raise Invalid("This is no file.", hint="Choose a PDF or a picture.", code="documents")
        raise Invalid(
            f"This file has {math.ceil(found.st_size / 1_048_576):,} MB; at most 20 can be attached.",
            hint="Scan it at a lower quality, or attach its parts.",
            code="documents",
        )
    with os.fdopen(handle, "rb") as file:
        # One that grows meanwhile is cut off after the byte that says so.
        content = file.read(MOST_BYTES + 1)
    if not content:
        raise Invalid("This file is empty.", hint="Choose another one.", code="documents")
    if len(content) > MOST_BYTES:
        raise Invalid("This file has more than 20 MB.", hint="Choose another one.", code="documents")
    return content, *told(content)


def told(content: bytes) -> tuple[str, int]:
    """What bytes are, and how many pages. Raises Invalid."""
    try:
        found = evidence.tell(content)
    except evidence.Refused as refusal:
        raise Invalid(str(refusal), code="documents") from None
    return found.media_type, _pages(content) if found.media_type == evidence.PDF else 1


def _pages(content: bytes) -> int:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
        pages = len(document)
        if pages:
            document[0].get_size()
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == 4
        raise Invalid(evidence.LOCKED if locked else evidence.UNREADABLE, code="documents") from None
    if not 1 <= pages <= evidence.MOST_PAGES:
        raise Invalid(
            f"This PDF has {pages} pages; at most {evidence.MOST_PAGES} can be attached.",
            hint="Attach the pages that matter.",
            code="documents",
        )
    return pages


def draw(content: bytes, page: int, width: int) -> bytes:
    """A page, counted from 0, as PNG of about this width in points. Raises Invalid."""
    from PIL import Image

    width = max(16, min(width, _WIDEST))
    media_type, pages = told(content)
    if not 0 <= page < pages:
        raise Invalid("There is no such page.", code="no_page")
    if media_type == evidence.PDF:
        picture = _page(content, page, width)
    else:
        Image.MAX_IMAGE_PIXELS = evidence.MOST_PIXELS
        with Image.open(BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
            opened.draft("RGB", (width, width * 2))
            picture = opened.convert("RGBA" if opened.mode in ("RGBA", "LA", "P", "PA") else "RGB")
        picture.thumbnail((width, width * 20))
    out = BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _page(content: bytes, page: int, width: int) -> Image:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    sheet = document[page]
    wide, high = sheet.get_size()
    scale = min(width / max(wide, 1), width * 20 / max(high, 1))
    # A page may be any length; what is drawn is not.
    while wide * scale * high * scale > evidence.MOST_PIXELS:
        scale /= 2
    bitmap = sheet.render(scale=scale, may_draw_forms=False, fill_color=(255, 255, 255, 255))
    return cast("Image", bitmap.to_pil())


def apart(work: Callable[[], Made], seconds: float = SECONDS) -> Made:
    """The answer of `work`, worked out in a process that is ended afterwards. Belongs in a thread.

    `work` is a function of a module, or a partial of one. Raises the Invalid or FileTrouble it raised; Invalid where
    it crashed or took longer than `seconds`.
    """
    # Spawned everywhere alike: a copy of a process with a window and threads is no safe place to work in.
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(there, work), daemon=True)
    process.start()
    there.close()
    done = None
    try:
        # A process that crashed closes its end, which reads as an end of file.
        with suppress(EOFError):
            done = here.recv() if here.poll(seconds) else None
    finally:
        here.close()
        process.kill()
        process.join()
        process.close()
    if done is None:
        raise Invalid(evidence.UNREADABLE, code="documents")
    refused, answer = done
    if refused:
        is_file, sentence, hint, code = answer
        raise (FileTrouble if is_file else Invalid)(sentence, hint=hint, code=code)
    return cast("Made", answer)


def _answer(there: Connection, work: Callable[[], object]) -> None:
    # Whatever a file does to this process stays in it, and is said in one sentence.
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    _limit()
    try:
        said: tuple[bool, object] = (False, work())
    except (Invalid, FileTrouble) as error:
        said = (True, (isinstance(error, FileTrouble), error.sentence, error.hint, error.code))
    with suppress(OSError):
        there.send(said)
    there.close()


def _limit() -> None:
    if sys.platform != "win32":
        import resource

        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS), int(SECONDS)))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def name_of(path: Path) -> str:
    """The last part of a path as text, whatever bytes it is made of."""
    return os.fsencode(path.name).decode("utf-8", "replace")
