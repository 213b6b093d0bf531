"""Name servers: dnsmasq, and one that lies."""

import socket
import struct
import threading

from .env import wait_for

PORT = 5353


class Dnsmasq:
    """Answers for names of .test; `records` are dnsmasq's own options."""

    def __init__(self, ctx, *records, ttl=300):
        self.host = ctx.addr()
        argv = ["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts",
                "--conf-file=/dev/null", "--user=root", "--pid-file=",
                "--bind-interfaces", f"--listen-address={self.host}",
                f"--port={PORT}", f"--local-ttl={ttl}", "--local=/test/",
                "--log-queries", "--log-facility=-"]
        self.log = ctx.path("dnsmasq", "log")
        self.proc = ctx.spawn(argv + [f"--{r}" for r in records], "dnsmasq/log")
        wait_for(self.up, 5, "dnsmasq to answer")

    def up(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.2)
            s.sendto(question("up.test", 1), (self.host, PORT))
            try:
                return s.recv(512)
            except OSError:
                return False

    def asked(self, what):
        with open(self.log) as f:
            return sum(f"query[{what}]" in line for line in f)


def labels(name):
    return b"".join(bytes([len(x)]) + x.encode()
                    for x in name.split(".") if x) + b"\0"


def question(name, kind):
    return struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + labels(name) + \
        struct.pack(">HH", kind, 1)


def record(owner, kind, data, ttl=60):
    """`owner` None: what was asked, by a pointer."""
    name = labels(owner) if owner else b"\xc0\x0c"
    return name + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data


class Liar:
    """A name server that answers as `answer(name, kind)` says: a list of
    records, bytes as they are, or None for silence."""

    def __init__(self, ctx, answer):
        self.host, self.answer, self.questions = ctx.addr(), answer, []
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((self.host, PORT))
        self.tcp = socket.create_server((self.host, PORT))
        for sock, serve in (self.sock, self._udp), (self.tcp, self._tcp):
            ctx.at_end(sock.close)
            threading.Thread(target=serve, daemon=True).start()

    def _udp(self):
        while True:
            try:
                data, peer = self.sock.recvfrom(4096)
            except OSError:
                return
            said = self._said(data)
            if said is not None and len(said) > 512:  # truncated: ask by TCP
                said = data[:2] + struct.pack(">HHHHH", 0x8380, 1, 0, 0, 0) + \
                    data[12:]
            if said is not None:
                self.sock.sendto(said, peer)

    def _tcp(self):
        while True:
            try:
                conn, _ = self.tcp.accept()
            except OSError:
                return
            with conn, conn.makefile("rb") as asked:
                while len(size := asked.read(2)) == 2:
                    said = self._said(asked.read(struct.unpack(">H", size)[0]))
                    conn.sendall(struct.pack(">H", len(said)) + said)

    def _said(self, data):
        at, parts = 12, []
        while data[at]:
            parts.append(data[at + 1:at + 1 + data[at]].decode())
            at += 1 + data[at]
        kind = struct.unpack(">H", data[at + 1:at + 3])[0]
        name = ".".join(parts)
        self.questions.append((name, kind))
        said = self.answer(name, kind)
        if isinstance(said, list):
            said = struct.pack(">HHHHH", 0x8180, 1, len(said), 0, 0) + \
                data[12:at + 5] + b"".join(said)
        return said if said is None else data[:2] + said
