"""The tones: their pitch and shape, and a player that never makes the desk wait."""

from __future__ import annotations

import logging
import threading
import time
from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from PySide6.QtWidgets import QApplication

from console.models.tones import Tone
from console.views import sound
from console.views.sound import NOTES, RATE, SoundPlayer, samples


@dataclass
class Wishes:
    """What the person chose."""

    sound: bool = True
    volume: int = 100


@dataclass
class Recorder:
    """A device that notes what it is given, and may be as slow as a bad driver."""

    slow: float = 0
    missing: bool = False
    opened: int = 0
    closed: int = 0
    heard: list[bytes] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self) -> Recorder:
        """Open it."""
        time.sleep(self.slow)
        self.opened += 1
        if self.missing:
            self._tell()
            raise OSError("no device")
        return self

    def sound(self, samples: bytes) -> None:
        """Take a tone."""
        self.heard.append(samples)
        self._tell()

    def close(self) -> None:
        """Be let go."""
        self.closed += 1
        self._tell()

    def _tell(self) -> None:
        with self.news:
            self.news.notify_all()

    def wait(self, what: str, count: int) -> None:
        """Until something happened so often."""
        with self.news:
            assert self.news.wait_for(lambda: self._count(what) >= count, timeout=5), what

    def _count(self, what: str) -> int:
        found = getattr(self, what)
        return found if isinstance(found, int) else len(found)


@pytest.fixture
def players(qapp: QApplication) -> Iterator[list[SoundPlayer]]:
    """Players that are closed after the test."""
    made: list[SoundPlayer] = []
    yield made
    for one in made:
        one.close()


def _notes(tone: Tone) -> list[array[int]]:
    """The samples of each note of a tone."""
    whole, parts, at = array("h", samples(tone)), [], 0
    for note in NOTES[tone]:
        at += RATE * note.pause // 1000
        count = RATE * note.lasts // 1000
        parts.append(whole[at : at + count])
        at += count
    assert at == len(whole)
    return parts


def _pitch(part: array[int]) -> float:
    """Hertz, by the crossings of zero from below."""
    crossings = sum(1 for before, after in pairwise(part) if before < 0 <= after)
    return crossings / (len(part) / RATE)


def _loudest(part: array[int]) -> int:
    return max(map(abs, part))


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_has_its_notes_and_is_never_clipped(tone: Tone) -> None:
    for note, part in zip(NOTES[tone], _notes(tone), strict=True):
        assert _pitch(part) == pytest.approx(note.pitch, rel=0.12)
    whole = array("h", samples(tone))
    assert _loudest(whole) < 32_767
    assert _loudest(whole) > 5_000
    assert 0.1 <= len(whole) / RATE <= 0.3
    steps = [abs(after - before) for before, after in pairwise(whole)]
    assert abs(whole[0]) < 100
    assert abs(whole[-1]) < 400
    assert max(steps) < 9_000  # a click is a jump


def test_in_rises_and_out_falls() -> None:
    for tone in (Tone.IN, Tone.IN_WAITING):
        first, second = _notes(tone)
        assert _pitch(second) > 1.2 * _pitch(first)
    for tone in (Tone.OUT, Tone.OUT_WAITING):
        first, second = _notes(tone)
        assert _pitch(second) < 0.85 * _pitch(first)


def test_what_waits_has_a_softer_second_note() -> None:
    for waiting, sent in ((Tone.IN_WAITING, Tone.IN), (Tone.OUT_WAITING, Tone.OUT)):
        first, second = _notes(waiting)
        assert _loudest(second) < 0.6 * _loudest(first)
        assert _loudest(_notes(sent)[1]) > 0.9 * _loudest(_notes(sent)[0])


def test_a_refusal_is_two_low_notes_and_longer_than_anything_else() -> None:
    first, second = _notes(Tone.REFUSED)
    assert _pitch(first) == pytest.approx(_pitch(second), rel=0.05)
    assert _pitch(first) < 300
    lengths = {tone: len(samples(tone)) for tone in Tone}
    assert max(lengths, key=lambda tone: lengths[tone]) is Tone.REFUSED
    assert len(_notes(Tone.ATTENTION)) == 2
    assert _pitch(_notes(Tone.ATTENTION)[0]) < 300
    assert len(_notes(Tone.NOTHING_TO_DO)) == 1
    assert _loudest(_notes(Tone.NOTHING_TO_DO)[0]) < 0.6 * _loudest(first)


