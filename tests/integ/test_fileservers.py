"""The call manager's file servers: well, down, hanging, mad. Phones get an
answer in bounded time, the reason is told, what is ours is served as ever."""

import os
import signal
import socket
import ssl
import struct
import threading
import time
import urllib.parse

from kit.boot import INSIDE, MAC, Boot, RawTftp, needs
from kit.env import check, wait_for
from kit.suite import test

RRQ, DATA, ACK, ERROR, OACK = 1, 3, 4, 5, 6
SECONDS = 25  # the longest that a phone waits, on a busy machine


def asked(b, names, expected):
    """Phones ask for all at once; (status, reason in the timeline) each."""
    got = {}

    def ask(name):
        got[name] = b.http_get(f"{name}.cnf.xml.sgn", SECONDS)
    threads = [threading.Thread(target=ask, args=(n,)) for n in names]
    for x in threads:
        x.start()
    status, took = b.http_get("CTLFile.tlv", SECONDS)
    check(status == 200 and took < 3, f"the trust list: {status}, {took} s")
    for x in threads:
        x.join()
    for name in names:
        want, reason = expected[name]
        status, took = got[name]
        told = [e["text"] for e in b.timeline(name)]
        check(status == want and took < SECONDS,
              f"{name}: {status} after {took} s, {told}")
        check(any(reason in text for text in told), f"{name}: {told}")


@test(None)
def one_source_holds_all_it_may(t):
    """256 connections of one address that say nothing; it has no more, while
    phones elsewhere get their files, and so does it when they are gone."""
    b = Boot(t)
    at = urllib.parse.urlsplit(b.url("CTLFile.tlv"))
    host, port = at.hostname, at.port
    held = [socket.create_connection((host, port), 5, ("127.0.0.1", 0))
            for _ in range(256)]
    with socket.create_connection((host, port), 5, ("127.0.0.1", 0)) as more:
        check(more.recv(1) == b"", "one more is open")
    counted = b.lineside.counters()
    check(counted["lineside_phone_http_connections_refused_total"] == 1,
          "not counted")
    with socket.create_connection((host, port), 5, ("127.0.0.2", 0)) as other:
        other.sendall(b"GET /CTLFile.tlv HTTP/1.0\r\n\r\n")
        check(b" 200 " in other.recv(100), "another phone is not served")
    for conn in held:
        conn.close()
    check(b.http_get("CTLFile.tlv")[0] == 200, "not served afterwards")
    b.lineside.judge()


def https_of(t, b):
    """`b` starts with HTTPS; its port."""
    b.pki.leaf("web", "servers", "/O=Example/CN=web.example.com")
    port = t.env.port_pair(b.access)
    b.more += f" https-port {port} trustpoint WEB\n"
    b.lineside.config(b.text() + f"crypto pki trustpoint WEB\n certificate "
                      f"file {b.pki.dir}/web.pem\n key file "
                      f"{b.pki.dir}/web.key\n")
    b.lineside.start()
    return port


