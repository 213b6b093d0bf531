"""Peers that die with a call in hand: when the other side hears of it, and
what the record says. SIPp on both sides; one of them is killed."""

import os
import signal
import threading
import time

from kit import sip
from kit.env import check, listening, wait_for
from kit.lineside import Lineside
from kit.site import Site
from kit.sipp import Sipp
from kit.suite import test
from test_killed import ANSWERS, CALLS
from test_open_files import metric
from test_records import record_of
from test_sipp import udp_bound

LONG = "wait 90000\n"
BYE = "< BYE\n> 200 BYE\n"
RINGS = "< INVITE\n> 180 INVITE\n"


def states(s, number):
    return [x["state"] for x in s.legs(number)]


def files(s):
    """Open ones, but for the pairs of ports that wait for the next call."""
    return s.lineside.fds() - 2 * metric(s, "lineside_media_ports_kept")


class Case:
    """`dies`: "a" or "b", as soon as the call is in `state`; the other one's
    last message comes between `least` and `most` seconds after that. The
    record has `want`."""

    def __init__(self, name, dies, state, a, b, least, most, kind="udp",
                 **want):
        self.name, self.dies = name, dies
        self.state = [[state] * 2]
        self.a, self.b, self.kind = a, b, kind
        self.least, self.most, self.want = least, most, want

    def begin(self, t, s):
        self.s = s
        addr, slot = s.slot(t)
        tcp = self.kind == "tcp"
        self.number = ("6" if tcp else "5") + slot
        b = Sipp(t, f"{self.name}_uas", addr, steps=self.b, seconds=100,
                 transport="t1" if tcp else "u1")
        wait_for(lambda: (listening if tcp else udp_bound)(addr, 5060), 5,
                 "sipp to listen")
        a = Sipp(t, f"{self.name}_uac", t.addr(), f"{s.access}:5060",
                 service=self.number, steps=self.a, seconds=100,
                 transport="t1" if tcp else "u1")
        wait_for(lambda: states(s, self.number) in self.state, 10,
                 f"{self.name} to be {self.state}")
        self.dead, self.left = (a, b) if self.dies == "a" else (b, a)
        self.dead.proc.stop(sig=signal.SIGKILL)
        self.at, self.took = time.monotonic(), None
        self.watch = threading.Thread(target=self._watch)
        self.watch.start()

    def _watch(self):
        self.left.proc.wait(110)  # SIPp itself ends before
        self.took = time.monotonic() - self.at

    def end(self):
        self.watch.join()
        self.left.ok()
        check(self.least < self.took < self.most,
              f"{self.name}: heard after {self.took:.1f} s")
        row = record_of(self.s, self.number)
        got = {k: row.get(k) for k in self.want}
        check(got == self.want, f"{self.name}: {got}; {row}")


CASES = [
    Case("callee_rings", "b", "ringing", "> INVITE sdp\n< 180\n< 408\n> ACK\n",
         RINGS + LONG, 0, 6, answered=False, sip=408),
    Case("callee_rings_tcp", "b", "ringing",
         "> INVITE sdp\n< 180\n< 503\n> ACK\n",
         RINGS + LONG, 0, 6, kind="tcp", answered=False, sip=503),
    Case("caller_rings", "a", "ringing", "> INVITE sdp\n< 180\n" + LONG,
         RINGS + "< CANCEL\n> 200 CANCEL\n> 487 INVITE\n< ACK\n", 0, 6,
         answered=False),
    Case("no_ack", "a", "up", "> INVITE sdp\n< 180\n< 200\n" + LONG,
         ANSWERS + BYE, 30, 36, sip=200, released_by="lineside",
         reason="our answer was not acknowledged"),
    Case("re_invite", "b", "up",
         CALLS + "wait 1000\n> INVITE sdp=sendonly\n< 503\n> ACK\n" + BYE,
         ANSWERS + LONG, 0, 64, answered=True, released_by="lineside"),
    Case("bye", "b", "up", CALLS + "wait 1000\n> BYE\n< 200\n",
         ANSWERS + LONG, 0, 3, answered=True, released_by="caller"),
    Case("up", "b", "up", CALLS + BYE, ANSWERS + LONG, 0, 64, answered=True,
         released_by="lineside", reason="no media came for too long"),
    Case("up_tcp", "b", "up", CALLS + BYE, ANSWERS + LONG, 0, 64, kind="tcp",
         answered=True, released_by="lineside"),
]


@test(None)
def each_way_to_die(t):
    """All at once at one daemon; at the end nothing of them is left."""
    s = Site(t, kamailio=False, inactivity=50)
    s.records = t.path("records.json")
    more = "".join(f"dial-peer voice {d + n} voip\n timeout ring 4\n!\n"
                   for n in range(len(s.slots)) for d in (500, 600))
    s.lineside = Lineside(t, s.text(
        more + f"gw-accounting file\n primary ifs {s.records}\n!\n")).start()
    before = files(s)
    for c in CASES:
        c.begin(t, s)
    errors = []
    for c in CASES:
        try:
            c.end()
        except AssertionError as e:
            errors.append(str(e)[:600])
    check(not errors, "\n".join(errors))
    wait_for(lambda: not s.legs(), 45, "calls to be gone")
    wait_for(lambda: files(s) <= before + 1, 10,  # the records
             f"files: {before} became {files(s)}")
    s.lineside.judge()


@test("embedded", serial=True)
def phone_on_tls_dies(t, s):
    """baresip by TLS is killed, no close_notify comes. While it rings, who
    calls hears 503 at once; in a call the silence ends it, and the BYE that
    nobody takes keeps nothing."""
    before = files(s)
    for state in "ringing", "up":
        b, number = s.slot_agent(t)
        phone = s.secure_phone(t, "2059", 500, name=f"phone-{state}")
        row = s.registration("2059")
        d = b.invite("2059", sip.sdp(b.wire.local, 40000),
                     uri=f"sip:{row['token']}@{s.core}:5060")
        if state == "ringing":
            check(b.progress(d).status == 180, "it does not ring")
        else:
            b.progress(d)
            phone.command("accept")
            check(b.final(d).status == 200, "not answered")
        os.kill(phone.proc.pid, signal.SIGKILL)
        if state == "ringing":
            r = b.final(d, 5)
            check(r.status == 503 and "unreachable" in r.h("warning"), f"{r}")
        else:
            b.await_bye(d, 8)
        wait_for(lambda: not s.legs(), 45, "the call to be gone")
    wait_for(lambda: files(s) <= before, 10, f"files: {before}, {files(s)}")
