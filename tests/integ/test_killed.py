"""Lineside itself dies, is ended, is told to read its file twenty times: what
the others hear of it, and how it comes back."""

import os
import random
import signal
import time

from kit.env import check, listening, wait_for
from kit.lineside import Lineside
from kit.site import Site
from kit.sipp import Sipp
from kit.suite import test
from test_outside import begin
from test_records import records
from test_sipp import udp_bound


class Box(Site):
    """A site of one test's own: itself the registrar, with records."""

    def __init__(self, t):
        super().__init__(t, kamailio=False)
        self.records = t.path("records.json")
        self.lineside = Lineside(t, self.text(
            f"gw-accounting file\n primary ifs {self.records}\n!\n")).start()

    def killed(self):
        """kill -9, and at once started again; seconds until it answers."""
        os.kill(self.lineside.pid, signal.SIGKILL)
        self.lineside.proc.wait(5)
        began = time.monotonic()
        self.lineside.start()
        return time.monotonic() - began

    def pair(self, t, name, uac, uas, state):
        """SIPp on both sides; waits until the call is in that state."""
        addr, number = self.slot(t)
        b = Sipp(t, f"{name}_uas", addr, steps=uas)
        wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
        a = Sipp(t, f"{name}_uac", t.addr(), f"{self.access}:5060",
                 service=f"5{number}", steps=uac)
        wait_for(lambda: [leg["state"] for leg in self.legs(f"5{number}")] ==
                 [state] * 2, 10, f"{name} to be {state}")
        return a, b


ANSWERS = """
< INVITE
> 180 INVITE
> 200 INVITE sdp
< ACK
"""
CALLS = """
> INVITE sdp
< 180
< 200
> ACK
"""
GONE = """
> {0}
< 481
"""


def subscribed(t, s, phone):
    """Someone inside watches the phone's keys: he, and his dialog."""
    core, uri = s.call_in(t, phone.user)
    d = begin(core, uri)
    cseq = core.send("SUBSCRIBE", d, ["Event: kpml", "Expires: 30"],
                     "<kpml-request/>", "application/kpml-request+xml")
    got = phone.request("SUBSCRIBE")
    near = phone.accept(got)
    phone.answer(got, 200, dialog=near, headers=["Expires: 30"])
    r = core.response(d.call_id, cseq)
    check(r.status == 200, f"SUBSCRIBE: {r}")
    core.learn(d, r)
    return core, d


@test(None)
def killed_and_started_again(t):
    """With a phone, its lamps and calls up. The ports and the control socket
    are taken at once; who goes on with a call or a subscription of before hears
    481; the phone comes back, is called and watched."""
    s = Box(t)
    phone = s.secure_agent(t, "2001")
    core, watched = subscribed(t, s, phone)
    pairs = [
        s.pair(t, "bye", CALLS + "wait 9000" + GONE.format("BYE"),
               ANSWERS + "wait 9000" + GONE.format("BYE"), "up"),
        s.pair(t, "hold", CALLS + "wait 9000" +
               GONE.format("INVITE sdp=sendonly") + "> ACK\n",
               ANSWERS + "wait 9000" + GONE.format("UPDATE"), "up"),
        s.pair(t, "keys", CALLS + "wait 9000" + GONE.format("INFO"),
               ANSWERS + "wait 9000" + GONE.format("INVITE sdp") + "> ACK\n",
               "up")]
    took = s.killed()
    check(took < 10, f"it took {took:.1f} s")
    check(phone.wire.closed(1), "the phone's connection goes on")
    check(s.legs() == [], f"calls of before: {s.legs()}")
    r = core.ask("SUBSCRIBE", watched, ["Event: kpml", "Expires: 30"],
                 "<kpml-request/>", "application/kpml-request+xml")
    check(r.status == 481, f"the subscription of before: {r}")
    for a, b in pairs:
        a.ok()
        b.ok()
    phone = s.secure_agent(t, "2001")
    subscribed(t, s, phone)
    core, uri = s.call_in(t, "2001")
    d = core.invite("2001", uri=uri)
    invite = phone.request("INVITE")
    phone.answer(invite, 486, "Busy")
    check(core.final(d).status == 486, "the phone is not reached")
    s.lineside.judge()


