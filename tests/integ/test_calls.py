"""Calls with an agent of ours, where every byte and packet is counted."""

import socket
import struct
import time

from kit import sip
from kit.env import check, wait_for
from kit.media import Media
from kit.site import SUITES
from kit.suite import test


def offer(stream, crypto=(), **kw):
    return sip.sdp(stream.host, stream.port, crypto, **kw)


def answered(t, s, a, b, number, a_stream, b_stream, a_crypto=(),
             b_suite=None, body=None):
    """a calls number, b answers; streams are set; the two dialogs."""
    da = a.invite(number, body or offer(a_stream, a_crypto))
    req = b.request("INVITE")
    db = b.accept(req)
    address, port, profile = req.media()
    b_crypto, far = [], None
    if b_suite:
        far = next(c for c in req.crypto() if c[0] == b_suite)
        b_crypto = [(b_suite, sip.new_key(b_suite))]
        check(profile == "RTP/SAVP", f"offered as {profile}")
    else:
        check(not req.crypto() and profile == "RTP/AVP",
              f"offered as {profile}")
    b_stream.to(address, port, b_crypto[0] if b_crypto else None, far)
    b.answer(req, 200, dialog=db, body=offer(b_stream, b_crypto))
    r = a.final(da)
    check(r.status == 200, f"answered {r}")
    b.request("ACK", dialog=db)
    address, port, profile = r.media()
    if a_crypto:
        chosen = r.crypto()
        check(len(chosen) == 1, f"{len(chosen)} suites in the answer")
        mine = next(c for c in a_crypto if c[0] == chosen[0][0])
        a_stream.to(address, port, mine, chosen[0])
    else:
        check(not r.crypto(), "keys in an answer to RTP")
        a_stream.to(address, port)
    return da, db


def exchange(a_stream, b_stream, count=100, pps=100):
    """Packets both ways; all must arrive, once."""
    for x in (a_stream, b_stream):
        x.reset()
    for x in (a_stream, b_stream):
        x.send(pps, count)
    for me, name in ((a_stream, "outside"), (b_stream, "inside")):
        try:
            wait_for(lambda: me.stats()["received"] >= count,
                     count / pps + 2, "")
        except AssertionError:
            check(False, f"{name} got {me.stats()} of {count}")
        st = me.stats()
        check(st["lost"] == 0 and st["duplicate"] == 0 and
              st["auth_failed"] == 0 and st["alien"] == 0, f"{name}: {st}")


def streams(t):
    media = Media(t)
    return media.stream(t.addr()), media.stream(t.addr())


def _suite_outside(t, s, n):
    suite = SUITES[n - 1]
    a = s.secure_agent(t, f"2{n}10", 5070 + n)
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    keys = [(x, sip.new_key(x)) for x in SUITES]
    da, db = answered(t, s, a, b, number, ms, bs, keys)
    leg = next(x for x in s.legs(number) if x["leg"] == "A")
    check(leg["suite_local"] == suite, f"chose {leg['suite_local']}")
    exchange(ms, bs)
    a.bye(da) if n % 2 else None
    if n % 2:
        b.await_bye(db)
    else:
        b.send("BYE", db)
        a.await_bye(da)
    s.no_call(number)


@test()
def suite_cm128_80_offered(t, s):
    _suite_outside(t, s, 1)


@test()
def suite_cm128_32_offered(t, s):
    _suite_outside(t, s, 2)


@test()
def suite_gcm128_offered(t, s):
    _suite_outside(t, s, 3)


@test()
def suite_gcm256_offered(t, s):
    _suite_outside(t, s, 4)


@test("embedded")
def every_suite_to_every_other(t, s):
    """SRTP on both sides, each leg with a suite of its own: 16 calls."""
    media = Media(t)
    agents = {n: s.secure_agent(t, f"2{n}20", 5070 + n) for n in range(1, 5)}
    callers = {n: s.secure_agent(t, f"2{n}21", 5070 + n)
               for n in range(1, 5)}
    for i in range(1, 5):
        for j in range(1, 5):
            ms, bs = media.stream(t.addr()), media.stream(t.addr())
            key = (SUITES[i - 1], sip.new_key(SUITES[i - 1]))
            da, db = answered(t, s, callers[i], agents[j], f"2{j}20",
                              ms, bs, [key], SUITES[j - 1])
            exchange(ms, bs, 50, 250)
            callers[i].bye(da)
            agents[j].await_bye(db)


