#!/usr/bin/env python3
"""The SIP port against plain sockets, openssl's TLS and SIPp.

    test_port.py PORT_ECHO [NAME-PART]

Every test starts a port_echo of its own and judges how it ends: exit code,
nothing left over, counters.
"""
import os
import re
import select
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

ECHO = os.path.abspath(sys.argv[1])
ONLY = sys.argv[2] if len(sys.argv) > 2 else ""
TMP = tempfile.mkdtemp(prefix="port-")
NET = 1 + os.getpid() % 250
TIMEOUT = 30  # a slow machine under a sanitizer; nothing waits that long


class Failed(Exception):
    pass


def check(cond, text):
    if not cond:
        raise Failed(text)


_next = [0]


def address():
    _next[0] += 1
    return f"127.{NET}.{_next[0] // 250}.{1 + _next[0] % 250}"


# ---- certificates ----

def openssl(*args):
    done = subprocess.run(["openssl", *args], cwd=TMP, capture_output=True,
                          text=True)
    check(done.returncode == 0, done.stderr)


def make_ca(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
            f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
            "-addext", "keyUsage=critical,keyCertSign")


def make_leaf(name, ca, san):
    openssl("req", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    with open(f"{TMP}/{name}.ext", "w") as f:
        f.write("basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n"
                "extendedKeyUsage=serverAuth,clientAuth\n"
                f"subjectAltName={san}\n")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem",
            "-CAkey", f"{ca}.key", "-CAcreateserial", "-days", "2",
            "-extfile", f"{name}.ext", "-out", f"{name}.pem")


def make_certificates():
    make_ca("good")
    make_ca("evil")
    make_leaf("edge", "good", "DNS:edge.example.com")
    make_leaf("SEP001", "good", "DNS:sep001.example.com")
    make_leaf("SEP002", "good", "DNS:sep002.example.com")
    make_leaf("SEP666", "evil", "DNS:sep666.example.com")
    make_leaf("core", "good", "DNS:core.example.com")


def client_context(name, ca="good"):
    c = ssl.create_default_context(cafile=f"{TMP}/{ca}.pem")
    c.check_hostname = False
    if name:
        c.load_cert_chain(f"{TMP}/{name}.pem", f"{TMP}/{name}.key")
    return c


# ---- the program under test ----

class Echo:
    def __init__(self, access="tcp", core="udp", options="", target=None,
                 peer_name=None):
        self.access, self.core = address(), address()
        self.target = target or address()
        self.transport = access
        with open(f"{TMP}/echo.conf", "w") as f:
            f.write(self.text(access, core, options))
        args = [ECHO, f.name, self.target, "5060"]
        if peer_name:
            args.append(peer_name)
        self.proc = subprocess.Popen(args, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True)
        self.log = []
        self.reader = threading.Thread(
            target=self._read_log, daemon=True)
        line = self.proc.stdout.readline()
        if line != "ready\n":
            raise Failed(f"not ready: {self.proc.stderr.read()}")
        self.reader.start()

    def _read_log(self):
        for line in self.proc.stderr:
            self.log.append(line)

    def text(self, access, core, options):
        tls = " trustpoint EDGE\n"
        word = {"udp": "udp", "tcp": "tcp", "tls": "tcp tls"}
        return (
            "crypto pki trustpoint EDGE\n"
            f" certificate file {TMP}/edge.pem\n"
            f" key file {TMP}/edge.key\n"
            f" ca-bundle file {TMP}/good.pem\n"
            "sip-listener OUT\n side access\n"
            f" address ipv4 {self.access} port 5060\n"
            f" transport {word[access]}\n{tls if access == 'tls' else ''}"
            f"{options}"
            "sip-listener IN\n side core\n"
            f" address ipv4 {self.core} port 5060\n"
            f" transport {word[core]}\n{tls if core == 'tls' else ''}"
            "sip-ua\n registrar embedded\n")

    def end(self, bridges=0):
        """Counters as it ended; nothing more may be left."""
        self.proc.stdin.close()
        out = self.proc.stdout.read()
        code = self.proc.wait(TIMEOUT)
        self.reader.join()
        check(code == 0, f"exit {code}: {''.join(self.log[-40:])}")
        self.counters = dict(re.findall(r"^(\S+) (\d+)$", out, re.M))
        check(self.counters.pop("bridges_left") == str(bridges),
              "bridges left")
        check(self.counters.pop("quiet") == "1", "requests left")
        return self

    def count(self, name):
        return int(self.counters.get(f"lineside_{name}_total", 0))

    def connect(self):
        s = socket.create_connection((self.access, 5060), TIMEOUT)
        s.settimeout(TIMEOUT)
        return s

    def connect_tls(self, name):
        return client_context(name).wrap_socket(self.connect())


