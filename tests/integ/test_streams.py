"""Calls with more than their sound: video, fax. What is sent on one side comes
out on the other byte for byte, encrypted where the leg is."""

import os
import socket

from kit import sip
from kit.capture import Capture
from kit.env import check, wait_for
from kit.media import Media
from kit.sipp import Sipp
from kit.suite import test
from test_calls import offer
from test_forms import sdp
from test_phones import both_heard, hang_up, leg_of, talk
from test_sipp import udp_bound

A_TONE, B_TONE = 500, 800
FAX = "\n".join(f"  | {x}" for x in (
    "v=0", "o=- 1 2 IN IP4 [local_ip]", "s=-", "c=IN IP4 [local_ip]", "t=0 0",
    "m=image {port} udptl t38", "a=T38FaxVersion:0", "a=T38MaxBitRate:14400",
    "a=T38FaxRateManagement:transferredTCF",
    "a=T38FaxUdpEC:t38UDPRedundancy"))


def video_packets(packets):
    """By synchronisation source: its packets, by sequence number."""
    found = {}
    for p in packets:
        found.setdefault(p[8:12], {})[p[2:4]] = p
    return found


def opened(t, phone, packets):
    """SRTP packets of the phone's own call, in clear, by its keys."""
    media, best = Media(t), []
    for suite, key in dict.fromkeys(phone.crypto()):
        clear = [media.unprotect(suite, key, p) for p in packets]
        clear = [p for p in clear if p]
        best = max(best, clear, key=len)
    return best


@test()
def video_of_phones(t, s):
    """baresip shows a picture: SRTP outside, RTP inside, both ways the same
    packets."""
    a = s.secure_phone(t, "2020", A_TONE, video="vp8")
    b = s.core_phone(t, "3020", B_TONE, video="vp8")
    capture = Capture(t, [s.access, s.core])
    talk(a, b, "3020")
    legs = s.legs("3020")
    check(leg_of(legs, "A")["streams"].startswith("video: A"),
          f"{leg_of(legs, 'A')}")
    check(leg_of(legs, "B")["streams"] == "video: RTP",
          f"{leg_of(legs, 'B')}")
    hang_up(a, b)
    capture.stop()
    both_heard(a, b)
    told = s.lineside.show("call", "active", "voice")
    check("No active call" in told or "streams" not in told, told)
    everything = [p for p in capture.udp() if len(p[4]) > 12 and
                  p[4][0] >> 6 == 2 and not 64 <= p[4][1] & 0x7F <= 95]
    for way, inside, outside in (
            ("up", [p[4] for p in everything if p[0] == s.core],
             [p[4] for p in everything if p[2] == s.access]),
            ("down", [p[4] for p in everything if p[2] == s.core],
             [p[4] for p in everything if p[0] == s.access])):
        plain = video_packets(p for p in inside if p[1] & 0x7F > 95)
        check(len(plain) == 1, f"{way}: {len(plain)} video streams inside")
        (ssrc, plain), = plain.items()
        hidden = [p for p in outside if p[8:12] == ssrc]
        check(len(hidden) > 20, f"{way}: {len(hidden)} packets of video")
        clear = opened(t, a, hidden)
        check(len(clear) >= 0.95 * len(hidden),
              f"{way}: {len(clear)} of {len(hidden)} can be opened")
        same = sum(plain.get(p[2:4]) == p for p in clear)
        check(same >= len(clear) - 2,
              f"{way}: {same} of {len(clear)} packets are the same inside")


@test()
def video_to_a_phone_without(t, s):
    """The section is refused with port 0, and the call goes on."""
    a = s.secure_phone(t, "2021", A_TONE, video="vp8")
    b = s.core_phone(t, "3021", B_TONE)
    talk(a, b, "3021")
    for leg in s.legs("3021"):
        check(not leg["streams"], f"{leg}")
    hang_up(a, b)
    both_heard(a, b)


class Udptl:
    """A fax machine's port: datagrams of any content."""

    def __init__(self, t, host):
        self.s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.s.bind((host, 0))
        self.s.settimeout(5)
        self.port = self.s.getsockname()[1]
        t.at_end(self.s.close)


def relayed(a, b, to_b, to_a, n=40):
    """Datagrams both ways through us, each compared; IFP packets look like
    anything, also like RTP."""
    for one, far, other in ((a, to_b, b), (b, to_a, a)):
        for i in range(n):
            data = i.to_bytes(2, "big") + os.urandom(1 + 7 * i)
            if i % 5 == 0:
                data = b"\x80\x00" + data
            one.s.sendto(data, far)
            got = other.s.recv(2048)
            check(got == data, f"datagram {i}: {got.hex()}, not {data.hex()}")


def fax_agents(t, s, a, number, b, a_body):
    """a and b have a call, a plain sound of both: its dialogs."""
    da = a.invite(number, a_body)
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 200, dialog=db, body=sip.sdp(b.wire.local, 30000))
    r = a.final(da)
    check(r.status == 200, f"answered {r}")
    b.request("ACK", dialog=db)
    # an offer before A's ACK has come would be 491
    wait_for(lambda: [x["state"] for x in s.legs(number)] == ["up", "up"], 5,
             "the call to be up")
    return da, db


def image(host, port, more=""):
    return ("v=0\r\no=- 1 9 IN IP4 {h}\r\ns=-\r\nc=IN IP4 {h}\r\nt=0 0\r\n"
            "{m}m=image {p} udptl t38\r\na=T38FaxVersion:0\r\n"
            "a=T38FaxUdpEC:t38UDPRedundancy\r\n").format(
                h=host, p=port, m=more)


