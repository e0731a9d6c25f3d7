"""Who may open a desk's files: the desk its outbox, a person their cache with the password, for a week."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from console.clock import FixedClock
from console.domain.person import Person
from console.errors import Denied, SignInRefused, Unavailable
from console.services.desk_keys import DEVICE_KEY, WRONG_TRIES, Cost, DeskKeys
from console.storage.secrets import FileSecrets
from tests.support.sealed_samples import AT, CHILD, VENUE, event, flip, person, session, snapshot

PASSWORD = "correct horse battery"
QUICK = Cost(time=1, memory_kib=64, lanes=1)


class Desk:
    """A desk with its folder and secrets, on a clock that is moved by hand."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "desk"
        self.secrets = FileSecrets(home / "secrets")
        self.clock = FixedClock(AT)
        self.keys = DeskKeys(self.folder, self.secrets, self.clock, cost=QUICK)

    def set_clock(self, days: float) -> None:
        self.clock = FixedClock(AT + timedelta(days=days))
        self.keys = DeskKeys(self.folder, self.secrets, self.clock, cost=QUICK)

    def signed_in(self, who: Person, password: str = PASSWORD) -> UUID:
        """Sign somebody in with a roster, and close; the session's id."""
        cache = self.keys.signed_in(who, password)
        judo = session(CHILD)
        cache.put(snapshot(judo))
        cache.close()
        return judo.summary.id


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "one")


@pytest.fixture
def jonas() -> Person:
    return person()


def denied(desk: Desk, who: UUID, password: str = PASSWORD) -> Denied:
    with pytest.raises(Denied) as refused:
        desk.keys.unlock(who, password)
    return refused.value


def test_somebody_who_signed_in_here_unlocks_without_a_server(desk: Desk, jonas: Person) -> None:
    judo = desk.signed_in(jonas)
    cache = desk.keys.unlock(jonas.id, PASSWORD)
    assert cache.person() == jonas
    assert [entry.first_name for entry in cache.roster(judo) or ()] == [CHILD]
    cache.close()
    # Signing in with a server again keeps what is there.
    cache = desk.keys.signed_in(jonas, PASSWORD)
    assert cache.state(VENUE) is not None
    cache.close()


def test_a_wrong_password_opens_and_changes_nothing(desk: Desk, jonas: Person) -> None:
    desk.signed_in(jonas)
    before = desk.keys.cache_path(jonas.id).read_bytes()
    refused = denied(desk, jonas.id, "Correct horse battery")
    assert (refused.sentence, refused.code) == (
        "That password does not open this desk's data.",
        "unlock_wrong",
    )
    assert desk.keys.cache_path(jonas.id).read_bytes() == before
    assert str(denied(desk, uuid4())) == str(refused)
    desk.keys.unlock(jonas.id, PASSWORD).close()


def test_after_five_wrong_tries_each_next_one_waits_longer(desk: Desk, jonas: Person) -> None:
    desk.signed_in(jonas)
    for _ in range(WRONG_TRIES):
        assert denied(desk, jonas.id, "wrong").code == "unlock_wrong"
    waits = []
    for _ in range(8):
        with pytest.raises(SignInRefused) as refused:
            desk.keys.unlock(jonas.id, PASSWORD)  # also the right one, also in a console started anew
        assert refused.value.code == "too_many_tries"
        assert refused.value.retry_after_seconds is not None
        waits.append(refused.value.retry_after_seconds)
        desk.clock.advance(waits[-1])
        assert denied(desk, jonas.id, "wrong").code == "unlock_wrong"
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    desk.clock.advance(900)
    desk.keys.unlock(jonas.id, PASSWORD).close()
    assert denied(desk, jonas.id, "wrong").code == "unlock_wrong"
    desk.keys.unlock(jonas.id, PASSWORD).close()


def test_seven_days_without_a_server_and_no_longer(desk: Desk, jonas: Person) -> None:
    desk.signed_in(jonas)
    desk.set_clock(days=7)
    desk.keys.unlock(jonas.id, PASSWORD).close()
    desk.set_clock(days=7.001)
    refused = denied(desk, jonas.id)
    assert (refused.sentence, refused.code) == (
        "You last signed in here more than 7 days ago.",
        "unlock_expired",
    )
    desk.signed_in(jonas)
    desk.set_clock(days=10)
    desk.keys.unlock(jonas.id, PASSWORD).close()


def test_a_clock_that_was_set_back_does_not_prolong_the_week(desk: Desk, jonas: Person) -> None:
    desk.signed_in(jonas)
    desk.set_clock(days=6)
    desk.keys.unlock(jonas.id, PASSWORD).close()
    desk.set_clock(days=5.5)  # half a day is a daylight saving and a wrong zone, no trick
    desk.keys.unlock(jonas.id, PASSWORD).close()
    desk.set_clock(days=4.9)
    refused = denied(desk, jonas.id)
    assert refused.code == "clock_back"
    assert "clock looks wrong" in refused.sentence
    desk.set_clock(days=8)
    assert denied(desk, jonas.id).code == "unlock_expired"


