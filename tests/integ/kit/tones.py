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


def make(folder, hz, seconds=90):
    """A mono 8 kHz file with a sine wave; hz a whole number."""
    period = [11000 * math.sin(2 * math.pi * hz * i / RATE)
              for i in range(RATE)]
    return save(os.path.join(folder, f"{hz}-{seconds}s.wav"),
                lambda: period * seconds)


def save(path, samples, rate=RATE):
    """A mono file of what samples() gives. Who wants the same gets the
    same."""
    if not os.path.exists(path):
        new = f"{path}.{threading.get_ident()}"  # phones start side by side
        with wave.open(new, "wb") as w:
            w.setnchannels(1)
            w.setsampwidth(2)
            w.setframerate(rate)
            w.writeframes(array.array("h", map(int, samples())).tobytes())
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


# A phone that gets no processor for so long says nothing of the call: what is
# wrong with a codec or a key is heard again and again, or for good.
STALL = 0.4  # seconds


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
    return shares_of([_ULAW[b] for b in payload], hz)


def shares_of(samples, hz):
    """How much of some sound lies at each frequency."""
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


def _alaw_table():
    table = []
    for code in range(256):
        a = code ^ 0x55
        value = (a & 0x0F) << 4 | 8
        if a & 0x70:
            value = (value | 0x100) << ((a & 0x70) >> 4) - 1
        table.append(value if a & 0x80 else -value)
    return table


_ULAW = _ulaw_table()
_ALAW = _alaw_table()
# By payload type: a payload as samples.
SAMPLES = {0: lambda p: [_ULAW[b] for b in p],
           8: lambda p: [_ALAW[b] for b in p]}


def ulaw_samples(payloads):
    """What packets of mu-law say, one after the other."""
    return [_ULAW[b] for p in payloads for b in p]


def _high_pass(taps=63, edge=1800):
    """A windowed sinc (Blackman): tones below 1.2 kHz are 70 dB down."""
    mid, out = taps // 2, []
    for i in range(taps):
        x = i - mid
        low = (2 * edge / RATE if x == 0 else
               math.sin(2 * math.pi * edge / RATE * x) / (math.pi * x))
        window = (0.42 - 0.5 * math.cos(2 * math.pi * i / (taps - 1)) +
                  0.08 * math.cos(4 * math.pi * i / (taps - 1)))
        out.append(((x == 0) - low) * window)
    return out


_TAPS = _high_pass()
_QUIET = 100  # below is silence


def clicks(samples, edges=False):
    """Seconds into it at which tones below 1.2 kHz are broken: a wave that
    jumps, samples or packets left out, doubled or strange, one spike. Such a
    break has energy at all frequencies, a tone has it at one, and what G.711
    adds is far smaller. Where sound begins after silence, or ends in it, is
    no fault unless `edges` are wanted; the ends of `samples` never are."""
    samples = list(samples)
    loud = sorted(abs(x) for x in samples if abs(x) > _QUIET)
    if not loud:
        return []
    limit = 0.07 * loud[int(len(loud) * 0.9)]
    half = len(_TAPS) // 2
    padded = [0] * half + samples + [0] * half
    found = []
    for i in range(half, len(samples) - half):
        if found and i - found[-1] < 80:
            continue  # of the same break
        rest = abs(sum(h * x for h, x in zip(_TAPS, padded[i:])))
        if rest <= limit:
            continue
        if edges or not _at_edge(samples, i):
            found.append(i)
    return [i / RATE for i in found]


def _at_edge(samples, at):
    """Is there silence of 15 ms right before it, or right after it?"""
    n, near = RATE * 15 // 1000, len(_TAPS)

    def silent(a, b):
        return a < 0 or b > len(samples) or all(
            abs(x) <= _QUIET for x in samples[a:b])
    return any(silent(i - n, i) or silent(i + 1, i + 1 + n)
               for i in range(max(0, at - near), min(len(samples),
                                                     at + near)))
