"""Lineside between phones and a call manager, as most tests want it.

Numbers tell where a call goes:
  20xx  phones on TLS, any suite          21xx … 24xx  TLS, one suite each
  25xx  phones on UDP without SRTP        26xx  TLS, SRTP with fallback
  3xxx  Kamailio, UDP, RTP                41xx … 44xx  Kamailio, TLS, SRTP
  5NN   slot NN: UDP, RTP, an address of one test
  6NN   the same over TCP                 7NN   TLS and SRTP
  85NN  slot NN with an early offer by force
  8001  nobody listens there              9001  an agent on ::1
"""

import collections
import os
import re
import socket
import ssl
import threading

from . import sip
from .baresip import Baresip
from .env import check, free_port, wait_for
from .kamailio import REALM, Kamailio
from .lineside import Lineside
from .linphone import Linphone
from .pki import Pki

SUITES = ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32",
          "AEAD_AES_128_GCM", "AEAD_AES_256_GCM"]
SLOTS = 100  # two digits

HEAD = """hostname {name}
control-socket {socket}
logging level {level}
logging stderr
media workers 2
!
crypto pki trustpoint EDGE
 certificate file {edge_cert}
 key file {edge_key}
 ca-bundle file {phone_cas}
!
crypto pki trustpoint CORE
 certificate file {core_cert}
 key file {core_key}
 ca-bundle file {core_cas}
!
voice class codec 1
 codec preference 1 g711ulaw
 codec preference 2 g711alaw
!
voice class phone-identity 1
 rule 10 subject-cn ^SEP[0-9A-F]{{12}}$
 rule 20 san-dns ^phone-([0-9]+)\\.example\\.com$ line \\1
!
voice service voip
 allow-connections sip to sip
 rtp-port range 16384 {rtp_max}
 media inactivity {inactivity}
 sip
  registrar server expires max 600 min 5
!
sip-ua
 registrar {registrar}
 crypto signaling default trustpoint CORE
!
"""


def listener(name, side, addr, port, transport, trustpoint=None,
             identity=None):
    lines = [f"sip-listener {name}", f" side {side}",
             f" address ipv{6 if ':' in addr else 4} {addr} port {port}", f" transport {transport}"]
    if trustpoint:
        lines.append(f" trustpoint {trustpoint}")
    if identity:
        lines.append(f" phone-identity {identity}")
    return "\n".join(lines) + "\n!\n"


def dial_peer(tag, pattern, target, transport=None, incoming=None, srtp=None,
              crypto=None, more=()):
    lines = [f"dial-peer voice {tag} voip", " session protocol sipv2",
             f" session target {target}", f" destination-pattern {pattern}"]
    if transport:
        lines.append(f" session transport {transport}")
    if incoming:
        lines.append(f" incoming listener {incoming}")
    if crypto:
        lines.append(f" voice-class srtp-crypto {crypto}")
    lines.append(" voice-class codec 1")
    lines.append(f" {srtp or 'no srtp'}")
    lines += [f" {m}" for m in more]
    return "\n".join(lines) + "\n!\n"


