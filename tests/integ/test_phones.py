"""Soft phones that we did not write, through Lineside, to a call manager
that we did not write: who hears whom, and what is on the wires."""

import time

from kit import tones
from kit.capture import Capture
from kit.env import check, wait_for
from kit.media import Media
from kit.site import SUITES
from kit.suite import test

A_TONE, B_TONE = 500, 800
TALK = 3.0


def talk(a, b, number, seconds=TALK):
    """a calls b; both are up and talk for a while."""
    a.mark()
    b.mark()
    a.dial(number)
    b.event("CALL_ESTABLISHED", 15)
    a.event("CALL_ESTABLISHED", 15)
    time.sleep(seconds)  # they talk: this is the thing measured


def hang_up(a, b):
    a.hangup()
    b.event("CALL_CLOSED", 10)
    a.event("CALL_CLOSED", 10)


def both_heard(a, b, seconds=TALK - 0.8):
    """Each end heard the other's tone, and nothing but that."""
    for me, other in ((a, b), (b, a)):
        heard = me.hears(other.tone)
        check(heard >= seconds, f"{me.name} heard {other.name}'s"
                                f" {other.tone} Hz for {heard:.2f} s only")
        check(me.hears(me.tone) == 0, f"{me.name} heard itself")


def leg_of(legs, letter):
    return next(leg for leg in legs if leg["leg"] == letter)


def check_security(legs, access, core):
    """srtp on or off per leg, as `show` tells it."""
    for letter, wanted in (("A", access), ("B", core)):
        leg = leg_of(legs, letter)
        check(leg["srtp"] == wanted,
              f"leg {letter} has SRTP {leg['srtp']}, wanted {wanted}")


def prove_wires(t, legs, phone, capture):
    """SRTP outside, RTP inside, by tshark and by an independent decrypt."""
    outside = leg_of(legs, "A")["media_local"]
    up = capture.rtp(destination=outside)
    down = capture.rtp(source=outside)
    inside = capture.rtp(source=leg_of(legs, "B")["media_local"])
    check(len(up) > 100 and len(down) > 100 and len(inside) > 100,
          f"packets seen: {len(up)} up, {len(down)} down,"
          f" {len(inside)} inside")
    for packets, hz in ((up, A_TONE), (down, B_TONE)):
        check(tones.in_payload([p[12:172] for p in packets], hz) < 0.02,
              "the tone can be heard on the access wire")
    check(tones.in_payload([p[12:] for p in inside], A_TONE) > 0.9,
          "the core wire does not carry the tone in clear")
    media = Media(t)
    for packets, hz in ((up, A_TONE), (down, B_TONE)):
        opened = 0
        for suite, key in dict.fromkeys(phone.crypto()):
            clear = [media.unprotect(suite, key, p) for p in packets]
            clear = [p[12:] for p in clear if p]
            if len(clear) > len(packets) * 0.9 and \
                    tones.in_payload(clear, hz) > 0.9:
                opened += 1
                changed = bytearray(packets[0])
                changed[40] ^= 1
                fresh = Media(t)
                check(fresh.unprotect(suite, key, bytes(changed)) is None,
                      "a changed packet passes the tag")
                check(fresh.unprotect(suite, key, packets[0]),
                      "the unchanged one does not")
        check(opened == 1, f"{opened} keys of the phone open its packets")
    host, port = outside.split(":")
    fields = capture.tshark(
        "-d", f"udp.port=={port},rtp", "-Y",
        f"rtp && ip.dst=={host} && udp.dstport=={port}",
        "-T", "fields", "-e", "rtp.p_type")
    check(len(fields.split()) > 100, "tshark sees no RTP header outside")


@test()
def secure_phone_calls_core(t, s):
    """TLS with client certificate, SRTP, digest, UDP and RTP inside."""
    a = s.secure_phone(t, "2001", A_TONE)
    b = s.core_phone(t, "3001", B_TONE)
    capture = Capture(t, [s.access, s.core])
    talk(a, b, "3001")
    legs = s.legs("3001")
    check_security(legs, True, False)
    leg = leg_of(legs, "A")
    check(leg["tls_version"].startswith("TLS1."), f"TLS: {leg['tls_version']}")
    check("SEP000000002001" in leg["identity"], leg["identity"])
    brief = s.lineside.show("call", "active", "voice", "brief")
    check("SRTP: on" in brief and "SRTP: off" in brief, brief)
    hang_up(a, b)
    capture.stop()
    both_heard(a, b)
    check(tones.longest_gap(b.recordings(), A_TONE) < tones.STALL, "gaps")
    prove_wires(t, legs, a, capture)
    s.no_call("3001")


@test()
def core_calls_secure_phone(t, s):
    a = s.core_phone(t, "3002", B_TONE)
    b = s.secure_phone(t, "2002", A_TONE)
    talk(a, b, "2002")
    check_security(s.legs("2002"), False, True)
    hang_up(b, a)
    both_heard(a, b)
    s.no_call("2002")


def call_of_kinds(s, a, b, number, access, core):
    """A call whose two legs are protected as wanted, heard by both."""
    talk(a, b, number)
    check_security(s.legs(number), access, core)
    hang_up(a, b)
    both_heard(a, b)


@test()
def plain_phone_and_plain_core(t, s):
    call_of_kinds(s, s.plain_phone(t, "2501", A_TONE),
                  s.core_phone(t, "3003", B_TONE), "3003", False, False)