@test()
def sequence_wraps(t, s):
    """More than 65,536 packets from just before the wrap, so that the
    roll-over counter changes twice; SRTP outside, both ways."""
    a = s.secure_agent(t, "2020")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    suite = "AES_CM_128_HMAC_SHA1_80"
    da, db = answered(t, s, a, b, number, ms, bs,
                      [(suite, sip.new_key(suite))])
    address = ms  # start both directions near the wrap
    count = 66500
    a_leg = next(x for x in s.legs(number) if x["leg"] == "A")
    check(a_leg["suite_local"] == suite, a_leg["suite_local"])
    for x in (ms, bs):
        x.m.command(f"seq {x.id} 65300")
        x.reset()
        x.send(3000, count)
    wait_for(lambda: not address.stats()["sending"] and
             not bs.stats()["sending"], 90, "the packets to be sent")
    time.sleep(0.3)  # the last ones are on their way
    for x, name in ((ms, "outside"), (bs, "inside")):
        st = x.stats()
        check(st["auth_failed"] == 0 and st["replayed"] == 0,
              f"{name}: {st}")
        check(st["received"] >= count * 0.999, f"{name}: {st}")
    legs = s.legs(number)
    check(all(x["auth_failed"] == 0 and x["replayed"] == 0 for x in legs),
          f"{legs}")
    a.bye(da)
    b.await_bye(db)


@test()
def new_key_in_reinvite(t, s):
    """A re-INVITE with a new key: packets under the old one still count
    for a moment, then those under the new one."""
    a = s.secure_agent(t, "2021")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    suite = "AEAD_AES_128_GCM"
    first = (suite, sip.new_key(suite))
    da, db = answered(t, s, a, b, number, ms, bs, [first])
    exchange(ms, bs)
    second = (suite, sip.new_key(suite))
    a.invite(number, offer(ms, [second], version=2), dialog=da)
    req = b.request("INVITE")
    b.answer(req, 200, dialog=db, body=offer(bs, version=2))
    bs.reset()
    r = a.final(da)
    check(r.status == 200, f"{r}")
    b.request("ACK", dialog=db)
    ms.send(100, 20)  # still under the old key
    wait_for(lambda: bs.stats()["received"] == 20, 2, "packets in flight")
    address, port, _ = r.media()
    ms.to(address, port, second, r.crypto()[0])
    exchange(ms, bs)
    a.bye(da)
    b.await_bye(db)


@test()
def tls12_and_tls13(t, s):
    from kit.site import TLS12, TLS13
    for user, version, name in (("2022", TLS12, "TLS1.2"),
                                ("2023", TLS13, "TLS1.3")):
        s.secure_agent(t, user, version=version)
        text = s.lineside.show("sip-ua", "connections", "tcp", "tls",
                               "detail")
        check(name in text, f"{name} is not shown: {text}")


@test()
def no_answer(t, s):
    """It rings, the caller gives up: CANCEL goes through, 487 comes."""
    a = s.secure_agent(t, "2024")
    b, number = s.slot_agent(t)
    ms, _ = streams(t)
    suite = SUITES[0]
    da = a.invite(number, offer(ms, [(suite, sip.new_key(suite))]))
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 180, "Ringing", dialog=db)
    r = a.progress(da)
    check(r.status == 180, f"{r}")
    a.cancel(da)
    cancel = b.request("CANCEL")
    b.answer(cancel, 200)
    b.answer(req, 487, "Request Terminated", dialog=db)
    r = a.final(da)
    check(r.status == 487, f"{r}")
    s.no_call(number)


@test()
def answer_crosses_cancel(t, s):
    """B's 200 crosses our CANCEL: A gets 487, B is hung up (RFC 3261 9.1)."""
    a = s.secure_agent(t, "2025")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    da = a.invite(number, offer(ms, [(SUITES[0], sip.new_key(SUITES[0]))]))
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 180, "Ringing", dialog=db)
    a.progress(da)
    a.cancel(da)
    b.request("CANCEL")  # too late, says B
    b.answer(req, 200, dialog=db, body=offer(bs))
    check(a.final(da).status == 487, "no 487")
    b.request("ACK")
    b.await_bye(db)
    s.no_call(number)


