"""Streams of RTP as they come in the field: lost, late, doubled, changed in
their middle, and beside all sorts of noise. What a far end gets is compared
with what was sent, byte by byte, by an SRTP that is not ours."""

import os
import subprocess
import time

from kit import sip
from kit.env import check, wait_for
from kit.media import Media
from kit.site import SUITES
from kit.suite import test
from test_calls import answered, exchange, offer, streams

FULL = "LINESIDE_FULL_WRAPS" in os.environ  # each of the 196,608 packets
PPS = 4000
REFUSED = [f"lineside_media_{x}_total" for x in
           ("auth_failed", "replayed", "malformed", "wrong_source")]


def secure_call(t, s, user, suite, media=None):
    """A call of a phone with this suite: phone's stream, core's stream, and
    how to end it."""
    a = s.secure_agent(t, user)
    b, number = s.slot_agent(t)
    media = media or Media(t)
    ms, bs = media.stream(t.addr()), media.stream(t.addr())
    keys = [(suite, sip.new_key(suite))]
    da, db = answered(t, s, a, b, number, ms, bs, keys)

    def end():
        a.bye(da)
        b.await_bye(db)
        s.no_call(number)
    return number, ms, bs, end


def leg_a(s, number):
    return next(x for x in s.legs(number) if x["leg"] == "A")


def run_out(*all_streams, seconds):
    """Until they have sent what they were told to, and it has come."""
    wait_for(lambda: not any(x.stats()["sending"] for x in all_streams),
             seconds, "the streams to end", every=0.1)
    time.sleep(0.3)


