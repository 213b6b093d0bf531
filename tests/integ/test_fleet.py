"""A fleet of phones restarts while calls are up; tests/bench/fleet is the
same with large numbers."""

import os
import signal
import threading
import time

from kit import sip
from kit.boot import Boot
from kit.env import check
from kit.fleet import Files, Fleet, device
from kit.media import Media
from kit.site import SUITES
from kit.suite import test
from test_boot import signed_payload
from test_calls import answered
from test_reload import reload


def calls_with_media(t, s, count, phones=10):
    """SRTP outside, all suites in turn, RTP inside, 50 packets a second each
    way: pairs of streams."""
    media = Media(t)
    agents = [s.secure_agent(t, f"{2050 + n}", register=False)
              for n in range(phones)]
    b, number = s.slot_agent(t)
    outside, inside, calls = t.addr(), t.addr(), []
    for n in range(count):
        ms, bs = media.stream(outside), media.stream(inside)
        suite = SUITES[n % len(SUITES)]
        answered(t, s, agents[n % phones], b, number, ms, bs,
                 [(suite, sip.new_key(suite))])
        calls.append((ms, bs))
    for n, (ms, bs) in enumerate(calls):
        ms.send(50, 0, n * 7 % 20)
        bs.send(50, 0, n * 11 % 20)
    return calls


def lost(calls):
    """Ends the media; packets that did not come, or came wrong."""
    for pair in calls:
        for x in pair:
            x.stop()
    time.sleep(0.5)  # the last packets arrive
    out = 0
    for ms, bs in calls:
        for me, far in ((ms, bs), (bs, ms)):
            st = me.stats()
            out += far.stats()["sent"] - st["received"] + st["auth_failed"]
    return out


def restart(t, files, count, by_http, seconds):
    """All phones boot; every file is whole."""
    fleet = Fleet(files.access, files.tftp, files.http, count, by_http)
    fleet.run(seconds)
    check(len({data for p in fleet.phones for name, data in p.got.items()
               if name.startswith("CTL")}) == 1, "phones got different lists")
    for p in fleet.phones:
        name = next(n for n in p.got if n.endswith(".sgn"))
        config = signed_payload(p.got[name])
        check(files.access.encode() in config and b"192.0.2.11" not in config
              and config.endswith(b"</device>\n"), f"{name}: {config[-80:]}")
    return fleet


def proxy(s):
    return s.lineside.json("voice-phone-proxy")["phone_proxies"][0]


@test("reload", alone=True)
def phones_restart_during_calls(t, s):
    """120 phones at once, a quarter by HTTP, at most 20 transfers at a time,
    beside 20 calls: everybody boots, who is refused learns it at once, no
    packet is lost."""
    files = Files(t, s, 120)
    reload(s, s.text() + files.text.replace(
        " complete\ndial-peer", " max-concurrent-sessions 20\n complete\n"
        "dial-peer"))
    calls = calls_with_media(t, s, 20)
    fleet = restart(t, files, 120, 4, 60)
    row = proxy(s)
    check(row["tftp_sessions"] == 0, f"transfers are left: {row}")
    check(fleet.busy > 0 and row["tftp_busy"] + row["http_busy"] > 0,
          "the cap was never reached")
    check(fleet.slowest_no() < 5, f"a refusal took {fleet.slowest_no()} s")
    n = lost(calls)
    check(n == 0, f"{n} packets were lost")
    reload(s, s.text())


@test(None, alone=True)
def phones_restart_while_the_call_manager_hangs(t):
    """It wakes up after five seconds: everybody has booted soon after, and
    nobody was left without an answer."""
    b = Boot(t)
    for n in range(150):
        b.put(f"{device(n)}.cnf.xml", b.config())
    os.kill(b.tftpd.pid, signal.SIGSTOP)
    waker = threading.Timer(5, lambda: os.kill(b.tftpd.pid, signal.SIGCONT))
    t.at_end(waker.cancel)
    waker.start()
    fleet = Fleet(b.access, b.tftp, b.http, 150, 3).run(60)
    check(min(p.end for p in fleet.phones) - fleet.begin > 4,
          "it did not hang")
    row = b.lineside.json("voice-phone-proxy")
    check(row["files"]["fetching"] == 0, f"{row['files']}")
    b.lineside.judge()
