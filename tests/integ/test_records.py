"""Records of calls (gw-accounting): read by Python's JSON and by jq."""

import json
import os
import re
import shutil
import time

from kit.env import check, run, wait_for
from kit.lineside import Lineside
from kit.site import Site
from kit.sipp import Sipp
from kit.suite import test
from test_phones import hang_up, talk
from test_sipp import udp_bound

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def records(path):
    """All of the file; every line is whole."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    check(text.endswith("\n"), f"a line is cut: {text[-200:]}")
    return [json.loads(line) for line in text.splitlines()]


def record_of(s, number, path=None):
    """The record of the call to that number; other tests call, too."""
    def found():
        rows = [r for p in (path or s.records, s.records + ".1")
                if os.path.exists(p) for r in records(p)
                if r["legs"][0]["called"] == number]
        return rows[0] if rows else None
    wait_for(found, 10, f"the record of {number}")
    return found()


@test("records")
def answered(t, s):
    """A phone with TLS and SRTP calls one that has SRTP as well: both legs,
    who they are, how it sounded and how it ended."""
    a = s.secure_phone(t, "2060", 500)
    b = s.secure_phone(t, "2061", 800)
    talk(a, b, "2061", 2.0)
    hang_up(a, b)
    s.no_call("2061")
    r = record_of(s, "2061")
    check(r["answered"] and r["sip"] == 200 and r["q850"] == 16, r)
    check(r["released_by"] == "caller" and r["seconds"] >= 1, r)
    check(all(TIME.match(r[k]) for k in ("setup", "alert", "connect",
                                         "disconnect")), r)
    check(r["setup"] <= r["alert"] <= r["connect"] < r["disconnect"], r)
    check([leg["leg"] for leg in r["legs"]] == ["A", "B"], r)
    for leg in r["legs"]:
        check(leg["calling"] == "2060" and leg["called"] == "2061", leg)
        check(leg["transport"] == "tls" and
              leg["tls_version"].startswith("TLS1."), leg)
        check(leg["srtp"] and leg["srtp_suite"] and
              not leg["srtp_fallback"], leg)
        check("SEP00000000206" in leg["tls_identity"], leg)
        check(leg["codec"] == "PCMU/8000" and leg["dtmf"] == "rtp-nte", leg)
        check(leg["rx_packets"] > 50 and leg["tx_packets"] > 50 and
              leg["rx_bytes"] > 8000 and leg["jitter_us"] < 1000000, leg)
        check(leg["rx_mos_hundredths"] > 400, leg)
        check(leg["dial_peer"] == 100 and leg["lost"] == 0, leg)
    check(r["legs"][0]["sip_call_id"] != r["legs"][1]["sip_call_id"], r)
    if shutil.which("jq"):
        done = run(["jq", "-es", ".[-1].legs[1].srtp", s.records], 10)
        check(done.stdout == "true\n", done.stdout + done.stderr)


@test("records")
def refused(t, s):
    """Nobody there; and a number that no dial-peer has: one leg only."""
    for number, sip, q850, legs in (("8001", 503, 41, 2), ("999", 404, 1, 1)):
        uac = Sipp(t, f"refused-{number}", t.addr(), f"{s.access}:5060",
                   service=number, steps=f"> INVITE sdp\n< {sip}\n> ACK\n")
        uac.ok()
        r = record_of(s, number)
        check(not r["answered"] and r["seconds"] == 0, r)
        check(r["released_by"] == "lineside" and r["sip"] == sip and
              r["q850"] == q850, r)
        check(r["reason"] and "connect" not in r, r)
        check(len(r["legs"]) <= legs, r)
        check(r["legs"][0]["called"] == number, r)


@test("records")
def told_by_the_called_side(t, s):
    """The cause that the far end gave, whoever it was (RFC 6432)."""
    addr, number = s.slot(t)
    uas = Sipp(t, "cause_uas", addr, steps="""
< INVITE
> 180 INVITE
> 200 INVITE sdp
< ACK
> BYE
  Reason: SIP;cause=200;text="x, y", Q.850;cause=38;text="out"
< 200
""")
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    uac = Sipp(t, "cause_uac", t.addr(), f"{s.access}:5060",
               service="5" + number, steps="""
