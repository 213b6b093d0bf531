"""srtp pass-thru: keys and packets of two ends pass as they are."""

from kit import sip
from kit.capture import Capture
from kit.env import check, wait_for
from kit.media import Media
from kit.suite import test
from test_calls import exchange, offer, streams
from test_phones import both_heard, hang_up, leg_of, talk

A_TONE, B_TONE = 500, 800
SUITE = "AES_CM_128_HMAC_SHA1_80"
PASSED = "lineside_srtp_pass_thru_total"


@test("pass-thru")
def keys_of_phones_pass(t, s):
    """baresip to baresip: what one sent the other got, byte for byte, and
    nobody but them can read it."""
    a = s.secure_phone(t, "2010", A_TONE)
    b = s.secure_phone(t, "2011", B_TONE)
    before = s.lineside.counters()[PASSED]
    capture = Capture(t, [s.access])
    talk(a, b, "2011")
    legs = s.legs("2011")
    for leg in legs:
        check(leg["srtp"] and leg["srtp_pass_thru"], f"{leg}")
        check(leg["suite_local"].startswith("A"), leg["suite_local"])
    brief = s.lineside.show("call", "active", "voice", "brief")
    check("SRTP: pass-thru" in brief, brief)
    hang_up(a, b)
    both_heard(a, b)
    capture.stop()
    check(s.lineside.counters()[PASSED] >= before + 2, "not counted")
    check("%SEC-5-SRTP_PASS_THRU" in s.lineside.log(), "not logged")
    check(set(a.crypto()) & set(b.crypto()), "their keys are not the same")
    for source, destination in ("AB", "BA"):
        came = capture.rtp(destination=leg_of(legs, source)["media_local"])
        left = capture.rtp(source=leg_of(legs, destination)["media_local"])
        check(len(left) > 100 and set(left) <= set(came),
              f"{source}: of {len(left)} packets, {len(set(left) - set(came))}"
              " are not as they came")


@test("pass-thru")
def a_suite_that_nobody_knows(t, s):
    """Its lines pass with their parameters; the packets as if of any."""
    a = s.secure_agent(t, "2012")
    b = s.secure_agent(t, "2013")
    ms, bs = streams(t)
    here, there = sip.new_key(SUITE), sip.new_key(SUITE)
    line = "a=crypto:9 SECRET_512_OF_OURS inline:{}|2^20|1:32 KDR=5 X=y\r\n"
    da = a.invite("2013", sip.sdp(ms.host, ms.port, profile="RTP/SAVP",
                                  extra=line.format(here)))
    req = b.request("INVITE")
    check(req.sdp("a=crypto:") == [line.format(here)[9:].strip()],
          f"{req.sdp('a=crypto:')}")
    db = b.accept(req)
    bs.to(*req.media()[:2], (SUITE, there), (SUITE, here))
    b.answer(req, 200, dialog=db, body=sip.sdp(
        bs.host, bs.port, profile="RTP/SAVP", extra=line.format(there)))
    r = a.final(da)
    check(r.status == 200, f"{r}")
    b.request("ACK", dialog=db)
    check(r.sdp("a=crypto:") == [line.format(there)[9:].strip()],
          f"{r.sdp('a=crypto:')}")
    ms.to(*r.media()[:2], (SUITE, here), (SUITE, there))
    exchange(ms, bs)
    for leg in s.legs("2013"):
        check(leg["suite_local"] == "unknown" and leg["srtp_pass_thru"],
              f"{leg}")
    a.bye(da)
    b.await_bye(db)
    s.no_call("2013")


@test("pass-thru")
def beside_a_leg_without(t, s):
    """Each side has keys of ours, and a phone of each hears the other."""
    a = s.secure_phone(t, "2014", A_TONE)
    b = s.secure_phone(t, "2110", B_TONE, listener=5071)
    talk(a, b, "2110")
    for leg in s.legs("2110"):
        check(leg["srtp"] and not leg["srtp_pass_thru"], f"{leg}")
    hang_up(a, b)
    both_heard(a, b)


@test("pass-thru")
def strangers_do_not_pass(t, s):
    """Nothing can be authenticated, so the address of the SDP alone counts."""
    a = s.secure_agent(t, "2015")
    b = s.secure_agent(t, "2016")
    ms, bs = streams(t)
    key = sip.new_key(SUITE)
    da = a.invite("2016", offer(ms, [(SUITE, key)]))
    req = b.request("INVITE")
    db = b.accept(req)
    bs.to(*req.media()[:2], (SUITE, key), (SUITE, key))
    b.answer(req, 200, dialog=db, body=offer(bs, [(SUITE, key)]))
    r = a.final(da)
    b.request("ACK", dialog=db)
    stranger = Media(t).stream(t.addr())
    stranger.to(*r.media()[:2], (SUITE, key), (SUITE, key))
    stranger.send(100, 50)
    wait_for(lambda: leg_of(s.legs("2016"), "A")["wrong_source"] >= 50, 5,
             "strangers to be counted")
    check(bs.stats()["received"] == 0, f"{bs.stats()}")
    ms.to(*r.media()[:2], (SUITE, key), (SUITE, key))
    exchange(ms, bs)
    a.bye(da)
    b.await_bye(db)
