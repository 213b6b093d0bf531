"""A small SIP user agent for what no soft phone does: every byte is ours.

Blocking, one socket, one thread per agent. Messages are read into Message;
Agent keeps tags, CSeq and routes of its dialogs and answers digest
challenges.
"""

import base64
import hashlib
import itertools
import os
import re
import select
import socket
import ssl
import time

from .env import Failure, check

SUITES = {
    "AES_CM_128_HMAC_SHA1_80": 30,
    "AES_CM_128_HMAC_SHA1_32": 30,
    "AEAD_AES_128_GCM": 28,
    "AEAD_AES_256_GCM": 44,
    "AES_256_CM_HMAC_SHA1_80": 46,
}
COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact",
           "l": "content-length", "c": "content-type", "s": "subject",
           "k": "supported"}


def token(n=8):
    return os.urandom(n).hex()


def new_key(suite):
    return base64.b64encode(os.urandom(SUITES[suite])).decode()


class Message:
    def __init__(self, head, body=b""):
        lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        self.start, self.raw = lines[0], body
        self.body = body.decode("utf-8", "replace")
        self.headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            self.headers.append((COMPACT.get(name, name), value.strip()))
        words = self.start.split(" ", 2)
        if self.start.startswith("SIP/2.0"):
            self.status, self.method = int(words[1]), None
            self.reason = words[2] if len(words) > 2 else ""
            self.uri = None
        else:
            self.method, self.uri, self.status = words[0], words[1], None

    def all(self, name):
        return [v for n, v in self.headers if n == name.lower()]

    def h(self, name, default=""):
        found = self.all(name)
        return found[0] if found else default

    def cseq(self):
        number, method = self.h("cseq").split()
        return int(number), method

    def tag(self, name):
        m = re.search(r";\s*tag=([^;>\s]+)", self.h(name).split(">")[-1])
        return m.group(1) if m else ""

    def contact(self):
        m = re.search(r"<([^>]+)>", self.h("contact"))
        return m.group(1) if m else self.h("contact").split(";")[0]

    def sdp(self, name):
        """Values of the SDP lines that begin with `name`."""
        return [line[len(name):] for line in self.body.splitlines()
                if line.startswith(name)]

    def media(self):
        """(address, port, profile) of the first audio section."""
        m = self.sdp("m=audio ")[0].split()
        c = self.sdp("c=IN IP4 ") + self.sdp("c=IN IP6 ")
        return c[-1].strip(), int(m[0]), m[1]

    def crypto(self):
        """(suite, key) of each a=crypto line."""
        out = []
        for line in self.sdp("a=crypto:"):
            words = line.split()
            out.append((words[1], words[2].split(":", 1)[1].split("|")[0]))
        return out

    def __str__(self):
        return self.start


