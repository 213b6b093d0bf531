"""Tones made, and recognised again in a recording."""

import array
import math
import os
import struct
import threading
import wave

from .env import check

RATE = 8000
WINDOW = 400  # samples: 50 ms, a whole number of periods of 20 Hz multiples


def make(path, hz, seconds=90):
    """A mono 8 kHz file with a sine wave; hz a whole number."""
    if not os.path.exists(path):
        period = array.array("h", (
            int(11000 * math.sin(2 * math.pi * hz * i / RATE))
            for i in range(RATE)))
        new = f"{path}.{threading.get_ident()}"  # phones start side by side
        with wave.open(new, "wb") as w:
            w.setnchannels(1)
            w.setsampwidth(2)
            w.setframerate(RATE)
            w.writeframes(period.tobytes() * seconds)
        os.rename(new, path)
    return path


def _share(samples, hz):
    """Part of the energy of `samples` that lies at `hz` (Goertzel)."""
    total = sum(x * x for x in samples)
    if total < len(samples) * 100 * 100:
        return 0.0  # silence
    k = 2 * math.cos(2 * math.pi * hz / RATE)
    a = b = 0.0
    for x in samples:
        a, b = x + k * a - b, a
    power = a * a + b * b - k * a * b
    return 2 * power / (len(samples) * total)


def read(path):
    """Samples of a recording that may not have been closed properly: one
    channel of 8 kHz, whatever was recorded."""
    with open(path, "rb") as f:
        data = f.read()
    at = data.find(b"data")
    check(data[:4] == b"RIFF" and at > 0, f"{path} is no recording")
    channels, rate = struct.unpack_from("<HI", data, data.find(b"fmt ") + 10)
    body = data[at + 8:]
    samples = array.array("h")
    samples.frombytes(body[:len(body) & ~1])
    check(rate % RATE == 0, f"{path}: {rate} Hz")
    return samples[::channels * (rate // RATE)]


def heard(paths, hz):
    """Seconds during which the tone `hz` and nothing else is heard."""
    windows = 0
    for path in paths:
        samples = read(path)
        for at in range(0, len(samples) - WINDOW + 1, WINDOW):
            if _share(samples[at:at + WINDOW], hz) > 0.9:
                windows += 1
    return windows * WINDOW / RATE


def longest_gap(paths, hz):
    """Longest silence or strange sound between first and last tone, s."""
    gap = worst = 0
    begun = False
    for path in paths:
        samples = read(path)
        for at in range(0, len(samples) - WINDOW + 1, WINDOW):
            if _share(samples[at:at + WINDOW], hz) > 0.9:
                worst = max(worst, gap if begun else 0)
                begun, gap = True, 0
            else:
                gap += 1
    return worst * WINDOW / RATE


def shares(payload, hz):
    """Of one mu-law payload: how much of it lies at each frequency."""
    samples = [_ULAW[b] for b in payload]
    return {f: _share(samples, f) for f in hz}


def in_payload(payloads, hz):
    """Share of mu-law payloads in which the tone can be recognised."""
    hits = 0
    for p in payloads:
        samples = [_ULAW[b] for b in p]
        # 160 samples: frequencies in multiples of 50 Hz fit the window.
        if _share(samples, hz) > 0.9:
            hits += 1
    return hits / len(payloads) if payloads else 0.0


def _ulaw_table():
    table = []
    for code in range(256):
        u = ~code & 0xFF
        value = (((u & 0x0F) << 3) + 0x84) << ((u & 0x70) >> 4)
        table.append(0x84 - value if u & 0x80 else value - 0x84)
    return table


_ULAW = _ulaw_table()
