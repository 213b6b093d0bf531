"""Mid-call and supplementary services, SIPp on both sides."""

from kit.env import check, wait_for
from kit.sipp import Sipp
from kit.suite import test
from test_calls import exchange, offer, streams
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


@test()
def prack_both(t, s):
    """RFC 3262 on both legs, early media described for good: one RSeq and
    one PRACK on each, and a new offer by UPDATE before the answer."""
    pair(t, s, "prack_both", """
> INVITE sdp
  Supported: 100rel
  Allow: INVITE, UPDATE, PRACK
< 183 m=audio
  Require: 100rel
  RSeq
> PRACK
< 200
> UPDATE sdp=sendonly
< 200 a=recvonly
< 180 RSeq
> PRACK
< 200
< 200 CSeq: 1 INVITE
  !m=audio
> ACK
> BYE
< 200
""", """
< INVITE Supported:.*100rel
> 183 INVITE sdp
  Require: 100rel
  RSeq: 5
  Allow: INVITE, UPDATE, PRACK
< PRACK RAck: 5 [0-9]+ INVITE
> 200 PRACK
< UPDATE a=sendonly
> 200 UPDATE sdp=recvonly
> 180 INVITE
  Require: 100rel
  RSeq: 6
< PRACK RAck: 6 [0-9]+ INVITE
> 200 PRACK
# repeated: dropped, another PRACK would be the end of this
> 180 INVITE
  Require: 100rel
  RSeq: 6
wait 200
> 200 INVITE
< ACK
< BYE
> 200 BYE
""")


@test()
def prack_inside_only(t, s):
    """The caller knows nothing of it."""
    pair(t, s, "prack_inside_only", """
> INVITE sdp
< 183 m=audio
  !RSeq
< 200 m=audio
> ACK
> BYE
< 200
""", """
< INVITE
> 183 INVITE sdp
  Require: 100rel
  RSeq: 100
< PRACK RAck: 100
> 200 PRACK
wait 100
> 200 INVITE
< ACK
< BYE
> 200 BYE
""")


@test()
def prack_outside_only(t, s):
    """The called side knows nothing of it; ours is repeated until its PRACK,
    and the answer waits."""
    a, _ = pair(t, s, "prack_outside_only", """
> INVITE sdp
  Require: 100rel
< 183 m=audio
  RSeq
wait 700
> PRACK
< 200 CSeq: 2 PRACK
< 200 CSeq: 1 INVITE
> ACK
> BYE
< 200
""", """
< INVITE !Require
> 183 INVITE sdp
> 200 INVITE sdp
< ACK
< BYE
> 200 BYE
""")
    check(a.messages().count("\nSIP/2.0 183 ") >= 2, "it was sent once only")


@test()
def prack_late_offer(t, s):
    """Without offer: it comes in the reliable response, the answer in the
    PRACK, on both legs."""
    pair(t, s, "prack_late_offer", """
> INVITE
  Supported: 100rel
< 183 m=audio
  RSeq
> PRACK sdp
< 200
< 200 CSeq: 1 INVITE
  !m=audio
> ACK
> BYE
< 200
""", """
< INVITE Supported:.*100rel
> 183 INVITE sdp
  Require: 100rel
  RSeq: 100
< PRACK RAck: 100
  m=audio
> 200 PRACK
wait 100
> 200 INVITE
< ACK !m=audio
< BYE
> 200 BYE
""")


@test()
def prack_cancelled(t, s):
    """CANCEL while a reliable response waits for its PRACK."""
    pair(t, s, "prack_cancelled", """
> INVITE sdp
  Supported: 100rel
< 183 RSeq
> CANCEL
< 200 CANCEL
< 487
> ACK
""", """
< INVITE
> 183 INVITE sdp
< CANCEL
> 200 CANCEL
> 487 INVITE
< ACK
""")


@test()
def early_offer_forced(t, s):
    """An INVITE without offer goes on with one of ours; the caller gets what
    the called side has chosen, and audio flows."""
    a = s.plain_agent(t, "2560")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    d = a.invite("8" + number)
    d.late = True
    got = b.request("INVITE")
    address, port, _ = got.media()
    check("0" in got.sdp("m=audio ")[0].split(), "no PCMU is offered")
    far = b.accept(got)
    bs.to(address, port)
    b.answer(got, 200, dialog=far, body=offer(bs))
    b.request("ACK", dialog=far)
    r = a.final(d)
    check(r.status == 200, f"answered {r}")
    address, port, _ = r.media()
    ms.to(address, port)
    a.ack(d, offer(ms))
    wait_for(lambda: "up" in str(s.legs("8" + number)), 5, "the ACK")
    exchange(ms, bs, 50)
    a.bye(d)
    b.await_bye(far)