def image_port(message):
    words = message.sdp("m=image ")[0].split()
    check(words[1:] == ["udptl", "t38"], message.body)
    return message.sdp("c=IN IP4 ")[-1].strip(), int(words[0])


def fax_call(t, s, more=""):
    a = s.plain_agent(t, "2520")
    b, number = s.slot_agent(t)
    da, db = fax_agents(t, s, a, number, b, sip.sdp(a.wire.local, 30000))
    ma, mb = Udptl(t, a.wire.local), Udptl(t, b.wire.local)
    # the one called hears the tone, and asks for T.38
    b.invite(None, dialog=db, body=image(mb.s.getsockname()[0], mb.port, more))
    req = a.request("INVITE")
    to_b = image_port(req)
    a.answer(req, 200, dialog=da,
             body=image(ma.s.getsockname()[0], ma.port, more))
    r = b.final(db)
    check(r.status == 200, f"answered {r}")
    to_a = image_port(r)
    a.request("ACK", dialog=da)
    check(T38FAX in r.body and T38FAX in req.body, "attributes are lost")
    relayed(ma, mb, to_b, to_a)
    return a, b, da, db, number


T38FAX = "a=T38FaxUdpEC:t38UDPRedundancy"


@test()
def fax_in_the_sounds_place(t, s):
    a, b, da, db, number = fax_call(t, s)
    for leg in s.legs(number):
        check(leg["codec"] == "T.38", f"{leg}")
    # and sound again
    a.invite(None, dialog=da, body=sip.sdp(a.wire.local, 30000))
    req = b.request("INVITE")
    check(req.media()[2] == "RTP/AVP", req.body)
    b.answer(req, 200, dialog=db, body=sip.sdp(b.wire.local, 30000))
    check(a.final(da).status == 200, "refused")
    b.request("ACK", dialog=db)
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


@test()
def fax_beside_the_sound(t, s):
    a, b, da, db, number = fax_call(t, s, "m=audio 0 RTP/AVP 0\r\n")
    for leg in s.legs(number):
        check(leg["streams"] == "image: in clear, no RTP", f"{leg}")
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


@test()
def fax_in_words(t, s):
    """SIPp: re-INVITE to T.38 and back; 488 of a machine that has none."""
    addr, number = s.slot(t)
    b = Sipp(t, "fax_uas", addr, steps=f"""
< INVITE
> 200 INVITE sdp
< ACK
< INVITE m=image [0-9]+ udptl t38
  a=T38FaxRateManagement:transferredTCF
  !m=audio
> 200 INVITE
  Content-Type: application/sdp
{FAX.format(port="[media_port]")}
< ACK
< INVITE m=audio [0-9]+ RTP/AVP 0
> 200 INVITE sdp
< ACK
< INVITE m=image
> 488 INVITE
< ACK
< BYE
> 200 BYE
""")
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    a = Sipp(t, "fax_uac", t.addr(), f"{s.access}:5060",
             service="5" + number, steps=f"""
> INVITE sdp
< 200
> ACK
> INVITE
  Content-Type: application/sdp
{FAX.format(port="[media_port]")}
< 200 m=image [0-9]+ udptl t38
  a=T38MaxBitRate:14400
> ACK
> INVITE sdp
< 200 m=audio [0-9]+ RTP/AVP 0
> ACK
> INVITE
  Content-Type: application/sdp
{FAX.format(port="[media_port]")}
< 488
> ACK
> BYE
< 200
""")
    a.ok()
    b.ok()
    s.no_call("5" + number)


@test()
def fax_where_srtp_is_required(t, s):
    """UDPTL towards a leg that must be secure is 488 and says why."""
    a = s.secure_agent(t, "2022")
    b, number = s.slot_agent(t)
    media = Media(t)
    key = [("AES_CM_128_HMAC_SHA1_80", sip.new_key("AES_CM_128_HMAC_SHA1_80"))]
    da, db = fax_agents(t, s, a, number, b,
                        offer(media.stream(t.addr()), key))
    b.invite(None, dialog=db, body=image(b.wire.local, 30002))
    r = b.final(db)
    check(r.status == 488 and "UDPTL is in clear" in r.h("warning"),
          f"{r}: {r.h('warning')}")
    a.bye(da)
    b.await_bye(db)


@test()
def two_lines_of_one_sound(t, s):
    """SRTP and RTP offered side by side: SRTP where it is configured, RTP
    where it is not; the other line is refused and keeps its place."""
    addr, number = s.slot(t)
    two = "\n".join((sdp("RTP/SAVP",
                         "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"
                         "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw"),
                     "  | m=audio [media_port] RTP/AVP 0"))
    b = Sipp(t, "two_uas", addr, steps="""
< INVITE m=audio [0-9]+ RTP/AVP 0
  !SAVP
> 200 INVITE sdp
< ACK
< BYE
> 200 BYE
""")
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    a = Sipp(t, "two_uac", t.addr(), f"{s.access}:5060",
             service="5" + number, steps=f"""
> INVITE
  Content-Type: application/sdp
{two}
< 200 m=audio 0 RTP/SAVP 0
  m=audio [1-9][0-9]+ RTP/AVP 0
> ACK
> BYE
< 200
""")
    a.ok()
    b.ok()
    s.no_call("5" + number)