class Wire:
    """One socket: "udp", "tcp" or "tls" (client), or an accepted one."""

    def __init__(self, kind, local, remote=None, port=0, tls=None, sock=None,
                 seconds=10):
        self.kind, self.local, self.remote = kind, local, remote
        self.data = b""
        family = socket.AF_INET6 if ":" in local else socket.AF_INET
        if sock:
            self.s = sock
        elif kind == "udp":
            self.s = socket.socket(family, socket.SOCK_DGRAM)
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self.s.bind((local, port))
        else:
            self.s = socket.socket(family, socket.SOCK_STREAM)
            self.s.settimeout(seconds)
            self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.s.bind((local, port))
            self.s.connect(remote)
            if kind == "tls":
                self.s = tls.wrap_socket(self.s, server_hostname=remote[0])
        self.port = self.s.getsockname()[1]

    @property
    def hostport(self):
        host = f"[{self.local}]" if ":" in self.local else self.local
        return f"{host}:{self.port}"

    def send(self, data, to=None):
        if isinstance(data, str):
            data = data.encode()
        if self.kind == "udp":
            self.s.sendto(data, to or self.remote)
        else:
            self.s.settimeout(10)
            self.s.sendall(data)

    def _ready(self, left):
        if self.kind == "tls" and self.s.pending():
            return True
        return bool(select.select([self.s], [], [], max(0, left))[0])

    def recv(self, seconds):
        """The next message, or None after that time or at the end."""
        end = time.monotonic() + seconds
        while True:
            m = self._take()
            if m:
                return m
            left = end - time.monotonic()
            if left <= 0 or not self._ready(left):
                return None
            try:
                if self.kind == "udp":
                    data, self.source = self.s.recvfrom(65536)
                    if not self.remote:
                        self.remote = self.source
                    self.data = data
                else:
                    self.s.settimeout(max(0.01, left))
                    data = self.s.recv(65536)
                    if not data:
                        return None
                    self.data += data
            except ssl.SSLWantReadError:
                continue
            except (TimeoutError, ConnectionError, ssl.SSLError):
                return None

    def _take(self):
        self.data = self.data.lstrip(b"\r\n")
        at = self.data.find(b"\r\n\r\n")
        if at < 0:
            if self.kind == "udp":
                self.data = b""
            return None
        head = self.data[:at].decode("utf-8", "replace")
        m = re.search(r"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d+)", head)
        size = int(m.group(1)) if m else 0
        if self.kind == "udp":
            body, self.data = self.data[at + 4:], b""
        else:
            if len(self.data) < at + 4 + size:
                return None
            body = self.data[at + 4:at + 4 + size]
            self.data = self.data[at + 4 + size:]
        return Message(head, body)

    def closed(self, seconds):
        """True when the far end closes within that time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self._ready(end - time.monotonic()):
                return False
            try:
                self.s.settimeout(max(0.01, end - time.monotonic()))
                if not self.s.recv(65536):
                    return True
            except (TimeoutError, ssl.SSLWantReadError):
                continue
            except (OSError, ssl.SSLError):
                return True
        return False

    def close(self):
        try:
            self.s.close()
        except OSError:
            pass


def client_tls(cafile, cert=None, key=None, version=None, check_name=True):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = check_name
    ctx.load_verify_locations(cafile)
    if cert:
        ctx.load_cert_chain(cert, key)
    if version:
        ctx.minimum_version = ctx.maximum_version = version
    return ctx


def sdp(host, port, crypto=(), codecs=("0 PCMU/8000",), direction=None,
        profile=None, version=1, extra=""):
    """An audio session; crypto: pairs (suite, base64 key)."""
    kind = "IP6" if ":" in host else "IP4"
    profile = profile or ("RTP/SAVP" if crypto else "RTP/AVP")
    lines = ["v=0", f"o=- 4711 {version} IN {kind} {host}", "s=-",
             f"c=IN {kind} {host}", "t=0 0",
             f"m=audio {port} {profile} " +
             " ".join(c.split()[0] for c in codecs)]
    lines += [f"a=rtpmap:{c}" for c in codecs]
    lines += [f"a=crypto:{i} {suite} inline:{key}"
              for i, (suite, key) in enumerate(crypto, 1)]
    if direction:
        lines.append(f"a={direction}")
    return "\r\n".join(lines) + "\r\n" + extra


class Dialog:
    def __init__(self, call_id=None):
        self.call_id = call_id or token()
        self.local_tag = token(6)
        self.remote_tag = ""
        self.cseq = 100
        self.routes, self.target = [], None
        self.local_uri = self.remote_uri = None
        self.invite_branch = self.invite_cseq = None
        self.invite = None  # the INVITE received, for later answers


class Agent:
    """One user on one wire."""

    def __init__(self, wire, user, domain, password=None, params=""):
        self.wire, self.user, self.domain = wire, user, domain
        self.password, self.params = password, params
        self.inbox = []  # messages that nobody waited for yet

    # Reading

    def _match(self, seconds, wanted, what):
        end = time.monotonic() + seconds
        while True:
            for i, m in enumerate(self.inbox):
                if wanted(m):
                    return self.inbox.pop(i)
            left = end - time.monotonic()
            m = self.wire.recv(left) if left > 0 else None
            if m is None:
                raise Failure(f"{self.user}: no {what} within {seconds} s;"
                              f" got {[str(x) for x in self.inbox]}")
            self.inbox.append(m)

    def request(self, method, seconds=10, dialog=None):
        """Waits for a request of that method."""
        return self._match(
            seconds, lambda m: m.method == method and
            (not dialog or m.h("call-id") == dialog.call_id), method)

    def response(self, call_id, cseq, seconds=10, final=True, least=101):
        return self._match(
            seconds, lambda m: m.status and m.h("call-id") == call_id and
            m.cseq() == cseq and m.status >= (200 if final else least),
            f"response to {cseq[0]} {cseq[1]}")

    def nothing(self, seconds, wanted=lambda m: True):
        """Checks that no such message comes."""
        try:
            m = self._match(seconds, wanted, "")
        except Failure:
            return
        raise Failure(f"{self.user}: did not expect {m}")

    # Writing

    @property
    def contact(self):
        via = ";transport=" + self.wire.kind if self.wire.kind != "udp" else ""
        return f"<sip:{self.user}@{self.wire.hostport}{via}>{self.params}"

    def build(self, method, uri, dialog, headers=(), body="",
              ctype="application/sdp", cseq=None, branch=None, contact=True):
        kind = self.wire.kind.upper()
        local = dialog.local_uri or f"sip:{self.user}@{self.domain}"
        lines = [f"{method} {uri} SIP/2.0",
                 f"Via: SIP/2.0/{kind} {self.wire.hostport}"
                 f";branch={branch or 'z9hG4bK' + token()};rport",
                 "Max-Forwards: 70",
                 f"From: <{local}>;tag={dialog.local_tag}",
                 f"To: <{dialog.remote_uri or uri}>" +
                 (f";tag={dialog.remote_tag}" if dialog.remote_tag else ""),
                 f"Call-ID: {dialog.call_id}",
                 f"CSeq: {cseq or dialog.cseq} {method}"]
        if contact:
            lines.append(f"Contact: {self.contact}")
        lines += [f"Route: {r}" for r in dialog.routes]
        lines += list(headers)
        if body:
            lines.append(f"Content-Type: {ctype}")
        lines.append(f"Content-Length: {len(body.encode())}")
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def answer(self, request, status, reason="OK", dialog=None, headers=(),
               body="", ctype="application/sdp"):
        lines = [f"SIP/2.0 {status} {reason}"]
        for name in ("via", "record-route"):
            lines += [f"{name.title()}: {v}" for v in request.all(name)]
        to = request.h("to")
        if status > 100 and not request.tag("to"):
            to += f";tag={dialog.local_tag if dialog else token(6)}"
        lines += [f"From: {request.h('from')}", f"To: {to}",
                  f"Call-ID: {request.h('call-id')}",
                  f"CSeq: {request.h('cseq')}"]
        if dialog:
            lines.append(f"Contact: {self.contact}")
        lines += list(headers)
        if body:
            lines.append(f"Content-Type: {ctype}")
        lines.append(f"Content-Length: {len(body.encode())}")
        text = "\r\n".join(lines) + "\r\n\r\n" + body
        self.wire.send(text)
        return text

    # Outside dialogs

    def _digest(self, challenge, method, uri):
        c = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))

        def md5(s):
            return hashlib.md5(s.encode()).hexdigest()
        ha1 = md5(f"{self.user}:{c['realm']}:{self.password}")
        ha2 = md5(f"{method}:{uri}")
        answer = md5(f"{ha1}:{c['nonce']}:{ha2}")
        return (f'Digest username="{self.user}", realm="{c["realm"]}",'
                f' nonce="{c["nonce"]}", uri="{uri}", response="{answer}"')

    def register(self, expires=300, headers=(), seconds=10, dialog=None):
        """Registers, with the digest when asked; the final response."""
        d = dialog or Dialog()
        uri = f"sip:{self.domain}"
        d.local_uri = d.remote_uri = f"sip:{self.user}@{self.domain}"
        d.cseq += 1
        extra = [f"Expires: {expires}", *headers]
        self.wire.send(self.build("REGISTER", uri, d, extra))
        r = self.response(d.call_id, (d.cseq, "REGISTER"), seconds)
        if r.status in (401, 407) and self.password:
            d.cseq += 1
            name = "Authorization" if r.status == 401 \
                else "Proxy-Authorization"
            ask = r.h("www-authenticate") or r.h("proxy-authenticate")
            extra.append(f"{name}: {self._digest(ask, 'REGISTER', uri)}")
            self.wire.send(self.build("REGISTER", uri, d, extra))
            r = self.response(d.call_id, (d.cseq, "REGISTER"), seconds)
        return r

    # Calls

    def invite(self, number, body="", headers=(), dialog=None, uri=None,
               ctype="application/sdp"):
        """Sends an INVITE (or re-INVITE); the dialog."""
        d = dialog or Dialog()
        if not dialog:
            d.target = uri or f"sip:{number}@{self.domain}"
            d.remote_uri = d.target
            d.local_uri = f"sip:{self.user}@{self.domain}"
        d.cseq += 1
        d.invite_cseq = d.cseq
        d.invite_branch = "z9hG4bK" + token()
        d.sent = self.build("INVITE", d.target, d, headers, body, ctype,
                            branch=d.invite_branch)
        self.wire.send(d.sent)
        return d

    def progress(self, d, seconds=10):
        return self.response(d.call_id, (d.invite_cseq, "INVITE"), seconds,
                             final=False)

    def final(self, d, seconds=30, headers=(), body="", auth_body=None):
        """Final response to the pending INVITE, acknowledged; answers one
        challenge when there is a password."""
        r = self.response(d.call_id, (d.invite_cseq, "INVITE"), seconds)
        if r.status < 300:
            self.learn(d, r)
            if not getattr(d, "late", False):
                self.ack(d)
            return r
        self.wire.send(self.build(
            "ACK", d.target, _copy_with_tag(d, r.tag("to")),
            cseq=d.invite_cseq, branch=d.invite_branch, contact=False))
        if r.status in (401, 407) and self.password and \
                not getattr(d, "tried", False):
            d.tried = True
            name = "Authorization" if r.status == 401 \
                else "Proxy-Authorization"
            ask = r.h("www-authenticate") or r.h("proxy-authenticate")
            line = f"{name}: {self._digest(ask, 'INVITE', d.target)}"
            first = Message(d.sent.split("\r\n\r\n")[0])
            kept = [f"{n.title()}: {v}" for n, v in first.headers
                    if n not in ("via", "max-forwards", "from", "to",
                                 "call-id", "cseq", "contact", "route",
                                 "content-type", "content-length")]
            text = d.sent.split("\r\n\r\n", 1)[1]
            d.cseq += 1
            d.invite_cseq, d.invite_branch = d.cseq, "z9hG4bK" + token()
            d.sent = self.build("INVITE", d.target, d, [*kept, line], text,
                                branch=d.invite_branch)
            self.wire.send(d.sent)
            return self.final(d, seconds)
        return r

    def learn(self, d, response):
        d.remote_tag = response.tag("to")
        if response.h("contact"):
            d.target = response.contact()
        d.routes = list(reversed(_split(response.all("record-route"))))

    def ack(self, d, body="", branch=None):
        self.wire.send(self.build("ACK", d.target, d, body=body,
                                  cseq=d.invite_cseq, branch=branch))

    def accept(self, request):
        """The dialog that a received INVITE begins."""
        d = Dialog(request.h("call-id"))
        d.remote_tag = request.tag("from")
        d.target = request.contact()
        d.routes = _split(request.all("record-route"))
        m = re.search(r"<([^>]+)>", request.h("to"))
        d.local_uri = m.group(1) if m else request.h("to")
        m = re.search(r"<([^>]+)>", request.h("from"))
        d.remote_uri = m.group(1) if m else request.h("from")
        d.invite = request
        return d

    def send(self, method, d, headers=(), body="", ctype="application/sdp"):
        """A request in the dialog; its CSeq."""
        d.cseq += 1
        self.wire.send(self.build(method, d.target, d, headers, body, ctype))
        return d.cseq, method

    def ask(self, method, d, headers=(), body="", ctype="application/sdp",
            seconds=10):
        """The same, with its final response."""
        cseq = self.send(method, d, headers, body, ctype)
        return self.response(d.call_id, cseq, seconds)

    def cancel(self, d):
        self.wire.send(self.build(
            "CANCEL", d.target, d, cseq=d.invite_cseq,
            branch=d.invite_branch, contact=False))

    def bye(self, d, seconds=10):
        r = self.ask("BYE", d, seconds=seconds)
        check(r.status == 200, f"BYE was answered {r}")

    def await_bye(self, d, seconds=10):
        m = self.request("BYE", seconds, d)
        self.answer(m, 200)
        return m

    def close(self):
        self.wire.close()


def _split(values):
    out = []
    for v in values:
        out += [x.strip() for x in re.split(r",\s*(?=<)", v)]
    return out


def _copy_with_tag(d, tag):
    c = Dialog(d.call_id)
    c.__dict__.update(d.__dict__)
    c.remote_tag = tag
    return c


numbers = itertools.count(1)
