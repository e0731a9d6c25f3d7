"""`device` and `user` on the command line: what they print, what they keep, and that it works on a real login.

docs/design.md, "The database" (roles, sign-in).
"""

from __future__ import annotations

import json
import re
import stat
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from console.__main__ import main
from console.domain import scram, totp
from console.domain.enrolment import Enrolment
from console.errors import ConsoleError, Invalid
from console.services import devices, people
from console.storage.administration import Administration
from console.storage.secrets import FileSecrets
from tests.support import factories, identities
from tests.support.databases import Database

Runner = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(house: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Run a command as administrator of `house`: its exit code, stdout and stderr."""
    monkeypatch.setenv("NEXUS_ADMIN_URL", house.admin_dsn)
    monkeypatch.setenv("NEXUS_SECRETS", "file")

    def runner(*words: str) -> tuple[int, str, str]:
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return runner


def _shown(output: str, label: str) -> str:
    found = re.search(rf"{label}: (\S+)", output)
    assert found is not None, output
    return found.group(1)


def test_an_enrolled_desk_logs_in_with_the_file_and_nothing_else(
    house: Database, run: Runner, tmp_path: Path
) -> None:
    file = tmp_path / "desk.enrolment"
    code, out, _ = run("device", "enrol", "--name", "Desk A", "--out", str(file))
    assert code == 0
    enrolment = devices.read_file(file)
    assert enrolment.secret not in out
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    address = devices.desk_address(house.dsn("nobody", "nothing"), enrolment)
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT auth.device_id() IS NOT NULL").fetchone() == (True,)
    with house.connect() as admin:
        row = admin.execute(
            "SELECT rolconnlimit, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = %s",
            [enrolment.role],
        ).fetchone()
        assert row == (6, False, False, False, False)
        stored = admin.execute(
            "SELECT rolpassword FROM pg_authid WHERE rolname = %s", [enrolment.role]
        ).fetchone()
        assert stored is not None
        assert stored[0].startswith("SCRAM-SHA-256$4096:")


def test_enrolling_this_workstation_keeps_the_secret_in_its_store(house: Database, run: Runner) -> None:
    code, out, _ = run("device", "enrol", "--name", "Desk B")
    assert code == 0
    assert "private files" in out
    found = devices.kept(FileSecrets(), "embedded:nexus")
    assert found is not None
    assert found.secret not in out
    devices.forget(FileSecrets(), "embedded:nexus")
    assert devices.kept(FileSecrets(), "embedded:nexus") is None


def test_two_desks_of_one_name_are_refused(run: Runner) -> None:
    assert run("device", "enrol", "--name", "Twin")[0] == 0
    code, _, err = run("device", "enrol", "--name", " twin ")
    assert code == 1
    assert err == "There is already a desk called twin. Choose another name, or revoke that one first.\n"


def test_an_existing_file_is_not_overwritten(run: Runner, tmp_path: Path) -> None:
    file = tmp_path / "desk.enrolment"
    file.write_text("mine")
    code, _, err = run("device", "enrol", "--name", "Desk C", "--out", str(file))
    assert (code, file.read_text()) == (1, "mine")
    assert "exists already" in err


def test_an_enrolment_that_cannot_be_written_is_revoked_again(
    house: Database, run: Runner, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run("device", "enrol", "--name", "Desk D", "--out", str(tmp_path / "file" / "x"))
    assert code == 1
    assert "cannot be written" in err
    with Administration(house.admin_dsn) as administration:
        assert [d.revoked for d in administration.devices() if d.name == "Desk D"] == [True]


def test_a_revoked_desk_cannot_log_in_and_its_open_connections_end(house: Database, run: Runner) -> None:
    with identities.at_desk(house) as maya:
        code, out, _ = run("device", "revoke", maya.desk.role)
        assert (code, out) == (0, f"{maya.desk.name} is shut out.\n")
        with pytest.raises(psycopg.OperationalError):
            maya.connection.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            maya.desk.connect()
        assert "already" in run("device", "revoke", str(maya.desk.device_id))[1]


def test_devices_are_listed_without_secrets(house: Database, run: Runner) -> None:
    desk = identities.enrol(house, "Listed desk")
    _, out, _ = run("device", "list")
    assert "Listed desk" in out
    assert desk.secret not in out
    run("device", "revoke", "Listed desk")
    assert "Listed desk" not in run("device", "list")[1]
    assert "revoked" in run("device", "list", "--all")[1]
    assert run("device", "revoke", "No such desk")[0] == 1


def test_a_bound_desk_names_its_venue(house: Database, run: Runner, tmp_path: Path) -> None:
    with house.connect() as admin:
        factories.venue(admin, name="Bound venue", slug="bound-venue")
    file = tmp_path / "bound.enrolment"
    assert run("device", "enrol", "--name", "Desk 1", "--venue", "bound-venue", "--out", str(file))[0] == 0
    assert "Bound venue" in run("device", "list")[1]
    code, _, err = run("device", "enrol", "--name", "Desk 1", "--venue", "no-such-venue")
    assert (code, "no venue called" in err) == (1, True)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"kind": "nexus-console enrolment", "name": "x"}', "\x00\xff"]
)
def test_what_is_no_enrolment_file_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(Invalid, match="not an enrolment file"):
        devices.read_file(file)


def test_an_enrolment_never_shows_its_secret() -> None:
    made = Enrolment("Desk", "nexus_desk_x", "top secret")
    assert "top secret" not in repr(made)
    assert Enrolment.from_text(made.to_text()) == made
    assert json.loads(made.to_text())["secret"] == "top secret"


def test_the_own_desk_is_enrolled_once_and_again_when_it_was_lost(house: Database, tmp_path: Path) -> None:
    store = FileSecrets(tmp_path)
    first = devices.ensure_own_desk(house.admin_dsn, store, "embedded:x", "Own desk")
    assert devices.ensure_own_desk(house.admin_dsn, store, "embedded:x", "Own desk") == first
    devices.forget(store, "embedded:x")
    second = devices.ensure_own_desk(house.admin_dsn, store, "embedded:x", "Own desk")
    assert second.name == "Own desk (2)"
    with Administration(house.admin_dsn) as administration:
        administration.revoke_device(next(d.id for d in administration.devices() if d.role == second.role))
    assert devices.ensure_own_desk(house.admin_dsn, store, "embedded:x", "Own desk") != second


def test_an_added_person_signs_in_with_the_password_that_was_shown_once(house: Database, run: Runner) -> None:
    with house.connect() as admin:
        factories.venue(admin, slug="cli-venue")
    code, out, _ = run(
        "user", "add", "Maya@CLI.example", "--first-name", "Maya", "--last-name", "Lee",
        "--role", "front_desk", "--venue", "cli-venue",
    )  # fmt: skip
    assert code == 0
    password = _shown(out, "shown once")
    with identities.enrol(house).connect() as connection:
        ticket, nonce, answer = identities.start(connection, "maya@cli.example")
        assert answer.iterations >= 600_000
        salted = scram.salt_password(password, answer.salt, answer.iterations)
        proof = scram.prove("maya@cli.example", nonce, answer, salted)
        identities.prove(connection, ticket, proof.proof)
        assert identities.finish(connection, ticket).token
    assert "Front desk at" in run("user", "list")[1]
    code, _, err = run("user", "add", "maya@cli.example", "--first-name", "M", "--last-name", "L")
    assert (code, "already has that e-mail" in err) == (1, True)


def test_grants_are_given_and_taken_back(house: Database, run: Runner) -> None:
    with house.connect() as admin:
        factories.venue(admin, slug="grant-venue")
    person = identities.account(house, role=None)
    with house.connect() as admin:
        admin.execute("UPDATE users SET role = 'venue_admin' WHERE id = %s", [person.id])
    words = ("user", "grant", person.email, "--role", "manager", "--venue", "grant-venue")
    assert run(*words)[1] == "The role is granted.\n"
    assert run(*words)[1] == "That role was granted already.\n"
    assert run(*words, "--revoke")[1] == "The role is taken back.\n"
    assert run(*words, "--revoke")[1] == "There was no such role to take back.\n"
    assert "needs a venue" in run("user", "grant", person.email, "--role", "manager")[2]
    refused = run("user", "grant", person.email, "--role", "platform_admin", "--venue", "grant-venue")
    assert "whole platform" in refused[2]
    assert (
        run("user", "grant", "nobody@x.example", "--role", "platform_admin")[2]
        == "Nobody has that e-mail address.\n"
    )


def test_a_reset_password_ends_sessions_and_can_set_up_an_authenticator(house: Database, run: Runner) -> None:
    with identities.at_desk(house, "manager") as elena:
        code, out, _ = run("user", "reset-password", elena.account.email, "--authenticator")
        assert code == 0
        assert elena.connection.execute("SELECT auth.user_id()").fetchone() == (None,)
        uri = _shown(out, "app, shown once")
        secret = re.search(r"secret=([A-Z2-7]+)", uri)
        assert secret is not None
        codes = re.findall(r"^  ([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})$", out, re.MULTILINE)
        assert len(codes) == totp.RECOVERY_CODES
        with house.connect() as admin:
            # The password that was shown is real but slow to prove; the code is what this test is about.
            admin.execute("UPDATE users SET password_hash = %s WHERE id = %s",
                          [identities.verifier("x" * 10), elena.id])  # fmt: skip
        now = totp.totp(secret.group(1), datetime.now(UTC))
        assert identities.token_at(elena.desk, elena.account, "x" * 10, now)
        assert identities.token_at(elena.desk, elena.account, "x" * 10, codes[0].lower())


def test_a_prompted_password_is_read_from_the_input_and_checked(
    house: Database, run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    person = identities.account(house, "manager")
    for typed, code in (("short\n", 1), ("long enough to do\n", 0)):
        (tmp_path / "typed").write_text(typed)
        with (tmp_path / "typed").open() as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            got, out, err = run("user", "reset-password", person.email, "--prompt")
        assert got == code
        assert typed.strip() not in out + err


def test_disabling_somebody_ends_their_sessions_at_once(house: Database, run: Runner) -> None:
    with identities.at_desk(house) as maya:
        assert run("user", "disable", maya.account.email)[0] == 0
        assert maya.connection.execute("SELECT auth.user_id()").fetchone() == (None,)
        with pytest.raises(psycopg.Error):
            identities.token_at(maya.desk, maya.account)
        assert run("user", "disable", maya.account.email, "--undo")[1] == "They can sign in again.\n"
        assert identities.token_at(maya.desk, maya.account)


def test_signing_somebody_out_counts_their_sessions(house: Database, run: Runner) -> None:
    with identities.at_desk(house) as maya:
        identities.token_at(maya.desk, maya.account)
        assert run("user", "sign-out", maya.account.email)[1] == "2 sessions ended.\n"
        assert run("user", "sign-out", maya.account.email)[1] == "Nobody was signed in.\n"


def test_made_passwords_pass_their_own_rule() -> None:
    made = {people.new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(scram.password_problem(password) is None for password in made)


def test_an_administrator_who_cannot_be_reached_is_one_sentence() -> None:
    with pytest.raises(ConsoleError, match="cannot be reached"):
        Administration("host=127.0.0.1 port=1 dbname=x user=y")
