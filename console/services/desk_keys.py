"""Who may open what a desk keeps on its own disk, and with which key.

The outbox opens for the desk: its key lies where the desk's other secret lies. A person's cache opens only on this
desk and only with the password: its key is made of both, once, slowly (argon2id), and a desk that has not seen its
server for a week opens nobody's. Everything here blocks and is called in a thread. See docs/design.md, "The desk
protocol".
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import unicodedata
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from console.clock import Clock
from console.domain.person import Person
from console.domain.sync import UNLOCK_FOR
from console.errors import Denied, SignInRefused, Unavailable
from console.storage import sealed
from console.storage.cache import CacheFile
from console.storage.embedded_files import write_private
from console.storage.outbox import OutboxFile
from console.storage.secrets import SecretStore

DEVICE_KEY = "desk-files"
"""The name of the device's key among the desk's secrets."""
WRONG_TRIES = 5
"""So many wrong passwords in a row are answered at once; then each next one waits, longer and longer."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
CLOCK_MAY_GO_BACK = timedelta(days=1)
"""By more than this the computer's clock was set back since it was last used, and a week cannot be told from it."""

_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cost:
    """What deriving a key costs: with these figures a quarter of a second and 64 MiB on the reference machine."""

    time: int = 4
    memory_kib: int = 64 * 1024
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class _Lock:
    """What lies beside a cache in plain text: how its key is made, and how often it was tried in vain. No secret.

    `check` tells a wrong password from a damaged file, and `address` whose file it is; neither says anything without
    the device's key.
    """

    salt: str
    check: str
    address: str
    time: int
    memory_kib: int
    lanes: int
    wrong: int = 0
    wait_until: str | None = None


class DeskKeys:
    """The sealed files of one desk in one folder."""

    def __init__(self, folder: Path, store: SecretStore, clock: Clock, *, cost: Cost | None = None) -> None:
        """Nothing is read yet. `folder` is this desk's own for one server; `cost` is for tests."""
        self._folder = folder
        self._store = store
        self._clock = clock
        self._cost = cost or Cost()
        self._one_try = threading.Lock()

    @property
    def outbox_path(self) -> Path:
        """Where the outbox lies."""
        return self._folder / "outbox.db"

    def cache_path(self, user_id: UUID) -> Path:
        """Where a person's cache lies."""
        return self._folder / f"cache-{user_id}.db"

    def device_key(self) -> bytes:
        """The device's key, made when first asked for. Raises Unavailable where secrets cannot be kept."""
        kept = self._store.get(DEVICE_KEY)
        if kept is None:
            self._store.set(DEVICE_KEY, secrets.token_bytes(sealed.KEY_BYTES).hex())
            kept = self._store.get(DEVICE_KEY)
        try:
            key = bytes.fromhex(kept or "")
        except ValueError:
            key = b""
        if len(key) != sealed.KEY_BYTES:
            raise Unavailable("This desk's own key cannot be read.", code="device_key")
        return key

    def open_outbox(self) -> OutboxFile:
        """The desk's outbox, whoever is signed in. Raises Unavailable where it cannot be opened now."""
        return OutboxFile(self.outbox_path, self.device_key(), now=self._clock.now())

    def find(self, email: str) -> UUID | None:
        """Whose cache on this desk belongs to an e-mail address."""
        address = self._address(self.device_key(), email)
        for path in sorted(self._folder.glob("cache-*.lock")):
            lock = _read(path)
            if lock is not None and hmac.compare_digest(lock.address, address):
                return UUID(path.stem.removeprefix("cache-"))
        return None

    def derive_ahead(self, email: str, password: str) -> bytes | None:
        """The key of a person known here, worked out while the server is still asked; None for anybody else."""
        user_id = self.find(email)
        lock = None if user_id is None else _read(self._lock_path(user_id))
        return (
            None if user_id is None or lock is None else _derive(self.device_key(), user_id, password, lock)
        )

    def signed_in(self, person: Person, password: str, ahead: bytes | None = None) -> CacheFile:
        """The cache of somebody who has just signed in with the server's agreement; from now it unlocks for a week.

        One that this password does not open (it was changed elsewhere) is set aside. `ahead` is what `derive_ahead`
        answered. Raises Unavailable.
        """
        path, device_key = self.cache_path(person.id), self.device_key()
        address = self._address(device_key, person.email)
        lock = _read(self._lock_path(person.id))
        key = ahead if lock is not None and ahead is not None and _opens(ahead, lock) else None
        if lock is not None and key is None:
            key = _derive(device_key, person.id, password, lock)
        if lock is None or key is None or not _opens(key, lock):
            if path.exists():
                sealed.set_aside(path, self._clock.now())
            lock = _Lock(secrets.token_hex(_SALT_BYTES), "", address, **asdict(self._cost))
            key = _derive(device_key, person.id, password, lock)
            lock = replace(lock, check=_check(key))
        self._write(person.id, replace(lock, address=address, wrong=0, wait_until=None))
        cache = CacheFile(path, key, now=self._clock.now())
        cache.remember(person, self._clock.now())
        return cache

    def unlock(self, user_id: UUID, password: str, ahead: bytes | None = None) -> CacheFile:
        """A person's cache, without a server. `ahead` is what `derive_ahead` answered to the same password.

        Raises SignInRefused (code "too_many_tries", with the time left), and Denied: a wrong password or nobody of that
        id here ("unlock_wrong"), more than 7 days since the last sign-in ("unlock_expired"), a clock that was set back
        ("clock_back"), a cache that was damaged and is set aside ("cache_damaged").
        """
        with self._one_try:
            key = self._try(user_id, password, ahead)
        now = self._clock.now()
        path = self.cache_path(user_id)
        if not path.exists():
            raise _nothing_kept()
        cache = CacheFile(path, key, now=now)
        try:
            _may_open(cache, user_id, now)
            cache.saw(now)
        except BaseException:
            cache.close()
            raise
        return cache

    def forget(self, user_id: UUID, cache: CacheFile | None = None) -> None:
        """Wipe a person's cache, the one that is open or its file, and what its key was made with."""
        self._lock_path(user_id).unlink(missing_ok=True)
        if cache is not None:
            cache.wipe()
        sealed.wipe(self.cache_path(user_id))

    def forget_everybody(self) -> None:
        """Wipe every cache on this desk, those set aside too: it has been revoked. The outbox stays."""
        for path in self._folder.glob("cache-*.lock"):
            path.unlink(missing_ok=True)
        for path in list(self._folder.glob("cache-*")):
            sealed.wipe(path)

    def _try(self, user_id: UUID, password: str, ahead: bytes | None) -> bytes:
        lock = _read(self._lock_path(user_id))
        if lock is None:
            # As slow as a wrong password: how long it takes must not tell whether somebody has been here.
            lock = _Lock("00" * _SALT_BYTES, "", "", **asdict(self._cost))
            _derive(self.device_key(), user_id, password, lock)
            raise _wrong()
        now = self._clock.now()
        left = _wait_left(lock, now)
        if left > timedelta(0):
            raise SignInRefused(
                "Too many wrong passwords.",
                hint="Wait, then try again.",
                code="too_many_tries",
                retry_after_seconds=left.total_seconds(),
            )
        # Counted before it is known: ending the console in between must not give a try for nothing.
        wrong = lock.wrong + 1
        wait = FIRST_WAIT * 2 ** min(wrong - WRONG_TRIES, 10) if wrong >= WRONG_TRIES else timedelta(0)
        until = (now + min(wait, LONGEST_WAIT)).isoformat() if wait else None
        self._write(user_id, replace(lock, wrong=wrong, wait_until=until))
        key = ahead if ahead is not None else _derive(self.device_key(), user_id, password, lock)
        if not _opens(key, lock):
            raise _wrong()
        self._write(user_id, replace(lock, wrong=0, wait_until=None))
        return key

    def _address(self, device_key: bytes, email: str) -> str:
        plain = unicodedata.normalize("NFC", email.strip().lower()).encode()
        return hmac.digest(device_key, b"address" + plain, "sha256").hex()

    def _lock_path(self, user_id: UUID) -> Path:
        return self._folder / f"cache-{user_id}.lock"

    def _write(self, user_id: UUID, lock: _Lock) -> None:
        try:
            sealed.make_folder(self._folder)
            write_private(self._lock_path(user_id), json.dumps(asdict(lock)) + "\n")
        except OSError as error:
            raise sealed.failure(error, "This computer's disk is full.") from error