@test()
def retransmissions(t, s):
    """INVITE again when nobody answers, 200 again until the ACK, and the
    same ACK to a repeated 200; a repeated request is answered alike."""
    a = s.plain_agent(t, "2520")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    da = a.invite(number, offer(ms))
    first = b.request("INVITE")
    again = b.request("INVITE", 3)
    check(first.h("via") == again.h("via"), "a new branch, not the same")
    a.wire.send(da.sent)  # the phone repeats its INVITE as well
    db = b.accept(first)
    ok = b.answer(first, 200, dialog=db, body=offer(bs))
    r = a.response(da.call_id, (da.invite_cseq, "INVITE"))
    r2 = a.response(da.call_id, (da.invite_cseq, "INVITE"), 3)
    check(str(r) == str(r2) and r.tag("to") == r2.tag("to"),
          "the 200 is not repeated")
    a.learn(da, r)
    a.ack(da)
    ack = b.request("ACK", dialog=db)
    b.wire.send(ok)
    check(b.request("ACK", dialog=db).h("cseq") == ack.h("cseq"),
          "a repeated 200 gets no ACK")
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


@test()
def digest_on_invite(t, s):
    """The core's challenge reaches the phone, its answer the core."""
    a = s.secure_agent(t, "2026")
    ms, _ = streams(t)
    da = a.invite("3999", offer(ms, [(SUITES[0], sip.new_key(SUITES[0]))]))
    r = a.final(da)
    check(da.tried, "no challenge came")
    check(r.status == 404, f"after the digest: {r}")


@test()
def unknown_headers_pass(t, s):
    a = s.plain_agent(t, "2521")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    a.invite(number, offer(ms),
             ["X-Ward: 7", "Subject: lunch", "P-Asserted-Identity: <sip:boss@x>"])
    req = b.request("INVITE")
    check(req.h("x-ward") == "7" and req.h("subject") == "lunch",
          f"{req.headers}")
    check(not req.h("p-asserted-identity"), "an assertion of a phone passed")
    check(int(req.h("max-forwards")) == 69, req.h("max-forwards"))
    check(s.access not in str(req.headers), "our access address shows")
    b.answer(req, 603, "Decline")
    b.request("ACK")


@test()
def max_forwards(t, s):
    a = s.plain_agent(t, "2522")
    ms, _ = streams(t)
    d = sip.Dialog()
    text = a.build("INVITE", "sip:3000@pbx.test", d, body=offer(ms)).replace(
        "Max-Forwards: 70", "Max-Forwards: 0")
    a.wire.send(text)
    r = a.response(d.call_id, (d.cseq, "INVITE"))
    check(r.status == 483, f"{r}")


def first_answer(a, d):
    """Status of what comes first to that INVITE, and how long it took."""
    begin = time.monotonic()
    r = a.response(d.call_id, (d.invite_cseq, "INVITE"), final=False, least=100)
    return r.status, time.monotonic() - begin


@test()
def trying_when_nobody_answers(t, s):
    """RFC 3261 17.2.1: on a connection 100 comes when nothing else came in
    200 ms, on UDP at once."""
    b, number = s.slot_agent(t)
    ms, _ = streams(t)
    for a, stream in ((s.plain_agent(t, "2701", "tcp"), True),
                      (s.plain_agent(t, "2598"), False)):
        d = a.invite(number, offer(ms))
        asked = b.request("INVITE")
        status, took = first_answer(a, d)
        check(status == 100, f"{status} from us")
        check(not stream or took > 0.1, f"100 after {took:.3f} s")
        b.answer(asked, 486)
        check(a.final(d).status == 486, "not what b said")
        for _ in range(20):  # whatever else the machine does
            d = a.invite(number, offer(ms))
            asked = b.request("INVITE")
            b.answer(asked, 180)
            status, took = first_answer(a, d)
            b.answer(asked, 486)
            check(a.final(d).status == 486, "not what b said")
            if not stream or took < 0.15:
                break
        check(status == (180 if stream else 100), f"first came {status}")


@test()
def options_is_answered(t, s):
    a = s.plain_agent(t, "2523")
    d = sip.Dialog()
    a.wire.send(a.build("OPTIONS", f"sip:{s.access}", d))
    r = a.response(d.call_id, (d.cseq, "OPTIONS"))
    check(r.status == 200, f"{r}")


