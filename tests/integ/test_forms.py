"""How SRTP is offered and what is made of it: opportunistic (RFC 8643),
Cisco's fallback, retry with RTP."""

from kit import sip
from kit.env import check, wait_for
from kit.sipp import Sipp
from kit.suite import test
from test_calls import exchange, offer, streams
from test_phones import both_heard, hang_up, leg_of, talk
from test_sipp import udp_bound

A_TONE, B_TONE = 500, 800
KEY = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw"


def sdp(profile, *lines):
    """The body of a flow: audio with these lines."""
    return "\n".join(f"  | {x}" for x in (
        "v=0", "o=- 1 1 IN IP4 [local_ip]", "s=-", "c=IN IP4 [local_ip]",
        "t=0 0", f"m=audio [media_port] {profile} 0", *lines))


def pair(t, s, name, prefix, uac, uas):
    """SIPp outside, where SRTP is not configured, calls SPREFIXNN inside."""
    addr, number = s.slot(t)
    b = Sipp(t, f"{name}_uas", addr, steps=uas)
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    a = Sipp(t, f"{name}_uac", t.addr(), f"{s.access}:5060",
             service=prefix + number, steps=uac)
    a.ok()
    b.ok()
    s.no_call(prefix + number)
    return a, b


def fallbacks(s):
    return s.lineside.counters()["lineside_srtp_fallback_total"]


def opportunistic_phone(t, s, user, far):
    """baresip that offers RTP/AVP with keys, as RFC 8643 has it."""
    a = s.secure_phone(t, user, A_TONE, listener=5076, mediaenc="srtp")
    b = s.core_phone(t, far, B_TONE)
    return a, b


@test("forms")
def opportunistic_offer_of_a_phone(t, s):
    a, b = opportunistic_phone(t, s, "2610", "3110")
    talk(a, b, "3110")
    legs = s.legs("3110")
    check(leg_of(legs, "A")["srtp"], "the phone's leg is not encrypted")
    check(not leg_of(legs, "A")["srtp_fallback"], "it is said to fall back")
    hang_up(a, b)
    both_heard(a, b)


@test("forms")
def opportunistic_offer_to_a_phone(t, s):
    a, b = opportunistic_phone(t, s, "2611", "3111")
    talk(b, a, "2611")
    leg = leg_of(s.legs("2611"), "B")
    check(leg["srtp"], "the phone's leg is not encrypted")
    hang_up(b, a)
    both_heard(b, a)


@test("forms")
def opportunistic_offer_answered_with_rtp(t, s):
    """A phone without SRTP: RTP, told and counted."""
    a = s.secure_phone(t, "2612", A_TONE, listener=5076, mediaenc=None)
    b = s.core_phone(t, "3112", B_TONE)
    before = fallbacks(s)
    talk(b, a, "2612")
    leg = leg_of(s.legs("2612"), "B")
    check(not leg["srtp"] and leg["srtp_fallback"], f"{leg}")
    hang_up(b, a)
    both_heard(b, a)
    check(fallbacks(s) > before,
          "not counted")


@test("forms")
def opportunistic_offer_in_words(t, s):
    pair(t, s, "osrtp", "91", """
> INVITE sdp
< 200 RTP/AVP
  !crypto
> ACK
> BYE
< 200
""", f"""
< INVITE m=audio [0-9]+ RTP/AVP 0
  a=crypto:1 AEAD_AES_256_GCM inline:
> 200 INVITE
  Content-Type: application/sdp
{sdp("RTP/AVP", "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" + KEY)}
< ACK
< BYE
> 200 BYE
""")


@test("forms")
def cisco_fallback_of_the_called(t, s):
    """RTP/SAVP and Supported: X-cisco-srtp-fallback; the answer is RTP."""
    before = fallbacks(s)
    pair(t, s, "cisco_uas", "92", """
> INVITE sdp
< 200 RTP/AVP
> ACK
> BYE
< 200
""", """
< INVITE m=audio [0-9]+ RTP/SAVP 0
  Supported: .*X-cisco-srtp-fallback
  a=crypto:1
> 200 INVITE sdp
< ACK
< BYE
> 200 BYE
""")
    check(fallbacks(s) > before,
          "not counted")


