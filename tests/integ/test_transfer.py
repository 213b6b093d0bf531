"""Transfers by phones that we did not write, on both sides: who hears whom
after each step."""

import time

from kit.env import check, wait_for
from kit.kamailio import BUSY, FORWARD
from kit.sipp import Sipp
from kit.suite import test
from test_phones import A_TONE, B_TONE, both_heard, hang_up, leg_of, talk

C_TONE = 1200
TALK = 2.0


def blind(t, s, a, b, c, number, target):
    """a calls b, they talk; a sends b to c; b and c talk, a is out."""
    talk(a, b, number, TALK)
    check(a.command("transfer", f"sip:{target}@{a.domain}")["ok"], "transfer")
    c.event("CALL_ESTABLISHED", 15)
    a.event("CALL_CLOSED", 15)
    time.sleep(TALK)  # they talk
    hang_up(c, b)


def attended(t, s, a, b, c, number, target):
    """a talks to b, then to c, and joins the two."""
    talk(a, b, number, TALK)
    a.mark()
    c.mark()
    check(a.dial(target)["ok"], "dial")
    c.event("CALL_ESTABLISHED", 15)
    a.event("CALL_ESTABLISHED", 15)
    time.sleep(TALK)  # they talk
    call, near, far = a.dialog(number)
    replaces = f"{call};to-tag={far};from-tag={near}".replace(
        "@", "%40").replace(";", "%3B").replace("=", "%3D")
    check(a.command("transfer", f"sip:{number}@{a.domain}"
                                f"?Replaces={replaces}")["ok"], "transfer")
    a.event("CALL_CLOSED", 15)
    time.sleep(TALK)  # b and c talk
    hang_up(c, b)
    both_heard(b, c, TALK - 1)


def all_heard(a, b, c):
    both_heard(b, a, TALK - 1)
    both_heard(b, c, TALK - 1)
    check(c.hears(a.tone) == 0, f"{c.name} heard {a.name}")


@test()
def blind_by_phone(t, s):
    """A phone outside sends the called one inside to a third one."""
    a = s.secure_phone(t, "2030", A_TONE)
    b = s.core_phone(t, "3050", B_TONE)
    c = s.core_phone(t, "3051", C_TONE)
    blind(t, s, a, b, c, "3050", "3051")
    all_heard(a, b, c)
    s.no_call("3050")


@test()
def blind_of_phone(t, s):
    """A phone inside sends the one outside on: it calls through us again,
    with SRTP."""
    a = s.core_phone(t, "3052", A_TONE)
    b = s.secure_phone(t, "2031", B_TONE)
    c = s.core_phone(t, "3053", C_TONE)
    talk(a, b, "2031", TALK)
    check(a.command("transfer", f"sip:3053@{a.domain}")["ok"], "transfer")
    c.event("CALL_ESTABLISHED", 15)
    a.event("CALL_CLOSED", 15)
    check(leg_of(s.legs("3053"), "A")["srtp"], "the new call has no SRTP")
    time.sleep(TALK)  # they talk
    hang_up(c, b)
    all_heard(a, b, c)
    s.no_call("2031")
    s.no_call("3053")


@test()
def forward_on_busy(t, s):
    """A trunk's phone is busy and says where else (302): the phone outside
    calls that number, and talks."""
    a = s.secure_phone(t, "2032", A_TONE)
    c = s.core_phone(t, "3054", C_TONE)
    b, number = s.slot_agent(t)
    a.mark()
    c.mark()
    a.dial(number)
    got = b.request("INVITE")
    b.answer(got, 302, "Moved Temporarily", headers=[
        f"Contact: <sip:3054@{a.domain}>"])
    c.event("CALL_ESTABLISHED", 15)
    time.sleep(TALK)  # they talk
    hang_up(c, a)
    both_heard(a, c, TALK - 1)
    s.no_call("3054")


@test()
def forward_on_busy_inside(t, s):
    """A phone outside declines as busy; the call manager hears its 486 and
    calls another one outside, who talks to the caller inside."""
    a = s.core_phone(t, "3056", A_TONE)
    b = s.secure_phone(t, BUSY, B_TONE, answer="manual")
    c = s.secure_phone(t, FORWARD, C_TONE)
    a.mark()
    c.mark()
    a.dial(BUSY)
    b.event("CALL_INCOMING", 15)
    check(b.hangup()["ok"], "hangup")
    c.event("CALL_ESTABLISHED", 15)
    a.event("CALL_ESTABLISHED", 15)
    time.sleep(TALK)  # they talk
    hang_up(c, a)
    both_heard(a, c, TALK - 1)
    s.no_call(BUSY)


