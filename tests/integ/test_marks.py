"""How packets are marked for the network (RFC 2474): SIP and RTP, as tshark
sees them on the wire."""

from kit import sip
from kit.capture import Capture
from kit.env import check
from kit.media import Media
from kit.suite import test
from test_calls import answered, exchange
from test_routes import Edge

MARKED = """sip-listener INSIDE
 ip qos dscp af31
dial-peer voice 100 voip
 incoming called-number .
 ip qos dscp default media
dial-peer voice 200 voip
 destination-pattern 5...
 session target ipv4:{0}
 ip qos dscp 41 media
"""
DEFAULT = """dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 200 voip
 destination-pattern 5...
 session target ipv4:{0}
"""


def marks(t, e):
    """Code points of what Lineside sent in a call, by destination and kind:
    (SIP to A, RTP to A, SIP to B, RTP to B)."""
    a_host, b_host = t.addr(), e.server[0]
    a_wire = sip.Wire("udp", a_host, (e.access, 5060))
    t.at_end(a_wire.close)
    b_wire = sip.Wire("udp", b_host, (e.core, 5060), 5060)
    t.at_end(b_wire.close)
    a = sip.Agent(a_wire, "2001", "pbx.test")
    b = sip.Agent(b_wire, "5001", "pbx.test")
    media = Media(t)
    ms, bs = media.stream(a_host), media.stream(b_host)
    wire = Capture(t, [a_host, b_host])
    da, db = answered(t, None, a, b, "5001", ms, bs)
    exchange(ms, bs)
    a.bye(da)
    b.await_bye(db)
    wire.stop()
    out = []
    for host in (a_host, b_host):
        for what in ("sip", "udp && !sip"):
            said = wire.tshark(
                "-Y", f"ip.dst=={host} && ip.src!={a_host} && "
                f"ip.src!={b_host} && {what}", "-T", "fields", "-e",
                "ip.dsfield.dscp").split()
            check(said and len(set(said)) == 1, f"{host} {what}: {said}")
            out.append(int(said[0]))
    return out


@test(site=None, alone=True)
def by_default(t):
    e = Edge(t, DEFAULT)
    seen = marks(t, e)
    check(seen == [24, 46, 24, 46], f"{seen}")
    e.done()


@test(site=None, alone=True)
def as_configured(t):
    """RTP by the dial-peer of that side, SIP by listener."""
    e = Edge(t, MARKED)
    seen = marks(t, e)
    check(seen == [24, 0, 26, 41], f"{seen}")
    said = e.lineside.command("show", "running-config").stdout
    for line in ("ip qos dscp af31", "ip qos dscp default media",
                 "ip qos dscp 41 media"):
        check(line in said, f"{line}: {said}")
    e.done()