@test("forms")
def cisco_fallback_of_the_caller(t, s):
    """Who says X-cisco-srtp-fallback gets RTP where SRTP is not configured;
    who does not gets 488."""
    offer = sdp("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + KEY)
    pair(t, s, "cisco_uac", "92", f"""
> INVITE
  Content-Type: application/sdp
{offer}
< 488 SRTP is not configured here
> ACK
> INVITE
  Supported: timer,X-cisco-srtp-fallback
  Content-Type: application/sdp
{offer}
< 200 m=audio [0-9]+ RTP/AVP 0
  !crypto
> ACK
> BYE
< 200
""", """
< INVITE RTP/SAVP
> 200 INVITE sdp
< ACK
< BYE
> 200 BYE
""")


@test("forms")
def retry_after_488(t, s):
    """SRTP is refused as such, and RTP offered in a call of its own."""
    for status in (488, 606):
        b, number = s.slot_agent(t)
        a = Sipp(t, f"retry_{status}", t.addr(), f"{s.access}:5060",
                 service="92" + number[1:], steps="""
> INVITE sdp
< 200 RTP/AVP
> ACK
> BYE
< 200
""")
        req = b.request("INVITE")
        check(req.crypto() and req.media()[2] == "RTP/SAVP", req.body)
        b.answer(req, status, "Not Acceptable Here")
        req = b.request("INVITE")
        check(not req.crypto() and req.media()[2] == "RTP/AVP", req.body)
        dialog = b.accept(req)
        b.answer(req, 200, dialog=dialog, body=sip.sdp(t.addr(), 30000))
        b.await_bye(dialog)
        a.ok()


@test("forms")
def aes_256_in_counter_mode(t, s):
    """RFC 6188 against libsrtp, under its name and under the other one, with
    padded keys and with unpadded ones."""
    right, wrong = "AES_256_CM_HMAC_SHA1_80", "AES_CM_256_HMAC_SHA1_80"
    a = s.secure_agent(t, "2113", 5071)
    for name in (right, wrong):
        b, number = s.slot_agent(t)
        ms, bs = streams(t)
        key = (right, sip.new_key(right))
        body = offer(ms, [key]).replace(right, name)
        if name == wrong:
            check(key[1].endswith("=="), key[1])
            body = body.replace(key[1], key[1].rstrip("="))
        da = a.invite(number, body)
        req = b.request("INVITE")
        db = b.accept(req)
        bs.to(*req.media()[:2])
        b.answer(req, 200, dialog=db, body=offer(bs))
        r = a.final(da)
        check(r.status == 200, f"answered {r}")
        b.request("ACK", dialog=db)
        (suite, theirs), = r.crypto()
        check(suite == name, f"{name} was answered with {suite}")
        check(theirs.endswith("=") == (name == right), f"key {theirs}")
        theirs += "=" * (-len(theirs) % 4)
        ms.to(*r.media()[:2], key, (right, theirs))
        exchange(ms, bs)
        a.bye(da)
        b.await_bye(db)
        s.no_call(number)


@test("forms")
def two_lines_are_offered(t, s):
    """RTP/SAVP and RTP/AVP of one sound; the called refuses either."""
    crypto = "  | a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" + KEY
    for name, body, what in (
            ("srtp", sdp("RTP/SAVP", crypto[4:]) +
             "\n  | m=audio 0 RTP/AVP 0", "SAVP"),
            ("rtp", sdp("RTP/SAVP").replace("[media_port]", "0") +
             "\n  | m=audio [media_port] RTP/AVP 0", "AVP")):
        pair(t, s, f"two_{name}", "93", """
> INVITE sdp
< 200 RTP/AVP
> ACK
> INVITE
  Content-Type: application/sdp
  | v=0
  | o=- 1 2 IN IP4 [local_ip]
  | s=-
  | c=IN IP4 [local_ip]
  | t=0 0
  | m=audio [media_port] RTP/AVP 0
  | a=sendonly
< 200
> ACK
> BYE
< 200
""", f"""
< INVITE m=audio [1-9][0-9]+ RTP/SAVP 0
  a=crypto:1
  m=audio [1-9][0-9]+ RTP/AVP 0
> 200 INVITE
  Content-Type: application/sdp
{body}
< ACK
< INVITE m=audio [1-9][0-9]+ RTP/{what} 0
  m=audio 0 RTP/{"AVP" if what == "SAVP" else "SAVP"}
> 200 INVITE
  Content-Type: application/sdp
{body}
< ACK
< BYE
> 200 BYE
""")


@test("forms")
def two_lines_of_a_picture(t, s):
    """A call of video alone: RTP/SAVP and RTP/AVP, and either is refused."""
    head = "\n".join(f"  | {x}" for x in (
        "v=0", "o=- 1 1 IN IP4 [local_ip]", "s=-", "c=IN IP4 [local_ip]",
        "t=0 0"))
    codec = "a=rtpmap:97 H264/90000"
    for name, lines in (
            ("srtp", ("m=video [media_port] RTP/SAVP 97", codec,
                      "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" + KEY,
                      "m=video 0 RTP/AVP 97")),
            ("rtp", ("m=video 0 RTP/SAVP 97",
                     "m=video [media_port] RTP/AVP 97", codec))):
        before = s.lineside.counters()["lineside_srtp_clear_streams_total"]
        pair(t, s, f"picture_{name}", "93", f"""
> INVITE
  Content-Type: application/sdp
{head}
  | m=video [media_port] RTP/AVP 97
  | {codec}
< 200 m=video [1-9][0-9]+ RTP/AVP 97
> ACK
> BYE
< 200
""", f"""
< INVITE m=video [1-9][0-9]+ RTP/SAVP 97
  a=crypto:1
  m=video [1-9][0-9]+ RTP/AVP 97
  !m=audio
> 200 INVITE
  Content-Type: application/sdp
{head}
""" + "\n".join(f"  | {x}" for x in lines) + """
< ACK
< BYE
> 200 BYE
""")
        after = s.lineside.counters()["lineside_srtp_clear_streams_total"]
        check(after - before == (name == "rtp"), f"{name}: {after - before}")
