"""One's own authenticator on the account page: by keyboard, with a picture a phone can read, and codes shown once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from console.domain import totp
from console.domain.authenticator import AuthenticatorDraft
from console.errors import ConsoleError, Invalid, SignInRefused
from console.views.account_authenticator import AuthenticatorPart
from console.views.account_codes import RecoveryCodes
from console.views.account_qr import QrPicture
from console.views.theme import ThemeHub
from tests.support.qt import NOW, settle

EMAIL = "maya@riverside.example"


class Server:
    """Checks a code as the server does, at a standing clock; it refuses what it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.error: ConsoleError | None = None

    async def set_up_authenticator(
        self, draft: AuthenticatorDraft, new_code: str, password: str, present_code: str | None = None
    ) -> object:
        """Turn it on where the code is the draft's own."""
        self.calls.append(("on", new_code, password))
        self._refuse()
        if new_code != totp.totp(draft.secret, NOW):
            raise Invalid(
                "That is not the code your app shows for this desk.",
                hint="Wait for the next code.",
                code="new_code_wrong",
            )
        return None

    async def remove_authenticator(self, password: str, code: str) -> object:
        """Turn it off."""
        self.calls.append(("off", password, code))
        self._refuse()
        return None

    async def new_recovery_codes(self, password: str, code: str) -> tuple[str, ...]:
        """Ten new ones."""
        self.calls.append(("renew", password, code))
        self._refuse()
        return tuple(totp.new_recovery_codes())

    def _refuse(self) -> None:
        if self.error is not None:
            raise self.error


def _part(hub: ThemeHub, server: Server, *, has_one: bool = False) -> AuthenticatorPart:
    part = AuthenticatorPart(hub, EMAIL, has_one=has_one, gateway=server)
    settle(part, 480, 700)
    return part


def _read(picture: QrPicture, path: Path) -> str:
    picture.grab().save(str(path))
    with Image.open(path) as image:
        found = zxingcpp.read_barcodes(image.convert("L"))
    return found[0].text if found else ""


async def test_from_the_picture_to_the_codes_by_keyboard(hub: ThemeHub, tmp_path: Path) -> None:
    server = Server()
    part = _part(hub, server)
    said: list[str] = []
    now: list[bool] = []
    part.done.connect(said.append)
    part.changed.connect(now.append)
    part.set_up.setFocus()
    QTest.keyClick(part.set_up, Qt.Key.Key_Space)
    assert part.new_code.hasFocus()
    secret = part.secret.text().replace(" ", "")
    assert _read(part.picture, tmp_path / "qr.png") == totp.setup_uri(secret, EMAIL)
    code = totp.totp(secret, NOW)
    QTest.keyClicks(part.new_code, f"{code[:3]} {code[3:]}")
    QTest.keyClick(part.new_code, Qt.Key.Key_Return)
    assert part.password.hasFocus()
    QTest.keyClicks(part.password, "correct horse")
    QTest.keyClick(part.password, Qt.Key.Key_Return)
    await part.settled()
    assert server.calls == [("on", code, "correct horse")]
    assert said == ["Your authenticator is on"]
    assert now == [True]
    assert part.codes.isVisible()
    assert len(part.codes.codes) == totp.RECOVERY_CODES
    assert part.secret.text() == part.password.text() == part.new_code.text() == ""
    assert part.codes.done.hasFocus()
    QTest.keyClick(part.codes.done, Qt.Key.Key_Space)
    assert part.codes.codes == ()
    assert part.turn_off.isVisible()
    assert not part.set_up.isVisible()


async def test_a_wrong_code_is_one_sentence_and_turns_nothing_on(hub: ThemeHub) -> None:
    server = Server()
    part = _part(hub, server)
    part.begin()
    QTest.keyClicks(part.new_code, "000000")
    QTest.keyClicks(part.password, "correct horse")
    part.submit_draft()
    await part.settled()
    assert part.new_code_field.below.text().startswith("That is not the code your app shows")
    assert part.new_code.hasFocus()
    assert part.secret.text()
    assert part.codes.codes == ()
    server.error = SignInRefused("That e-mail address and password do not match.", code="wrong_credentials")
    part.submit_draft()
    await part.settled()
    assert "do not match" in part.banner.text
    assert part.turn_on.isEnabled()


