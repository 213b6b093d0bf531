"""Trunks: peers that are asked whether they live, and logging in."""

from kit.env import check, wait_for
from kit.kamailio import REALM, Kamailio
from kit.suite import test
from test_routes import Edge

GROUP = """sip-listener TRUNK
 side core
 address ipv4 {{core}} port 5060
 transport tcp
voice class sip-options-keepalive 1
 up-interval 5
 down-interval 5
 retry 2
voice class server-group 1
 ipv4 {kamailio} port 5060
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 200 voip
 destination-pattern 5
 session server-group 1
 session transport tcp
 voice-class sip options-keepalive profile 1
dial-peer voice 210 voip
 destination-pattern 5
 session target ipv4:{kamailio}:5060
 session transport tcp
 preference 5
 voice-class sip options-keepalive up-interval 5 down-interval 5 retry 5
dial-peer voice 220 voip
 destination-pattern 5
 session target ipv4:{{0}}
 preference 9
"""


class Trunk(Edge):
    """The core's address may be named in the configuration."""

    def __init__(self, t, more, **kw):
        class Late(str):
            def format(me, *servers):
                return str(me).format(*servers, core=self.core)
        super().__init__(t, Late(more), **kw)

    def targets(self):
        rows = self.lineside.json("voice", "class", "sip-options-keepalive")
        return {r["host"]: r for r in rows["keepalives"]}

    def state(self, host):
        return self.targets()[host]["state"]


@test(site=None)
def a_peer_is_busied_out_and_comes_back(t):
    """Kamailio is not there: calls go to the next server at once. When it
    runs, it takes them again. Two dial-peers share its OPTIONS."""
    kamailio = Kamailio(t)
    e = Trunk(t, GROUP.format(kamailio=kamailio.host))
    uas = e.answers(0, "basic_uas")
    wait_for(lambda: e.state(kamailio.host) == "busyout", 30, "the busy-out")
    rows = e.targets()
    check(rows[kamailio.host]["dial_peers"] == "200 210", f"{rows}")
    check(rows[kamailio.host]["retry"] == 2, f"{rows}")
    told = e.explain("sipp", "5001")["outgoing"]
    check(f"{kamailio.host} busied out since" in told[0]["note"], f"{told}")
    check("skipped" in told[1]["note"], f"{told}")
    e.call("5001").ok()
    uas.ok()
    c = e.lineside.counters()
    check(c["lineside_calls_hunted_total"] == 0, "time was lost with it")
    check(c["lineside_calls_busied_out_skipped_total"] >= 1, f"{c}")
    check("lineside_sip_peers_down 1" in e.lineside.command("metrics").stdout,
          "no gauge")
    check("SIP-4-PEER_DOWN" in e.lineside.log(), "not told")
    check("without a good answer, the last w" in e.lineside.log() or
          "without a good answer, the last could not be sent" in
          e.lineside.log(), e.lineside.log())
    kamailio.start()
    wait_for(lambda: e.state(kamailio.host) == "active", 30, "the recovery")
    check(e.targets()[kamailio.host]["status"] == 200, f"{e.targets()}")
    check("SIP-5-PEER_UP" in e.lineside.log(), "not told")
    summary = e.lineside.json("dial-peer", "voice", "summary")["dial_peers"]
    check([r["keepalive"] for r in summary] == [None, "active", "active", None],
          f"{summary}")
    # it answers the INVITE now: by a challenge, which is the caller's
    e.call("5001", "challenged", name="second",
           steps="> INVITE sdp\n< 407\n> ACK").ok()
    e.done()


LOGIN = """sip-listener TRUNK
 side core
 address ipv4 {{core}} port 5060
 transport tcp
voice class tenant 7
 registrar ipv4:{kamailio}:5060 expires 300 tcp
 credentials number 4930100 username 4930100 password 0 {password} realm {realm}
 credentials number 4930200 username 4930200 password 0 wrong-one realm {realm}
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 200 voip
 destination-pattern 4930...
 session target ipv4:{kamailio}:5060
 session transport tcp
 voice-class sip tenant 7
 voice-class sip profiles 1
voice class sip-profiles 1
 rule 1 request INVITE sip-header From modify "sipp" "4930100"
"""


@test(site=None)
def a_number_is_registered_and_calls_log_in(t):
    """Kamailio as the provider: the number registers with digest, a wrong
    password is not tried again and again, and a call is logged in."""
    kamailio = Kamailio(t).start()
    e = Trunk(t, LOGIN.format(kamailio=kamailio.host, realm=REALM,
                              password=kamailio.password))

    def row(number):
        rows = e.lineside.json("sip-ua", "register", "status")["trunks"]
        return next(r for r in rows if r["number"] == number)
    wait_for(lambda: row("4930100")["registered"], 15, "the registration")
    wait_for(lambda: row("4930200")["failures"] == 1, 15, "the refusal")
    check(row("4930200")["status"] == 401, f"{row('4930200')}")
    check(not row("4930200")["registered"], "with a wrong password?")
    check(row("4930200")["next_s"] >= 10, "it hammers")
    check(row("4930100")["tenant"] == 7, f"{row('4930100')}")
    for secret in (kamailio.password, "wrong-one"):
        check(secret not in e.lineside.log(), "a password was logged")
        check(secret not in e.lineside.show("running-config"),
              "a password is shown")
    # to a number that is registered nowhere: 404 comes after the login
    e.call("4930999", "login", name="caller",
           steps="> INVITE sdp\n< 404\n> ACK").ok()
    c = e.lineside.counters()
    check(c["lineside_sip_challenges_answered_total"] >= 3, f"{c}")
    check(c["lineside_sip_challenges_refused_total"] == 1, f"{c}")
    e.done()
