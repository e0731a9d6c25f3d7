"""Which printers this computer has."""

from __future__ import annotations


def installed_printers() -> list[str]:
    """The system's names of the printers, in its order. Network printers may answer slowly: ask in a thread."""
    from PySide6.QtPrintSupport import QPrinterInfo  # only this page needs it, and only when it is shown

    return list(QPrinterInfo.availablePrinterNames())
