"""Kamailio behind TLS, asked by OPTIONS: it dies, calls leave it out; it comes
back, and is called again. The registrar is watched, too."""

import os
import signal

from kit.env import check, wait_for
from kit.kamailio import Kamailio
from kit.pki import Pki
from kit.sipp import Sipp
from kit.suite import test
from test_routes import Edge

TRUNK = """crypto pki trustpoint CORE
 certificate file {edge[0]}
 key file {edge[1]}
 ca-bundle file {ca}
sip-listener TRUNK
 side core
 address ipv4 {trunk} port 5061
 transport tcp tls
 trustpoint CORE
dial-peer voice 200 voip
 destination-pattern 5...
 session target ipv4:{kamailio}
 session transport tcp tls
 trustpoint CORE
 voice-class sip options-keepalive up-interval 5 down-interval 5 retry 1
dial-peer voice 210 voip
 destination-pattern 5...
 session target ipv4:{second}
 preference 5
"""


class Watched(Edge):
    """`more` is added to TRUNK; the registrar is Kamailio in both."""

    def __init__(self, t, more=""):
        self.t = t
        p = Pki(os.path.dirname(t.path("pki", "x")))
        p.ca("core", "/CN=Core CA")
        self.kamailio = Kamailio(t)
        self.kamailio.tls = (*p.leaf("kamailio", "core", "/CN=pbx",
                                     f"IP:{self.kamailio.host}")[:2],
                             p.path("core.pem"))
        self.kamailio.start()
        self.second = t.addr()
        super().__init__(t, TRUNK.format(
            edge=p.leaf("edge", "core", "/CN=edge1"), ca=p.path("core.pem"),
            trunk=t.addr(), kamailio=self.kamailio.host, second=self.second)
            + more.format(kamailio=self.kamailio.host), servers=0)

    def dies(self):
        """With all its processes, and no word."""
        os.killpg(self.kamailio.proc.pid, signal.SIGKILL)
        self.kamailio.proc.wait(5)
        os.remove(self.t.path("kamailio", "pid"))

    def keepalive(self, transport):
        rows = self.lineside.json("voice", "class", "sip-options-keepalive")
        return next(r for r in rows["keepalives"]
                    if r["transport"] == transport)

    def until(self, transport, state):
        return wait_for(lambda: self.keepalive(transport)["state"] == state,
                        20, f"{transport} to be {state}")


@test(site=None)
def kamailio_dies_and_comes_back(t):
    """Kamailio answers 407 to who is no user, the second 486."""
    e = Watched(t)
    e.until("tls", "active")
    check(e.keepalive("tls")["status"] == 200, f"{e.keepalive('tls')}")

    asked = "> INVITE sdp\n< 407 pbx.test\n> ACK"
    e.call("5001", "asked", name="first", steps=asked).ok()
    e.dies()
    e.until("tls", "busyout")
    second = Sipp(t, "second", e.second, name="second",
                  steps="< INVITE\n> 486 INVITE\n< ACK")
    before = e.lineside.counters()
    e.call("5001", "busy", name="while_it_is_dead",
           steps="> INVITE sdp\n< 486\n> ACK").ok()
    second.ok()
    after = e.lineside.counters()
    for name, more in (("lineside_calls_busied_out_skipped_total", 1),
                       ("lineside_calls_hunted_total", 0)):
        check(after[name] == before[name] + more, f"{name}: {after[name]}")
    e.kamailio.start()
    e.until("tls", "active")
    row = e.keepalive("tls")
    check(row["busyouts"] == 1 and row["failures"] == 0, f"{row}")
    e.call("5001", "asked", name="again", steps=asked).ok()
    c = e.lineside.counters()
    check(c["lineside_sip_peers_recovered_total"] == 1, f"{c}")
    e.done()


REGISTRAR = """sip-ua
 registrar ipv4:{kamailio}:5060 expires 3600
dial-peer voice 110 voip
 destination-pattern 2...
 session target registrar
 voice-class sip options-keepalive up-interval 5 down-interval 5 retry 1
"""


@test(site=None)
def the_registrar_is_watched(t):
    """Of `session target registrar`; phones are called all the same."""
    e = Watched(t, REGISTRAR)
    e.until("udp", "active")
    check(e.keepalive("udp")["dial_peers"] == "110", f"{e.keepalive('udp')}")
    e.dies()
    e.until("udp", "busyout")
    out = e.explain("5000", "2001", "listener", "INSIDE")["outgoing"]
    check([r["tag"] for r in out] == [110] and
          "busied" not in str(out), f"{out}")
    e.kamailio.start()
    e.until("udp", "active")
    e.done()