@test()
def options_of_the_core(t, s):
    """To our address: answered by us. To a phone's token: by the phone."""
    a = s.secure_agent(t, "2028")
    core, uri = s.call_in(t, "2028")
    d = sip.Dialog()
    core.wire.send(core.build("OPTIONS", f"sip:{s.core}:5060", d))
    r = core.response(d.call_id, (d.cseq, "OPTIONS"))
    check(r.status == 200, f"{r}")
    d = sip.Dialog()
    core.wire.send(core.build("OPTIONS", uri, d))
    a.answer(a.request("OPTIONS"), 486, "Busy Here")
    r = core.response(d.call_id, (d.cseq, "OPTIONS"))
    check(r.status == 486, f"not what the phone said: {r}")


@test()
def fallback_is_seen(t, s):
    """A phone without SRTP where it may: RTP, but said and counted."""
    a = s.secure_agent(t, "2601", 5076)
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    before = s.lineside.log().count("SRTP_FALLBACK")
    da, db = answered(t, s, a, b, number, ms, bs)
    leg = next(x for x in s.legs(number) if x["leg"] == "A")
    check(leg["srtp_fallback"] and not leg["srtp"], f"{leg}")
    check(s.lineside.log().count("SRTP_FALLBACK") > before, "not logged")
    exchange(ms, bs)
    a.bye(da)
    b.await_bye(db)


@test()
def strange_source_is_dropped(t, s):
    """A plain leg takes RTP only from the address in the SDP."""
    a = s.plain_agent(t, "2524")
    b, number = s.slot_agent(t)
    media = Media(t)
    ms, bs, thief = (media.stream(t.addr()) for _ in range(3))
    da, db = answered(t, s, a, b, number, ms, bs)
    exchange(ms, bs)
    legs = s.legs(number)
    leg = next(x for x in legs if x["leg"] == "B")
    host, _, port = str(leg["media_local"]).rpartition(":")
    thief.to(host, int(port)).send(100, 50)
    wait_for(lambda: next(
        x for x in s.legs(number) if x["leg"] == "B")["wrong_source"] >= 50,
        5, "the packets to be counted")
    st = ms.stats()
    check(st["received"] == 100, f"strange packets passed: {st}")
    exchange(ms, bs)  # and the call goes on
    a.bye(da)
    b.await_bye(db)


REPORT = struct.pack("!BBHIQIII", 0x80, 200, 6, 0x1234, 1 << 40, 5, 6, 7)


def rtcp_socket(t, stream):
    """The port above a stream's, for RTCP."""
    x = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    t.at_end(x.close)
    x.bind((stream.host, stream.port + 1))
    x.settimeout(5)
    return x


def rtcp_of(s, number, letter):
    """Where a leg takes RTCP."""
    leg = next(x for x in s.legs(number) if x["leg"] == letter)
    host, _, port = str(leg["media_local"]).rpartition(":")
    return host, int(port) + 1


@test()
def rtcp_passes(t, s):
    """A sender report of one side reaches the other."""
    a = s.plain_agent(t, "2525")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs)
    outside, inside = rtcp_socket(t, ms), rtcp_socket(t, bs)
    outside.sendto(REPORT, rtcp_of(s, number, "A"))
    got = inside.recv(2000)
    check(got[:8] == REPORT[:8], f"RTCP came as {got.hex()}")
    a.bye(da)
    b.await_bye(db)


def srtcp(t, s, n):
    """SRTCP outside, RTCP inside, both ways; a changed one goes nowhere."""
    a = s.secure_agent(t, f"2{n}22", 5070 + n)
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    suite = SUITES[n - 1]
    key = sip.new_key(suite)
    da, db = answered(t, s, a, b, number, ms, bs, [(suite, key)])
    outside, inside = rtcp_socket(t, ms), rtcp_socket(t, bs)
    wire = ms.m.protect_rtcp(suite, key, REPORT)
    changed = bytearray(wire)
    changed[12] ^= 1
    outside.sendto(bytes(changed), rtcp_of(s, number, "A"))
    outside.sendto(REPORT, rtcp_of(s, number, "A"))  # in clear: not either
    outside.sendto(wire, rtcp_of(s, number, "A"))
    got = inside.recv(2000)
    check(got[:8] == REPORT[:8], f"{suite}: inside came {got.hex()}")
    inside.settimeout(0.3)
    try:
        check(False, f"{suite}: more came: {inside.recv(2000).hex()}")
    except TimeoutError:
        pass
    inside.sendto(REPORT, rtcp_of(s, number, "B"))
    wire = outside.recv(2000)
    check(REPORT[8:] not in wire, f"{suite}: readable on the access wire")
    clear = ms.m.unprotect_rtcp(suite, ms.keys[1][1], wire)
    check(clear and clear[:8] == REPORT[:8], f"{suite}: {clear}")
    changed = bytearray(wire)
    changed[-1] ^= 1
    check(ms.m.unprotect_rtcp(suite, ms.keys[1][1], bytes(changed)) is None,
          f"{suite}: a changed tag passes")
    a.bye(da)
    b.await_bye(db)


