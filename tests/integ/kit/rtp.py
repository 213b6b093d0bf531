"""RTP in clear with sound in it: mu-law tones sent in time, what comes is
kept with its headers."""

import math
import os
import select
import socket
import struct
import threading
import time

from . import tones
from .env import check

DTMF = {key: (row, column)
        for row, keys in zip((697, 770, 852, 941),
                             ("123A", "456B", "789C", "*0#D"))
        for column, key in zip((1209, 1336, 1477, 1633), keys)}


def ulaw(sample):
    """One sample as G.711 mu-law."""
    sign = 0x80 if sample < 0 else 0
    value = min(abs(int(sample)), 32635) + 0x84
    exponent = value.bit_length() - 8
    return ~(sign | exponent << 4 | (value >> exponent + 3) & 0x0F) & 0xFF


def sound(seconds, *hz, peak=4000):
    """Mu-law of these sines together; none: silence."""
    return bytes(ulaw(sum(peak * math.sin(2 * math.pi * f * i / tones.RATE)
                          for f in hz))
                 for i in range(int(seconds * tones.RATE)))


class Sound:
    """A port of 127.x.y.z; say() takes as long as it lasts."""

    def __init__(self, t, host):
        self.host = host
        while True:
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sock.bind((host, 0))
            self.port = self.sock.getsockname()[1]
            if self.port % 2 == 0:
                break
            self.sock.close()
        self.seq, self.ts = 7, 70000
        self.ssrc = int.from_bytes(os.urandom(4), "big")
        self.packets, self.guard = [], threading.Lock()
        self.stopping = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        t.at_end(self.close)

    def _read(self):
        while not self.stopping:
            if not select.select([self.sock], [], [], 0.1)[0]:
                continue
            data = self.sock.recv(2048)
            if len(data) >= 12 and data[1] & 0x7F < 64 or \
                    data[1] & 0x7F >= 96:
                with self.guard:
                    self.packets.append((time.monotonic(), data))

    def to(self, host, port):
        self.far = (host, port)
        return self

    def say(self, payload, pt=0, size=160, units=160):
        """Packets of `size` bytes, `units` of time each, at 8 kHz."""
        self.play([payload[at:at + size] for at in
                   range(0, len(payload) - size + 1, size)], pt, units)

    def play(self, payloads, pt=0, units=160, clock=8000):
        begin = time.monotonic()
        for n, payload in enumerate(payloads, 1):
            head = struct.pack(">BBHII", 0x80, pt, self.seq & 0xFFFF,
                               self.ts & 0xFFFFFFFF, self.ssrc)
            if payload is not None:  # else time passes
                self.sock.sendto(head + payload, self.far)
                self.seq += 1
            self.ts += units
            time.sleep(max(0, begin + n * units / clock - time.monotonic()))

    def repeat(self, rows, pt, clock=8000):
        """What somebody's got() has, at the times that it was of."""
        begin, ts = time.monotonic(), self.ts
        for _, at, payload in rows:
            since = (at - rows[0][1]) & 0xFFFFFFFF
            time.sleep(max(0, begin + since / clock - time.monotonic()))
            self.ts = ts + since
            self.play([payload], pt, 0)

    def clear(self):
        with self.guard:
            self.packets.clear()

    def got(self, pt=None):
        """(sequence, timestamp, payload) of what came, in its order."""
        with self.guard:
            found = [d for _, d in self.packets
                     if pt is None or d[1] & 0x7F == pt]
        rows = [(struct.unpack_from(">H", d, 2)[0],
                 struct.unpack_from(">I", d, 4)[0], d[12:]) for d in found]
        return sorted(rows, key=lambda r: (r[0] - rows[0][0] + 0x8000)
                      & 0xFFFF) if rows else []

    def close(self):
        self.stopping = True
        self.thread.join()
        self.sock.close()


def keys_heard(payloads):
    """The DTMF keys that sound in mu-law, one after the other."""
    return keys_in(tones.ulaw_samples([p]) for p in payloads)


def keys_in(pieces, torn=0):
    """The same of pieces of sound, 20 ms each at 8 kHz. torn: so many pieces
    within a key may be unlike it: codecs made for speech do that to tones."""
    found, last, length, unlike = "", None, 0, 0
    for p in pieces:
        key = None
        share = tones.shares_of(p, {f for pair in DTMF.values()
                                    for f in pair})
        for k, pair in DTMF.items():
            low, high = (share[f] for f in pair)
            if min(low, high) > 0.25 and low + high > 0.7:
                key = k
        unlike = 0 if key else unlike + 1
        if last and 0 < unlike <= torn:
            continue
        length = length + 1 if key == last else 1
        last = key
        if key and length == 2:
            found += key
    check(len(found) < 100, "too many keys")
    return found
