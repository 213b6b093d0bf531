"""linphonec, which shares no line of code with the other phones here: TLS with
a certificate, SRTP, a call manager behind us; hold, transfers and redirection,
each with who hears whom after it."""

import time

from kit.env import check, wait_for
from kit.suite import test
from test_phones import A_TONE, B_TONE, leg_of

C_TONE, D_TONE = 1200, 1500
TALK = 3.0


def hears(a, b, seconds=TALK - 1):
    check(a.hears(b.tone) > seconds,
          f"{a.name} heard {b.name} for {a.hears(b.tone):.2f} s only")


def both_hear(a, b, seconds=TALK - 1):
    hears(a, b, seconds)
    hears(b, a, seconds)


def dial(a, b, number):
    """linphone a calls linphone b, and they talk."""
    a.mark()
    b.mark()
    a.dial(number)
    a.up()
    b.up()
    time.sleep(TALK)  # they talk


@test()
def calls_core(t, s):
    a = s.linphone(t, "2060", A_TONE)
    b = s.core_phone(t, "3070", B_TONE)
    a.mark()
    a.dial("3070")
    b.event("CALL_ESTABLISHED", 15)
    a.up()
    time.sleep(TALK)  # they talk
    leg = leg_of(s.legs("3070"), "A")
    check(leg["srtp"] and leg["tls_version"].startswith("TLS1."), leg)
    a.type("terminate all")
    b.event("CALL_CLOSED", 10)
    a.ended()
    both_hear(a, b)
    s.no_call("3070")


@test()
def is_called(t, s):
    a = s.core_phone(t, "3071", A_TONE)
    b = s.linphone(t, "2061", B_TONE)
    b.mark()
    a.mark()
    a.dial("2061")
    a.event("CALL_ESTABLISHED", 15)
    b.up()
    time.sleep(TALK)  # they talk
    a.hangup()
    b.ended()
    both_hear(a, b)
    s.no_call("2061")


@test()
def holds_and_resumes(t, s):
    """Who is held hears on, since linphone's tone is its music on hold, too,
    and is not heard; both are heard again afterwards."""
    a = s.linphone(t, "2062", A_TONE)
    b = s.linphone(t, "2079", B_TONE)
    dial(a, b, b.user)
    a.mark()
    b.mark()
    a.type("pause 1")
    a.state("CallPaused")
    b.state("CallPausedByRemote")
    wait_for(lambda: leg_of(s.legs(b.user), "A")["hold"], 5, "hold")
    time.sleep(TALK)  # and do not talk
    a.mark()
    b.mark()
    a.type("resume 1")
    a.up()
    b.up()
    a.play()
    time.sleep(TALK)  # and talk again
    b.mark()
    a.type("terminate all")
    b.ended()
    heard = a.hears(B_TONE)
    check(2 * TALK - 1 < heard < 2 * TALK + 1.5, f"heard for {heard:.2f} s")
    check(b.hears(A_TONE) > 3 * TALK - 2, f"hears {b.hears(A_TONE):.2f} s")
    s.no_call(b.user)


@test()
def transfers_blind(t, s):
    """The REFER passes to the called phone inside, which calls the third."""
    a = s.linphone(t, "2063", A_TONE)
    b = s.core_phone(t, "3073", B_TONE)
    c = s.core_phone(t, "3074", C_TONE)
    a.mark()
    a.dial("3073")
    b.event("CALL_ESTABLISHED", 15)
    a.up()
    time.sleep(TALK)  # they talk
    a.type(f"transfer 1 sip:3074@{a.domain}")
    c.event("CALL_ESTABLISHED", 15)
    a.ended()
    time.sleep(TALK)  # b and c talk
    c.hangup()
    b.event("CALL_CLOSED", 10)
    both_hear(a, b)
    both_hear(b, c)
    check(c.hears(a.tone) == 0, f"{c.name} heard {a.name}")
    s.no_call("3073")


def attended(t, s, line):
    """a talks to b, then to c, and joins the two by Replaces."""
    a, b, c = (s.linphone(t, str(line + i), tone)
               for i, tone in enumerate((A_TONE, B_TONE, C_TONE)))
    dial(a, b, b.user)
    a.mark()
    a.type("pause 1")
    a.state("CallPaused")
    dial(a, c, c.user)
    b.mark()
    c.mark()
    a.type("transfer 1 --to-call 2")
    a.ended()
    b.up()
    c.up()
    time.sleep(TALK)  # b and c talk
    b.mark()
    c.type("terminate all")
    b.ended()
    both_hear(a, b)
    both_hear(a, c)
    both_hear(b, c)
    for phone in (a, b, c):
        s.no_call(phone.user)
    return a, b, c


@test()
def transfers_attended(t, s):
    """REFER passes, and so do the INVITE that it brings about and its
    Replaces: the third phone is called by the second, and takes it for the
    call that it has."""
    _, b, c = attended(t, s, 2085)
    check("Refer-To:" in b.log(), "the REFER did not reach the second phone")
    check("Replaces:" in c.log(), "no Replaces reached the third phone")


@test("transfers")
def attended_ends_here(t, s):
    """The same, answered by us: neither sees more than a re-INVITE."""
    _, b, c = attended(t, s, 2070)
    check("Refer-To:" not in b.log(), "the REFER passed")
    check("Replaces:" not in c.log(), "the Replaces passed")


@test()
def redirects_when_busy(t, s):
    """A phone that is in a call sends the next one elsewhere (302): forward on
    busy, with phones that others wrote on all sides."""
    b = s.linphone(t, "2083", B_TONE)
    d = s.core_phone(t, "3075", D_TONE)
    a = s.secure_phone(t, "2084", A_TONE)
    c = s.core_phone(t, "3076", C_TONE)
    b.mark()
    b.dial("3075")
    d.event("CALL_ESTABLISHED", 15)
    b.up()
    b.mark()
    b.type("autoanswer off")
    a.mark()
    a.dial("2083")
    b.state("CallIncomingReceived")
    b.type(f"redirect 2 sip:3076@{b.domain}")
    c.event("CALL_ESTABLISHED", 15)
    a.event("CALL_ESTABLISHED", 15)
    time.sleep(TALK)  # both pairs talk
    a.hangup()
    c.event("CALL_CLOSED", 10)
    b.type("terminate all")
    d.event("CALL_CLOSED", 10)
    both_hear(a, c)
    both_hear(b, d)
    check(b.hears(a.tone) == 0, f"{b.name} heard {a.name}")
    s.no_call("3075")
    s.no_call("3076")
