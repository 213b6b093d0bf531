"""Two trunks and no phone: UDP on one side, TLS on the other, both SIPp (its
TLS is stunnel's); doctor and show are at peace with it."""

import os

from kit import sip
from kit.env import check, listening, wait_for
from kit.lineside import Lineside
from kit.pki import Pki
from kit.sipp import Sipp
from kit.suite import test
from test_sipp import udp_bound

CONF = """hostname edge1
logging level debugging
logging stderr
crypto pki trustpoint SITE
 certificate file {pki}/edge.pem
 key file {pki}/edge.key
 ca-bundle file {pki}/site.pem
sip-listener PLAIN
 side core
 address ipv4 {plain} port 5060
 transport udp
sip-listener SECURE
 side core
 address ipv4 {secure} port 5061
 transport tcp tls
 trustpoint SITE
{more}voice service voip
 no srtp
dial-peer voice 100 voip
 description by UDP
 incoming listener PLAIN
 destination-pattern 1...
 session target ipv4:{a}
dial-peer voice 200 voip
 description by TLS
 incoming listener SECURE
 destination-pattern 2...
 session target ipv4:{b}
 session transport tcp tls
sip-ua
 crypto signaling default trustpoint SITE
"""
# In its words the far end is reached by TLS, as it is.
CALLED = """< INVITE
  !sips:
> 180 INVITE
  Contact: <sip:b@{b}:5061;transport=tls>
> 200 INVITE sdp
  Contact: <sip:b@{b}:5061;transport=tls>
< ACK
< BYE
> 200 BYE"""

VIA = "  Via: SIP/2.0/TLS [local_ip]:[local_port];branch=[branch]"
CALLING = f"""> INVITE sdp
{VIA}
< 180
< 200
> ACK
{VIA}
> BYE
{VIA}
< 200"""
ALIVE = "< OPTIONS\n> 200 OPTIONS"


class Alone:
    def __init__(self, t, more=""):
        """`more`: lines of the listener for TLS."""
        self.t = t
        self.plain, self.secure, self.a, self.b = (t.addr() for _ in range(4))
        self.pki = Pki(os.path.dirname(t.path("pki", "x")))
        self.pki.ca("site", "/O=Example/CN=Site CA")
        self.pki.leaf("edge", "site", "/CN=edge1", f"IP:{self.secure}")
        self.cert = self.pki.leaf("b", "site", "/CN=b", f"IP:{self.b}")
        self.stunnel()
        self.lineside = Lineside(t, CONF.format(
            pki=os.path.dirname(self.pki.path("x")), plain=self.plain,
            secure=self.secure, a=self.a, b=self.b, more=more)).start()

    def stunnel(self):
        """TLS of B: what comes in goes to SIPp, what SIPp sends to Lineside."""
        path = self.t.write("stunnel.conf", f"""foreground = yes
pid =
cert = {self.cert[0]}
key = {self.cert[1]}
CAfile = {self.pki.path("site.pem")}
verifyChain = yes
[in]
accept = {self.b}:5061
connect = {self.b}:5060
[out]
client = yes
accept = {self.b}:5062
connect = {self.secure}:5061
local = {self.b}
""")
        self.t.spawn(["stunnel4", path], "stunnel.log")
        wait_for(lambda: listening(self.b, 5062), 10, "stunnel")


@test(site=None)
def calls_both_ways(t):
    e = Alone(t)
    steps = CALLED.format(b=e.b)
    uas = Sipp(t, "by_tls", e.b, name="b-answers", steps=steps,
               transport="t1")
    wait_for(lambda: listening(e.b, 5060), 5, "sipp to listen")
    Sipp(t, "basic_uac", e.a, f"{e.plain}:5060", service="2001",
         name="a-calls", port=5080).ok()
    uas.ok()
    check("INVITE sip:2001@" in uas.messages(), uas.messages()[:300])
    # the other way round
    uas = Sipp(t, "basic_uas", e.a, name="a-answers")
    wait_for(lambda: udp_bound(e.a, 5060), 5, "sipp to listen")
    Sipp(t, "from_tls", e.b, f"{e.b}:5062", service="1001", steps=CALLING,
         name="b-calls", port=5064, transport="t1").ok()
    uas.ok()
    check("INVITE sip:1001@" in uas.messages(), uas.messages()[:300])
    c = e.lineside.counters()
    check(c["lineside_calls_answered_total"] == 2, f"{c}")
    e.lineside.judge()


@test(site=None)
def via_says_tcp(t):
    """SIPp knows nothing of stunnel's TLS, and says TCP: it is refused, or with
    `tls-terminator` heard, answered and hung up on its connection."""
    e = Alone(t)
    wire = sip.Wire("tcp", t.addr(), (e.b, 5062))
    t.at_end(wire.close)
    agent = sip.Agent(wire, "b", "edge1")
    agent.invite("1001", sip.sdp(e.b, 4000))
    agent.nothing(1.5)
    name = "lineside_sip_requests_via_transport_total"
    check(e.lineside.counters()[name] == 1, "not counted")
    check("`tls-terminator`" in e.lineside.show("messages"), "no remedy")
    e.lineside.judge()

    e = Alone(t, " tls-terminator\n")
    uas = Sipp(t, "hangs_up", e.a, steps="""< INVITE
> 180 INVITE
> 200 INVITE sdp
< ACK
> BYE
< 200""")
    wait_for(lambda: udp_bound(e.a, 5060), 5, "sipp to listen")
    uac = Sipp(t, "says_tcp", e.b, f"{e.b}:5062", service="1001", port=5064,
               transport="t1", steps="""> INVITE sdp
< 180 Via: SIP/2.0/TLS {}:5064;branch=z9hG4bK
< 200
> ACK
< BYE
> 200 BYE""".format(e.b.replace(".", "[.]")))
    uac.ok()
    uas.ok()
    check("Via: SIP/2.0/TCP" in uac.messages(), "it did not say TCP")
    check(e.lineside.counters()[name] == 0, "dropped")
    e.lineside.judge()


@test(site=None)
def show_and_doctor_miss_no_phones(t):
    """Nothing says that phones are missing; what is there is shown."""
    e = Alone(t)
    ends = [Sipp(t, "alive", e.a, name="a", steps=ALIVE, calls=100),
            Sipp(t, "alive", e.b, name="b", steps=ALIVE, calls=100,
                 transport="t1")]
    wait_for(lambda: udp_bound(e.a, 5060) and listening(e.b, 5060), 5,
             "sipp to listen")
    rows = e.lineside.json("sip-ua", "status")
    check({r["side"] for r in rows["listeners"]} == {"core"}, f"{rows}")
    for words in (("registrations",), ("call", "active", "voice", "brief"),
                  ("sip-ua", "calls"), ("sip-ua", "register", "status"),
                  ("dial-peer", "voice", "summary"),
                  ("ip", "address", "trusted", "list"), ("version",)):
        e.lineside.show(*words)
    doctor = e.lineside.command("doctor", "-f", e.lineside.file)
    text = (doctor.stdout + doctor.stderr).lower()
    check("phone" not in text and "side access" not in text, text)
    check(doctor.returncode == 0, text)
    for end in ends:
        end.proc.stop()
    e.lineside.judge()
