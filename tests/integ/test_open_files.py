"""Few open files: said at the start, RTCP given up before sound, calls refused
before the last file is taken."""

import re
import time

from kit.env import check, wait_for
from kit.lineside import Lineside
from kit.site import Site
from kit.suite import test
from test_limits import calls_until_refused, room_again

LIMIT = 500


def percent(s):
    return next(x["value"] for x in s.lineside.json(
        "call", "threshold", "status")["thresholds"]
        if x["type"] == "open-files")


def metric(s, name):
    text = s.lineside.command("metrics").stdout
    return int(re.search(rf"^{name} (\d+)", text, re.M)[1])


@test(None, serial=True)
def open_files_run_out(t):
    """500 files and not one more, as a process that is not root: sound goes on
    where RTCP has no socket, then 503 with the threshold's name; when calls
    end, there is room again."""
    s = Site(t, kamailio=False, rtp_max=19998)
    s.lineside = Lineside(t, s.text(), prefix=(
        "setpriv", "--bounding-set=-sys_resource",
        "--inh-caps=-sys_resource", "prlimit", f"--nofile={LIMIT}:{LIMIT}"))
    s.lineside.start()
    check(re.search(rf"%SYS-4-OPEN_FILES: {LIMIT} open files allow about 75 "
                    "calls, `rtp-port range` 904", s.lineside.log()),
          "the limit is not told at the start")
    check(metric(s, "lineside_open_files_limit") == LIMIT, "no gauge")
    a = s.plain_agent(t, "2572")
    b, number = s.slot_agent(t)
    # what is in use is looked at once a second: slower, near the mark
    up, refused = calls_until_refused(
        a, b, number, 150, lambda up: len(up) >= 80 and time.sleep(0.25))
    check(refused is not None and refused.status == 503 and
          "threshold of open-files" in refused.h("warning"),
          f"{len(up)} calls: {refused} {refused and refused.h('warning')}")
    check(percent(s) >= 95, f"{percent(s)} %")
    missed = metric(s, "lineside_media_rtcp_port_failed_total")
    check(missed > 10, f"{missed} legs without RTCP")
    check("%MEDIA-4-RTCP_PORT" in s.lineside.log(), "not told")
    check("%CALL-4-THRESHOLD" in s.lineside.log(), "threshold not told")
    room_again(t, s, a, b, number, up, lambda: wait_for(
        lambda: percent(s) < 50, 5, "the files to be closed"))
    s.no_call(number)
    s.lineside.judge()
