"""Mid-call and supplementary services, SIPp on both sides."""

from kit.env import check, wait_for
from kit.sipp import Sipp
from kit.suite import test
from test_sipp import udp_bound


def pair(t, s, name, uac, uas):
    """SIPp outside calls SIPp inside, at a slot's address."""
    addr, number = s.slot()
    number = "5" + number
    b = Sipp(t, f"{name}_uas", addr, steps=uas)
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    a = Sipp(t, f"{name}_uac", t.addr(), f"{s.access}:5060", service=number,
             steps=uac)
    a.ok()
    b.ok()
    s.no_call(number)
    return a, b


@test()
def session_timers(t, s):
    """RFC 4028: 422 outside and inside, another interval on each leg, and a
    refresh that the other side does not see."""
    a, b = pair(t, s, "session_timers", """
> INVITE sdp
  Supported: timer
  Session-Expires: 60
< 422 Min-SE: 90
> ACK
> INVITE sdp
  Supported: timer
  Session-Expires: 600;refresher=uac
< 200 Session-Expires: 600;refresher=uac
  Require: timer
> ACK
> UPDATE
  Supported: timer
  Session-Expires: 600;refresher=uac
< 200 Session-Expires: 600;refresher=uac
> BYE
< 200
""", """
< INVITE Session-Expires: 1800
> 422 INVITE
  Min-SE: 3600
< ACK
< INVITE Session-Expires: 3600
  Min-SE: 3600
> 200 INVITE sdp
  Session-Expires: 3600;refresher=uac
  Require: timer
< ACK
< BYE
> 200 BYE
""")
    check("UPDATE" not in b.messages().replace("INFO, UPDATE", ""),
          "the refresh was passed on")
