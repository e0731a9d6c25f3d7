"""The rows of a JSON file that wraps them in an object, each with the line it starts on.

Python's reader gives no positions and is lenient (repeated keys, NaN), so the outermost object and its list of rows
are walked here and each row is decoded strictly by itself: a broken value is reported with its line.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import Any, NoReturn

from console.domain.importing import Rejection
from console.errors import Invalid

_BLANKS = frozenset(" \t\n\r")

Item = tuple[int, dict[str, Any]] | Rejection


def rows(text: str, key: str = "rows") -> Iterator[Item]:
    """The objects of the list under `key`, in order, with their lines; what is no object is a Rejection.

    Raises Invalid, with the line, where the file itself is no such JSON.
    """
    return _Walk(text).rows(key)


class _RefusedError(ValueError):
    """A value that JSON readers disagree about."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise _RefusedError(f"The row names “{name}” twice.")
        made[name] = value
    return made


def _constant(name: str) -> NoReturn:
    raise _RefusedError(f"The row holds {name}, which is not a number.")


class _Walk:
    """A position in the text that only moves forward."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.strict = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant)
        self.lenient = json.JSONDecoder()
        self._line, self._counted = 1, 0

    def rows(self, key: str) -> Iterator[Item]:
        at = self._expect(0, "{", "The file must hold one JSON object")
        seen = False
        while not (self.text[at : at + 1] == "}" and not seen):
            name, at = self._name(at)
            at = self._expect(at, ":", "A colon is missing")
            if name == key:
                if seen:
                    self._fail(at, f"The file names “{key}” twice")
                seen = True
                at = yield from self._items(self._expect(at, "[", f"“{key}” must be a list"))
            else:
                _, at, refusal = self._value(at)
                if refusal is not None:
                    self._fail(at, refusal.removesuffix("."))
            at = self._blanks(at)
            if self.text[at : at + 1] == "}":
                break
            at = self._expect(at, ",", "A comma or the end of the object is missing")
        if self._blanks(at + 1) != len(self.text):
            self._fail(at + 1, "Something follows the end of the JSON")
        if not seen:
            raise Invalid(f"The JSON has no list “{key}”.", code="import_layout")

    def _items(self, at: int) -> Generator[Item, None, int]:
        if self.text[at : at + 1] == "]":
            return at + 1
        while True:
            line = self._line_at(at)
            value, at, refusal = self._value(at)
            if refusal is not None:
                yield Rejection(line, refusal)
            elif isinstance(value, dict):
                yield line, value
            else:
                yield Rejection(line, "The row is not a JSON object.")
            at = self._blanks(at)
            if self.text[at : at + 1] == "]":
                return at + 1
            at = self._expect(at, ",", "A comma or the end of the list is missing")

    def _value(self, at: int) -> tuple[Any, int, str | None]:
        """A value, where it ends, and why it must be refused although its end is known."""
        try:
            value, end = self.strict.raw_decode(self.text, at)
            return value, end, None
        except _RefusedError as error:
            # Where it ends is needed to go on with the next row.
            return None, self.lenient.raw_decode(self.text, at)[1], str(error)
        except RecursionError:
            self._fail(at, "The values are nested too deeply")
        except json.JSONDecodeError as error:
            self._fail(error.pos, f"The JSON is broken ({error.msg.lower()})")
        except ValueError:
            self._fail(at, "A number is too long")

    def _name(self, at: int) -> tuple[str, int]:
        if self.text[at : at + 1] != '"':
            self._fail(at, "A name in quotation marks is missing")
        name, end, _ = self._value(at)
        return str(name), end

    def _expect(self, at: int, mark: str, otherwise: str) -> int:
        at = self._blanks(at)
        if self.text[at : at + 1] != mark:
            self._fail(at, otherwise)
        return self._blanks(at + 1)

    def _blanks(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in _BLANKS:
            at += 1
        return at

    def _line_at(self, at: int) -> int:
        """The line of a position that is not before the last one asked for."""
        passed = self.text[self._counted : at]
        self._line += passed.count("\n") + passed.replace("\r\n", "").count("\r")
        self._counted = at
        return self._line

    def _fail(self, at: int, reason: str) -> NoReturn:
        line = self._line_at(max(at, self._counted))
        raise Invalid(f"{reason} (line {line}).", code="import_json")
