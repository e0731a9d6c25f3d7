"""The file a bank pays venues by, and the file in which it says what it did.

Pure text: one line for each payout, told apart by its reference. Written so that the same payouts give the same bytes
and no name can be read as a formula; read with one sentence for each line that cannot be understood. The columns are in
docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

COLUMNS = ("reference", "payee", "bank", "account_ending", "amount", "currency", "period")
ANSWER_COLUMNS = ("reference", "amount", "currency", "outcome", "date", "reason")
_NEEDED = ("reference", "amount", "currency", "outcome")
OUTCOMES = ("paid", "failed", "returned")
MOST_BYTES = 5_000_000
MOST_LINES = 10_000
_REFERENCE = re.compile(r"[A-Z0-9-]{1,35}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# 1234.50, 1,234.50 and, where lines are split by semicolons, 1234,50 and 1.234,50.
_POINT = re.compile(r"(\d{1,12}|\d{1,3}(,\d{3})+)(\.\d{1,2})?")
_COMMA = re.compile(r"(\d{1,12}|\d{1,3}(\.\d{3})+)(,\d{1,2})?")
_KEPT = " .,-/'&()"
_LONGEST_NAME = 70


@dataclass(frozen=True, slots=True)
class BankLine:
    """One payment as the bank reads it."""

    reference: str
    payee: str
    bank: str | None
    account_end: str
    amount: Decimal
    currency: str
    period_start: date


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """What the bank did with one payment. `line` is its number in the file, the heading being 1."""

    line: int
    reference: str
    amount: Decimal
    currency: str
    outcome: str
    on: date | None
    reason: str | None

    def to_json(self) -> dict[str, object]:
        """The answer as `payouts.bank_answer` reads it."""
        return {
            "line": self.line,
            "reference": self.reference,
            "amount": str(self.amount),
            "currency": self.currency,
            "outcome": self.outcome,
            "on": self.on.isoformat() if self.on else None,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class ReadFile:
    """An answer's lines, and a sentence for each that cannot be understood, with its number."""

    answers: tuple[BankAnswer, ...]
    problems: tuple[tuple[int, str], ...]


class NotAnAnswer(ValueError):
    """The file as a whole is not one of these; its text is one sentence for the person."""


def write(lines: Sequence[BankLine]) -> bytes:
    """The file for the bank: UTF-8, commas, CRLF, a heading, amounts as 1234.50."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in lines:
        writer.writerow(
            (
                one.reference,
                plain(one.payee),
                plain(one.bank or ""),
                one.account_end,
                f"{one.amount:.2f}",
                one.currency,
                f"{one.period_start:%Y-%m}",
            )
        )
    return text.getvalue().encode("utf-8")


def plain(name: str) -> str:
    """A name as banks take it: letters, figures and a few signs on one line, and never like a formula."""
    kept = "".join(
        sign if sign in _KEPT or unicodedata.category(sign)[0] in "LN" or unicodedata.combining(sign) else " "
        for sign in unicodedata.normalize("NFC", name)
    )
    return " ".join(kept.split()).lstrip("-'.,/ ")[:_LONGEST_NAME].rstrip()


def read(content: bytes) -> ReadFile:
    """What the bank did. Raises NotAnAnswer where the file as a whole cannot be one."""
    if len(content) > MOST_BYTES:
        raise NotAnAnswer("This file is too large to be the bank's answer.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAnAnswer("This file is not in UTF-8. Save it as CSV in UTF-8.") from None
    if "\x00" in text:
        raise NotAnAnswer("This file is not a table of text. Save it as CSV in UTF-8.")
    heading = text.split("\n", 1)[0]
    semicolons = heading.count(";") > heading.count(",")
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=";" if semicolons else ",", strict=True))
    except csv.Error:
        raise NotAnAnswer("This file is not a whole table: a quotation mark is left open.") from None
    if not rows:
        raise NotAnAnswer("This file is empty.")
    names = [name.strip().lower() for name in rows[0]]
    if missing := [name for name in _NEEDED if name not in names]:
        raise NotAnAnswer(f"This file has no column called {missing[0]}.")
    if len(set(names)) != len(names):
        raise NotAnAnswer("This file has two columns of the same name.")
    if len(rows) - 1 > MOST_LINES:
        raise NotAnAnswer(f"This file has more than {MOST_LINES:,} lines. Split it.")
    answers: list[BankAnswer] = []
    problems: list[tuple[int, str]] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            if len(row) != len(names):
                raise ValueError("The line is not whole.")
            found = {name: cell.strip() for name, cell in zip(names, row, strict=True)}
            answers.append(_answer(number, found, semicolons=semicolons))
        except ValueError as error:
            problems.append((number, str(error)))
    if not answers and not problems:
        raise NotAnAnswer("This file has no lines.")
    return ReadFile(tuple(answers), tuple(problems))


def _answer(number: int, found: dict[str, str], *, semicolons: bool) -> BankAnswer:
    reference = found["reference"].upper()
    if not _REFERENCE.fullmatch(reference):
        raise ValueError("The reference is not one of ours.")
    currency, outcome = found["currency"].upper(), found["outcome"].lower()
    if not _CURRENCY.fullmatch(currency):
        raise ValueError("The currency is not three letters.")
    if outcome not in OUTCOMES:
        raise ValueError("The outcome is not paid, failed or returned.")
    return BankAnswer(
        line=number,
        reference=reference,
        amount=_amount(found["amount"], comma=semicolons),
        currency=currency,
        outcome=outcome,
        on=_day(found.get("date", "")),
        reason=" ".join(found.get("reason", "").split())[:300] or None,
    )


def _amount(text: str, *, comma: bool) -> Decimal:
    if comma and _COMMA.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _POINT.fullmatch(text):
        text = text.replace(",", "")
    else:
        raise ValueError("The amount is not a number such as 1234.50.")
    try:
        return Decimal(text).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise ValueError("The amount is not a number such as 1234.50.") from None


def _day(text: str) -> date | None:
    if not text:
        return None
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass  # such as the 30th of February
    raise ValueError("The date is not a day such as 2026-03-31.")
