"""The tones of the desk: heard across a noisy lobby, without anybody looking at the screen.

The notes are worked out here, so no sound file is shipped. A thread of its own owns the sound device: whoever asks
for a tone never waits, a newer tone cuts the older, and a computer without a device is silent and says so once. See
docs/design.md, "Runtime" and "Screens".
"""

from __future__ import annotations

import logging
import math
import queue
import sys
import threading
import time
from array import array
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from console.models.tones import Tone

log = logging.getLogger(__name__)

RATE = 44_100
"""Samples a second, 16 bits, one channel."""
LOUDEST = 0.8
"""The peak at full volume, as a part of what 16 bits hold: below 1, so nothing is ever clipped."""

_ATTACK, _DECAY = 0.006, 0.022  # seconds; a note that begins or ends at once clicks
_OVERTONE = 0.3  # a second partial, for small loudspeakers that hardly play the low notes
_IDLE_SECONDS = 20.0  # a device that is kept open for ever keeps laptops from sleeping
_TRY_AGAIN = 60.0


@dataclass(frozen=True, slots=True)
class Note:
    """One note: hertz, milliseconds, how loud (1.0 is usual), and the pause before it in milliseconds."""

    pitch: int
    lasts: int
    loud: float = 1.0
    pause: int = 0


NOTES: dict[Tone, tuple[Note, ...]] = {
    Tone.IN: (Note(660, 65), Note(880, 75)),
    Tone.OUT: (Note(880, 65), Note(660, 75)),
    Tone.IN_WAITING: (Note(660, 65), Note(880, 75, 0.4)),
    Tone.OUT_WAITING: (Note(880, 65), Note(660, 75, 0.4)),
    Tone.NOTHING_TO_DO: (Note(330, 120, 0.5),),
    Tone.ATTENTION: (Note(247, 80), Note(247, 80, pause=20)),
    Tone.REFUSED: (Note(220, 120), Note(220, 120, pause=20)),
}


class Speaker(Protocol):
    """An open sound device."""

    def sound(self, samples: bytes) -> None:
        """Play from now on, in place of what sounds at present."""

    def close(self) -> None:
        """Let the device go."""


class Wishes(Protocol):
    """What the person at this desk chose."""

    @property
    def sound(self) -> bool:
        """Whether tones are heard at all."""

    @property
    def volume(self) -> int:
        """How loud, 0 to 100."""


