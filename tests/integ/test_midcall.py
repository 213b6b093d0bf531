"""Mid-call and supplementary services, SIPp on both sides."""

from kit.env import check, wait_for
from kit.sipp import Sipp
from kit.suite import test
from test_calls import exchange, offer, streams
from test_sipp import udp_bound


def pair(t, s, name, uac, uas):
    """SIPp outside calls SIPp inside, at a slot's address."""
    addr, number = s.slot(t)
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


# Transfers that end here. Number 5NN is the side that remains, and the target
# a slot of its own.


def referred(t, s, name, uac, uas, target):
    """As pair(), with a third SIPp that is called by a REFER: `uac` names its
    number as $N."""
    addr, number = s.slot(t)
    c = Sipp(t, f"{name}_target", addr, steps=target)
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    pair(t, s, name, uac.replace("$N", "5" + number), uas)
    c.ok()
    s.no_call("5" + number)


@test("transfers")
def referred_here(t, s):
    """RFC 5589 6.1, RFC 3515: 202, NOTIFYs, the new call by us, re-INVITE of
    who remains; who transfers hangs up."""
    referred(t, s, "referred_here", """
> INVITE sdp
< 200 REFER
> ACK
> INVITE sdp=sendonly
< 200 a=recvonly
> ACK
> REFER
  Refer-To: <sip:$N@pbx.test>
  Referred-By: <sip:sipp@pbx.test>
< 202
< NOTIFY Event: refer
  SIP/2.0 100 Trying
> 200 NOTIFY
< NOTIFY SIP/2.0 180 Ringing
> 200 NOTIFY
< NOTIFY SIP/2.0 200 OK
  Subscription-State: terminated
> 200 NOTIFY
> BYE
< 200
""", """
< INVITE
> 200 INVITE sdp
< ACK
< INVITE a=sendonly
> 200 INVITE sdp=recvonly
< ACK
< INVITE a=sendrecv
> 200 INVITE sdp
< ACK
wait 500
> BYE
< 200
""", """
< INVITE Referred-By
  a=sendrecv
> 180 INVITE
wait 100
> 200 INVITE sdp
< ACK
< BYE
> 200 BYE
""")


@test("transfers")
def referred_back(t, s):
    """The target is busy: told with its cause, and the call goes on."""
    referred(t, s, "referred_back", """
> INVITE sdp
< 200
> ACK
> REFER
  Refer-To: <sip:$N@pbx.test>
< 202
< NOTIFY SIP/2.0 100 Trying
> 200 NOTIFY
< NOTIFY SIP/2.0 486 Busy Here
  Reason: Q.850;cause=17
  Subscription-State: terminated
> 200 NOTIFY
> INFO
  Content-Type: text/plain
  | still here
< 200
> REFER
  Refer-To: <sip:nobody@pbx.test;method=MESSAGE>
< 400 only calls are transferred
> BYE
< 200
""", """
< INVITE
> 200 INVITE sdp
< ACK
< INFO
> 200 INFO
< BYE
> 200 BYE
""", """
< INVITE
> 486 INVITE
< ACK
""")


@test("transfers")
def referred_and_gone(t, s):
    """Who transfers hangs up before the target answers; who remains glares
    once (RFC 3261 14.1) before it is joined."""
    referred(t, s, "referred_and_gone", """
> INVITE sdp
< 200
> ACK
> REFER
  Refer-To: <sip:$N@pbx.test>
  Refer-Sub: false
< 202 Refer-Sub: false
> BYE
< 200
""", """
< INVITE
> 200 INVITE sdp
< ACK
< INVITE
> 491 INVITE
< ACK
< INVITE
> 200 INVITE sdp
< ACK
wait 300
> BYE
< 200
""", """
< INVITE
> 183 INVITE sdp
wait 700
> 200 INVITE sdp
< ACK
< BYE
> 200 BYE
""")