async def test_what_is_missing_is_not_sent(hub: ThemeHub) -> None:
    server = Server()
    part = _part(hub, server)
    part.begin()
    QTest.keyClicks(part.new_code, "12 34")
    part.submit_draft()
    assert part.new_code_field.below.text() == "Enter the 6 figures the app shows."
    assert part.password_field.below.text() == "Enter the password."
    part.ask(off=True)
    part.submit_ask()
    assert part.ask_password_field.below.text() == "Enter the password."
    await part.settled()
    assert server.calls == []


async def test_turning_it_off_asks_for_password_and_code(hub: ThemeHub) -> None:
    server = Server()
    part = _part(hub, server, has_one=True)
    assert not part.set_up.isVisible()
    part.turn_off.click()
    assert part.ask_password.hasFocus()
    QTest.keyClicks(part.ask_password, "correct horse")
    QTest.keyClick(part.ask_password, Qt.Key.Key_Return)
    QTest.keyClicks(part.ask_code, "123 456")
    QTest.keyClick(part.ask_code, Qt.Key.Key_Return)
    await part.settled()
    assert server.calls == [("off", "correct horse", "123456")]
    assert part.set_up.isVisible()


async def test_new_recovery_codes_may_be_asked_for_with_an_old_one(hub: ThemeHub) -> None:
    server = Server()
    part = _part(hub, server, has_one=True)
    part.renew.click()
    QTest.keyClicks(part.ask_password, "correct horse")
    QTest.keyClicks(part.ask_code, "7KQ4-2MXR-9D0A-H3VC")
    part.submit_ask()
    await part.settled()
    assert server.calls == [("renew", "correct horse", "7KQ4-2MXR-9D0A-H3VC")]
    assert len(part.codes.codes) == totp.RECOVERY_CODES


async def test_leaving_the_page_forgets_every_secret(hub: ThemeHub) -> None:
    part = _part(hub, Server())
    part.begin()
    first = part.secret.text()
    QTest.keyClicks(part.password, "correct horse")
    part.hide()
    assert part.secret.text() == part.password.text() == ""
    part.show()
    part.begin()
    assert part.secret.text() != first
    part.stop()
    assert part.secret.text() == ""


def test_the_codes_can_be_copied_and_saved_for_their_owner_alone(hub: ThemeHub, tmp_path: Path) -> None:
    shown = RecoveryCodes(hub, EMAIL)
    codes = totp.new_recovery_codes()
    shown.show_codes(codes)
    settle(shown, 480, 400)
    labels = {one.text() for one in shown.findChildren(QLabel)}
    assert set(codes) <= labels
    shown.copy.click()
    assert all(code in QApplication.clipboard().text() for code in codes)
    QApplication.clipboard().clear()
    file = tmp_path / "codes.txt"
    file.write_text("older", encoding="utf-8")
    shown.write(file)
    assert EMAIL in file.read_text(encoding="utf-8")
    assert all(code in file.read_text(encoding="utf-8") for code in codes)
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
    assert "Saved." in shown.banner.text
    shown.write(tmp_path / "nowhere" / "codes.txt")
    assert "could not be written" in shown.banner.text


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_phone_reads_the_picture_in_both_themes(hub: ThemeHub, tmp_path: Path, mode: str) -> None:
    if mode == "dark":
        hub.set_mode("dark")
    picture = QrPicture("QR code")
    uri = AuthenticatorDraft("somebody.with.a.long.name@a-long-venue-name.example").uri
    picture.show_text(uri)
    settle(picture, picture.sizeHint().width(), picture.sizeHint().height())
    assert _read(picture, tmp_path / "qr.png") == uri