> INVITE sdp
< 180
< 200
> ACK
< BYE Q.850;cause=38
> 200 BYE
""")
    uac.ok()
    uas.ok()
    r = record_of(s, "5" + number)
    check(r["released_by"] == "called" and r["q850"] == 38, r)
    check(r["cause"] == "network out of order", r)


@test("records", alone=True)
def moved_away(t, s):
    """logrotate moves the file: the next record is in a new one."""
    def call(number):
        Sipp(t, f"moved-{number}", t.addr(), f"{s.access}:5060",
             service=number, steps="> INVITE sdp\n< 404\n> ACK\n").ok()
        return record_of(s, number)

    call("9970")
    os.rename(s.records, s.records + ".1")
    call("9971")
    check([r["legs"][0]["called"] for r in records(s.records)] == ["9971"],
          "more than one in the new file")
    check(records(s.records + ".1"), "the old one is empty")


@test(site=None)
def disk_full(t):
    """What cannot be written is told once and counted; calls go on, and
    records after it are whole."""
    site = Site(t, kamailio=False)
    path = t.path("calls.json")
    more = "gw-accounting file\n primary ifs {}\n!\n"
    lineside = site.lineside = Lineside(
        t, site.text(more.format("/dev/full"))).start()

    def call():
        Sipp(t, f"full-{time.monotonic_ns()}", t.addr(),
             f"{site.access}:5060", service="999",
             steps="> INVITE sdp\n< 404\n> ACK\n").ok()

    def counter(name):
        return lineside.counters()[f"lineside_cdr_{name}_total"]

    for _ in range(3):
        call()
    wait_for(lambda: counter("lost") == 3, 10, "the loss to be counted")
    check(lineside.log().count("%CALL-3-RECORDS_LOST") == 1, "not told once")
    lineside.config(site.text(more.format(path)))
    lineside.reload()
    call()
    wait_for(lambda: counter("written") == 1, 10, "a record")
    check("%CALL-5-RECORDS_AGAIN" in lineside.log(), "not told")
    check(len(records(path)) == 1, "not whole")
    lineside.judge()


@test(site=None)
def half_a_line_from_before(t):
    """The machine lost power in the middle of a record: the next ones are
    lines of their own."""
    site = Site(t, kamailio=False)
    path = t.write("calls.json", '{"version":1,"host":"edge1","ca')
    site.lineside = Lineside(t, site.text(
        f"gw-accounting file\n primary ifs {path}\n!\n")).start()
    for n in range(2):
        Sipp(t, f"after-{n}", t.addr(), f"{site.access}:5060", service="999",
             steps="> INVITE sdp\n< 404\n> ACK\n").ok()

    def lines():
        with open(path, encoding="utf-8") as f:
            return f.read().split("\n")
    wait_for(lambda: len(lines()) == 4, 10, "two records")
    check([json.loads(x)["sip"] for x in lines()[1:3]] == [404, 404],
          f"{lines()}")
    site.lineside.judge()


@test(site=None)
def refused_before(t):
    """What is refused before it is a call: a loop of its own, an extension
    that we do not know, more calls than there may be. One leg, the reason, no
    number of a call; in the log as well, as the same line."""
    site = Site(t, kamailio=False)
    path, caller = t.path("calls.json"), t.addr()
    lineside = site.lineside = Lineside(t, site.text(
        f"gw-accounting file\n primary ifs {path}\n!\n"
        "gw-accounting syslog\n"
        "call spike 1 steps 10 size 2000\n!\n")).start()
    for number, sip, more in (("7001", 420, "  Require: nothing-we-know\n"),
                              ("999", 404, ""), ("7003", 503, "")):
        Sipp(t, f"before-{number}", caller, f"{site.access}:5060",
             service=number,
             steps=f"> INVITE sdp\n{more}< {sip}\n> ACK\n").ok()
    wait_for(lambda: os.path.exists(path) and len(records(path)) == 3, 10,
             "three records")
    rows = {r["legs"][0]["called"]: r for r in records(path)}
    for number, sip, reason in (
            ("7001", 420, "an extension is required"),
            ("7003", 503, "too many calls come at once")):
        r = rows[number]
        check("call" not in r and not r["answered"], r)
        check(r["sip"] == sip and r["reason"] == reason, r)
        check(r["released_by"] == "lineside" and r["q850"], r)
        check(len(r["legs"]) == 1 and r["legs"][0]["leg"] == "A", r)
        check(r["legs"][0]["transport"] == "udp" and
              r["legs"][0]["sip_call_id"] and
              r["legs"][0]["signalling"].startswith(caller + ":"), r)
    check(rows["999"]["call"] > 0, rows["999"])
    logged = re.findall(r"%CALL-5-RECORD: (\{.*\})", lineside.log())
    check([json.loads(x) for x in logged] == records(path),
          f"log and file differ: {logged}")
