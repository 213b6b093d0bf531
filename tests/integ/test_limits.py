"""Limits that are met: ports, silence."""

import time

from kit import sip
from kit.env import check, wait_for
from kit.suite import test
from test_calls import answered, exchange, streams
from test_reload import reload


@test("embedded", alone=True)
def media_inactivity(t, s):
    """Nothing from either side for three seconds: BYE to both."""
    a = s.plain_agent(t, "2570")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs)
    exchange(ms, bs, 50, 50)
    begin = time.monotonic()
    a.await_bye(da, 10)
    b.await_bye(db, 5)
    took = time.monotonic() - begin
    check(2 < took < 7, f"after {took:.1f} s")
    s.no_call(number)


@test("embedded", alone=True)
def ports_run_out(t, s):
    """A call for which no port is left is refused with 503; when others
    end there is room again."""
    a = s.plain_agent(t, "2571")
    b, number = s.slot_agent(t)
    up, refused = calls_until_refused(a, b, number, 20)
    check(refused is not None and refused.status == 503, f"{refused}")
    check(len(up) == 4, f"{len(up)} calls fitted, not 4")
    room_again(t, s, a, b, number, up)


def calls_until_refused(a, b, number, most, pause=lambda up: None):
    """The pairs of dialogs that came about, and the refusal of the next call
    (None: all `most` came about). pause: called before each with what is up."""
    up = []
    while len(up) < most:
        pause(up)
        d = a.invite(number, sip.sdp(a.wire.local, 40000))
        if _refused(a, d):
            return up, a.final(d)
        m = b._match(5, lambda m: m.method == "INVITE", "INVITE")
        db = b.accept(m)
        b.answer(m, 200, dialog=db, body=sip.sdp(b.wire.local, 40000))
        check(a.final(d).status == 200, "not answered")
        b.request("ACK", dialog=db)
        up.append((d, db))
    return up, None


def room_again(t, s, a, b, number, up, also=lambda: None):
    """Those calls end; the next one is taken, and heard. also: called when
    they are gone."""
    for d, db in up:
        a.bye(d)
        b.await_bye(db)
    wait_for(lambda: not s.legs(), 10, "the calls to be gone")
    s.no_port_used()
    also()
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs)
    exchange(ms, bs, 20, 50)
    a.bye(da)
    b.await_bye(db)


def _refused(a, d):
    """True when the INVITE is answered with a failure at once."""
    m = a.wire.recv(0.2)
    while m is not None:
        a.inbox.append(m)
        m = a.wire.recv(0.05)
    return any(x.status and x.status >= 300 and
               x.h("call-id") == d.call_id for x in a.inbox)


@test("embedded")
def a_phone_that_storms(t, s):
    """One phone asks more than 1200 times in a row: it is told 503 and when
    to come back, and another one registers and calls meanwhile."""
    storm = s.secure_agent(t, "2572")
    other = s.secure_agent(t, "2573", register=False)
    d = sip.Dialog()
    d.local_uri = d.remote_uri = f"sip:2572@{storm.domain}"
    refused = None
    for _ in range(14):
        for _ in range(100):
            d.cseq += 1
            storm.wire.send(storm.build(
                "REGISTER", f"sip:{storm.domain}", d, ["Expires: 300"]))
        last = storm.response(d.call_id, (d.cseq, "REGISTER"), 20)
        storm.inbox.clear()
        if last.status == 503:
            refused = last
            break
    check(refused is not None, "never refused")
    check(refused.h("retry-after") and
          "too many requests" in refused.h("warning"), f"{refused}")
    r = other.register()
    check(r.status == 200, f"the other phone: {r}")
    check(s.lineside.counters()["lineside_sip_phone_limit_total"] > 0,
          "not counted")


@test("reload", alone=True)
def media_threads_refuse_before_they_choke(t, s):
    """A media thread above its mark takes no new call: 503 with Retry-After,
    Reason and Warning. The call that is up goes on, an emergency passes,
    and below the low mark calls are taken again."""
    good = s.text()
    a = s.plain_agent(t, "2580")
    b, number = s.slot_agent(t)
    c, emergency = s.slot_agent(t)
    marks = "call threshold global media-load low 2 high 4\n" \
        f"voice service voip\n emergency {emergency}\n"
    reload(s, good + marks)
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs)
    exchange(ms, bs)

    def load():
        rows = s.lineside.json("call", "threshold", "status")["thresholds"]
        return next(r for r in rows if r["type"] == "media-load")

    ms.send(6000, 0)
    bs.send(6000, 0)
    wait_for(lambda: load()["status"] == "Unavail", 10, "the load to rise")
    d = a.invite("599", sip.sdp(a.wire.local, 40000))
    r = a.final(d)
    check(r.status == 503 and r.h("retry-after") == "2" and
          "cause=42" in r.h("reason") and
          "threshold of media-load" in r.h("warning"), f"got {r}")
    d = a.invite(emergency, sip.sdp(a.wire.local, 40000))
    req = c.request("INVITE")
    c.answer(req, 486, "Busy here", dialog=c.accept(req))
    check(a.final(d).status == 486, "an emergency call is refused")
    ms.stop()
    bs.stop()
    wait_for(lambda: load()["status"] == "Avail", 10, "the load to fall")
    log = s.lineside.log()
    check("CALL-4-THRESHOLD" in log and "CALL-5-THRESHOLD_BELOW" in log,
          "the marks are not logged")
    ms.reset()
    bs.reset()
    exchange(ms, bs)
    a.bye(da)
    b.await_bye(db)
    da, db = answered(t, s, a, b, number, ms, bs)
    a.bye(da)
    b.await_bye(db)
    reload(s, good)


@test("reload", alone=True)
def memory_refuses(t, s):
    """Of the host's memory more than one percent is used, so that calls are
    refused for as long as the configuration says so."""
    good = s.text()
    a = s.plain_agent(t, "2581")
    b, number = s.slot_agent(t)
    reload(s, good + "call threshold global total-mem low 1 high 1\n")
    d = a.invite(number, sip.sdp(a.wire.local, 40000))
    r = a.final(d)
    check(r.status == 503 and "total-mem" in r.h("warning"), f"got {r}")
    shown = s.lineside.show("call", "threshold", "status")
    check("Unavail" in shown and "total-mem" in shown, shown)
    reload(s, good)
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs)
    exchange(ms, bs, 20, 50)
    a.bye(da)
    b.await_bye(db)