def test_the_volume_is_the_persons() -> None:
    loud, soft = array("h", samples(Tone.IN, 100)), array("h", samples(Tone.IN, 30))
    assert 0 < _loudest(soft) < 0.5 * _loudest(loud)
    assert _loudest(array("h", samples(Tone.IN, 0))) == 0


def test_whoever_asks_never_waits(players: list[SoundPlayer]) -> None:
    device = Recorder(slow=0.3)
    player = SoundPlayer(Wishes(), open_speaker=device)
    players.append(player)
    player.play(Tone.IN)  # starts the thread
    spent = []
    for _ in range(20):
        begun = time.thread_time()
        player.play(Tone.OUT)
        spent.append(time.thread_time() - begun)
    assert sorted(spent)[10] < 0.001
    device.wait("heard", 1)
    assert device.heard[-1] == samples(Tone.OUT)


def test_only_the_newest_is_heard(players: list[SoundPlayer]) -> None:
    device = Recorder(slow=0.2)
    player = SoundPlayer(Wishes(), open_speaker=device)
    players.append(player)
    player.play(Tone.IN)
    for tone in (Tone.OUT, Tone.NOTHING_TO_DO, Tone.REFUSED):
        player.play(tone)
    device.wait("heard", 1)
    deadline = time.monotonic() + 5
    while device.heard[-1] != samples(Tone.REFUSED) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert device.heard[-1] == samples(Tone.REFUSED)
    assert len(device.heard) <= 2
    assert device.opened == 1


def test_no_device_is_said_once_and_never_again(
    players: list[SoundPlayer], caplog: pytest.LogCaptureFixture
) -> None:
    device = Recorder(missing=True)
    player = SoundPlayer(Wishes(), open_speaker=device)
    players.append(player)
    assert not player.unavailable
    with caplog.at_level(logging.INFO, logger="console.views.sound"):
        player.play(Tone.IN)
        device.wait("opened", 1)
        player.play(Tone.IN)
        player.test()
        device.wait("opened", 2)
        player.close()
    assert [record.getMessage() for record in caplog.records] == ["no sound on this computer: no device"]
    assert player.unavailable
    assert device.opened == 2  # a scan does not look for it again within the minute, a test does
    device.missing = False
    player.test()
    device.wait("heard", 1)
    player.close()
    assert not player.unavailable


def test_the_device_is_let_go_after_a_while(players: list[SoundPlayer]) -> None:
    device = Recorder()
    player = SoundPlayer(Wishes(), open_speaker=device, idle_seconds=0.05)
    players.append(player)
    player.play(Tone.IN)
    device.wait("closed", 1)
    player.play(Tone.OUT)
    device.wait("heard", 2)
    assert device.opened == 2


def test_a_silent_desk_opens_nothing(players: list[SoundPlayer]) -> None:
    device = Recorder()
    wishes = Wishes(sound=False)
    player = SoundPlayer(wishes, open_speaker=device)
    players.append(player)
    player.play(Tone.REFUSED)
    player.close()
    assert device.opened == 0
    wishes.sound = True
    player.play(Tone.REFUSED)
    device.wait("heard", 1)


def test_a_newer_tone_cuts_the_older_in_the_device() -> None:
    class Fake:
        """Takes the generator the device would pull from."""

        def start(self, callback_generator: object) -> None:
            """Keep it."""
            self.feed = callback_generator

        def close(self) -> None:
            """Nothing to let go."""

    fake = Fake()
    device = sound._Device(fake)
    feed = fake.feed
    assert hasattr(feed, "send")
    assert feed.send(4) == b"\0" * 8
    device.sound(b"\1\0" * 6)
    assert feed.send(4) == b"\1\0" * 4
    device.sound(b"\2\0" * 2)
    assert feed.send(4) == b"\2\0" * 2 + b"\0" * 4
    assert feed.send(4) == b"\0" * 8
    device.close()


def test_a_computer_without_a_device_is_no_other_error() -> None:
    with suppress(OSError):
        device = sound.open_device()
        device.sound(samples(Tone.IN, 0))
        device.close()