@test()
def plain_phone_and_secure_core(t, s):
    call_of_kinds(s, s.plain_phone(t, "2502", A_TONE),
                  s.core_phone(t, "4101", B_TONE, secure=True), "4101",
                  False, True)


@test()
def secure_phone_and_secure_core(t, s):
    call_of_kinds(s, s.secure_phone(t, "2003", A_TONE),
                  s.core_phone(t, "4102", B_TONE, secure=True), "4102",
                  True, True)


def _core_to_suite(t, s, n):
    a = s.core_phone(t, f"300{4 + n}", B_TONE)
    b = s.secure_phone(t, f"2{n}01", A_TONE, listener=5070 + n)
    talk(a, b, f"2{n}01", 2.5)
    leg = leg_of(s.legs(f"2{n}01"), "B")
    check(leg["suite_local"] == SUITES[n - 1] and
          leg["suite_remote"] == SUITES[n - 1],
          f"suite {leg['suite_local']}, {leg['suite_remote']}")
    hang_up(a, b)
    both_heard(a, b, 1.7)


@test()
def suite_cm128_80_to_phone(t, s):
    _core_to_suite(t, s, 1)


@test()
def suite_cm128_32_to_phone(t, s):
    _core_to_suite(t, s, 2)


@test()
def suite_gcm128_to_phone(t, s):
    _core_to_suite(t, s, 3)


@test()
def suite_gcm256_to_phone(t, s):
    _core_to_suite(t, s, 4)


@test()
def hold_and_resume_20_times(t, s):
    """The SRTP context lives through it: each hears the other again. Seen
    on the wires, since baresip records nothing after a hold."""
    a = s.secure_phone(t, "2004", A_TONE)
    b = s.core_phone(t, "3010", B_TONE)
    talk(a, b, "3010", 0.5)
    for n in range(20):
        done = a.hold()
        check(done["ok"], f"hold {n}: {done}")
        wait_for(lambda: s.legs("3010")[0]["hold"], 5, f"hold {n}")
        a.resume()
        wait_for(lambda: not s.legs("3010")[0]["hold"], 5, f"resume {n}")
    capture = Capture(t, [s.access, s.core])
    before = leg_of(s.legs("3010"), "A")
    time.sleep(TALK)  # they talk again
    legs = s.legs("3010")
    after = leg_of(legs, "A")
    capture.stop()
    check(after["rx_packets"] - before["rx_packets"] > 100, "no packets")
    check(after["auth_failed"] == 0, f"{after['auth_failed']} not authentic")
    hang_up(a, b)
    prove_wires(t, legs, a, capture)


@test()
def phone_behind_nat(t, s):
    """Its SDP names an address its packets do not come from: latched."""
    a = s.secure_phone(t, "2005", A_TONE, host=t.addr())
    b = s.core_phone(t, "3011", B_TONE)
    talk(a, b, "3011", 2.0)
    check(leg_of(s.legs("3011"), "A")["latched"], "not latched")
    hang_up(a, b)
    both_heard(a, b, 1.0)


def ring(a, b, number):
    """a calls b; it rings and nobody answers."""
    a.mark()
    b.mark()
    a.dial(number)
    b.event("CALL_INCOMING")


def cancelled(s, a, b, number):
    ring(a, b, number)
    a.event("CALL_RINGING")
    a.hangup()
    b.event("CALL_CLOSED")
    s.no_call(number)


def declined(s, a, b, number):
    ring(a, b, number)
    b.hangup()
    closed = a.event("CALL_CLOSED")
    check("486" in closed["param"], f"closed with {closed['param']}")
    s.no_call(number)


@test()
def caller_cancels_outside(t, s):
    cancelled(s, s.secure_phone(t, "2006", A_TONE),
              s.core_phone(t, "3012", B_TONE, answer="manual"), "3012")


@test()
def caller_cancels_inside(t, s):
    cancelled(s, s.core_phone(t, "3013", A_TONE),
              s.secure_phone(t, "2007", B_TONE, answer="manual"), "2007")


@test()
def callee_is_busy(t, s):
    declined(s, s.secure_phone(t, "2008", A_TONE),
             s.core_phone(t, "3014", B_TONE, answer="manual"), "3014")


@test()
def phone_is_busy(t, s):
    declined(s, s.core_phone(t, "3015", A_TONE),
             s.secure_phone(t, "2009", B_TONE, answer="manual"), "2009")


@test()
def wrong_password(t, s):
    """The core's refusal reaches the phone; no binding stays."""
    from kit.baresip import Baresip
    from kit.kamailio import REALM
    a = Baresip(t, "2010", A_TONE, domain=REALM, transport="tls",
                outbound=f"sip:{s.access}:5061;transport=tls",
                mediaenc="srtp-mand", cert=s.phone_cert("2010")[2],
                cafile=s.server_ca, password="not-it").start()
    wait_for(lambda: "401 Unauthorized" in a.log() or
             "REGISTER_FAIL" in [e["type"] for e in a.events], 10,
             "a refusal")
    check(s.registration("2010") is None, "a binding without the core's yes")


@test()
def unregister(t, s):
    a = s.secure_phone(t, "2011", A_TONE)
    row = s.registration("2011")
    check(row and row["connected"], f"registered: {row}")
    check("SEP000000002011" in row["identity"], row["identity"])
    a.stop()  # baresip un-registers on its way out
    wait_for(lambda: s.registration("2011") is None, 10, "no registration")