@test()
def srtcp_of_each_suite(t, s):
    for n in range(1, 5):
        srtcp(t, s, n)



@test()
def phone_to_phone_through_the_core(t, s):
    """The call manager (a proxy that keeps Call-IDs) sends the call of one
    phone on to another: a spiral, not a loop."""
    a = s.secure_agent(t, "2090")
    b = s.secure_agent(t, "2091")
    ms, bs = streams(t)
    key = (SUITES[0], sip.new_key(SUITES[0]))
    da = a.invite("2091", offer(ms, [key]))
    a_final = []
    # The challenge comes first; the second INVITE reaches the phone.
    r = a._match(10, lambda m: m.status in (401, 407) or
                 (m.status or 0) > 299, "challenge")
    a.inbox.insert(0, r)
    import threading
    caller = threading.Thread(
        target=lambda: a_final.append(a.final(da)), daemon=True)
    caller.start()
    req = b.request("INVITE")
    db = b.accept(req)
    far = req.crypto()[0]
    mine = (far[0], sip.new_key(far[0]))
    address, port, profile = req.media()
    check(profile == "RTP/SAVP", profile)
    bs.to(address, port, mine, far)
    b.answer(req, 200, dialog=db, body=offer(bs, [mine]))
    caller.join(10)
    check(a_final and a_final[0].status == 200, f"{a_final}")
    b.request("ACK", dialog=db)
    address, port, _ = a_final[0].media()
    ms.to(address, port, key, a_final[0].crypto()[0])
    exchange(ms, bs)
    a.bye(da)
    b.await_bye(db)


@test()
def loop_is_refused(t, s):
    """The core sends a call straight back: 482, not a ring of calls."""
    a = s.plain_agent(t, "2526")
    b, number = s.slot_agent(t)
    ms, _ = streams(t)
    da = a.invite(number, offer(ms))
    req = b.request("INVITE")
    lines = [f"INVITE {req.uri} SIP/2.0",
             f"Via: SIP/2.0/UDP {b.wire.hostport};branch=z9hG4bK"
             + sip.token()]
    lines += [f"{n.title()}: {v}" for n, v in req.headers
              if n != "content-length"]
    body = req.body
    lines.append(f"Content-Length: {len(body)}")
    b.wire.send("\r\n".join(lines) + "\r\n\r\n" + body)
    r = b._match(5, lambda m: (m.status or 0) >= 200, "final response")
    check(r.status == 482, f"{r}")
    b.answer(req, 486, "Busy Here")
    check(a.final(da).status == 486, "the call itself")


@test()
def statistics_tell(t, s):
    """Loss, replay, bytes and jitter of an SRTP leg, as `show` has them."""
    a = s.secure_agent(t, "2080")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs,
                      [(SUITES[0], sip.new_key(SUITES[0]))])
    ms.m.command(f"seq {ms.id} 1000")
    exchange(ms, bs, 50)
    ms.m.command(f"seq {ms.id} 1060")  # ten are missing
    exchange(ms, bs, 50)
    bs.reset()
    ms.m.command(f"seq {ms.id} 1060")  # the same indexes again
    ms.send(100, 50)
    leg = wait_for(lambda: next(
        (x for x in s.legs(number) if x["leg"] == "A" and
         x["replayed"] >= 50), None), 5, "replays to be counted")
    check(bs.stats()["received"] == 0, "a replay passed")
    check(leg["lost"] == 10, f"lost {leg['lost']}")
    check(leg["rx_packets"] == 100, f"{leg['rx_packets']} packets")
    check(leg["rx_bytes"] >= 100 * 160, f"{leg['rx_bytes']} bytes")
    check(0 <= leg["jitter_us"] < 100000, f"jitter {leg['jitter_us']}")
    check(leg["auth_failed"] == 0, f"{leg['auth_failed']} not authentic")
    a.bye(da)
    b.await_bye(db)