def wrap(x, number, count):
    """Past the end of the sequence numbers: with all of them, or with those
    around it after jumps, each shorter than half a round (RFC 3711 3.3.1)."""
    if FULL:
        x.send(PPS, 65536)
        return
    x.seq(65536 - count // 2)
    x.send(PPS, count)


def wraps(t, s, user, suite, loss):
    number, ms, bs, end = secure_call(t, s, user, suite)
    before = leg_a(s, number)
    for x in (ms, bs):
        x.seq(60000)
        x.send(PPS, 100)
    run_out(ms, bs, seconds=20)
    for x in (ms, bs):
        x.impair(loss, 20, 100)
    for n in range(3):
        for at in () if FULL else (20000, 40000):
            for x in (ms, bs):
                if n > 0:
                    x.seq(at)
                    x.send(PPS, 50)
            run_out(ms, bs, seconds=20)
        for x in (ms, bs):
            wrap(x, n, 3000)
        run_out(ms, bs, seconds=65536 / PPS * 3)
    for x in (ms, bs):
        x.impair()
        x.send(PPS, 200)
    run_out(ms, bs, seconds=20)
    leg = leg_a(s, number)
    sent = ms.stats(), bs.stats()
    for me, far, name in ((0, bs, "inside"), (1, ms, "outside")):
        st, got = sent[me], far.stats()
        check(got["auth_failed"] == 0 and got["alien"] == 0,
              f"{name}, {loss} of 1000 lost: {got}")
        check(got["duplicate"] == 0 or far is bs, f"{name}: {got}")
        # A host that stops us may cost some beside those lost on purpose.
        check(st["sent"] * 0.98 <= got["received"] <= st["sent"],
              f"{name}: {got['received']} of {st['sent']}; {st}")
        check(loss == 0 or st["dropped"] > st["sent"] * loss / 2000,
              f"nothing was lost: {st}")
        check(st["twice"] > 0 and st["late"] > 0, f"{st}")
    check(leg["auth_failed"] == before["auth_failed"], f"{leg}")
    check(leg["replayed"] > 0, f"what came twice was not seen: {leg}")
    end()


@test(alone=True)
def rollover_without_loss(t, s):
    wraps(t, s, "2070", SUITES[2], 0)


@test(alone=True)
def rollover_with_loss(t, s):
    wraps(t, s, "2071", SUITES[0], 50)


@test(alone=True)
def rollover_with_a_fifth_lost(t, s):
    wraps(t, s, "2072", SUITES[1], 200)


@test(alone=True)
def rollover_with_a_tenth_lost(t, s):
    wraps(t, s, "2069", SUITES[3], 100)


@test(alone=True)
def keys_change_under_load(t, s):
    """The phone sends 2,000 packets a second and changes its key again and
    again: each of them is passed on, under the old key and the new."""
    for n, suite in enumerate(SUITES):
        media = Media(t)
        a = s.secure_agent(t, str(2092 + n))
        b, number = s.slot_agent(t)
        ms, bs = media.stream(t.addr()), media.stream(t.addr())
        keys = [(suite, sip.new_key(suite))]
        da, db = answered(t, s, a, b, number, ms, bs, keys)
        host, port = leg_a(s, number)["media_local"].rsplit(":", 1)
        ms.send(2000, 6000)
        for version in range(2, 7):
            time.sleep(0.3)  # it sends
            key = (suite, sip.new_key(suite))
            a.invite(None, offer(ms, [key], version=version), dialog=da)
            again = b.request("INVITE", dialog=db)
            b.answer(again, 200, dialog=db, body=offer(bs))
            r = a.final(da)
            b.request("ACK", dialog=db)
            ms.to(host, port, key, r.crypto()[0])
        run_out(ms, bs, seconds=20)
        sent, got, leg = ms.stats(), bs.stats(), leg_a(s, number)
        check(sent["sent"] == 6000 == got["received"],
              f"{suite}: {got['received']} of {sent['sent']}; {leg}")
        check(got["duplicate"] == got["alien"] == 0, f"{suite}: {got}")
        check(leg["auth_failed"] == 0, f"{suite}: {leg}")
        a.bye(da)
        b.await_bye(db)
        s.no_call(number)


@test()
def sizes_extensions_and_sources(t, s):
    """Sizes up to 1,500 bytes, header extensions, contributing sources: as
    sent, with each suite, both ways (RFC 3550 5.1, 5.3.1)."""
    for n, suite in enumerate(SUITES):
        number, ms, bs, end = secure_call(t, s, f"207{3 + n}", suite)
        for x in (ms, bs):
            x.shape()
        exchange(ms, bs, 400, 400)
        leg = leg_a(s, number)
        check(leg["malformed"] == 0 and leg["auth_failed"] == 0, f"{leg}")
        end()


@test()
def what_is_no_rtp(t, s):
    """Empty packets, STUN, DTLS, headers cut off, 2,100 bytes: dropped,
    counted, and the voice goes on, on both sides."""
    number, ms, bs, end = secure_call(t, s, "2077", SUITES[0])
    exchange(ms, bs, 20, 100)
    sent = [x.noise() for x in (ms, bs) for _ in range(10)]
    check(min(sent) == 6, f"{sent}")
    exchange(ms, bs)
    for leg in s.legs(number):
        refused = leg["malformed"] + leg["auth_failed"]
        check(refused == 60, f"{refused} were counted of 60: {leg}")
    end()


@test()
def a_stream_begins_anew(t, s):
    """Another SSRC, then a jump of the sequence, in mid-call, both ways: all
    that is sent comes (RFC 3550 A.1, RFC 3711 3.3.1)."""
    number, ms, bs, end = secure_call(t, s, "2078", SUITES[1])
    exchange(ms, bs, 30, 200)
    for n in range(3):
        for x in (ms, bs):
            x.ssrc(0xabc00000 + n * 16 + x.id)
        exchange(ms, bs, 30, 200)
        for x in (ms, bs):
            x.seq(9000 + n * 9000)
        exchange(ms, bs, 30, 200)
    leg = leg_a(s, number)
    check(leg["auth_failed"] == 0, f"{leg}")
    end()


@test(alone=True)
def flood_on_open_ports(t, s):
    """Random packets at every open port while calls are up: nothing of it is
    passed on, no leg moves, and the calls lose nothing but what the system
    had no room for."""
    media = Media(t)
    calls = [secure_call(t, s, f"20{80 + n}", SUITES[n % 4], media)
             for n in range(4)]
    for _, ms, bs, _ in calls:
        exchange(ms, bs, 20, 100)
    rate = 10000 if s.lineside.sanitizer() else 100000
    ports = [str(x["media_local"]) for number, *_ in calls
             for x in s.legs(number)]
    before = s.lineside.counters()
    for _, ms, bs, _ in calls:
        for x in (ms, bs):
            x.reset()
            x.send(50, 150)
    flood = subprocess.run([t.env.program("flood"), "2.5", str(rate)] + ports,
                           stdout=subprocess.PIPE, text=True, check=True)
    run_out(*(x for c in calls for x in c[1:3]), seconds=20)
    check(int(flood.stdout) > rate, f"only {flood.stdout} packets")
    after = s.lineside.counters()
    seen = sum(after[k] - before[k] for k in REFUSED)
    check(seen > rate / 2, f"{seen} were refused of {flood.stdout}")
    for number, ms, bs, end in calls:
        for x in (ms, bs):
            st = x.stats()
            check(st["alien"] == 0 and st["auth_failed"] == 0 and
                  st["duplicate"] == 0, f"{st}")
            check(st["received"] >= 140, f"{st} of 150")
        exchange(ms, bs, 50, 100)
        end()
