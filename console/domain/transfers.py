"""Transfers to venues' accounts: what is asked for, and what an answer of the other side says.

Pure, so that every strange answer can be tried without a network: an answer either says what became of the money, or it
says nothing at all. Amounts are Decimal in the payout's currency; on the wire they are whole numbers of its smallest
unit. See docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

# Currencies whose smallest unit is not a hundredth (ISO 4217).
_WITHOUT_CENTS = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split()  # noqa: SIM905 - shorter to read
)
_WITH_MILLS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_ID = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_KEYS = re.compile(r"\b(?:sk|rk|pk|whsec)_\S+")
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_LONGEST = 250


class TransferStatus(StrEnum):
    """How a transfer stands, as the other side says."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


_STATUS = {
    "": TransferStatus.PAID,  # a transfer without a state is made: the money is at the venue's account there
    "paid": TransferStatus.PAID,
    "succeeded": TransferStatus.PAID,
    "pending": TransferStatus.PENDING,
    "in_transit": TransferStatus.PENDING,
    "processing": TransferStatus.PENDING,
    "failed": TransferStatus.FAILED,
    "canceled": TransferStatus.FAILED,
    "cancelled": TransferStatus.FAILED,
}


@dataclass(frozen=True, slots=True)
class Transfer:
    """One attempt to pay one payout, as the database fixed it before anybody was asked.

    `nth`: by which asking this is. `was_asked`: it may have been accepted before. `may_post`: its key is young enough
    to be recognised; an older one is only looked up.
    """

    id: UUID
    payout_id: UUID
    attempt: int
    key: str = field(repr=False)
    amount: Decimal
    currency: str
    destination: str = field(repr=False)
    provider_id: str | None
    nth: int
    was_asked: bool
    may_post: bool

    @property
    def group(self) -> str:
        """By what every attempt of a payout is found at the other side."""
        return f"payout_{self.payout_id}"

    def form(self) -> dict[str, str]:
        """What is sent. Raises ValueError for an amount that the currency does not have."""
        return {
            "amount": str(minor_units(self.amount, self.currency)),
            "currency": self.currency.lower(),
            "destination": self.destination,
            "transfer_group": self.group,
            "metadata[payout]": str(self.payout_id),
            "metadata[attempt]": str(self.attempt),
        }


@dataclass(frozen=True, slots=True)
class Said:
    """What the other side says of a transfer it knows."""

    id: str
    amount: Decimal
    currency: str
    destination: str
    status: TransferStatus
    taken_back: Decimal
    why: str | None
    attempt: str | None
    """The attempt it was made for, where the other side repeats that."""

    @property
    def stands(self) -> bool:
        """Whether some of the money is gone, or on its way."""
        return self.status is not TransferStatus.FAILED and self.taken_back < self.amount


def minor_units(amount: Decimal, currency: str) -> int:
    """12.34 USD as 1234. Raises ValueError where that is not whole or not above zero."""
    units = amount * (Decimal(10) ** _places(currency))
    if units != units.to_integral_value() or units <= 0:
        raise ValueError("not an amount of this currency")
    return int(units)


def major_units(units: int, currency: str) -> Decimal:
    """1234 of USD as 12.34."""
    return Decimal(units).scaleb(-_places(currency))


def read_answer(body: bytes) -> Mapping[str, object] | None:
    """A JSON object out of a body; None for anything else, such as half of one."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def read_transfer(found: object) -> Said | None:
    """What an answer says of a transfer; None where it is not whole, because then it says nothing."""
    if not isinstance(found, dict) or found.get("object", "transfer") != "transfer":
        return None
    name, amount, currency, destination = (
        found.get(key) for key in ("id", "amount", "currency", "destination")
    )
    if isinstance(destination, dict):  # an expanded account
        destination = destination.get("id")
    taken_back = found.get("amount_reversed", 0)
    status = found.get("status") or ""
    if (
        not isinstance(name, str)
        or not _ID.fullmatch(name)
        or not _is_whole(amount)
        or not isinstance(currency, str)
        or not re.fullmatch(r"[A-Za-z]{3}", currency)
        or not isinstance(destination, str)
        or not _is_whole(taken_back)
        or not isinstance(status, str)
    ):
        return None
    if found.get("reversed") is True:
        taken_back = max(int(str(taken_back)), int(str(amount)))
    metadata = found.get("metadata")
    attempt = metadata.get("attempt") if isinstance(metadata, dict) else None
    why = found.get("failure_message") or found.get("failure_code")
    return Said(
        id=name,
        amount=major_units(int(str(amount)), currency.upper()),
        currency=currency.upper(),
        destination=destination,
        # What this console does not know is looked at again.
        status=_STATUS.get(status.lower(), TransferStatus.PENDING),
        taken_back=major_units(int(str(taken_back)), currency.upper()),
        why=one_line(why) if isinstance(why, str) else None,
        attempt=str(attempt) if attempt is not None else None,
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the other side refused: its own kind and code, and a sentence for a person."""

    kind: str
    code: str
    words: str


ACCOUNT_CODES = frozenset({"account_invalid", "account_closed", "no_account"})
"""Codes that are about the venue's account, and not about the address that was asked."""
_WORDS = {
    "balance_insufficient": "There is not enough money in the platform's account.",
    "insufficient_funds": "There is not enough money in the platform's account.",
    "account_invalid": "The other side does not know the venue's account.",
    "account_closed": "The venue's account is closed.",
    "no_account": "The other side does not know the venue's account.",
    "amount_too_small": "The amount is too small for a transfer.",
    "amount_too_large": "The amount is too large for a transfer.",
    "transfers_not_allowed": "The venue's account may not receive transfers.",
    "insufficient_capabilities_for_transfer": "The venue's account may not receive transfers.",
}


def read_refusal(body: bytes) -> Refusal | None:
    """Why a request was refused; None where the body does not say so in the way this service does."""
    found = read_answer(body)
    error = found.get("error") if found is not None else None
    if not isinstance(error, dict):
        return None
    kind, code, message, name = (
        value if isinstance(value := error.get(key), str) else ""
        for key in ("type", "code", "message", "param")
    )
    if not kind:
        return None
    if code == "resource_missing" and name == "destination":
        code = "account_invalid"
    words = _WORDS.get(code) or f"The other side refused it: {one_line(message) or code or kind}"
    return Refusal(kind, code, words)


def one_line(text: str) -> str:
    """What a server said, on one line, short, and without anything that looks like a key."""
    return _CONTROL.sub(" ", _KEYS.sub("…", text)).strip()[:_LONGEST]


def _places(currency: str) -> int:
    if currency in _WITHOUT_CENTS:
        return 0
    return 3 if currency in _WITH_MILLS else 2


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**14
