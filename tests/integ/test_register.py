"""Registrations: bounds, expiry, the connection they are bound to."""

import re
import time

from kit import sip
from kit.env import check, wait_for
from kit.media import Media
from kit.site import SUITES
from kit.suite import test


@test()
def expires(t, s):
    """Too short is 423; the granted time is kept to."""
    a = s.secure_agent(t, "2060", register=False)
    r = a.register(2)
    check(r.status == 423 and r.h("min-expires") == "5",
          f"{r} {r.h('min-expires')}")
    r = a.register(5)
    check(r.status == 200, f"{r}")
    # the registrar counts from a clock of whole seconds: 4, if one has ended
    granted = re.search(r"expires=(\d+)", r.h("contact"))
    check(granted and granted[1] in "45", f"granted: {r.headers}")
    check(s.registration("2060")["connected"], "not connected")
    wait_for(lambda: s.registration("2060") is None, 12, "the expiry")


@test()
def long_expires_is_bounded(t, s):
    a = s.secure_agent(t, "2061", register=False)
    r = a.register(100000)
    check(r.status == 200, f"{r}")
    check(s.registration("2061")["expires_s"] <= 600, "not bounded")


@test()
def contact_is_ours_inside_and_its_own_outside(t, s):
    """The phone gets its own Contact back, with its parameters."""
    a = s.secure_agent(t, "2062", register=False)
    a.params = ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-aabbcc>"'
    r = a.register()
    check(r.status == 200, f"{r}")
    check(a.wire.hostport in r.h("contact"), r.h("contact"))
    row = s.registration("2062")
    check("aabbcc" in (row["instance"] or ""), f"{row}")
    check(row["token"] and row["token"] not in r.h("contact"), f"{row}")


@test()
def star_unregisters(t, s):
    a = s.secure_agent(t, "2063")
    d = sip.Dialog()
    d.local_uri = d.remote_uri = "sip:2063@pbx.test"
    text = a.build("REGISTER", "sip:pbx.test", d, ["Expires: 0"])
    text = text.replace(f"Contact: {a.contact}", "Contact: *")
    a.wire.send(text)
    r = a.response(d.call_id, (d.cseq, "REGISTER"))
    if r.status == 401:
        d.cseq += 1
        line = a._digest(r.h("www-authenticate"), "REGISTER", "sip:pbx.test")
        text = a.build("REGISTER", "sip:pbx.test", d,
                       ["Expires: 0", f"Authorization: {line}"])
        a.wire.send(text.replace(f"Contact: {a.contact}", "Contact: *"))
        r = a.response(d.call_id, (d.cseq, "REGISTER"))
    check(r.status == 200, f"{r}")
    check(s.registration("2063") is None, "still there")


@test()
def lost_connection(t, s):
    """Calls to a phone whose connection is gone are 480; when it comes
    back on another one they reach it there."""
    a = s.secure_agent(t, "2064")
    core, uri = s.call_in(t, "2064")
    media = Media(t)
    ms, bs = media.stream(t.addr()), media.stream(t.addr())
    a.close()
    wait_for(lambda: not s.registration("2064")["connected"], 5,
             "the close to be seen")
    r = core.final(core.invite(None, sip.sdp(bs.host, bs.port), uri=uri))
    check(r.status == 480, f"{r}")
    a = s.secure_agent(t, "2064")
    core, uri = s.call_in(t, "2064")
    da = core.invite(None, sip.sdp(bs.host, bs.port), uri=uri)
    req = a.request("INVITE")
    d = a.accept(req)
    check(req.media()[2] == "RTP/SAVP", f"offered {req.media()}")
    suite, _ = req.crypto()[0]
    a.answer(req, 200, dialog=d, body=sip.sdp(
        ms.host, ms.port, [(suite, sip.new_key(suite))]))
    check(core.final(da).status == 200, "not answered")
    a.request("ACK", dialog=d)
    core.bye(da)
    a.await_bye(d)


@test()
def call_survives_a_new_connection(t, s):
    """The phone's connection breaks during a call and comes back: the
    dialog follows, and the BYE reaches it there."""
    a = s.secure_agent(t, "2065")
    b, number = s.slot_agent(t)
    from test_calls import answered, exchange, streams
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs,
                      [(SUITES[0], sip.new_key(SUITES[0]))])
    a.close()
    wait_for(lambda: not s.registration("2065")["connected"], 5, "the close")
    exchange(ms, bs)  # media does not mind
    again = s.secure_agent(t, "2065")
    b.send("BYE", db)
    again.await_bye(da)
    s.no_call(number)


@test()
def nobody_else_reaches_a_token(t, s):
    """A token that is none: 404, and no call."""
    core, _ = s.slot_agent(t)
    media = Media(t)
    bs = media.stream(t.addr())
    r = core.final(core.invite(None, sip.sdp(bs.host, bs.port),
                               uri=f"sip:no-such-token@{s.core}:5060"))
    check(r.status == 404, f"{r}")


@test()
def storm(t, s):
    """Forty phones come back at once: all are served."""
    begin = time.monotonic()
    agents = [s.secure_agent(t, f"{2070 + n}", register=False)
              for n in range(20)]
    dialogs = []
    for a in agents:
        d = sip.Dialog()
        d.local_uri = d.remote_uri = f"sip:{a.user}@pbx.test"
        a.wire.send(a.build("REGISTER", "sip:pbx.test", d, ["Expires: 60"]))
        dialogs.append(d)
    for a, d in zip(agents, dialogs):
        r = a.response(d.call_id, (d.cseq, "REGISTER"))
        check(r.status == 401, f"{a.user}: {r}")
    for a in agents:
        check(a.register().status == 200, f"{a.user} was not served")
    check(time.monotonic() - begin < 20, "it took too long")
