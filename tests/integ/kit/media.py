"""Drives tools/rtp_ua: RTP and SRTP streams with counted packets."""

import itertools
import subprocess
import threading

from .env import check


class Media:
    """One rtp_ua process, many streams."""

    def __init__(self, ctx):
        self.p = subprocess.Popen(
            [ctx.env.program("rtp_ua")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.ids = itertools.count(1)
        self.guard = threading.Lock()
        ctx.at_end(self.stop)

    @property
    def pid(self):
        return self.p.pid

    def command(self, line):
        with self.guard:
            self.p.stdin.write(line + "\n")
            self.p.stdin.flush()
            reply = self.p.stdout.readline().strip()
        check(reply.startswith("ok"), f"rtp_ua: {line.split()[0]}: {reply}")
        return reply[3:]

    def stream(self, host):
        return Stream(self, host)

    def unprotect(self, suite, key, packet):
        """The packet in clear, or None when it does not authenticate."""
        return self._crypt("unprotect", suite, key, packet)

    def protect(self, suite, key, packet):
        return self._crypt("protect", suite, key, packet)

    def unprotect_rtcp(self, suite, key, packet):
        return self._crypt("unprotect-rtcp", suite, key, packet)

    def protect_rtcp(self, suite, key, packet):
        return self._crypt("protect-rtcp", suite, key, packet)

    def _crypt(self, what, suite, key, packet):
        with self.guard:
            self.p.stdin.write(f"{what} {suite} {key} {packet.hex()}\n")
            self.p.stdin.flush()
            reply = self.p.stdout.readline().strip()
        return bytes.fromhex(reply[3:]) if reply.startswith("ok") else None

    def stop(self):
        self.p.stdin.close()
        try:
            self.p.wait(5)
        except subprocess.TimeoutExpired:
            self.p.kill()
            self.p.wait()
        self.p.stdout.close()


class Stream:
    def __init__(self, media, host):
        self.m, self.host, self.id = media, host, next(media.ids)
        self.port = int(media.command(f"open {self.id} {host} 0"))

    def to(self, host, port, tx=None, rx=None, ssrc=None, seq=None):
        """Far end and keys: tx, rx are (suite, base64 key) or None."""
        self.keys = (tx, rx)
        t, r = tx or ("-", "-"), rx or ("-", "-")
        self.m.command(
            f"set {self.id} {host} {port} {t[0]} {t[1]} {r[0]} {r[1]}"
            f" {ssrc or 0x10000 + self.id}"
            f" {'-' if seq is None else seq}")
        return self

    def send(self, pps=50, count=0, delay=0):
        self.m.command(f"send {self.id} {pps} {count} {delay}")

    def stop(self):
        self.m.command(f"stop {self.id}")

    def seq(self, number):
        self.m.command(f"seq {self.id} {number}")

    def ssrc(self, number):
        self.m.command(f"ssrc {self.id} {number}")

    def impair(self, loss=0, twice=0, late=0):
        """Per thousand packets that leave."""
        self.m.command(f"impair {self.id} {loss} {twice} {late}")

    def shape(self, on=True):
        """Sizes, extensions and contributing sources that change."""
        self.m.command(f"shape {self.id} {int(on)}")

    def noise(self):
        """What is no RTP, from this port; how many packets."""
        return int(self.m.command(f"noise {self.id}"))

    def reset(self):
        self.m.command(f"reset {self.id}")

    def stats(self):
        reply = self.m.command(f"stats {self.id}")
        return {k: int(v) for k, v in
                (word.split("=") for word in reply.split())}
