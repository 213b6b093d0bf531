"""TLS towards the core: the server's name is checked, our certificate is
shown."""

import socket
import ssl
import threading

from kit import sip
from kit.env import check, wait_for
from kit.media import Media
from kit.site import SUITES
from kit.suite import test
from test_calls import exchange


class Server:
    """A TLS server at a slot that takes one connection."""

    def __init__(self, t, s, certificate, version=None):
        addr, n = s.slot()
        self.addr, self.number = addr, f"7{n}"
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(*certificate(addr))
        ctx.load_verify_locations(s.pki.path("core.pem"))
        ctx.verify_mode = ssl.CERT_REQUIRED
        if version:
            ctx.minimum_version = ctx.maximum_version = version
        self.listener = socket.create_server((addr, 5061))
        t.at_end(self.listener.close)
        self.ctx, self.wire, self.error, self.peer = ctx, None, None, None
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        try:
            sock, _ = self.listener.accept()
            sock = self.ctx.wrap_socket(sock, server_side=True)
            self.peer = sock.getpeercert()
            self.wire = sip.Wire("tls", self.addr, sock=sock)
        except OSError as e:
            self.error = e


    def agent(self):
        """Waits for the connection; an agent that speaks on it."""
        wait_for(lambda: self.wire or self.error, 5, "a connection")
        check(self.wire, f"no TLS from Lineside: {self.error}")
        return sip.Agent(self.wire, self.number, "pbx.test")


def trusted(s):
    """A certificate for an address, by the CA that Lineside trusts."""
    return lambda addr: s.pki.leaf(f"core-{addr}", "core", "/CN=trunk",
                                   f"IP:{addr}")[:2]


def caller(t, s, user):
    a = s.secure_agent(t, user)
    ms = Media(t).stream(t.addr())
    key = (SUITES[0], sip.new_key(SUITES[0]))
    return a, ms, key, sip.sdp(ms.host, ms.port, [key])


@test()
def right_name(t, s):
    """The call goes through, and the server saw our certificate."""
    server = Server(t, s, trusted(s))
    a, ms, key, body = caller(t, s, "2066")
    da = a.invite(server.number, body)
    b = server.agent()
    names = dict(x[0] for x in server.peer["subject"])
    check(names["commonName"] == "inside.example.com", f"{names}")
    req = b.request("INVITE")
    db = b.accept(req)
    address, port, profile = req.media()
    check(profile == "RTP/SAVP", profile)
    far = req.crypto()[0]
    mine = (far[0], sip.new_key(far[0]))
    bs = ms.m.stream(t.addr()).to(address, port, mine, far)
    b.answer(req, 200, dialog=db, body=sip.sdp(bs.host, bs.port, [mine]))
    r = a.final(da)
    check(r.status == 200, f"{r}")
    b.request("ACK", dialog=db)
    address, port, _ = r.media()
    ms.to(address, port, key, r.crypto()[0])
    exchange(ms, bs)
    a.bye(da)
    b.await_bye(db)


@test()
def tls12_and_tls13(t, s):
    """Both versions towards the core, as `show` tells them."""
    for user, version, name in (
            ("2029", ssl.TLSVersion.TLSv1_2, "TLS1.2"),
            ("2027", ssl.TLSVersion.TLSv1_3, "TLS1.3")):
        server = Server(t, s, trusted(s), version)
        a, _, _, body = caller(t, s, user)
        da = a.invite(server.number, body)
        b = server.agent()
        req = b.request("INVITE")
        leg = next(x for x in s.legs(server.number) if x["leg"] == "B")
        check(leg["tls_version"] == name, f"{name}: {leg['tls_version']}")
        b.answer(req, 486, "Busy Here")
        check(a.final(da).status == 486, "not refused")
        b.request("ACK")


def refused(t, s, user, certificate, word):
    server = Server(t, s, certificate)
    a, _, _, body = caller(t, s, user)
    before = len(s.lineside.log())
    r = a.final(a.invite(server.number, body))
    check(r.status >= 400, f"{r}")
    wait_for(lambda: word in s.lineside.log()[before:] and
             server.addr in s.lineside.log()[before:], 5,
             f"a log line with {word} and {server.addr}")


@test()
def wrong_name(t, s):
    refused(t, s, "2067", lambda addr: s.pki.leaf(
        f"core-{addr}", "core", "/CN=trunk", "IP:127.9.9.9")[:2], "TLS")


@test()
def wrong_ca(t, s):
    refused(t, s, "2068", lambda addr: s.pki.leaf(
        f"core-{addr}", "strange", "/CN=trunk", f"IP:{addr}")[:2], "TLS")
