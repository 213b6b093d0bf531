"""Few open files: said at the start, RTCP given up before sound, calls refused
before the last file is taken."""

import re
import time

from kit import sip
from kit.env import check, wait_for
from kit.lineside import Lineside
from kit.site import Site
from kit.suite import test
from test_calls import answered, exchange, streams
from test_limits import _refused

LIMIT = 500


def percent(s):
    return next(x["value"] for x in s.lineside.json(
        "call", "threshold", "status")["thresholds"]
        if x["type"] == "open-files")


def metric(s, name):
    text = s.lineside.command("metrics").stdout
    return int(re.search(rf"^{name} (\d+)", text, re.M)[1])


@test(None, alone=True)
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
    up, refused = [], None
    while refused is None and len(up) < 150:
        # looked at once a second: near the mark that is waited for
        if len(up) >= 80:
            time.sleep(0.25)
        d = a.invite(number, sip.sdp(a.wire.local, 40000))
        m = b._match(5, lambda m: m.method == "INVITE", "INVITE") \
            if not _refused(a, d) else None
        if m is None:
            refused = a.final(d)
            break
        db = b.accept(m)
        b.answer(m, 200, dialog=db, body=sip.sdp(b.wire.local, 40000))
        check(a.final(d).status == 200, "not answered")
        b.request("ACK", dialog=db)
        up.append((d, db))
    check(refused is not None and refused.status == 503 and
          "threshold of open-files" in refused.h("warning"),
          f"{len(up)} calls: {refused} {refused and refused.h('warning')}")
    check(percent(s) >= 95, f"{percent(s)} %")
    missed = metric(s, "lineside_media_rtcp_port_failed_total")
    check(missed > 10, f"{missed} legs without RTCP")
    check("%MEDIA-4-RTCP_PORT" in s.lineside.log(), "not told")
    check("%CALL-4-THRESHOLD" in s.lineside.log(), "threshold not told")
    for d, db in up:
        a.bye(d)
        b.await_bye(db)
    wait_for(lambda: not s.legs(), 10, "the calls to be gone")
    wait_for(lambda: percent(s) < 50, 5, "the files to be closed")
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs)
    exchange(ms, bs, 20, 50)
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)
    s.lineside.judge()