@test(None)
def killed_at_any_moment(t):
    """Eight times, while calls come and go and the file is read: it starts
    each time, and no record is cut."""
    s = Box(t)
    rnd = random.Random(11)
    for n in range(8):
        addr, number = s.slot(t)
        b = Sipp(t, "basic_uas", addr, calls=1000, name=f"b{n}")
        wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
        a = Sipp(t, "basic_uac", t.addr(), f"{s.access}:5060", calls=1000,
                 service=f"5{number}", rate=40, name=f"a{n}")
        os.kill(s.lineside.pid, signal.SIGHUP)
        time.sleep(0.2 + rnd.random())
        s.killed()
        a.proc.stop(sig=signal.SIGKILL)
        b.proc.stop(sig=signal.SIGKILL)
        check(listening(s.access, 5061), "the phones' port is shut")
    rows = records(s.records)
    check(len(rows) > 8 and all(r["sip"] == 200 or r["sip"] == 487 or
                                r["sip"] >= 400 for r in rows), f"{rows[:3]}")
    s.lineside.judge()


@test(None)
def ended_under_calls(t):
    """SIGTERM: BYE to both sides of a call that is up; one that rings is
    refused to who calls and cancelled to who is called; each has its record;
    whoever does not answer is not waited for."""
    s = Box(t)
    a, b = s.pair(t, "up", CALLS + "< BYE\n> 200 BYE\n",
                  ANSWERS + "< BYE\n> 200 BYE\n", "up")
    c, d = s.pair(t, "rings", "> INVITE sdp\n< 180\n< 503\n> ACK\n",
                  "< INVITE\n> 180 INVITE\n< CANCEL\n> 200 CANCEL\n"
                  "> 487 INVITE\n< ACK\n", "ringing")
    e, f = s.pair(t, "mute", CALLS + "< BYE\nwait 1000\n",
                  ANSWERS + "< BYE\nwait 1000\n", "up")
    began = time.monotonic()
    check(s.lineside.proc.stop(20) == 0, "it did not end well")
    took = time.monotonic() - began
    check(took < 8, f"it took {took:.1f} s")
    for x in a, b, c, d, e, f:
        x.ok()
    rows = records(s.records)
    why = ("lineside", "the service is being stopped")
    check(sorted((r["answered"], r["released_by"], r["reason"])
                 for r in rows) ==
          [(False, *why), (True, *why), (True, *why)], f"{rows}")
    check("SYS-5-STOPPED" in s.lineside.log(), "no last word")


@test(None)
def told_to_reload_twenty_times(t):
    """Twenty SIGHUPs in a second, calls up and more coming: none is lost, and
    the last file is in force."""
    s = Box(t)
    phone = s.secure_agent(t, "2001")
    addr, number = s.slot(t)
    b = Sipp(t, "basic_uas", addr, calls=60)
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    a, d = s.pair(t, "stays", CALLS + "wait 5000\n> BYE\n< 200\n",
                  ANSWERS + "< BYE\n> 200 BYE\n", "up")
    c = Sipp(t, "basic_uac", t.addr(), f"{s.access}:5060", calls=60, rate=30,
             service=f"5{number}", name="c")
    text = s.text(f"gw-accounting file\n primary ifs {s.records}\n!\n")
    for n in range(20):
        s.lineside.config(text.replace(
            f"hostname {t.name}", f"hostname storm{n}"))
        os.kill(s.lineside.pid, signal.SIGHUP)
        time.sleep(0.05)
    for x in c, b, a, d:
        x.ok()
    wait_for(lambda: "hostname storm19" in
             s.lineside.show("running-config"), 10, "the last file")
    check(not phone.wire.closed(0.1), "the phone's connection ended")
    check(phone.register().status == 200, "the phone is not known")
    wait_for(lambda: not s.legs(), 10, "calls to be gone")
    wait_for(lambda: len(records(s.records)) == 61, 10, "61 records")
    c = s.lineside.counters()
    check(c["lineside_calls_failed_total"] == 0, f"{c}")
    s.lineside.judge()