def _derive(device_key: bytes, user_id: UUID, password: str, lock: _Lock) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    slow = hash_secret_raw(
        unicodedata.normalize("NFKC", password).encode(),
        bytes.fromhex(lock.salt),
        time_cost=lock.time,
        memory_cost=lock.memory_kib,
        parallelism=lock.lanes,
        hash_len=sealed.KEY_BYTES,
        type=Type.ID,
    )
    # A cache that was copied to another desk, or renamed to another person's, has another key.
    return hmac.digest(device_key, b"cache" + user_id.bytes + slow, "sha256")


def _check(key: bytes) -> str:
    return hmac.digest(key, b"check", "sha256").hex()


def _opens(key: bytes, lock: _Lock) -> bool:
    return hmac.compare_digest(_check(key), lock.check)


def _read(path: Path) -> _Lock | None:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        for name in ("time", "memory_kib", "lanes", "wrong"):
            facts[name] = int(facts[name])
        lock = _Lock(**facts)
        bytes.fromhex(lock.salt + lock.check + lock.address)
        if lock.wait_until is not None and datetime.fromisoformat(lock.wait_until).tzinfo is None:
            return None
    except (OSError, ValueError, TypeError, KeyError):
        return None
    sane = 1 <= lock.time <= 100 and 1 <= lock.lanes <= 16 and 8 * lock.lanes <= lock.memory_kib <= 1 << 20
    return lock if sane and len(lock.salt) == 2 * _SALT_BYTES and lock.wrong >= 0 else None


def _wait_left(lock: _Lock, now: datetime) -> timedelta:
    if lock.wait_until is None:
        return timedelta(0)
    # Setting the clock back makes nobody wait longer than the longest wait.
    return min(datetime.fromisoformat(lock.wait_until) - now, LONGEST_WAIT)


def _may_open(cache: CacheFile, user_id: UUID, now: datetime) -> None:
    if cache.recovered is not None:
        raise Denied(
            "What this desk had kept for you is damaged and was set aside.",
            hint="Sign in when the server can be reached.",
            code="cache_damaged",
        )
    person, signed_in_at, seen_at = cache.person(), cache.signed_in_at(), cache.seen_at()
    if person is None or signed_in_at is None or person.id != user_id:
        raise _nothing_kept()
    if seen_at is not None and now < seen_at - CLOCK_MAY_GO_BACK:
        raise Denied(
            "This computer's clock looks wrong: it is earlier than when this desk was last used.",
            hint="Set the date and time, then try again.",
            code="clock_back",
        )
    if now - signed_in_at > UNLOCK_FOR:
        raise Denied(
            "You last signed in here more than 7 days ago.",
            hint="Sign in when the server can be reached.",
            code="unlock_expired",
        )


def _wrong() -> Denied:
    return Denied("That password does not open this desk's data.", code="unlock_wrong")


def _nothing_kept() -> Denied:
    return Denied(
        "This desk has kept nothing for you.",
        hint="Sign in when the server can be reached.",
        code="unlock_nothing",
    )
