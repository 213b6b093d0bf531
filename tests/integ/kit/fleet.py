"""Many desk phones that start at the same moment, after a power cut: each
fetches CTL, ITL and its signed configuration, by TFTP or HTTP, from a socket
of its own; who is refused asks again, like a phone. One thread."""

import os
import re
import selectors
import socket
import struct
import time

from .boot import MAC, certificates
from .env import check

DATA, ACK, ERROR = 3, 4, 5
AGAIN = 0.3  # seconds until a refused phone asks again
LOST = 3  # until one that hears nothing does

PROXY = """crypto pki trustpoint FILES
 certificate file {pki}/edge.pem
 key file {pki}/edge.key
crypto pki trustpoint SAST1
 certificate file {pki}/sast1.pem
 key file {pki}/sast1.key
voice-ctl-file FLEET
 record-entry selfsigned trustpoint SAST1
 record-entry cucm-tftp trustpoint FILES
 complete
voice-phone-proxy FLEET
 tftp-server address ipv4 {server} local-addr ipv4 {core} acc-addr ipv4 {access}
 ctl-file FLEET
 access-secure
 tftp-port {tftp}
 http-port {http}
 fetch tftp port {port}
 complete
dial-peer voice 2999 voip
 incoming listener PHONES
 destination-pattern 2999
 session target registrar
 session transport tcp tls
 phone-proxy FLEET signal-addr ipv4 {access} cucm ipv4 192.0.2.11
"""


class Files:
    """Their call manager: tftpd-hpa with a configuration for each."""

    def __init__(self, t, site, count):
        self.access, self.server = site.access, t.addr()
        self.tftp, self.http = (t.env.port_pair(self.access)
                                for _ in range(2))
        port = t.env.port_pair(self.server)
        folder = os.path.dirname(t.path("fleet", "x"))
        os.chmod(t.env.root, 0o755)
        with open(f"{t.env.source}/tests/vectors/boot/"
                  "config-from-call-manager.xml", "rb") as f:
            config = f.read()
        for n in range(count):
            path = os.path.join(folder, f"{device(n)}.cnf.xml")
            with open(path, "wb") as f:
                f.write(config)
            os.chmod(path, 0o644)
        t.spawn(["in.tftpd", "-L", "-a", f"{self.server}:{port}", "-s",
                 folder], "fleet-tftpd.log")
        self.text = PROXY.format(
            pki=certificates(t).dir, server=self.server, core=site.core,
            access=self.access, tftp=self.tftp, http=self.http, port=port)


def device(n):
    return MAC[:7] + f"{n:08X}"


class Phone:
    """What every phone does; how it asks is for those below."""

    def __init__(self, fleet, mac):
        self.fleet, self.got, self.s = fleet, {}, None
        self.want = [f"CTL{mac}.tlv", f"ITL{mac}.tlv", f"{mac}.cnf.xml.sgn"]
        self.busy, self.slowest_no, self.end = 0, 0, None
        self.ask()

    def ask(self):
        self.asked = time.monotonic()
        self.again = self.asked + LOST
        self.refused = False

    def refuse(self):
        self.refused = True
        self.busy += 1
        now = time.monotonic()
        self.slowest_no = max(self.slowest_no, now - self.asked)
        self.again = now + AGAIN

    def whole(self, data):
        self.got[self.want.pop(0)] = data
        if self.want:
            self.ask()
        else:
            self.end = time.monotonic()
            self.close()

    def close(self):
        if self.s:
            self.fleet.sel.unregister(self.s)
            self.s.close()
            self.s = None


class TftpPhone(Phone):
    def ask(self):
        super().ask()
        if not self.s:
            self.s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.s.setblocking(False)
            self.fleet.sel.register(self.s, selectors.EVENT_READ, self)
        self.file, self.block = b"", 0
        self.s.sendto(b"\0\1" + self.want[0].encode() + b"\0octet\0",
                      self.fleet.tftp)

    def ready(self, _):
        data, sender = self.s.recvfrom(2048)
        op, number = struct.unpack(">HH", data[:4])
        if op == ERROR:
            check(number == 0, f"{self.want[0]}: error {number} {data}")
            self.refuse()
            return
        if op != DATA or self.refused:
            return
        self.s.sendto(struct.pack(">HH", ACK, number), sender)
        if number != self.block + 1:
            return
        self.file += data[4:]
        self.block, self.again = number, time.monotonic() + LOST
        if len(data) < 516:
            self.whole(self.file)


class HttpPhone(Phone):
    """A connection for each file."""

    def ask(self):
        super().ask()
        self.close()
        self.data = b""
        self.s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.s.setblocking(False)
        self.s.connect_ex(self.fleet.http)
        self.fleet.sel.register(self.s, selectors.EVENT_WRITE, self)

    def ready(self, what):
        if what & selectors.EVENT_WRITE:
            host = "{}:{}".format(*self.fleet.http)
            self.s.sendall(f"GET /{self.want[0]} HTTP/1.1\r\nHost:{host}\r\n"
                           f"\r\n".encode())
            self.fleet.sel.modify(self.s, selectors.EVENT_READ, self)
            return
        more = self.s.recv(65536)
        self.data += more
        head, _, body = self.data.partition(b"\r\n\r\n")
        n = re.search(rb"(?i)\r\ncontent-length:\s*(\d+)", head)
        if not more or (n and len(body) >= int(n.group(1))):
            self.answered(int((head.split() + [0, 0])[1]), body)

    def answered(self, status, body):
        self.close()
        if status == 200:
            self.whole(body)
        else:
            check(status == 503, f"{self.want[0]}: status {status}")
            self.refuse()


class Fleet:
    """`by_http`: every how-manieth asks by HTTP; 0: none."""

    def __init__(self, access, tftp, http, count, by_http=0):
        self.sel = selectors.DefaultSelector()
        self.tftp, self.http = (access, tftp), (access, http)
        self.begin = time.monotonic()
        self.phones = [
            (HttpPhone if by_http and n % by_http == 0 else TftpPhone)(
                self, device(n)) for n in range(count)]

    def run(self, seconds):
        """Until all have booted."""
        end = time.monotonic() + seconds
        while any(p.want for p in self.phones):
            left = sum(1 for p in self.phones if p.want)
            check(time.monotonic() < end,
                  f"{left} of {len(self.phones)} phones have not booted")
            for key, what in self.sel.select(0.05):
                try:
                    key.data.ready(what)
                except (BlockingIOError, ConnectionError):
                    pass  # asks again
            now = time.monotonic()
            for p in self.phones:
                if p.want and p.again < now:
                    p.ask()
        return self

    @property
    def busy(self):
        return sum(p.busy for p in self.phones)

    def seconds(self):
        """How long each took, sorted."""
        return sorted(p.end - self.begin for p in self.phones)

    def slowest_no(self):
        return max(p.slowest_no for p in self.phones)
