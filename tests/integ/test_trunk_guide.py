"""docs/guides/trunk.md: its configuration is loaded as it stands, its commands
answer as it says, and a call goes from the call manager to the provider."""

import ssl

from kit import sip
from kit.env import check, wait_for
from kit.home import Guide
from kit.lineside import Lineside
from kit.media import Media
from kit.pki import Pki
from kit.site import SUITES
from kit.suite import test
from test_trunk_tls import Node

CHALLENGE = 'Digest realm="provider.example", nonce="n1", qop="auth"'


class Provider(Node):
    """Registers who logs in; tells what calls came to it."""

    invites, registered = (), False

    def on(self, m, agent):
        if m.method == "REGISTER" and not m.h("authorization"):
            agent.answer(m, 401, "Unauthorized",
                         headers=[f"WWW-Authenticate: {CHALLENGE}"])
        elif m.method == "REGISTER":
            self.contact, self.registered = m.h("contact"), True
            agent.answer(m, 200, headers=[f"Contact: {m.h('contact')}"
                                          ";expires=600"])
        elif m.method == "INVITE" and not m.h("proxy-authorization"):
            agent.answer(m, 407, "Proxy Authentication Required",
                         headers=[f"Proxy-Authenticate: {CHALLENGE}"])
        elif m.method == "INVITE":
            self.invites += (m,)
            agent.answer(m, 486, "Busy Here")
        else:
            super().on(m, agent)


class Trunks:
    """The guide's hosts, at addresses of this run."""

    def __init__(self, t):
        self.t, self.guide = t, Guide(t.env.source, "docs/guides/trunk.md")
        self.here = {"192.0.2.2": t.addr(), "192.0.2.11": t.addr(),
                     "198.51.100.2": t.addr(), "198.51.100.10": t.addr()}
        self.lineside = Lineside(t, "")
        p = self.pki = Pki(self.lineside.dir)
        for ca in ("pbx-ca", "provider-ca"):
            p.ca(ca, f"/O=Example/CN={ca}")
        p.leaf("to-pbx", "pbx-ca", "/CN=edge1.example.com",
               f"IP:{self.here['192.0.2.2']}")
        p.leaf("to-provider", "provider-ca", "/CN=edge.example.com",
               "DNS:edge.example.com")
        text = self.typed(self.guide.configuration)
        self.lineside.config(
            "logging stderr\nlogging level debugging\n"
            + text.replace("interval 60", "interval 5")
            .replace("interval 30", "interval 5"))
        self.pbx = Node(t, p, "pbx-ca", self.here["192.0.2.11"], "pbx-ca")
        self.provider = Provider(t, p, "provider-ca",
                                 self.here["198.51.100.10"], "provider-ca")
        self.lineside.start()

    def typed(self, text):
        text = text.replace("/etc/lineside", self.lineside.dir)
        # some are the beginning of others
        for old in sorted(self.here, key=len, reverse=True):
            text = text.replace(old, self.here[old])
        return text

    def shown(self, command):
        done = self.lineside.command(*self.typed(command).split()[1:])
        check(done.returncode == 0, f"{command}: {done.stderr}{done.stdout}")
        text = done.stdout
        for old in sorted(self.here, key=len, reverse=True):
            text = text.replace(self.here[old], old)
        self.guide.compare(command, text)

    def call_manager(self):
        """It connects by itself, and shows the same certificate."""
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        host = self.here["192.0.2.11"]
        ctx.load_verify_locations(self.pki.path("pbx-ca.pem"))
        ctx.load_cert_chain(self.pki.path(f"node-{host}.pem"),
                            self.pki.path(f"node-{host}.key"))
        wire = sip.Wire("tls", host, (self.here["192.0.2.2"], 5061), tls=ctx)
        self.t.at_end(wire.s.close)
        return sip.Agent(wire, "4930100200", self.here["192.0.2.2"])


@test(site=None)
def the_guide_as_it_stands(t):
    e = Trunks(t)

    def alive():
        rows = e.lineside.json("voice", "class", "sip-options-keepalive")
        return all(r["state"] == "active" for r in rows["keepalives"])
    wait_for(lambda: e.provider.registered, 20, "the registration")
    wait_for(alive, 20, "the keepalives")
    check("@edge.example.com:5061" in e.provider.contact, e.provider.contact)
    for command in ("show sip-ua register status",
                    "show voice class sip-options-keepalive",
                    "show ip address trusted list",
                    "explain call 4930100200 0893000 listener INSIDE source "
                    "192.0.2.11"):
        e.shown(f"lineside {command}")
    a = e.call_manager()
    ms = Media(t).stream(t.addr())
    key = (SUITES[0], sip.new_key(SUITES[0]))
    r = a.final(a.invite("0893000", sip.sdp(ms.host, ms.port, [key]), headers=[
        f"P-Asserted-Identity: <sip:4930100200@{e.here['192.0.2.11']}>",
        "Privacy: id", f"Diversion: <sip:200@{e.here['192.0.2.11']}>"]))
    check(r.status == 486, f"{r}")
    m, = e.provider.invites
    check(m.media()[2] == "RTP/SAVP", m.media()[2])
    check(key[1] not in str(m.body), "a key of the other leg")
    check(m.h("p-asserted-identity") ==
          "<sip:4930100200@edge.example.com>", m.h("p-asserted-identity"))
    check("@edge.example.com>" in m.h("from"), m.h("from"))
    check("@edge.example.com:5061" in m.h("contact"), m.h("contact"))
    check(m.h("privacy") == "id" and not m.h("diversion"), f"{m}")
    check(e.provider.seen == {"edge.example.com"}, f"{e.provider.seen}")
    check(e.pbx.seen == {"edge1.example.com"}, f"{e.pbx.seen}")
    check("s3cret-of-the-trunk" not in e.lineside.log(), "a password is told")
    e.lineside.judge()
