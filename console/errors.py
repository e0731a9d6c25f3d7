"""The one family of errors a person may read.

Every failure that reaches a window, a terminal or a log leaves the layer below as a ConsoleError: one plain
sentence, an optional hint that says what to do, and a machine key. Where the error comes from (SQLSTATE, operating
system, a file) is translated once, at the edge; above that edge nobody inspects foreign exceptions.
See docs/design.md, "Runtime" (errors).
"""

from __future__ import annotations


class ConsoleError(Exception):
    """A failure that can be shown to a person as it stands.

    `sentence` is one plain sentence ending in a full stop. `hint` says what the reader can do, where that is not
    already in the sentence. `code` is a stable machine key (for tests, logs and translated texts), never shown.
    """

    def __init__(self, sentence: str, *, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        """The sentence, followed by the hint where there is one."""
        return f"{self.sentence} {self.hint}" if self.hint else self.sentence


class Denied(ConsoleError):
    """The person, or this desk, is not allowed to do that."""


class SignInRefused(Denied):
    """A sign-in was refused; which part of it was wrong is never said.

    `retry_after_seconds` is how long every further try is refused as well, None where one may try at once.
    """

    def __init__(
        self,
        sentence: str,
        *,
        hint: str | None = None,
        code: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(sentence, hint=hint, code=code)
        self.retry_after_seconds = retry_after_seconds


class Conflict(ConsoleError):
    """Somebody else changed it first, or it already is what was asked for."""


class NotFound(ConsoleError):
    """It does not exist, or not for this person: the two are deliberately indistinguishable."""


class Invalid(ConsoleError):
    """What was entered cannot be accepted as it is."""


class Unavailable(ConsoleError):
    """A server, file or device cannot be reached now; trying again later may work."""


class FileTrouble(Unavailable):
    """A file, folder or printer of this computer cannot be used; of the server it says nothing."""


class BugError(ConsoleError):
    """The program is wrong. The sentence apologises; the cause stays chained for the log."""
