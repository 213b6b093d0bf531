"""Lines of several phones that we did not write: all ring, one answers, and
the others are told that it did."""

from kit import sip
from kit.env import check, wait_for
from kit.suite import test
from test_phones import A_TONE, B_TONE, both_heard, hang_up
from test_transfer import C_TONE

import time

TALK = 2.0
ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'


def pair(t, s, line):
    """Two phones of one line, each with a certificate of its own."""
    return [s.secure_phone(t, line, tone, device=device, answer="manual",
                           name=f"phone-{line}-{device}")
            for tone, device in ((B_TONE, line), (C_TONE, f"1{line}"))]


def ring(a, phones, line):
    """a calls the line: all of its phones ring."""
    for phone in (a, *phones):
        phone.mark()
    a.dial(line)
    for phone in phones:
        phone.event("CALL_INCOMING", 15)
    a.event("CALL_RINGING", 15)


def ringing(s, line):
    """What `show call ringing` says of each of its phones."""
    rows = s.lineside.json("call", "ringing")["ringing"]
    return {r["device"]: (r["state"], r["status"]) for r in rows
            if r["number"] == line}


def take(a, winner, losers, reason=ELSEWHERE):
    """One answers and is talked to; the others stop ringing, and know why."""
    check(winner.command("accept")["ok"], "accept")
    winner.event("CALL_ESTABLISHED", 15)
    a.event("CALL_ESTABLISHED", 15)
    for phone in losers:
        phone.event("CALL_CLOSED", 15)
        check(reason in phone.log(), f"{phone.name} was not told: {reason}")
    time.sleep(TALK)  # they talk
    hang_up(a, winner)
    both_heard(a, winner, TALK - 0.8)
    for phone in losers:
        check(phone.hears(a.tone) == 0, f"{phone.name} heard {a.name}")


@test("shared")
def first_answer_wins(t, s):
    a = s.secure_phone(t, "2041", A_TONE)
    b, c = pair(t, s, "2040")
    ring(a, (b, c), "2040")
    check(set(b.crypto()).isdisjoint(c.crypto()), "both were given one key")
    take(a, c, [b])
    check(s.lineside.counters()["lineside_calls_rung_together_total"] >= 1,
          "not counted")
    s.no_call("2040")


@test("shared")
def busy_phone_rings_on(t, s):
    """One of the two declines as busy: the other rings, and takes it."""
    a = s.secure_phone(t, "2043", A_TONE)
    b, c = pair(t, s, "2042")
    ring(a, (b, c), "2042")
    check(ringing(s, "2042") == {"SEP000000002042": ("ringing", 180),
                                 "SEP000000012042": ("ringing", 180)},
          f"{ringing(s, '2042')}")
    check(b.hangup()["ok"], "hangup")
    b.event("CALL_CLOSED", 15)
    check(ringing(s, "2042") == {"SEP000000002042": ("refused", 486),
                                 "SEP000000012042": ("ringing", 180)},
          f"{ringing(s, '2042')}")
    check(not a.seen("CALL_CLOSED"), "the caller was refused")
    take(a, c, [])
    check(not ringing(s, "2042"), "it still rings")
    s.no_call("2042")


@test("shared")
def all_decline(t, s):
    """Neither wants it: the caller is told once, by what they said."""
    a = s.secure_phone(t, "2045", A_TONE)
    b, c = pair(t, s, "2044")
    ring(a, (b, c), "2044")
    check(b.hangup()["ok"] and c.hangup()["ok"], "hangup")
    closed = a.event("CALL_CLOSED", 15)
    check("486" in closed["param"], f"told: {closed['param']}")
    s.no_call("2044")


@test("shared")
def caller_gives_up(t, s):
    a = s.secure_phone(t, "2047", A_TONE)
    b, c = pair(t, s, "2046")
    ring(a, (b, c), "2046")
    a.hangup()
    for phone in (b, c):
        phone.event("CALL_CLOSED", 15)
    s.no_call("2046")


@test("shared")
def transferred_to_a_line(t, s):
    """A call that is sent on to a line of two phones: the one that answers is
    talked to."""
    a = s.secure_phone(t, "2049", A_TONE)
    d = s.secure_phone(t, "2050", 1500)
    b, c = pair(t, s, "2048")
    a.mark()
    d.mark()
    a.dial("2050")
    d.event("CALL_ESTABLISHED", 15)
    a.event("CALL_ESTABLISHED", 15)
    check(d.command("transfer", f"sip:2048@{d.domain}")["ok"], "transfer")
    for phone in (b, c):
        phone.event("CALL_INCOMING", 15)
    a.mark()
    check(b.command("accept")["ok"], "accept")
    b.event("CALL_ESTABLISHED", 15)
    c.event("CALL_CLOSED", 15)
    d.event("CALL_CLOSED", 15)
    time.sleep(TALK)  # they talk
    hang_up(b, a)
    both_heard(a, b, TALK - 1)
    s.no_call("2048")


