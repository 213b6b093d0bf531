"""The wall's clock is set: a day ahead, a day back. What lasts for a while
lasts as long as before (Debian's faketime in front of the daemon)."""

import glob
import os
import re
import time

from kit.env import Skip, check, wait_for
from kit.lineside import Lineside
from kit.site import Site
from kit.sipp import Sipp
from kit.suite import test
from test_sipp import udp_bound

DAY = 86400
LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"


class Clock:
    """The daemon's wall clock, ours to set; the other clocks are true."""

    def __init__(self, t):
        library = glob.glob(LIBRARY)
        if not library:
            raise Skip("faketime is not installed")
        self.file = t.path("clock")
        self.set(0)
        self.prefix = (
            "env", f"LD_PRELOAD={library[0]}", "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1",
            f"FAKETIME_TIMESTAMP_FILE={self.file}",
            # it comes before the sanitizer, and leaks
            "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0")

    def set(self, seconds):
        with open(f"{self.file}.new", "w") as f:
            f.write(f"{seconds:+d}\n")
        os.rename(f"{self.file}.new", self.file)


def days(s):
    """Of the daemon's dates, by a line of its log."""
    before = len(s.lineside.log())
    s.lineside.reload()
    stamp = re.search(r"(\d{4}-\d\d-\d\d)T", s.lineside.log()[before:])
    check(stamp, "no line has a date")
    then = time.mktime(time.strptime(stamp.group(1), "%Y-%m-%d"))
    today = time.mktime(time.strptime(time.strftime("%Y-%m-%d",
                                                    time.gmtime()),
                                      "%Y-%m-%d"))
    return round((then - today) / DAY)


def call_that_holds(t, s):
    """SIPp on both sides, with session timers, for 16 seconds."""
    addr, number = s.slot(t)
    b = Sipp(t, "held", addr, name="b", steps="""
< INVITE
> 180 INVITE
> 200 INVITE sdp
  Supported: timer
  Session-Expires: 1800;refresher=uac
  Require: timer
< ACK
< BYE
> 200 BYE
""")
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    a = Sipp(t, "holds", t.addr(), f"{s.access}:5060", service="5" + number,
             name="a", steps="""
> INVITE sdp
  Supported: timer
  Session-Expires: 600;refresher=uac
< 180?
< 200
> ACK
wait 16000
> BYE
< 200
""")
    wait_for(lambda: any(leg["state"] == "up" for leg in s.legs("5" + number))
             if s.legs("5" + number) else False, 5, "the call to be up")
    return a, b, "5" + number


def given_up(t, s, name):
    """Nobody answers 85NN, which may ring for 2 s."""
    addr, number = s.slot(t)
    b = Sipp(t, "rings", addr, name=f"b-{name}", steps="""
< INVITE
> 180 INVITE
< CANCEL
> 200 CANCEL
> 487 INVITE
< ACK
""")
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    began = time.monotonic()
    a = Sipp(t, "waits", t.addr(), f"{s.access}:5060", service="85" + number,
             name=f"a-{name}", seconds=10, steps="""
> INVITE sdp
< 180
< 408
> ACK
""")
    a.ok()
    b.ok()
    took = time.monotonic() - began
    check(1.5 < took < 6, f"{name}: rang for {took:.1f} s")


@test(None)
def the_clock_is_set_under_calls(t):
    """A call of 600 s and a registration of 300 s outlive a day that did not
    pass; a ring of 2 s ends when the clock went back a day."""
    clock = Clock(t)
    s = Site(t, kamailio=False)
    more = "".join(f"dial-peer voice {8500 + n} voip\n timeout ring 2\n!\n"
                   for n in range(len(s.slots)))
    s.lineside = Lineside(t, s.text(more), prefix=clock.prefix).start()
    phone = s.secure_agent(t, "2001")
    before = s.registration("2001")
    check(before, "not registered")
    a, b, number = call_that_holds(t, s)
    for seconds in (DAY, 0, -DAY):
        clock.set(seconds)
        check(days(s) == seconds // DAY, f"the clock stands {days(s)} days on")
        given_up(t, s, f"by{seconds}")
        check(len(s.legs(number)) == 2, f"the call ended at {seconds}")
        check(s.registration("2001"), f"not registered at {seconds}")
        check(phone.wire.closed(0.1) is False, "the phone's connection ended")
    a.ok()
    b.ok()
    s.no_call(number)
    s.lineside.judge()