class Site:
    """Everything around one daemon. start() once; agents per test. Without
    Kamailio the embedded registrar is its core."""

    def __init__(self, ctx, kamailio=True, level="debugging", inactivity=30,
                 rtp_max=19998, contacts=1, beyond=None):
        self.ctx = ctx
        self.values = {"level": level, "inactivity": inactivity,
                       "rtp_max": rtp_max}
        self.access, self.core = ctx.addr(), ctx.addr()
        self.slots = [ctx.addr() for _ in range(SLOTS)]
        self.nobody = ctx.addr()
        self.port6 = free_port("::1")  # phones on IPv6
        self.core6 = free_port("::1", socket.SOCK_DGRAM)
        self.slot6 = free_port("::1", socket.SOCK_DGRAM)
        self._free = collections.deque(range(SLOTS))
        self._user = {}
        self._guard = threading.Lock()
        self.pki = Pki(os.path.dirname(ctx.path("pki", "x")))
        self.kamailio = Kamailio(
            ctx, max_contacts=contacts, beyond=beyond) if kamailio else None
        self._certificates()

    def _certificates(self):
        p = self.pki
        p.ca("phones", "/O=Example Phones/CN=Phone CA")
        p.ca("servers", "/O=Example/CN=Server CA")
        p.ca("core", "/O=Example/CN=Core CA")
        p.ca("strange", "/O=Strangers/CN=Strange CA")
        self.edge = p.leaf("edge", "servers", "/CN=edge.example.com",
                           # linphone looks for an address among names
                           f"DNS:edge.example.com,DNS:{self.access},"
                           f"IP:{self.access},IP:::1")
        self.edge_core = p.leaf("edgecore", "core", "/CN=inside.example.com",
                                f"DNS:inside.example.com,IP:{self.core}")
        if self.kamailio:
            self.kamailio.tls = (*p.leaf(
                "kamailio", "core", "/CN=pbx.example.com",
                f"DNS:pbx.example.com,IP:{self.kamailio.host}")[:2],
                p.path("core.pem"))
        self.server_ca = p.path("servers.pem")

    def phone_cert(self, user):
        """(certificate, key, both) of the device that has this line."""
        with self._guard:
            if user not in self._user:
                device = f"SEP{int(user):012d}"
                self._user[user] = self.pki.leaf(
                    device, "phones", f"/O=Example Phones/CN={device}")
            return self._user[user]

    def slot(self, t):
        """An address and its number NN until the test ends; the one that is
        free for longest."""
        with self._guard:
            check(self._free, "all slots are taken by tests that run")
            n = self._free.popleft()
        t.at_end(lambda: self._free.append(n))
        return self.slots[n], f"{n:02d}"

    def call_in(self, t, user):
        """An agent of the core that reaches `user`, and the URI to call."""
        agent, _ = self.slot_agent(t)
        row = self.registration(user)
        check(row, f"{user} is not registered")
        return agent, f"sip:{row['token']}@{self.core}:5060"

    def text(self, more=""):
        kam = self.kamailio.host if self.kamailio else self.nobody
        out = HEAD.format(
            name=self.ctx.name, **self.values, socket=self.lineside_socket,
            edge_cert=self.edge[0], edge_key=self.edge[1],
            phone_cas=self.pki.path("phones.pem"),
            core_cert=self.edge_core[0], core_key=self.edge_core[1],
            core_cas=self.pki.path("core.pem"),
            registrar=f"ipv4:{kam}:5060 expires 600" if self.kamailio
            else "embedded")
        for n, suite in enumerate(SUITES, 1):
            out += f"voice class srtp-crypto {n}\n crypto 1 {suite}\n!\n"
        a, c = self.access, self.core
        out += listener("PHONES", "access", a, 5061, "tcp tls", "EDGE", 1)
        for n in range(1, 5):
            out += listener(f"SUITE{n}", "access", a, 5070 + n, "tcp tls",
                            "EDGE", 1)
        out += listener("FALLBACK", "access", a, 5076, "tcp tls", "EDGE", 1)
        out += listener("PLAIN", "access", a, 5060, "udp")
        out += listener("PLAINTCP", "access", a, 5060, "tcp")
        out += listener("INSIDE", "core", c, 5060, "udp")
        out += listener("INSIDETCP", "core", c, 5060, "tcp")
        out += listener("INSIDETLS", "core", c, 5061, "tcp tls", "CORE")
        out += dial_peer(100, "20..", "registrar", "tcp tls", "PHONES",
                         "srtp")
        for n in range(1, 5):
            out += dial_peer(100 + n, f"2{n}..", "registrar", "tcp tls",
                             f"SUITE{n}", "srtp", n)
        out += dial_peer(105, "25..", "registrar", "udp", "PLAIN")
        out += dial_peer(106, "26..", "registrar", "tcp tls", "FALLBACK",
                         "srtp fallback")
        out += dial_peer(107, "27..", "registrar", "tcp", "PLAINTCP")
        out += dial_peer(301, "209.", f"ipv4:{kam}:5060", "udp")
        out += dial_peer(300, "3...", f"ipv4:{kam}:5060", "udp", "INSIDE")
        for n in range(1, 5):
            out += dial_peer(
                400 + n, f"4{n}..", f"ipv4:{kam}:5061", "tcp tls",
                "INSIDETLS" if n == 1 else None, "srtp", n)
        for n, addr in enumerate(self.slots):
            out += dial_peer(500 + n, f"5{n:02d}", f"ipv4:{addr}:5060", "udp")
            out += dial_peer(8500 + n, f"85{n:02d}", f"ipv4:{addr}:5060",
                             "udp", more=["voice-class sip early-offer forced"])
            out += dial_peer(600 + n, f"6{n:02d}", f"ipv4:{addr}:5060", "tcp")
            out += dial_peer(700 + n, f"7{n:02d}", f"ipv4:{addr}:5061",
                             "tcp tls", None, "srtp")
        out += listener("PHONES6", "access", "::1", self.port6, "tcp tls",
                        "EDGE", 1)
        out += listener("INSIDE6", "core", "::1", self.core6, "udp")
        out += dial_peer(901, "9001", f"ipv6:[::1]:{self.slot6}", "udp",
                         "INSIDE6", more=["bind listener INSIDE6"])
        out += dial_peer(902, "29..", "registrar", "tcp tls", "PHONES6",
                         "srtp")
        out += dial_peer(800, "8001", f"ipv4:{self.nobody}:5060", "tcp")
        return out + more

    @property
    def lineside_socket(self):
        return os.path.join(self.ctx.dir, "lineside", "control")

    def start(self, more=""):
        if self.kamailio:
            self.kamailio.start()
        self.lineside = Lineside(self.ctx, self.text(more)).start()
        return self

    # Soft phones

    def secure_phone(self, t, user, tone, **kw):
        """baresip on TLS with its certificate (of `device`: a number) and
        SRTP, registered."""
        port = kw.pop("listener", 5061)
        cert = self.phone_cert(kw.pop("device", user))
        access = self.access
        if port == self.port6:
            access, kw["host"] = "[::1]", "::1"
        return Baresip(
            t, user, tone, domain=REALM, transport="tls",
            outbound=f"sip:{access}:{port};transport=tls",
            mediaenc=kw.pop("mediaenc", "srtp-mand"),
            cert=cert[2], cafile=self.server_ca,
            password=self.kamailio and self.kamailio.password, **kw).start().registered()

    def linphone(self, t, user, tone, **kw):
        """linphonec on TLS with its certificate and SRTP, registered."""
        return Linphone(
            t, user, tone, domain=REALM,
            server=self.access,
            cert=self.phone_cert(kw.pop("device", user))[:2],
            cafile=self.server_ca,
            password=self.kamailio and self.kamailio.password,
            **kw).start().registered()

    def plain_phone(self, t, user, tone, **kw):
        """baresip on the access side without any protection."""
        return Baresip(
            t, user, tone, domain=REALM,
            outbound=f"sip:{self.access}:5060",
            password=self.kamailio and self.kamailio.password, **kw).start().registered()

    def core_phone(self, t, user, tone, secure=False, **kw):
        """baresip registered at Kamailio itself."""
        k = self.kamailio
        if secure:
            cert = self._core_cert(user)
            kw |= {"transport": "tls", "mediaenc": "srtp-mand", "cert": cert,
                   "cafile": self.pki.path("core.pem"),
                   "outbound": f"sip:{k.host}:5061;transport=tls"}
        else:
            kw |= {"outbound": f"sip:{k.host}:5060"}
        return Baresip(t, user, tone, domain=REALM, password=k.password,
                       **kw).start().registered()

    def trunk_phone(self, t, user, tone, **kw):
        """baresip on the core side that registers nowhere: 36NN of a site
        that has ports for them."""
        return Baresip(t, user, tone, domain=f"{self.core}:5060", regint=0,
                       port=self.ports[int(user) - 3600], **kw).start()

    def _core_cert(self, user):
        with self._guard:
            name = f"core{user}"
            if name not in self._user:
                self._user[name] = self.pki.leaf(
                    name, "core", f"/CN=desk-{user}")[2]
            return self._user[name]

    # Agents of ours

    def tls(self, user=None, version=None, cert=None):
        """Client context; the certificate of `user`, or `cert`, or none."""
        if user:
            cert = self.phone_cert(user)
        return sip.client_tls(self.server_ca, cert and cert[0],
                              cert and cert[1], version)

    def secure_agent(self, t, user, port=5061, register=True, cert=None,
                     version=None):
        six = port == self.port6
        wire = sip.Wire("tls", "::1" if six else t.addr(),
                        ("::1" if six else self.access, port),
                        tls=self.tls(None if cert else user, version, cert))
        t.at_end(wire.close)
        a = sip.Agent(wire, user, REALM,
                      self.kamailio and self.kamailio.password)
        if register:
            r = a.register()
            check(r.status == 200, f"REGISTER of {user}: {r}")
        return a

    def plain_agent(self, t, user, kind="udp", register=False):
        wire = sip.Wire(kind, t.addr(), (self.access, 5060),
                        5060 if kind == "udp" else 0)
        t.at_end(wire.close)
        a = sip.Agent(wire, user, REALM,
                      self.kamailio and self.kamailio.password)
        if register:
            r = a.register()
            check(r.status == 200, f"REGISTER of {user}: {r}")
        return a

    def slot_agent(self, t):
        """(agent on the core at a slot's address, its number 5NN)."""
        addr, number = self.slot(t)
        wire = sip.Wire("udp", addr, (self.core, 5060), 5060)
        t.at_end(wire.close)
        return sip.Agent(wire, f"5{number}", REALM), f"5{number}"

    # Looking

    def no_port_used(self):
        """Waits for it: a call is gone before its media thread has heard."""
        wait_for(lambda: self.lineside.json(
            "voip", "rtp", "connections")["ports"]["in_use"] == 0, 10,
                 "the ports to be free")

    def legs(self, number=None):
        """JSON of the legs of the call that has this number on a leg."""
        legs = self.lineside.json("call", "active", "voice")["legs"]
        if number is None:
            return legs
        calls = {leg["call"] for leg in legs if leg["number"] == number}
        return [leg for leg in legs if leg["call"] in calls]

    def no_call(self, number, seconds=10):
        wait_for(lambda: not self.legs(number), seconds,
                 f"the call of {number} to be gone")

    def registration(self, user):
        """JSON row of that user's registration, or None."""
        for row in self.lineside.json("registrations")["registrations"]:
            if re.match(rf"(sips?:)?{user}@", row["line"]):
                return row
        return None


TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