@lru_cache(maxsize=64)
def samples(tone: Tone, volume: int = 100) -> bytes:
    """A tone as 16-bit samples of the machine's byte order, `volume` from 0 to 100."""
    out = array("h")
    top = 32_767 * LOUDEST * (max(0, min(volume, 100)) / 100) ** 2  # the ear hears the square as even steps
    for note in NOTES[tone]:
        out.extend([0] * (RATE * note.pause // 1000))
        count = RATE * note.lasts // 1000
        attack, decay = RATE * _ATTACK, RATE * _DECAY
        turn = 2 * math.pi * note.pitch / RATE
        for at in range(count):
            edge = min(1.0, at / attack, (count - at) / decay)
            shape = 0.5 - 0.5 * math.cos(math.pi * edge)
            wave = (math.sin(turn * at) + _OVERTONE * math.sin(2 * turn * at)) / (1 + _OVERTONE)
            out.append(round(top * note.loud * shape * wave))
    return out.tobytes()


class SoundPlayer(QObject):
    """Plays tones on this computer. One per application."""

    unavailable_changed = Signal(bool)
    """Whether there is nothing to play on; told from the device's thread, so connect it to a slot of an object."""

    def __init__(
        self,
        wishes: Wishes,
        *,
        open_speaker: Callable[[], Speaker] | None = None,
        idle_seconds: float = _IDLE_SECONDS,
        parent: QObject | None = None,
    ) -> None:
        """Nothing is opened before the first tone. `open_speaker` raises OSError where there is no device."""
        super().__init__(parent)
        self._wishes = wishes
        self._open_speaker = open_speaker or open_device
        self._idle = idle_seconds
        self._queue: queue.SimpleQueue[tuple[Tone, int, bool] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._speaker: Speaker | None = None
        self._unavailable = False
        self._failed_at = -math.inf

    @property
    def unavailable(self) -> bool:
        """Whether the last tone found no device."""
        return self._unavailable

    def play(self, tone: Tone) -> None:
        """Sound a tone, unless sounds are off; returns at once, whatever the device does."""
        if self._wishes.sound:
            self._ask(tone, again=False)

    def test(self, tone: Tone = Tone.IN) -> None:
        """Sound a tone for somebody who is setting the desk up: a device that was missing is looked for again."""
        self._ask(tone, again=True)

    def close(self) -> None:
        """Let the device go and end the thread; what is asked for later starts both again."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join(timeout=2)

    def _ask(self, tone: Tone, *, again: bool) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="sound", daemon=True)
            self._thread.start()
        self._queue.put((tone, self._wishes.volume, again))

    # -- the device's thread -----------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            try:
                asked = self._queue.get(timeout=self._idle if self._speaker else None)
                while asked is not None and not self._queue.empty():
                    asked = self._queue.get()  # only the newest is heard
            except queue.Empty:
                self._let_go()
                continue
            if asked is None:
                self._let_go()
                return
            self._sound(*asked)

    def _sound(self, tone: Tone, volume: int, again: bool) -> None:
        if self._speaker is None and not again and time.monotonic() - self._failed_at < _TRY_AGAIN:
            return
        try:
            if self._speaker is None:
                self._speaker = self._open_speaker()
            self._speaker.sound(samples(tone, volume))
        except OSError as error:
            self._let_go()
            self._failed_at = time.monotonic()
            self._tell(unavailable=True, why=str(error))
        else:
            self._tell(unavailable=False)

    def _tell(self, *, unavailable: bool, why: str = "") -> None:
        if unavailable == self._unavailable:
            return
        self._unavailable = unavailable
        if unavailable:
            log.info("no sound on this computer: %s", why)
        self.unavailable_changed.emit(unavailable)

    def _let_go(self) -> None:
        speaker, self._speaker = self._speaker, None
        if speaker is not None:
            speaker.close()


def open_device() -> Speaker:
    """The computer's usual sound device. Raises OSError where there is none."""
    import miniaudio  # a tenth of a second, and only desks that make a sound need it

    skipped = {miniaudio.Backend.NULL, miniaudio.Backend.CUSTOM}
    if sys.platform == "linux" and not any(Path("/dev/snd").glob("pcm*p")):
        skipped.add(miniaudio.Backend.ALSA)  # it complains at length on the terminal
    backends = [one for one in miniaudio.Backend if one not in skipped]
    try:
        device = miniaudio.PlaybackDevice(
            output_format=miniaudio.SampleFormat.SIGNED16,
            nchannels=1,
            sample_rate=RATE,
            buffersize_msec=30,
            backends=backends,
            app_name="Nexus Console",
        )
        return _Device(device)
    except miniaudio.MiniaudioError as error:
        raise OSError(str(error)) from error


class _PlaybackDevice(Protocol):
    """What is used of miniaudio's device."""

    def start(self, callback_generator: Generator[bytes, int, None]) -> None: ...
    def close(self) -> None: ...


class _Device:
    """A device that runs on in silence between tones, so that a tone starts within its buffer's 30 ms."""

    def __init__(self, device: _PlaybackDevice) -> None:
        self._device = device
        self._now = (b"", 0)  # replaced whole: the device's own thread reads it without a lock
        feed = self._feed()
        next(feed)
        device.start(feed)

    def sound(self, samples: bytes) -> None:
        """Play these samples from now on."""
        self._now = (samples, 0)

    def close(self) -> None:
        """Let the device go."""
        self._device.close()

    def _feed(self) -> Generator[bytes, int, None]:
        frames = yield b""
        while True:
            sounding = self._now
            data, at = sounding
            piece = data[at : at + 2 * frames]
            if self._now is sounding:  # else a newer tone came meanwhile
                self._now = (data, at + len(piece))
            frames = yield piece + b"\0" * (2 * frames - len(piece))