@test(None)
def who_takes_nothing_costs_little(t):
    """Forty connections by TLS ask for 12 MB each and do not read: there is
    one copy of it. One of them begins to read, and gets it whole."""
    b = Boot(t, "http", start=False)
    port = https_of(t, b)
    data = os.urandom(1 << 16) * 192
    b.put("big.bin", data)
    check(b.http_body("big.bin") == data, "by HTTP")
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    rss, held = b.lineside.rss(), []
    for _ in range(40):
        s = socket.create_connection((b.access, port), 10)
        held.append(tls.wrap_socket(s))
        held[-1].sendall(b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
    heads = [s.recv(15) for s in held]
    check(set(heads) == {b"HTTP/1.1 200 OK"}, f"{set(heads)}")
    grown = b.lineside.rss() - rss
    check(grown < 160 << 10, f"{grown >> 10} MB for 40 that take nothing")
    got = b""
    while len(got) < len(data) and (part := held[7].recv(1 << 20)):
        got += part
        if b"\r\n\r\n" in got[:4096]:
            got = got.partition(b"\r\n\r\n")[2]
    check(got == data, f"{len(got)} of {len(data)} bytes")
    for s in held:
        s.close()
    b.lineside.judge()


@test(None, alone=True)
def what_is_held_is_bounded(t):
    """Connections that ask for different files of 60 MB and take nothing:
    what they hold ends at 512 MB, then they are told to come again; what is
    kept goes to others, and all is well when they are gone."""
    b = Boot(t, "http")
    at = urllib.parse.urlsplit(b.url("CTLFile.tlv"))
    held, statuses = [], []
    for i in range(10):
        b.put(f"{i}.bin", b"")
        os.truncate(os.path.join(b.files, f"{i}.bin"), 60 << 20)
        s = socket.create_connection((at.hostname, at.port), 20)
        s.sendall(f"GET /{i}.bin HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        statuses.append(s.recv(12)[9:12])
        held.append(s)
    check(statuses == [b"200"] * 9 + [b"503"], f"{statuses}")
    check(b.http_get("CTLFile.tlv")[0] == 200, "the trust list")
    for s in held:
        s.close()
    wait_for(lambda: b.http_get("9.bin")[0] == 200, 10, "room again")
    b.lineside.judge()


@test(None)
def a_request_that_drips(t):
    """A byte each second, for ever: closed in bounded time, counted; one that
    is slow but whole in time is answered, and its next one, too."""
    b = Boot(t)
    at = urllib.parse.urlsplit(b.url("CTLFile.tlv"))
    begin = time.monotonic()
    drip = socket.create_connection((at.hostname, at.port), 5)
    slow = socket.create_connection((at.hostname, at.port), 5)
    drip.sendall(b"GET /CTLFile.tlv HTTP/1.1\r\nX: ")
    for part in (b"GET /CTLFile", b".tlv HTTP/1.1\r\n", b"\r\n"):
        slow.sendall(part)
        time.sleep(1)
    check(b" 200 " in slow.recv(16), "the slow one is not answered")
    try:
        while time.monotonic() - begin < 40:
            drip.sendall(b"x")
            drip.settimeout(1)
            try:
                check(drip.recv(1) == b"", "an answer to half a request")
                break
            except TimeoutError:
                pass
    except ConnectionError:
        pass
    took = time.monotonic() - begin
    check(18 < took < 30, f"closed after {took:.0f} s")
    counted = b.lineside.counters()
    check(counted["lineside_phone_http_connections_refused_total"] == 1,
          "not counted")
    slow.close()
    b.lineside.judge()


@test(None)
def names_stand_for_themselves(t):
    """What a phone writes so that a web server behind us takes it for another
    name finds nothing: above all no configuration as it is inside."""
    b = Boot(t, "http")
    for name in (f"{MAC}.cnf%2exml", f"{MAC}%2ecnf%2exml", f"{MAC}.cnf.xml?x",
                 f"{MAC}.cnf.xml#", "Ring%6cist.xml", "Ringlist.xml?x",
                 "Ringlist.xml HTTP/1.1", "x/%2e%2e/Ringlist.xml"):
        op, _, rest, _ = RawTftp(b).ask(name).answer()
        check(op == ERROR, f"by TFTP {name} gives {rest[:60]}")
    for name in (f"{MAC}.cnf%252exml", f"{MAC}%252ecnf%252exml",
                 f"{MAC}.cnf.xml%3fx", "Ringlist.xml%3fx"):
        check(b.http_get(name)[0] == 404, f"by HTTP {name} is found")
    b.put("two words.xml", b"<x/>")
    check(b.http_body("two%20words.xml") == b"<x/>", "a name with a space")
    b.lineside.judge()


@test(None)
def a_tftp_server_hangs_dies_and_returns(t):
    """tftpd-hpa, stopped; then killed and started again."""
    b = Boot(t)
    check(b.http_get(f"{MAC}.cnf.xml.sgn")[0] == 200, "while all is well")
    name = "SEP00000000000A"
    b.put(f"{name}.cnf.xml", b.config())
    os.kill(b.tftpd.pid, signal.SIGSTOP)
    asked(b, [name], {name: (503, "no answer")})
    os.kill(b.tftpd.pid, signal.SIGCONT)
    b.tftpd.stop()
    b.start_tftpd()
    wait_for(lambda: b.http_get(f"{name}.cnf.xml.sgn")[0] == 200, 10,
             "the file when it is back")
    failed = b.lineside.counters()["lineside_phone_fetch_failures_total"]
    check(failed == 1, f"{failed} counted")
    b.lineside.judge()


@test(None)
def from_dnsmasq(t):
    """A third file server, which agrees on larger blocks."""
    needs("dnsmasq")
    b = Boot(t, None)
    big = os.urandom(300000)
    b.put("big.bin", big)
    t.spawn(["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0",
             "--enable-tftp", f"--tftp-root={b.files}", "--user=root",
             f"--listen-address={b.server}", "--bind-interfaces",
             f"--pid-file={t.path('dnsmasq.pid')}"], "dnsmasq.log")
    b.lineside.config(b.text().replace(f"port {b.server_port}", "port 69"))
    check(b.lineside.reload()["ok"], "the reload")
    wait_for(lambda: b.http_get(f"{MAC}.cnf.xml.sgn")[0] == 200, 20,
             "the configuration")
    check(b.http_body("big.bin") == big, "another file")
    check(b.http_get("nothere.xml")[0] == 404, "a file that is not there")
    b.lineside.judge()


@test(None)
def a_web_server_hangs_dies_and_returns(t):
    """nginx, stopped, going on, killed, started again."""
    b = Boot(t, "http")
    check(b.http_get(f"{MAC}.cnf.xml.sgn")[0] == 200, "while all is well")
    name = "SEP00000000000A"
    b.put(f"{name}.cnf.xml", b.config())
    workers = b.nginx_workers()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    asked(b, [name], {name: (503, "no answer")})
    for pid in workers:
        os.kill(pid, signal.SIGCONT)
    wait_for(lambda: b.http_get(f"{name}.cnf.xml.sgn")[0] == 200, 10,
             "the file when it goes on")
    b.nginx.stop()
    name = "SEP00000000000B"
    b.put(f"{name}.cnf.xml", b.config())
    asked(b, [name], {name: (503, "no connection")})
    b.start_nginx()
    wait_for(lambda: b.http_get(f"{name}.cnf.xml.sgn")[0] == 200, 10,
             "the file when it is back")
    b.lineside.judge()


@test(None)
def the_second_server_is_asked(t):
    """The first call manager says nothing: its neighbour has the file."""
    b = Boot(t, start=False)
    silent = t.addr()
    b.lineside.config(b.text().replace(
        " tftp-server address", f" tftp-server address ipv4 {silent}"
        f" local-addr ipv4 {b.core} acc-addr ipv4 {b.access}\n"
        " tftp-server address", 1))
    b.lineside.start()
    status, took = b.http_get(f"{MAC}.cnf.xml.sgn", SECONDS)
    check(status == 200, f"{status} after {took} s")
    b.lineside.judge()


# ---- a TFTP server that is mad in one way for each phone ----

def data(number, content):
    return struct.pack(">HH", DATA, number) + content


class MadTftp:
    """Answers each read request by the method of the phone's last letters:
    SEP0000000000AA is `aa`. Each transfer has a socket of its own."""

    def __init__(self, t, b):
        self.b, self.config = b, b.config()
        self.s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.s.bind((b.server, b.server_port))
        self.stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.stranger.bind((t.addr(), 0))
        t.at_end(self.s.close)
        t.at_end(self.stranger.close)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        seen = set()
        while True:
            try:
                request, peer = self.s.recvfrom(2048)
            except OSError:
                return
            if peer in seen:
                continue  # a repeated request
            seen.add(peer)
            name = request[2:].split(b"\0")[0].decode()
            method = getattr(self, name[13:15].lower(), None)
            if method:
                threading.Thread(target=self._one, args=(method, peer),
                                 daemon=True).start()

    def _one(self, method, peer):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((self.b.server, 0))
            s.settimeout(10)
            try:
                method(s, peer)
            except OSError:
                pass

    def good(self, s, peer, before=lambda number: None):
        """The file as it should be, acknowledged block by block."""
        for at in range(0, len(self.config) + 1, 512):
            number = at // 512 + 1
            before(number)
            s.sendto(data(number, self.config[at:at + 512]), peer)
            while s.recvfrom(512)[0] != struct.pack(">HH", ACK, number):
                pass

    def aa(self, s, peer):
        """A stranger's packets come before each of its own."""
        evil = b"<device>evil</device>".ljust(512)
        self.good(s, peer, lambda number: self.stranger.sendto(
            data(number, evil), peer))

    def ab(self, s, peer):
        """Another port of its own host joins in."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind((self.b.server, 0))
            self.good(s, peer, lambda number: number > 1 and other.sendto(
                data(number, b"evil".ljust(512)), peer))

    def ac(self, s, peer):
        """Blocks that nobody waits for, and each twice."""
        def wrong(number):
            for n in (number + 7, 0, 65535, number - 1 or 9):
                s.sendto(data(n, b"evil".ljust(512)), peer)
        self.good(s, peer, wrong)

    def ad(self, s, peer):
        """Options that were not asked for."""
        s.sendto(struct.pack(">H", OACK) + b"windowsize\0" b"64\0", peer)

    def ae(self, s, peer):
        """A file without an end."""
        number = 0
        while True:
            number = number + 1 & 0xFFFF
            s.sendto(data(number, b"<a/>" * 128), peer)
            while True:
                got = s.recvfrom(512)[0]
                if got[:2] != struct.pack(">H", ACK):
                    return
                if got == struct.pack(">HH", ACK, number):
                    break

    def af(self, s, peer):
        """Stops in the middle."""
        s.sendto(data(1, self.config[:512]), peer)

    def ba(self, s, peer):
        """No TFTP at all."""
        for junk in (b"", b"\0", b"\0\3", b"\xff" * 600, os.urandom(100)):
            s.sendto(junk, peer)

    def bb(self, s, peer):
        s.sendto(struct.pack(">HH", ERROR, 0) + b"out of order\0", peer)

    def bc(self, s, peer):
        """An error without end, and a code that nobody knows."""
        s.sendto(struct.pack(">HH", ERROR, 77) + b"x" * 400, peer)

    def bd(self, s, peer):
        """Two megabytes by its own words."""
        s.sendto(struct.pack(">H", OACK) + b"tsize\0" b"99999999\0", peer)


@test(None)
def a_mad_tftp_server(t):
    b = Boot(t, None)
    MadTftp(t, b)
    expected = {f"SEP0000000000{k}": v for k, v in {
        "AA": (200, "signed"), "AB": (200, "signed"), "AC": (200, "signed"),
        "AD": (503, "answered with an error"),
        "AE": (503, "the file is too large"), "AF": (503, "no answer"),
        "BA": (503, "no answer"), "BB": (503, "answered with an error"),
        "BC": (503, "answered with an error"),
        "BD": (503, "the file is too large")}.items()}
    asked(b, list(expected), expected)
    for good in ("AA", "AB", "AC"):
        body = b.http_body(f"SEP0000000000{good}.cnf.xml")
        check(b"evil" not in body and b"<device>" in body and
              INSIDE.encode() not in body, f"{good}: {body[:200]}")
    b.lineside.judge()


# ---- the same of HTTP ----

class MadHttp:
    def __init__(self, t, b):
        self.config = b.config()
        self.s = socket.create_server((b.server, b.server_port))
        self.open = []
        t.at_end(self.close)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        for s in (self.s, *self.open):
            s.close()

    def _serve(self):
        while True:
            try:
                s, _ = self.s.accept()
            except OSError:
                return
            self.open.append(s)
            threading.Thread(target=self._one, args=(s,),
                             daemon=True).start()

    def _one(self, s):
        try:
            request = s.recv(4096).decode("latin-1")
            getattr(self, request.split()[1][14:16].lower())(s)
        except (AttributeError, OSError, IndexError):
            s.close()

    def head(self, length):
        return f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode()

    def aa(self, s):
        """Chunked, and nothing of a length."""
        s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for at in range(0, len(self.config), 1000):
            part = self.config[at:at + 1000]
            s.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        s.sendall(b"0\r\n\r\n")

    def ab(self, s):
        """Until the end of the connection."""
        s.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + self.config)
        s.close()

    def ac(self, s):
        s.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        s.close()

    def ad(self, s):
        s.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")

    def ae(self, s):
        """Without end."""
        s.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        while True:
            s.sendall(b"<a/>" * 4096)

    def af(self, s):
        """Half of it, then nothing."""
        s.sendall(self.head(len(self.config)) + self.config[:1000])

    def ba(self, s):
        """Half of it, then away."""
        s.sendall(self.head(len(self.config)) + self.config[:1000])
        s.close()

    def bb(self, s):
        """A length that is a lie."""
        s.sendall(self.head(1 << 40) + self.config)

    def bc(self, s):
        """A byte now and then, for ever."""
        s.sendall(self.head(len(self.config)))
        for byte in self.config:
            s.sendall(bytes([byte]))
            time.sleep(0.5)

    def bd(self, s):
        """Headers without end."""
        s.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            s.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")


@test(None)
def a_mad_web_server(t):
    b = Boot(t, None, start=False)
    b.lineside.config(b.text().replace("fetch tftp", "fetch http", 1))
    MadHttp(t, b)
    b.lineside.start()
    expected = {f"SEP0000000000{k}": v for k, v in {
        "AA": (200, "signed"), "AB": (200, "signed"),
        "AC": (503, "that is not HTTP"),
        "AD": (503, "answered with an error"),
        "AE": (503, "the file is too large"), "AF": (503, "no answer"),
        "BA": (503, "it hung up"), "BB": (503, "the file is too large"),
        "BC": (503, "it is too slow"), "BD": (503, "that is not HTTP"),
    }.items()}
    asked(b, list(expected), expected)
    b.lineside.judge()


@test(None)
def what_is_kept_is_bounded(t):
    """At most 64 MB and 1000 files are kept of what was fetched, the
    largest of them like the others; the oldest goes first."""
    b = Boot(t, "http")

    def kept():
        row = b.lineside.json("voice-phone-proxy")["files"]
        return row["cached"], row["cached_bytes"]

    def fetched(name):
        before = b.lineside.counters()["lineside_phone_fetches_total"]
        status, _ = b.http_get(name, SECONDS)
        check(status == 200, f"{name}: {status}")
        return b.lineside.counters()["lineside_phone_fetches_total"] > before

    def sparse(name, size):
        b.put(name, b"")
        os.truncate(os.path.join(b.files, name), size)

    sparse("huge.bin", (64 << 20) - 1)
    check(fetched("huge.bin") and not fetched("huge.bin"), "it was not kept")
    check(kept() == (1, (64 << 20) - 1), f"{kept()}")
    for i in range(9):
        sparse(f"{i}.bin", 8 << 20)
        check(fetched(f"{i}.bin"), f"{i}.bin the first time")
    check(kept() == (8, 64 << 20), f"{kept()}")
    check(not fetched("8.bin"), "the newest was thrown away")
    check(not fetched("1.bin"), "one that had room was thrown away")
    check(fetched("0.bin"), "the oldest was kept")

    def small(first):
        for i in range(first, 1010, 4):
            b.http_get(f"small{i}.xml", SECONDS)
    for i in range(1010):
        os.link(os.path.join(b.files, "Ringlist.xml"),
                os.path.join(b.files, f"small{i}.xml"))
    threads = [threading.Thread(target=small, args=(i,)) for i in range(4)]
    for x in threads:
        x.start()
    for x in threads:
        x.join()
    check(kept()[0] == 1000 and kept()[1] < 1 << 20, f"{kept()}")
    b.lineside.judge()
