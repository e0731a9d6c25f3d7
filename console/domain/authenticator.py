"""An authenticator that is being set up: what its owner is shown before it counts.

The secret and the recovery codes are made on the desk and shown once; the server keeps the secret and only hashes of
the codes. See docs/design.md, "Sign-in".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from console.domain import totp


@dataclass(frozen=True, slots=True)
class AuthenticatorDraft:
    """A secret for the app and ten codes for a lost phone. Neither stands in a repr, so neither reaches a log."""

    account: str
    """The address the app shows beside the codes."""
    secret: str = field(default_factory=totp.new_secret, repr=False)
    recovery_codes: tuple[str, ...] = field(
        default_factory=lambda: tuple(totp.new_recovery_codes()), repr=False
    )

    @property
    def uri(self) -> str:
        """The address that the app scans as a picture."""
        return totp.setup_uri(self.secret, self.account)

    @property
    def typed_secret(self) -> str:
        """The secret in groups of four, for an app that cannot scan."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))
