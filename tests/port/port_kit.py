"""What tests of the SIP port have at hand: certificates, the program under
test, messages by hand, far ends."""
import os
import re
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


def until(s, status, rest=b""):
    """That response, past those before it; and what came behind it."""
    while True:
        m, rest = read_message(s, rest)
        if m.status == status:
            return m, rest


def ringing(e, s, uas):
    """An INVITE from connection s that rings: as the uas has it, and what came
    behind its 180."""
    s.sendall(request("INVITE", e.access))
    inv = uas.get("INVITE")
    uas.answer(inv, 180)
    return inv, until(s, 180)[1]


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
    m, _ = until(s, 200)
    tag = re.search("tag=(.*)", m.get("To"))[1]
    s.sendall(request("ACK", e.access, call_id=call_id, via=via, to_tag=tag))
    uas.get("ACK")
    return inv, m, tag


TESTS = []


def test(f):
    TESTS.append(f)
    return f