# Transfers that end here: no supplementary-service sip refer. 20.. have TLS and
# SRTP, 36.. are inside and have neither.


@test("transfers")
def blind_ends_here(t, s):
    """A phone sends another one on, which gets a re-INVITE and hears a third
    one; the first is out."""
    a = s.secure_phone(t, "2030", A_TONE)
    b = s.trunk_phone(t, "3600", B_TONE)
    c = s.secure_phone(t, "2031", C_TONE)
    blind(t, s, a, b, c, "3600", "2031")
    all_heard(a, b, c)
    s.no_call("3600")
    check("\nREFER" not in b.log(), "the REFER passed")


@test("transfers")
def blind_of_secure_phone(t, s):
    """The same of a phone with SRTP that never takes a second key in a call:
    its contexts go on in the new one."""
    a = s.trunk_phone(t, "3601", A_TONE)
    b = s.secure_phone(t, "2032", B_TONE)
    c = s.trunk_phone(t, "3602", C_TONE)
    blind(t, s, a, b, c, "2032", "3602")
    all_heard(a, b, c)
    s.no_call("3602")


@test("transfers")
def attended_ends_here(t, s):
    """A phone talks to two, and joins them (Replaces)."""
    a = s.secure_phone(t, "2033", A_TONE)
    b = s.trunk_phone(t, "3603", B_TONE)
    c = s.secure_phone(t, "2034", C_TONE)
    attended(t, s, a, b, c, "3603", "2034")
    check(c.hears(a.tone) > TALK - 1, f"{c.name} did not hear {a.name}")
    s.no_call("3603")
    s.no_call("2034")


@test("transfers")
def transfer_to_nobody(t, s):
    """The target is not there: who transfers is told so, and why. baresip
    then hangs up; that the call goes on otherwise: referred_back."""
    a = s.secure_phone(t, "2035", A_TONE)
    b = s.trunk_phone(t, "3604", B_TONE)
    talk(a, b, "3604", TALK)
    check(a.command("transfer", f"sip:2999@{a.domain}")["ok"], "transfer")
    a.event("TRANSFER_FAILED", 15)
    b.event("CALL_CLOSED", 15)
    check("Warning: 399 transfers" in a.log(), "no Warning in the NOTIFY")
    both_heard(a, b, TALK - 1)
    s.no_call("3604")


@test("transfers")
def no_way_by_who_remains(t, s):
    """Who was called transfers to where only the caller may dial: he is told
    that there is no way."""
    a = s.secure_phone(t, "2037", A_TONE)
    b = s.trunk_phone(t, "3611", B_TONE)
    talk(a, b, "3611", TALK)
    b.mark()
    check(b.command("transfer", f"sip:3611@{b.domain}")["ok"], "transfer")
    b.event("TRANSFER_FAILED", 15)
    check("SIP/2.0 404 Not Found" in b.log() and
          "no dial-peer matches where it was transferred" in b.log(),
          "not told why")
    check(not b.seen("CALL_INCOMING"), "it was called")
    s.no_call("3611")


@test("transfers")
def picked_up(t, s):
    """A phone rings; SIPp takes the call (RFC 3891 with early-only), and sends
    back what it hears."""
    a = s.secure_phone(t, "2036", A_TONE)
    b = s.trunk_phone(t, "3605", B_TONE, answer="manual")
    a.mark()
    a.dial("3605")
    b.event("CALL_INCOMING", 15)
    a.event("CALL_RINGING", 15)
    wait_for(lambda: "SIP/2.0 180" in b.log(), 10, "180 of the phone")
    call, own, far = b.ringing()
    c = Sipp(t, "picks_up", s.slot(t)[0], f"{s.core}:5060", service="3605",
             extra=["-rtp_echo"], steps=f"""
> INVITE sdp
  Require: replaces
  Replaces: {call};to-tag={far};from-tag={own};early-only
< 100?
< 200
> ACK
< BYE
> 200 BYE
""")
    a.event("CALL_ESTABLISHED", 15)
    b.event("CALL_CLOSED", 15)
    time.sleep(TALK)  # they talk
    a.hangup()
    c.ok()
    check(a.hears(A_TONE) > TALK - 1, "the caller did not hear itself")
    check("CANCEL" in b.log() and "Call completed elsewhere" in b.log(),
          "the phone that rang was not told why")
    s.no_call("3605")
