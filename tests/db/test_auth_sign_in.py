"""Signing in over a real desk login: who gets a token, who does not, and what a refusal tells.

docs/design.md, "Sign-in".
"""

from __future__ import annotations

import psycopg
import pytest

from tests.support import identities
from tests.support.databases import Database


def test_a_person_signs_in_and_is_known(fresh_database: Database) -> None:
    with identities.at_desk(fresh_database, "front_desk") as maya:
        row = maya.connection.execute(
            "SELECT auth.user_id(), auth.device_id(), auth.has('roster.read')"
        ).fetchone()
        assert row == (maya.id, maya.desk.device_id, True)


def test_a_wrong_password_is_refused(fresh_database: Database) -> None:
    desk, person = identities.enrol(fresh_database), identities.account(fresh_database)
    with desk.connect() as connection, pytest.raises(psycopg.Error) as caught:
        identities.sign_in(connection, person.email, "not the password")
    assert identities.refusal(caught.value) == ("NX403", "wrong_credentials")