def closed(s):
    """The far end closes without another byte."""
    try:
        return s.recv(1) == b""
    except (ConnectionResetError, ssl.SSLError):
        return True


# ---- messages ----

class Message:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.start = lines[0]
        self.headers = [tuple(x.split(": ", 1)) for x in lines[1:]]

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def get(self, name):
        return self.all(name)[0]

    @property
    def status(self):
        return int(self.start.split()[1])


def read_message(s, buffer=b""):
    while b"\r\n\r\n" not in buffer:
        data = s.recv(65536)
        if not data:
            raise Failed(f"closed within a message: {buffer}")
        buffer += data
    head, _, rest = buffer.partition(b"\r\n\r\n")
    size = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
    while len(rest) < size:
        rest += s.recv(65536)
    return Message(head + b"\r\n\r\n" + rest[:size]), rest[size:]


def request(method, to, more="", body="", cseq=1, call_id="c1", tag="t1",
            to_tag="", branch=None, via="TCP", contact="sip:me@192.0.2.9",
            ruri=None):
    to_tag = f";tag={to_tag}" if to_tag else ""
    return (f"{method} {ruri or 'sip:x@' + to} SIP/2.0\r\n"
            f"Via: SIP/2.0/{via} 192.0.2.9:5060;"
            f"branch=z9hG4bK{branch or f'{call_id}{method}{cseq}'};rport\r\n"
            f"From: <sip:me@{to}>;tag={tag}\r\nTo: <sip:x@{to}>{to_tag}\r\n"
            f"Call-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n"
            f"Max-Forwards: 70\r\nContact: <{contact}>\r\n{more}"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def response(rq, status, more="", body="", tag="u1", contact=None):
    head = f"SIP/2.0 {status} Text\r\n"
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        for v in rq.all(name):
            if name == "To" and "tag=" not in v and tag:
                v += f";tag={tag}"
            head += f"{name}: {v}\r\n"
    if contact:
        head += f"Contact: <{contact}>\r\n"
    return (f"{head}{more}Content-Length: {len(body)}\r\n\r\n{body}").encode()


class Uas:
    """A far end on UDP that a test drives by hand."""

    def __init__(self, addr):
        self.s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.s.bind((addr, 5060))
        self.s.settimeout(TIMEOUT)
        self.contact = f"sip:uas@{addr}:5060"

    def get(self, method=None):
        while True:
            data, self.peer = self.s.recvfrom(65536)
            m = Message(data)
            if method is None or m.start.startswith(method + " "):
                return m

    def none(self, method):
        """That did not come: of all that has."""
        self.s.settimeout(0.2)
        try:
            self.get(method)
        except TimeoutError:
            return True
        return False

    def answer(self, rq, status, **kw):
        self.s.sendto(response(rq, status, contact=self.contact, **kw),
                      self.peer)

    def send(self, data):
        self.s.sendto(data, self.peer)


TESTS = []


def test(f):
    TESTS.append(f)
    return f


# ---- calls ----

def sipp_call(transport, kind, calls=50):
    e = Echo(transport, transport)
    uac_addr = address()
    uas = subprocess.Popen(
        ["sipp", "-sn", "uas", "-i", e.target, "-p", "5060", "-t", kind,
         "-m", str(calls), "-nostdin"], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, cwd=TMP)
    uac = subprocess.run(
        ["sipp", "-sn", "uac", f"{e.access}:5060", "-i", uac_addr, "-p",
         "5060", "-t", kind, "-m", str(calls), "-r", "50", "-d", "100",
         "-timeout", str(TIMEOUT), "-timeout_error", "-nostdin",
         "-recv_timeout", str(TIMEOUT * 1000)],
        capture_output=True, text=True, cwd=TMP)
    uas.wait(TIMEOUT)
    e.end()
    check(uac.returncode == 0, f"uac: {uac.stdout[-1500:]}{uac.stderr}")
    check(e.count("sip_local_failures") == 0, "local failures")


@test
def sipp_over_udp():
    sipp_call("udp", "u1")


@test
def sipp_over_tcp():
    sipp_call("tcp", "t1")


def establish(e, s, uas, call_id="c1"):
    """A call from connection s, up: (INVITE at the uas, 200 at s, tag)."""
    via = e.transport.upper()
    s.sendall(request("INVITE", e.access, call_id=call_id, via=via,
                      body="v=0\r\n",
                      more="Content-Type: application/sdp\r\nX-A: 1\r\n"
                           "Subject: =?folded?\r\n  and on\r\nx-a:  2\r\n"))
    inv = uas.get("INVITE")
    uas.answer(inv, 180)
    uas.answer(inv, 200, body="v=0\r\n",
               more="Content-Type: application/sdp\r\n")
    rest = b""
    while True:
        m, rest = read_message(s, rest)
        if m.status == 200:
            break
    tag = re.search("tag=(.*)", m.get("To"))[1]
    s.sendall(request("ACK", e.access, call_id=call_id, via=via, to_tag=tag))
    uas.get("ACK")
    return inv, m, tag


@test
def headers_pass_in_order():
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    inv, ok, tag = establish(e, s, uas)
    names = [n for n, _ in inv.headers]
    order = [n for n in names if n in
             ("Content-Type", "X-A", "Subject", "x-a")]
    check(order == ["Content-Type", "X-A", "Subject", "x-a"], order)
    check(inv.get("Subject") == "=?folded? and on", inv.get("Subject"))
    check(inv.all("X-A") == ["1", "2"], inv.all("X-A"))
    check(inv.body == b"v=0\r\n" and ok.body == b"v=0\r\n", "body")
    check(inv.get("Max-Forwards") == "69", "Max-Forwards")
    check(inv.get("Call-ID") != "c1" and "t1" not in inv.get("From"),
          "identifiers of the other side")
    s.sendall(request("BYE", e.access, cseq=2, to_tag=tag))
    uas.answer(uas.get("BYE"), 200)
    check(read_message(s)[0].status == 200, "BYE")
    e.end()


@test
def requests_both_ways():
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    inv, _, tag = establish(e, s, uas)
    s.sendall(request("KNOCK", e.access, cseq=2, to_tag=tag, body="abc"))
    m = uas.get("KNOCK")
    check(m.body == b"abc", "body of an unknown method")
    uas.answer(m, 299)
    check(read_message(s)[0].status == 299, "its answer")
    uas_tag = re.search("tag=(.*)", inv.get("From"))[1]
    uas.send(request("INFO", e.core, call_id=inv.get("Call-ID"), via="UDP",
                     tag="u1", to_tag=uas_tag))
    info, _ = read_message(s)
    check(info.start.startswith("INFO sip:me@192.0.2.9 "), info.start)
    s.sendall(response(info, 200))
    check(uas.get().status == 200, "INFO")
    uas.send(request("BYE", e.core, cseq=2, call_id=inv.get("Call-ID"),
                     via="UDP", tag="u1", to_tag=uas_tag))
    s.sendall(response(read_message(s)[0], 200))
    check(uas.get().status == 200, "BYE")
    e.end()


@test
def cancelled():
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    s.sendall(request("INVITE", e.access))
    inv = uas.get("INVITE")
    uas.answer(inv, 180)
    rest = b""
    while True:
        m, rest = read_message(s, rest)
        if m.status == 180:
            break
    s.sendall(request("CANCEL", e.access, branch="c1INVITE1",
                      more='Reason: SIP;cause=200;text="x"\r\n'))
    got = []
    for _ in range(2):
        m, rest = read_message(s, rest)
        got.append((m.status, m.get("CSeq")))
    check(got == [(200, "1 CANCEL"), (487, "1 INVITE")], got)
    c = uas.get("CANCEL")
    check(c.get("Reason") == 'SIP;cause=200;text="x"', "Reason of CANCEL")
    uas.answer(c, 200)
    uas.answer(inv, 487)
    uas.get("ACK")
    s.sendall(request("ACK", e.access, branch="c1INVITE1"))
    e.end()


@test
def cancelled_before_the_dialog():
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    s.sendall(request("INVITE", e.access, more="X-Late: yes\r\n"))
    s.sendall(request("CANCEL", e.access, branch="c1INVITE1"))
    rest, got = b"", []
    while len([n for n in got if n != 100]) < 2:  # 100: not at once
        m, rest = read_message(s, rest)
        got.append(m.status)
    check(got[-2:] == [200, 487], got)
    s.sendall(request("ACK", e.access, branch="c1INVITE1"))
    inv = uas.get("INVITE")
    uas.answer(inv, 180)
    uas.answer(uas.get("CANCEL"), 200)
    uas.answer(inv, 487)
    uas.get("ACK")
    e.end()


@test
def answer_crosses_cancel():
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    s.sendall(request("INVITE", e.access))
    inv = uas.get("INVITE")
    uas.answer(inv, 180)
    rest = b""
    while True:
        m, rest = read_message(s, rest)
        if m.status == 180:
            break
    s.sendall(request("CANCEL", e.access, branch="c1INVITE1"))
    uas.answer(uas.get("CANCEL"), 200)
    uas.answer(inv, 200)
    uas.get("ACK")
    uas.answer(uas.get("BYE"), 200)
    e.end()
    check(e.count("sip_late_answers") == 1, "not counted")


@test
def answer_crosses_bye():
    """An INVITE within the dialog is answered after the BYE: it gets its ACK,
    and no second BYE."""
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    _, _, tag = establish(e, s, uas)
    s.sendall(request("INVITE", e.access, cseq=2, to_tag=tag))
    again = uas.get("INVITE")
    s.sendall(request("BYE", e.access, cseq=3, to_tag=tag))
    uas.answer(uas.get("BYE"), 200)
    uas.answer(again, 200)
    uas.get("ACK")
    e.end()
    check(e.count("sip_late_answers") == 1, "not counted")
    check(uas.none("BYE"), "a second BYE")


@test
def forks():
    """Two branches ring, the second answers; both to one dialog's user."""
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    s.sendall(request("INVITE", e.access))
    inv = uas.get("INVITE")
    uas.answer(inv, 180, tag="f1")
    uas.answer(inv, 183, tag="f2")
    uas.answer(inv, 200, tag="f2")
    rest, seen = b"", []
    while 200 not in seen:
        m, rest = read_message(s, rest)
        seen.append(m.status)
    tag = re.search("tag=(.*)", m.get("To"))[1]
    check([n for n in seen if n != 100] == [180, 183, 200], seen)
    s.sendall(request("ACK", e.access, to_tag=tag))
    check("tag=f2" in uas.get("ACK").get("To"), "ACK to the other fork")
    uas.answer(inv, 200, tag="f1")  # RFC 3261 13.2.2.4
    check("tag=f1" in uas.get("ACK").get("To"), "late fork: no ACK")
    m = uas.get("BYE")
    check("tag=f1" in m.get("To"), "late fork: no BYE")
    uas.answer(m, 200)
    s.sendall(request("BYE", e.access, cseq=2, to_tag=tag))
    m = uas.get("BYE")
    check("tag=f2" in m.get("To"), "BYE to the other fork")
    uas.answer(m, 200)
    e.end()


@test
def intruder():
    """Another connection knows the identifiers; it must not end the call."""
    e = Echo("tls")
    uas = Uas(e.target)
    s, other = e.connect_tls("SEP001"), e.connect_tls("SEP002")
    again = e.connect_tls("SEP001")
    _, _, tag = establish(e, s, uas)
    bye = request("BYE", e.access, cseq=99, to_tag=tag, via="TLS")
    other.sendall(bye)
    check(read_message(other)[0].status == 403, "let in")
    again.sendall(request("BYE", e.access, cseq=3, to_tag=tag, via="TLS"))
    check(read_message(again)[0].status == 200, "same device refused")
    uas.answer(uas.get("BYE"), 200)
    e.end()
    check(e.count("sec_dialog_intruders") == 1, "not counted")
    check(any("DIALOG_INTRUDER" in x for x in e.log), "not logged")


@test
def refusals():
    e = Echo("udp")
    u = Uas(address())
    u.peer = (e.access, 5060)

    def status(n, **kw):
        u.send(request(kw.pop("method", "OPTIONS"), e.access, via="UDP",
                       call_id=f"r{n}", **kw))
        m = u.get()
        check(m.status < 300 or (
            m.get("Reason").startswith("Q.850;cause=") and
            m.get("Warning").startswith('399 lineside "')), m.headers)
        return m.status

    check(status(1) == 200, "OPTIONS")
    check(status(2, ruri="http://x/") == 416, "scheme")
    check(status(3, ruri=f"sip:x@{e.access}?Subject=x") == 400, "headers")
    check(status(4, to_tag="nobody", method="BYE") == 481, "no dialog")
    u.send(request("OPTIONS", e.access, via="UDP", call_id="r5").replace(
        b"Max-Forwards: 70", b"Max-Forwards: 0"))
    check(u.get().status == 483, "Max-Forwards")
    u.send(request("OPTIONS", e.access, via="UDP", call_id="r6").replace(
        b"Max-Forwards: 70", b"Max-Forwards: 70\r\nX-N: a\0b"))
    check(u.get().status == 400, "NUL")
    # the second of a single-value header is not what anybody looked at
    check(status(7, more="Subject: a\r\nSubject: b\r\n") == 200, "repeat")
    u.send(request("OPTIONS", e.access, via="UDP", call_id="r8",
                   more="A: b\r\n" * 300))
    check(status(9) == 200, "after a datagram of 300 headers")
    u.send(request("OPTIONS", e.access, via="UDP", call_id="r11",
                   more="A: b\r" * 300))
    check(status(12) == 200, "after another, with another line end")
    u.send(request("INVITE", e.access, via="UDP", call_id="r10").replace(
        b"Contact", b"X-Contact"))
    check(u.get().status == 400, "no Contact")
    u.send(request("ACK", e.access, via="UDP", call_id="r10",
                   branch="r10INVITE1"))
    e.end()
    check(e.count("sip_connections_many_headers") == 2, "not counted")
    check(e.count("sip_refused_scheme") == 1, "416 not counted")
    check(e.count("sip_refused_loop") == 1, "483 not counted")
    check(e.count("sip_refused_malformed") == 2, "400 not counted")


@test
def nobody_there():
    """Next hops that refuse, that have no address: a 503 of our own."""
    for core, target in (("tcp", None), ("udp", "no-such-host.invalid")):
        e = Echo("tcp", core, target=target)
        s = e.connect()
        s.sendall(request("INVITE", e.access))
        rest = b""
        while True:
            m, rest = read_message(s, rest)
            if m.status != 100:
                break
        check(m.status == 503, m.start)
        s.sendall(request("ACK", e.access, branch="c1INVITE1"))
        e.end()


@test
def name_is_looked_up():
    e = Echo("tcp", "udp", target="localhost")
    e.target = "127.0.0.1"
    uas, s = Uas(e.target), e.connect()
    _, _, tag = establish(e, s, uas)
    s.sendall(request("BYE", e.access, cseq=2, to_tag=tag))
    uas.answer(uas.get("BYE"), 200)
    e.end()


@test
def via_of_a_datagram():
    """An answer goes where the datagram came from: a maddr in its Via would
    make us a reflector, and a name there would be looked up meanwhile."""
    e = Echo("udp")
    u, victim = Uas(address()), Uas(address())
    u.peer = (e.access, 5060)
    for n, maddr in enumerate((victim.s.getsockname()[0], "no-such.invalid")):
        u.send(request("OPTIONS", e.access, via="UDP", call_id=f"m{n}").replace(
            b";rport", f";maddr={maddr};rport".encode()))
        check(u.get().status == 200, "answered elsewhere")
    victim.s.settimeout(0)
    try:
        check(not victim.get(), "reflected")
    except BlockingIOError:
        pass
    e.end()


@test
def strange_statuses():
    """Numbers that are no statuses are not passed on."""
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    s.sendall(request("INVITE", e.access))
    inv = uas.get("INVITE")
    for status in ("050", "000", "-1", "999", "700", "4294967496"):
        uas.answer(inv, status)
    rest, got = b"", []
    while not got or got[-1] < 200:
        m, rest = read_message(s, rest)
        got.append(m.status)
    check([n for n in got if n != 100] == [502], got)
    s.sendall(request("ACK", e.access, branch="c1INVITE1"))
    e.end()


# ---- streams ----

def register(e, call_id="reg"):
    return request("REGISTER", e.access, call_id=call_id, via="TLS",
                   contact="sip:1@192.0.2.9;transport=tls")


@test
def tls_register():
    e = Echo("tls")
    s = e.connect_tls("SEP001")
    for byte in register(e, "bytes"):  # one at a time
        s.sendall(bytes([byte]))
    m, rest = read_message(s)
    check(m.status == 200, m.start)
    check(m.get("Contact") == "<sip:1@192.0.2.9;transport=tls>;expires=60",
          m.get("Contact"))
    s.sendall(register(e, "a") + b"\r\n\r\n" + register(e, "b"))
    rest, got = b"", []
    data = b""
    while data.count(b"SIP/2.0 200") < 2 or b"\r\n\r\n\r\n" not in data:
        data += s.recv(65536)
    s.sendall(b"\r\n\r\n")
    check(s.recv(10) == b"\r\n", "no pong")
    s.close()
    e.end()


@test
def tls_small_records():
    """A phone that takes small records only gets whole messages."""
    e = Echo("tls")
    cli = subprocess.Popen(
        ["gnutls-cli", "--recordsize", "512", "-p", "5060", e.access,
         "--x509cafile", f"{TMP}/good.pem", "--x509certfile",
         f"{TMP}/SEP001.pem", "--x509keyfile", f"{TMP}/SEP001.key",
         "--verify-hostname", "edge.example.com", "--logfile",
         f"{TMP}/cli.log"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    def ask(pad):
        return request("REGISTER", e.access, via="TLS",
                       contact="sip:1@192.0.2.9;x=" + "y" * pad)

    # gnutls-cli sends one record: the answer is some bytes longer
    rq = ask(510 - len(ask(0)))
    cli.stdin.write(rq)
    cli.stdin.flush()
    got = b""
    while b"\r\n\r\n" not in got:
        ready, _, _ = select.select([cli.stdout], [], [], TIMEOUT / 3)
        data = os.read(cli.stdout.fileno(), 65536) if ready else b""
        if not data:
            cli.kill()
        check(data, f"{len(got)} bytes, then nothing")
        got += data
    check(len(got) > 512, "that was no test")
    check(Message(got).get("Contact") == Message(rq).get("Contact") +
          ";expires=60", got)
    cli.stdin.close()
    cli.wait(TIMEOUT)
    cli.stdout.close()
    e.end()


@test
def tls_strangers():
    e = Echo("tls")
    for name in (None, "SEP666"):
        try:
            s = client_context(name).wrap_socket(e.connect())
            s.sendall(register(e))
            check(closed(s), f"{name} was let in")
        except ssl.SSLError:
            pass
    e.end()
    check(e.count("tls_refused_no_certificate") == 1, "none")
    check(e.count("tls_refused_unknown_ca") == 1, "stranger")


@test
def silent_is_closed():
    e = Echo("tcp", options=" timeout idle 1\n")
    s, t = e.connect(), e.connect()
    t.sendall(register(e).replace(b"/TLS", b"/TCP"))
    check(read_message(t)[0].status == 200, "REGISTER")
    check(closed(s), "still open")
    t.sendall(b"\r\n\r\n")  # registered: stays
    check(t.recv(10) == b"\r\n", "registered one was closed")
    e.end()
    check(e.count("sip_connections_idle") == 1, "not counted")


@test
def greedy_sender():
    """Who sends without pause does not keep the others waiting."""
    e = Echo()
    greedy, s = e.connect(), e.connect()
    stray = (b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKno\r\n"
             b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n"
             b"Call-ID: no\r\nCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n") * 5000
    enough = threading.Event()

    def send():
        try:
            while not enough.is_set():
                greedy.sendall(stray)
        except OSError:
            pass

    t = threading.Thread(target=send)
    t.start()
    try:
        s.settimeout(TIMEOUT / 3)
        for n in range(3):
            s.sendall(request("OPTIONS", e.access, cseq=n + 1,
                              call_id=f"g{n}"))
            check(read_message(s)[0].status == 200, "OPTIONS")
    finally:
        enough.set()
        greedy.shutdown(socket.SHUT_RDWR)
        t.join()
    e.end()


@test
def requests_that_wait():
    """A connection may have so many requests that wait, and no more."""
    e = Echo("tcp", "tcp")
    s = e.connect()
    for n in range(600):
        s.sendall(request("INVITE", e.access, call_id=f"w{n}",
                          more="X-Late: yes\r\n"))
    rest, got = b"", []
    while len(got) < 100:
        m, rest = read_message(s, rest)
        if m.status != 100:
            got.append(m.status)
    check(got == [503] * 100, got)
    while len(got) < 600:
        m, rest = read_message(s, rest)
        if m.status != 100:
            got.append(m.status)
    s.sendall(request("OPTIONS", e.access))
    while m.get("CSeq") != "1 OPTIONS":
        m, rest = read_message(s, rest)
    check(m.status == 200, "still refused")
    s.close()
    e.end()
    check(e.count("sip_refused_flood") == 100, "not counted")


@test
def end_with_all_pending():
    """Handshakes in both directions, connections, half a message, a call."""
    silent = address()
    listener = socket.create_server((silent, 5060))
    e = Echo("tls", "tls", target=silent)
    s, half = e.connect_tls("SEP001"), e.connect_tls("SEP002")
    quiet, hello = e.connect(), e.connect()
    hello.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
    half.sendall(b"OPTIONS sip:x SIP/2.0\r\n")
    s.sendall(request("INVITE", e.access, via="TLS"))
    check(read_message(s)[0].status == 100, "Trying")
    listener.accept()
    e.end(bridges=1)
    check(closed(quiet), "still open")
    listener.close()


@test
def half_message_is_closed():
    e = Echo("tcp", options=" timeout message 1\n")
    s = e.connect()
    s.sendall(b"OPTIONS sip:x SIP/2.0\r\nVia: ")
    check(closed(s), "still open")
    e.end()
    check(e.count("sip_connections_message_timeout") == 1, "not counted")


@test
def no_sip_is_closed():
    cases = (
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "garbage"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", "garbage"),
        (b"OPTIONS sip:x SIP/2.0\r\nTo: x\r\n\r\n", "garbage"),
        (b"OPTIONS sip:x SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n",
         "garbage"),
        (b"OPTIONS sip:x SIP/2.0\r\n" + b"A: b\r\n" * 300, "many_headers"),
        (b"OPTIONS sip:x SIP/2.0\r\nA: " + b"b" * 40000, "oversize"),
        (b"OPTIONS sip:x SIP/2.0\r\nl: 99999999\r\n\r\n", "oversize"),
        # for the parser a CR alone ends a line as well
        (b"OPTIONS sip:x SIP/2.0\r\nX: y\rl: 9\r\nl: 0\r\n\r\n", "garbage"),
        (b"OPTIONS sip:x SIP/2.0\r\nA: " + b"b\rA: " * 300 + b"\r\nl: 0\r\n\r\n",
         "garbage"),
    )
    e = Echo()
    for data, _ in cases:
        s = e.connect()
        s.sendall(data)
        check(closed(s), f"still open after {data[:40]}")
    s = e.connect()
    s.sendall(request("OPTIONS", e.access))
    check(read_message(s)[0].status == 200, "the listener suffered")
    e.end()
    for kind in ("garbage", "many_headers", "oversize"):
        expect = sum(k == kind for _, k in cases)
        check(e.count(f"sip_connections_{kind}") == expect, kind)


@test
def limits_connections():
    e = Echo("tcp", options=" max-connections 4 per-source 2\n")
    mine = [e.connect() for _ in range(3)]
    check(closed(mine[2]), "third of one address")
    here = address()
    more = []
    for addr in (here, here, address()):
        s = socket.socket()
        s.bind((addr, 0))
        s.settimeout(TIMEOUT)
        s.connect((e.access, 5060))
        more.append(s)
    check(closed(more[2]), "fifth in total")
    mine[0].sendall(request("OPTIONS", e.access))
    check(read_message(mine[0])[0].status == 200, "first of all")
    e.end()
    check(e.count("sip_connections_refused_source") == 1, "source")
    check(e.count("sip_connections_refused_limit") == 1, "total")


def tls_server(addr, cert, serve):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(f"{TMP}/{cert}.pem", f"{TMP}/{cert}.key")
    c.load_verify_locations(f"{TMP}/good.pem")
    c.verify_mode = ssl.CERT_REQUIRED
    listener = socket.create_server((addr, 5060))
    listener.settimeout(TIMEOUT)

    def run():
        try:
            s, _ = listener.accept()
            s.settimeout(TIMEOUT)
            serve(c.wrap_socket(s, server_side=True))
        except (OSError, Failed):
            pass
        listener.close()

    t = threading.Thread(target=run)
    t.start()
    return t


def tls_call(cert, peer_name):
    e = Echo("tcp", "tls", peer_name=peer_name)

    def serve(s):
        rest = b""
        for status in (200, None, 200):  # INVITE, ACK, BYE
            m, rest = read_message(s, rest)
            if status:
                s.sendall(response(m, status, contact="sip:u@192.0.2.7"))

    t = tls_server(e.target, cert, serve)
    s, rest = e.connect(), b""
    s.sendall(request("INVITE", e.access))
    while True:
        m, rest = read_message(s, rest)
        if m.status >= 200:
            break
    if m.status == 200:
        tag = re.search("tag=(.*)", m.get("To"))[1]
        s.sendall(request("ACK", e.access, to_tag=tag))
        s.sendall(request("BYE", e.access, cseq=2, to_tag=tag))
        check(read_message(s, rest)[0].status == 200, "BYE")
    else:
        s.sendall(request("ACK", e.access, branch="c1INVITE1"))
    t.join()
    e.end()
    return m.status


@test
def tls_towards_core():
    check(tls_call("core", "core.example.com") == 200, "good server")
    check(tls_call("core", "other.example.com") == 503, "another name")
    check(tls_call("SEP666", "sep666.example.com") == 503, "another CA")


def main():
    bad = 0
    make_certificates()
    try:
        for f in TESTS:
            if ONLY not in f.__name__:
                continue
            try:
                f()
                print(f"ok   {f.__name__}", flush=True)
            except (Failed, OSError, subprocess.SubprocessError) as err:
                bad += 1
                print(f"FAIL {f.__name__}: {err!r}", flush=True)
    finally:
        shutil.rmtree(TMP, ignore_errors=True)
    return 1 if bad else 0


sys.exit(main())
