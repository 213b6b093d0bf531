"""What is on the wire: tcpdump records it, tshark and we look at it."""

import signal
import socket
import struct
import time

from .env import check, run, wait_for


class Capture:
    """Records loopback traffic that touches one of `hosts`."""

    def __init__(self, ctx, hosts, name="wire"):
        self.file = ctx.path(f"{name}.pcap")
        self.log = f"{name}.log"
        expression = " or ".join(f"host {h}" for h in hosts)
        self.proc = ctx.spawn(
            ["tcpdump", "-i", "lo", "-n", "-s", "0", "-U", "--immediate-mode",
             "-Z", "root", "-w", self.file, expression], self.log)
        wait_for(lambda: "listening on" in self.proc.text() or
                 not self.proc.alive(), 10, "tcpdump to listen")
        check(self.proc.alive(), f"tcpdump: {self.proc.text()}")

    def stop(self):
        time.sleep(0.2)  # what the kernel still holds for it
        self.proc.stop(5, signal.SIGINT)
        return self

    def udp(self):
        """(source, port, destination, port, payload) of each datagram."""
        with open(self.file, "rb") as f:
            data = f.read()
        out, at = [], 24
        while at + 16 <= len(data):
            size = struct.unpack_from("<I", data, at + 8)[0]
            frame = data[at + 16:at + 16 + size]
            at += 16 + size
            if frame[12:14] == b"\x08\x00" and frame[23] == 17:
                ip = frame[14:]
                u = (ip[0] & 15) * 4
                sp, dp, n = struct.unpack_from("!HHH", ip, u)
                out.append((socket.inet_ntoa(ip[12:16]), sp,
                            socket.inet_ntoa(ip[16:20]), dp,
                            ip[u + 8:u + n]))
        return out

    def rtp(self, source=None, destination=None):
        """RTP or SRTP packets from or to an "address:port"."""
        return [p[4] for p in self.udp()
                if source in (None, f"{p[0]}:{p[1]}") and
                destination in (None, f"{p[2]}:{p[3]}") and
                len(p[4]) > 12 and p[4][0] >> 6 == 2 and
                not 64 <= p[4][1] & 0x7F <= 95]

    def tshark(self, *args):
        done = run(["tshark", "-n", "-r", self.file, *args])
        check(done.returncode == 0, f"tshark: {done.stderr}")
        return done.stdout
