"""TLS towards the core: the server's name is checked, our certificate is
shown."""

import socket
import ssl
import threading

from kit import sip, sites
from kit.env import check, wait_for
from kit.media import Media
from kit.site import SUITES, Site
from kit.suite import test
from test_calls import exchange


class Server:
    """A TLS server at a slot that takes one connection."""

    def __init__(self, t, s, certificate, version=None):
        addr, n = s.slot(t)
        self.addr, self.number = addr, f"7{n}"
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(*certificate(addr))
        ctx.load_verify_locations(s.pki.path("core.pem"))
        ctx.verify_mode = ssl.CERT_REQUIRED
        if version:
            ctx.minimum_version = ctx.maximum_version = version
        self.listener = socket.create_server((addr, 5061))
        t.at_end(self.close)
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


    def close(self):
        self.listener.close()
        if self.wire:
            self.wire.close()

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
    wait_for(lambda: f"to {server.addr}:" in s.lineside.log()[before:] and
             "its certificate is not accepted" in s.lineside.log()[before:],
             5, "why nothing could be sent")


@test()
def wrong_name(t, s):
    refused(t, s, "2067", lambda addr: s.pki.leaf(
        f"core-{addr}", "core", "/CN=trunk", "IP:127.9.9.9")[:2], "TLS")


@test()
def wrong_ca(t, s):
    refused(t, s, "2068", lambda addr: s.pki.leaf(
        f"core-{addr}", "strange", "/CN=trunk", f"IP:{addr}")[:2], "TLS")


class TwoCertificates(Site):
    """Towards servers others are shown than towards clients: CORE is for
    servers alone, OUT and SECOND for clients, and clients of the core side are
    judged by PBX."""

    def __init__(self, ctx):
        super().__init__(ctx)
        p = self.pki
        self.edge_core = p.leaf(
            "serving", "core", "/CN=serving.example.com",
            f"DNS:serving.example.com,IP:{self.core}", usage="serverAuth")
        self.out = p.leaf("out", "core", "/CN=out.example.com",
                          usage="clientAuth")
        self.second = p.leaf("second", "core", "/CN=second.example.com",
                             usage="clientAuth")

    def text(self, more=""):
        text = super().text(more).replace(
            " crypto signaling default trustpoint CORE",
            " crypto signaling default trustpoint OUT client-vtp PBX")
        text = text.replace("crypto pki trustpoint CORE\n",
                            "crypto pki trustpoint CORE\n usage server\n")
        for name, (cert, key, _) in (("OUT", self.out),
                                     ("SECOND", self.second)):
            text += (f"crypto pki trustpoint {name}\n usage client\n"
                     f" certificate file {cert}\n key file {key}\n"
                     f" ca-bundle file {self.pki.path('core.pem')}\n")
        # who connects to the core side here, is on no target
        text += ("voice service voip\n ip address trusted list\n"
                 "  ipv4 127.0.0.0 255.0.0.0\n")
        return text + ("crypto pki trustpoint PBX\n ca-bundle file "
                       f"{self.pki.path('strange.pem')}\n"
                       "dial-peer voice 700 voip\n trustpoint SECOND\n")


sites.SITES["two-certificates"] = lambda ctx: TwoCertificates(ctx).start()


def shown_to(t, s, server, user):
    """The name in the certificate that the server was shown."""
    a, _, _, body = caller(t, s, user)
    da = a.invite(server.number, body)
    b = server.agent()
    b.answer(b.request("INVITE"), 486, "Busy Here")
    a.final(da)
    return dict(x[0] for x in server.peer["subject"])["commonName"]


@test("two-certificates")
def each_peer_its_client_certificate(t, s):
    first, other = Server(t, s, trusted(s)), Server(t, s, trusted(s))
    check(first.number == "700", first.number)  # the dial-peer with SECOND
    names = [shown_to(t, s, x, u) for x, u in
             ((first, "2061"), (other, "2062"))]
    check(names == ["second.example.com", "out.example.com"], f"{names}")


@test("two-certificates")
def clients_of_the_core_are_judged_by_their_trustpoint(t, s):
    """By that of client-vtp, and not by the listener's own."""
    def connect(ca):
        cert, key, _ = s.pki.leaf(f"pbx-{ca}", ca, "/CN=pbx",
                                  usage="clientAuth")
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        ctx.load_verify_locations(s.pki.path("core.pem"))
        ctx.load_cert_chain(cert, key)
        sock = ctx.wrap_socket(
            socket.create_connection((s.core, 5061), 10),
            server_hostname="serving.example.com")
        t.at_end(sock.close)
        sock.sendall(
            (f"OPTIONS sip:{s.core} SIP/2.0\r\nVia: SIP/2.0/TLS "
             f"{s.core}:9;branch=z9hG4bK{ca};rport\r\nFrom: <sip:a@b>;tag=1\r\n"
             f"To: <sip:{s.core}>\r\nCall-ID: {ca}@test\r\nCSeq: 1 OPTIONS\r\n"
             "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n").encode())
        return sock.recv(4096)

    check(connect("strange").startswith(b"SIP/2.0 200"), "not answered")
    try:
        got = connect("core")
    except OSError as e:
        got = b""
        check("unknown ca" in str(e).lower(), f"{e}")
    check(got == b"", f"{got}")
    check("Core CA" in s.lineside.log(), "not told why")