@test("shared_core")
def core_calls_each(t, s):
    """Kamailio is the registrar and calls both contacts by their tokens; its
    CANCEL brings its Reason to the phone that rang for nothing."""
    a = s.core_phone(t, "3060", A_TONE)
    b, c = pair(t, s, "2051")
    wait_for(lambda: s.lineside.counters()[
        "lineside_registrations_shared_total"] >= 1, 10, "a shared line")
    ring(a, (b, c), "2051")
    take(a, b, [c])
    s.no_call("2051")


@test("shared")
def all_are_told(t, s):
    """A MESSAGE, an INFO and a NOTIFY to the line reach both of its phones; one
    answer comes back."""
    b, c = pair(t, s, "2058")
    core, _ = s.slot_agent(t)
    for method, headers, body, kind in (
            ("MESSAGE", [], "ding for all", "text/plain"),
            ("INFO", [], "info for all", "text/plain"),
            ("NOTIFY", ["Event: message-summary",
                        "Subscription-State: active"],
             "Messages-Waiting: yes\r\n",
             "application/simple-message-summary")):
        before = s.lineside.counters()["lineside_sip_outside_forked_total"]
        d = sip.Dialog()
        d.local_uri = f"sip:{core.user}@{core.domain}"
        d.target = d.remote_uri = f"sip:2058@{s.core}:5060"
        cseq = core.send(method, d, headers, body, kind)
        for phone in (b, c):
            wait_for(lambda p=phone: f"{method} sip:2058" in p.log() and
                     body.strip() in p.log(), 10,
                     f"{method} to reach {phone.name}")
        r = core.response(d.call_id, cseq)
        check(r.status == 200 or method != "MESSAGE", f"{r}")
        after = s.lineside.counters()["lineside_sip_outside_forked_total"]
        check(after == before + 1, "not counted")


@test("shared")
def who_can_is_asked_in_turn(t, s):
    """A SUBSCRIBE to the line: the phone that registered last knows nothing of
    presence, so that the other one is asked, and notifies."""
    modules = ("contact.so", "presence.so")
    b, c = [s.secure_phone(t, "2059", tone, device=device, modules=more,
                           name=f"phone-2059-{device}")
            for tone, device, more in ((B_TONE, "2059", modules),
                                       (C_TONE, "12059", ()))]
    core, _ = s.slot_agent(t)
    counter = "lineside_sip_outside_next_contact_total"
    before = s.lineside.counters()[counter]
    d = sip.Dialog()
    d.local_uri = f"sip:{core.user}@{core.domain}"
    d.target = d.remote_uri = f"sip:2059@{s.core}:5060"
    cseq = core.send("SUBSCRIBE", d, ["Event: presence", "Expires: 60"])
    told = core.request("NOTIFY")
    check(told.h("event") == "presence", told.h("event"))
    core.answer(told, 200)
    r = core.response(d.call_id, cseq)
    check(r.status in (200, 202), f"{r}")
    for phone in (b, c):
        check("SUBSCRIBE sip:2059" in phone.log(),
              f"{phone.name} was not asked")
    check(s.lineside.counters()[counter] > before, "not counted")
    rows = [r for r in s.lineside.json("sip-ua", "subscriptions")
            ["subscriptions"] if r["of"] == "2059"]
    check(len(rows) == 1 and rows[0]["dialog_b"] == "confirmed" and
          rows[0]["device"] == "SEP000000002059", f"{rows}")


@test("shared")
def too_late_for_a_subscription(t, s):
    """A phone that takes a SUBSCRIBE when the next one has it is told so: its
    NOTIFY finds no subscription."""
    b, c = [s.secure_agent(t, "2039", cert=s.phone_cert(device))
            for device in ("2039", "12039")]
    core, _ = s.slot_agent(t)
    d = sip.Dialog()
    d.local_uri = f"sip:{core.user}@{core.domain}"
    d.target = d.remote_uri = f"sip:2039@{s.core}:5060"
    cseq = core.send("SUBSCRIBE", d, ["Event: kpml", "Expires: 60"])
    late = c.request("SUBSCRIBE")
    taken = b.request("SUBSCRIBE", seconds=10)
    near = b.accept(taken)
    b.answer(taken, 200, dialog=near, headers=["Expires: 60"])
    r = core.response(d.call_id, cseq)
    check(r.status == 200 and r.h("expires") == "60", f"{r}")
    core.learn(d, r)
    gone = c.accept(late)
    c.answer(late, 200, dialog=gone, headers=["Expires: 60"])
    r = c.ask("NOTIFY", gone, ["Event: kpml", "Subscription-State: active"])
    check(r.status == 481, f"the late one was heard: {r}")
    cseq = b.send("NOTIFY", near, ["Event: kpml",
                                   "Subscription-State: terminated"])
    told = core.request("NOTIFY", dialog=d)
    core.answer(told, 200)
    check(b.response(near.call_id, cseq).status == 200, "NOTIFY")