def test_a_cache_that_was_tampered_with_is_set_aside(desk: Desk, jonas: Person) -> None:
    desk.signed_in(jonas)
    flip(desk.keys.cache_path(jonas.id), 3)
    assert denied(desk, jonas.id).code == "cache_damaged"
    assert len(list(desk.folder.glob("cache-*.damaged-*"))) == 1
    assert denied(desk, jonas.id).code == "unlock_nothing"
    desk.signed_in(jonas)
    desk.keys.unlock(jonas.id, PASSWORD).close()


def test_a_cache_of_another_person_or_desk_does_not_open(desk: Desk, jonas: Person, tmp_path: Path) -> None:
    maya = person(email="maya@riverside.example")
    desk.signed_in(jonas)
    desk.signed_in(maya)
    other = Desk(tmp_path / "two")
    other.signed_in(jonas)
    shutil.copytree(desk.folder, other.folder, dirs_exist_ok=True)
    assert denied(other, jonas.id).code == "unlock_wrong"
    # Maya's file under Jonas's name, with what belongs to it and without.
    for ending in ("db", "lock"):
        shutil.copyfile(desk.folder / f"cache-{maya.id}.{ending}", desk.folder / f"cache-{jonas.id}.{ending}")
        code = denied(desk, jonas.id).code
        assert code == ("cache_damaged" if ending == "db" else "unlock_wrong")


def test_a_changed_password_opens_a_new_cache_and_not_the_old_one(desk: Desk, jonas: Person) -> None:
    desk.signed_in(jonas)
    cache = desk.keys.signed_in(jonas, "another password entirely")
    assert cache.state(VENUE) is None
    cache.close()
    assert len(list(desk.folder.glob("cache-*.damaged-*"))) == 1
    assert denied(desk, jonas.id).code == "unlock_wrong"
    desk.keys.unlock(jonas.id, "another password entirely").close()


def test_a_person_is_found_by_their_address_which_stands_nowhere(desk: Desk, jonas: Person) -> None:
    assert desk.keys.find(jonas.email) is None
    desk.signed_in(jonas)
    assert desk.keys.find("  JONAS@riverside.EXAMPLE ") == jonas.id
    assert desk.keys.find("maya@riverside.example") is None
    desk.keys.open_outbox().close()
    for path in desk.home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for word in (b"jonas", b"Jonas", b"riverside", b"Theodora", b"Peanut", PASSWORD.encode()):
                assert word not in content, path


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "\x00" * 40, '{"salt": "zz"}', "A shopping list."], ids=str
)
def test_what_lies_beside_a_cache_may_be_anything(desk: Desk, jonas: Person, text: str) -> None:
    desk.signed_in(jonas)
    (desk.folder / f"cache-{jonas.id}.lock").write_text(text)
    assert denied(desk, jonas.id).code == "unlock_wrong"
    assert desk.keys.find(jonas.email) is None
    desk.signed_in(jonas)
    desk.keys.unlock(jonas.id, PASSWORD).close()


def test_absurd_costs_are_not_paid(desk: Desk, jonas: Person) -> None:
    desk.signed_in(jonas)
    lock = desk.folder / f"cache-{jonas.id}.lock"
    lock.write_text(lock.read_text().replace('"memory_kib": 64', '"memory_kib": 400000000'))
    assert denied(desk, jonas.id).code == "unlock_wrong"


def test_the_outbox_outlives_everybody_and_needs_the_devices_key(desk: Desk, jonas: Person) -> None:
    desk.signed_in(jonas)
    outbox = desk.keys.open_outbox()
    outbox.append(event(), VENUE)
    outbox.close()
    desk.keys.forget_everybody()
    assert sorted(path.name for path in desk.folder.iterdir()) == ["outbox.db"]
    outbox = desk.keys.open_outbox()
    assert outbox.recovered is None
    assert outbox.count().waiting == 1
    outbox.close()
    desk.secrets.delete(DEVICE_KEY)
    outbox = desk.keys.open_outbox()
    assert outbox.recovered is not None
    outbox.close()


def test_forgetting_one_person_leaves_the_others(desk: Desk, jonas: Person) -> None:
    maya = person(email="maya@riverside.example")
    desk.signed_in(maya)
    desk.signed_in(jonas)
    cache = desk.keys.unlock(jonas.id, PASSWORD)
    desk.keys.forget(jonas.id, cache)
    assert sorted(path.name for path in desk.folder.iterdir()) == [
        f"cache-{maya.id}.db",
        f"cache-{maya.id}.lock",
    ]
    assert denied(desk, jonas.id).code == "unlock_wrong"
    desk.keys.unlock(maya.id, PASSWORD).close()


def test_a_key_of_the_desk_that_cannot_be_read_is_said(desk: Desk) -> None:
    desk.secrets.set(DEVICE_KEY, "not a key")
    with pytest.raises(Unavailable, match="own key"):
        desk.keys.open_outbox()


def test_everything_on_the_disk_is_private(desk: Desk, jonas: Person) -> None:
    desk.signed_in(jonas)
    desk.keys.open_outbox().close()
    modes = {path.stat().st_mode & 0o777 for path in desk.folder.iterdir()}
    assert (modes, desk.folder.stat().st_mode & 0o777) == ({0o600}, 0o700)


def test_the_real_cost_is_a_slow_one() -> None:
    cost = Cost()
    assert cost.memory_kib == 65_536
    assert cost.time >= 3
