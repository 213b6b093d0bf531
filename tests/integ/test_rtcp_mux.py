"""RTCP on RTP's port (RFC 5761) on one leg, beside it on the other: reports
flow through, and what they tell is shown."""

from kit.capture import Capture
from kit.env import check, wait_for
from kit.suite import test
from test_forms import pair, sdp
from test_phones import both_heard, hang_up, leg_of, talk
from test_sipp import udp_bound

A_TONE, B_TONE = 500, 800


def reported(s, number, letter):
    """Both far ends have sent reports, and heard ours: by their figures."""
    def known():
        leg = leg_of(s.legs(number), letter)
        return leg["reported_of"] > 0 and leg["rtt_us"] > 0
    wait_for(known, 40, f"reports of leg {letter}")
    leg = leg_of(s.legs(number), letter)
    check(leg["tx_mos_hundredths"] > 400, f"{leg}")
    check(leg["rx_rtcp"] > 0 and leg["tx_rtcp"] > 0, f"{leg}")
    return leg


def host_and_port(address):
    host, _, port = address.rpartition(":")
    return host, int(port)


def one_port_only(s, capture, number, letter):
    """The leg has RTP's socket alone, and both kinds of packets came there."""
    host, port = host_and_port(leg_of(s.legs(number), letter)["media_local"])
    check(udp_bound(host, port), f"{host}:{port} is not bound")
    check(not udp_bound(host, port + 1), f"{host}:{port + 1} is bound")
    capture.stop()
    kinds = {"in": set(), "out": set()}
    for p in capture.udp():
        way = "in" if p[2:4] == (host, port) else "out"
        check((host, port + 1) not in (p[0:2], p[2:4]), "RTCP apart")
        if (host, port) in (p[0:2], p[2:4]):
            kinds[way].add("rtcp" if 192 <= p[4][1] <= 223 else "rtp")
    check(all(k == {"rtp", "rtcp"} for k in kinds.values()), f"{kinds}")


def two_ports(s, number, letter):
    host, port = host_and_port(leg_of(s.legs(number), letter)["media_local"])
    check(udp_bound(host, port + 1), f"{host}:{port + 1} is not bound")


@test("forms")
def a_phone_offers_it(t, s):
    """baresip with rtcp_mux and SRTP outside, baresip without inside."""
    a = s.secure_phone(t, "2640", A_TONE, rtcp_mux=True)
    b = s.core_phone(t, "3140", B_TONE)
    capture = Capture(t, [s.access])
    talk(a, b, "3140")
    check(reported(s, "3140", "A")["rtcp_mux"], "leg A is not muxed")
    check(not reported(s, "3140", "B")["rtcp_mux"], "leg B is muxed")
    check("RtcpMux=yes" in s.lineside.show("call", "active", "voice"), "show")
    two_ports(s, "3140", "B")
    one_port_only(s, capture, "3140", "A")
    check("a=rtcp-mux" in a.log(), "baresip offers none")
    hang_up(a, b)
    both_heard(a, b)


@test("forms")
def it_is_offered_to_a_phone(t, s):
    """`rtcp-mux` of the dial-peer: baresip inside calls one outside, which
    takes it; then one that does not."""
    b = s.core_phone(t, "3141", B_TONE)
    for user, mux in (("2641", True), ("2642", False)):
        a = s.secure_phone(t, user, A_TONE, listener=5076, mediaenc="srtp",
                           rtcp_mux=mux)
        talk(b, a, user)
        check(reported(s, user, "B")["rtcp_mux"] == mux, f"muxed: {not mux}")
        check(not reported(s, user, "A")["rtcp_mux"], "leg A is muxed")
        hang_up(b, a)
        check("a=rtcp-mux" in a.log(), "nothing was offered")
        a.stop()


@test("forms")
def between_programs(t, s):
    """SIPp offers it outside and is offered it inside (94NN); inside, RTCP is
    wanted elsewhere (RFC 3605). On hold what is in force is kept."""
    pair(t, s, "mux", "94", f"""
> INVITE
  Content-Type: application/sdp
{sdp("RTP/AVP", "a=rtcp-mux", "a=rtcp:30017")}
< 200 a=rtcp-mux
  a=rtcp:[1-9][0-9]+
> ACK
> INVITE
  Content-Type: application/sdp
{sdp("RTP/AVP", "a=rtcp-mux", "a=sendonly").replace("1 1", "1 2")}
< 200 a=rtcp-mux
  a=recvonly
> ACK
> BYE
< 200
""", f"""
< INVITE a=rtcp-mux
  !a=rtcp:
> 200 INVITE
  Content-Type: application/sdp
{sdp("RTP/AVP", "a=rtcp:30055")}
< ACK
< INVITE a=sendonly
> 200 INVITE
  Content-Type: application/sdp
{sdp("RTP/AVP", "a=rtcp:30055", "a=recvonly").replace("1 1", "1 2")}
< ACK
< BYE
> 200 BYE
""")
