"""IPv6 once through: alone, and with IPv4 on the other side."""

from kit import sip
from kit.media import Media
from kit.site import SUITES
from kit.suite import test
from test_calls import answered, exchange
from test_phones import A_TONE, B_TONE, both_heard, hang_up, talk


@test()
def both_sides(t, s):
    """TLS and SRTP outside, UDP and RTP inside, all on ::1."""
    a = s.secure_agent(t, "2901", s.port6)
    wire = sip.Wire("udp", "::1", ("::1", s.core6, 0, 0), s.slot6)
    t.at_end(wire.close)
    b = sip.Agent(wire, "9001", "pbx.test")
    media = Media(t)
    ms, bs = media.stream("::1"), media.stream("::1")
    da, db = answered(t, s, a, b, "9001", ms, bs,
                      [(SUITES[0], sip.new_key(SUITES[0]))])
    exchange(ms, bs)
    a.bye(da)
    b.await_bye(db)


@test()
def phone_on_ipv6_core_on_ipv4(t, s):
    """baresip outside on IPv6, baresip behind Kamailio on IPv4."""
    a = s.secure_phone(t, "2902", A_TONE, listener=s.port6)
    b = s.core_phone(t, "3016", B_TONE)
    talk(a, b, "3016")
    hang_up(a, b)
    both_heard(a, b)
