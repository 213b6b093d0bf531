"""The phones' registrations at the core: throttled, and moved to another node
when one fails."""

from kit import sip
from kit.dns import PORT, Dnsmasq
from kit.env import check, wait_for
from kit.lineside import Lineside
from kit.site import Site
from kit.sipp import Sipp
from kit.suite import test
from test_sipp import udp_bound

CONF = """hostname edge1
logging stderr
ip name-server {dns} port {port}
sip-listener PHONES
 side access
 address ipv4 {access} port 5060
 transport tcp
sip-listener INSIDE
 side core
 address ipv4 {core} port 5060
 transport udp
voice service voip
 no srtp
 sip
  registrar server expires max 120 min 60
  registration passthrough rate-limit expires 3600 fail-count 2
sip-ua
 registrar dns:pbx.test expires 600
"""


class Nodes:
    """A daemon and two nodes of a call manager, the first preferred."""

    def __init__(self, t):
        self.t = t
        self.access, self.core = t.addr(), t.addr()
        self.node = [t.addr(), t.addr()]
        dns = Dnsmasq(t, "srv-host=_sip._udp.pbx.test,a.test,5060,10",
                      "srv-host=_sip._udp.pbx.test,b.test,5060,20",
                      f"host-record=a.test,{self.node[0]}",
                      f"host-record=b.test,{self.node[1]}")
        self.lineside = Lineside(t, CONF.format(
            access=self.access, core=self.core, dns=dns.host,
            port=PORT)).start()

    def takes(self, i, n, name):
        """Node i answers n REGISTERs and is gone then."""
        uas = Sipp(self.t, "register_uas", self.node[i], calls=n, name=name)
        wait_for(lambda: udp_bound(self.node[i], 5060), 5, "sipp to listen")
        return uas

    def phone(self, user):
        wire = sip.Wire("tcp", self.t.addr(), (self.access, 5060))
        self.t.at_end(wire.close)
        return sip.Agent(wire, user, "pbx.test")

    def counter(self, name):
        return self.lineside.counters()[f"lineside_{name}_total"]


def register(phone, status=200):
    r = phone.register(expires=120, dialog=phone.dialog)
    check(r.status == status, f"REGISTER: {r}")
    return r


def begin(n, user):
    phone = n.phone(user)
    phone.dialog = sip.Dialog()
    register(phone)
    return phone


@test(site=None)
def moves_to_the_next_node(t):
    """Refreshes are answered here, until the node is gone: then each phone's
    next one goes to the other node, and later ones are answered here again."""
    n = Nodes(t)
    a = n.takes(0, 1, "a")
    one = begin(n, "2001")
    a.ok()  # and it is gone
    register(one)  # nobody asks it
    check(n.counter("registrations_answered_here") == 1, "not from here")
    b = n.takes(1, 2, "b")
    two = begin(n, "2002")
    check(n.counter("sip_next_address") == 1, "not by the next address")
    register(one)  # moves
    b.ok()
    check(n.counter("registrations_answered_here") == 1, "it did not move")
    register(one)
    register(two)
    check(n.counter("registrations_answered_here") == 3, "not from here")
    for text in a.messages(), b.messages():
        check("Expires: 3600" in text, "the core was asked for something else")
    rows = n.lineside.json("registrations")["registrations"]
    check(all(r["connected"] and r["core_s"] > 3500 for r in rows), str(rows))
    n.lineside.judge()


@test(site=None)
def stays_while_no_node_answers(t):
    """`fail-count`: with all nodes gone phones stay registered for so many
    refreshes; then they are told."""
    n = Nodes(t)
    a = n.takes(0, 1, "a")
    one = begin(n, "2001")
    a.ok()
    # whoever is new cannot be registered; that tells that the nodes are gone
    two = n.phone("2002")
    two.dialog = sip.Dialog()
    register(two, 503)
    register(one)
    register(one)
    check(n.counter("registrations_kept") == 2, "it was not kept")
    register(one, 503)
    check(n.lineside.json("registrations")["registrations"], "it was dropped")
    check("%REG-4-KEPT" in n.lineside.log(), "nothing was logged")
    b = n.takes(1, 1, "b")
    register(one)
    b.ok()
    n.lineside.judge()


@test(site=None)
def throttled_with_digest(t):
    """Kamailio challenges the first REGISTER and sees none of the others."""
    s = Site(t)
    s.start("""voice service voip
 sip
  registrar server expires max 60 min 5
  registration passthrough rate-limit expires 600
""")
    a = s.secure_agent(t, "2001", register=False)
    d = sip.Dialog()
    for _ in range(5):
        r = a.register(expires=60, dialog=d)
        check(r.status == 200, f"{r}")
    here = s.lineside.counters()["lineside_registrations_answered_here_total"]
    check(here == 4, f"{here} of four refreshes were answered here")
    # the same phone on another connection: the core is asked
    a.wire.close()
    wait_for(lambda: not s.registration("2001")["connected"], 5,
             "the connection to be gone")
    b = s.secure_agent(t, "2001", register=False)
    d = sip.Dialog()
    check(b.register(expires=60, dialog=d).status == 200, "not taken")
    now = s.lineside.counters()["lineside_registrations_answered_here_total"]
    check(now == here, "a new connection was answered from here")
    s.lineside.judge()
