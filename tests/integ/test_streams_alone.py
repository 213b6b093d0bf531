"""Calls without sound: video alone, floor control alone, and TCP beside them."""

from kit import sip
from kit.env import check, wait_for
from kit.media import Media
from kit.site import SUITES
from kit.sipp import Sipp
from kit.suite import test
from test_calls import exchange
from test_phones import leg_of
from test_sipp import udp_bound
from test_streams import Udptl, relayed

HEAD = ("v=0", "o=- 1 1 IN IP4 [local_ip]", "s=-", "c=IN IP4 [local_ip]",
        "t=0 0")


def body(*lines):
    return "\n".join(f"  | {x}" for x in (*HEAD, *lines))


def video(stream, crypto=()):
    text = sip.sdp(stream.host, stream.port, crypto, codecs=["97 H264/90000"])
    return text.replace("m=audio", "m=video")


def port_of(message, kind):
    return (message.sdp("c=IN IP4 ")[-1].strip(),
            int(message.sdp(f"m={kind} ")[0].split()[0]))


@test()
def video_alone(t, s):
    """SRTP outside, RTP inside, no sound: every packet crosses, both ways."""
    a = s.secure_agent(t, "2056")
    b, number = s.slot_agent(t)
    media = Media(t)
    ms, bs = media.stream(t.addr()), media.stream(t.addr())
    mine = (SUITES[0], sip.new_key(SUITES[0]))
    da = a.invite(number, video(ms, [mine]))
    req = b.request("INVITE")
    check("m=audio" not in req.body and not req.crypto(), req.body)
    db = b.accept(req)
    bs.to(*port_of(req, "video"))
    b.answer(req, 200, dialog=db, body=video(bs))
    r = a.final(da)
    check(r.status == 200 and "m=audio" not in r.body, f"{r}: {r.body}")
    b.request("ACK", dialog=db)
    ms.to(*port_of(r, "video"), mine, r.crypto()[0])
    exchange(ms, bs)
    legs = s.legs(number)
    check(leg_of(legs, "A")["streams"] == f"video: {SUITES[0]}", f"{legs}")
    check(leg_of(legs, "B")["streams"] == "video: RTP", f"{legs}")
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


@test()
def floor_control_alone(t, s):
    """UDP/BFCP and nothing else: datagrams pass as they are."""
    a = s.plain_agent(t, "2557")
    b, number = s.slot_agent(t)
    ma, mb = Udptl(t, a.wire.local), Udptl(t, b.wire.local)

    def floor(wire, port, role):
        return sip.sdp(wire.local, port).partition("m=")[0] + (
            f"m=application {port} UDP/BFCP *\r\na=floorctrl:{role}\r\n")
    da = a.invite(number, floor(a.wire, ma.port, "c-only"))
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 200, dialog=db, body=floor(b.wire, mb.port, "s-only"))
    r = a.final(da)
    check(r.status == 200 and "a=floorctrl:s-only" in r.body, f"{r}")
    b.request("ACK", dialog=db)
    wait_for(lambda: [x["state"] for x in s.legs(number)] == ["up", "up"], 5,
             "the call to be up")
    relayed(ma, mb, port_of(r, "application"), port_of(req, "application"))
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


@test()
def tcp_is_refused_beside_video(t, s):
    """SIPp: of video, BFCP by TCP and MSRP the video is taken; the others have
    port 0 in their places (RFC 3264 6), and are not offered on."""
    addr, number = s.slot(t)
    b = Sipp(t, "alone_uas", addr, steps=f"""
< INVITE m=video [1-9][0-9]+ RTP/AVP 97
  !TCP/
  !m=audio
  !a=setup
> 200 INVITE
  Content-Type: application/sdp
{body("m=video [media_port] RTP/AVP 97", "a=rtpmap:97 H264/90000")}
< ACK
< BYE
> 200 BYE
""")
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    a = Sipp(t, "alone_uac", t.addr(), f"{s.access}:5060",
             service="5" + number, steps=f"""
> INVITE
  Content-Type: application/sdp
{body("m=application 9 TCP/BFCP *", "a=setup:active", "a=connection:new",
      "m=video [media_port] RTP/AVP 97", "a=rtpmap:97 H264/90000",
      "m=message 7394 TCP/MSRP *")}
< 200 m=application 0 TCP/BFCP
  m=video [1-9][0-9]+ RTP/AVP 97
  m=message 0 TCP/MSRP
> ACK
> BYE
< 200
""")
    a.ok()
    b.ok()
    s.no_call("5" + number)


@test()
def tcp_alone_is_refused(t, s):
    """SIPp: nothing is left that could be carried: 488 says so."""
    a = Sipp(t, "tcp_uac", t.addr(), f"{s.access}:5060", service="500",
             steps=f"""
> INVITE
  Content-Type: application/sdp
{body("m=application 9 TCP/BFCP *", "a=setup:active")}
< 488 Warning: 304 .*no stream is described that can be carried
> ACK
""")
    a.ok()
    s.no_call("500")
