"""SIP by UDP that loses: SIPp throws away what it sends and what it gets,
and each side repeats what nobody answered."""

import csv
import re
import time

from kit.baresip import Baresip
from kit.env import Skip, check, run, wait_for
from kit.lineside import Lineside
from kit.netns import Net
from kit.site import Site
from kit.sipp import Sipp
from kit.suite import test
from test_peers_die import files
from test_records import records
from test_sipp import udp_bound

CALLS = 70  # of each kind
CALLS_BY_HAND = 12

# What may have been lost is optional. A 2xx to INVITE is repeated until its
# ACK, for which there is time: a re-INVITE that is faster is told 500.
CALLER_HOLDS = """
> INVITE sdp
< 180?
< 200
> ACK
wait 4000
> INVITE sdp=sendonly
< 200
> ACK
wait 4000
> BYE
< 200
"""
CALLED_HOLDS = """
< INVITE
> 180 INVITE
> 200 INVITE sdp
< ACK?
< INVITE
> 200 INVITE sdp=recvonly
< ACK?
< BYE
> 200 BYE
wait 4000
"""
CALLER_CANCELS = """
> INVITE sdp
< 180
> CANCEL
< 200?
< 487
> ACK
"""
CALLED_CANCELS = """
< INVITE
> 180 INVITE
< CANCEL
> 200 CANCEL
> 487 INVITE
< ACK
wait 4000
"""
CALLER_PRACK = """
> INVITE sdp
  Require: 100rel
  Supported: 100rel
< 180 RSeq
> PRACK
< 200
< 200
> ACK
wait 4000
> BYE
< 200
"""
CALLED_PRACK = """
< INVITE
> 180 INVITE
  Require: 100rel
  RSeq: 1
< PRACK
> 200 PRACK
> 200 INVITE sdp
< ACK?
< BYE
> 200 BYE
wait 4000
"""


def outcome(sipp):
    """(calls that went well, that failed) by SIPp's own file."""
    with open(f"{sipp.folder}/stat", newline="") as f:
        last = list(csv.DictReader(f, delimiter=";"))[-1]
    return int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])


class Pair:
    def __init__(self, t, s, name, uac, uas, loss, kind="udp"):
        addr, slot = s.slot(t)
        self.name, self.number = name, f"5{slot}"

        def sipp(side, host, remote, steps, percent):
            folder = f"sipp-{name}_{side}"
            return Sipp(
                t, f"{name}_{side}", host, remote, steps=steps, calls=CALLS,
                rate=20, seconds=120, service=self.number,
                extra=("-lost", percent, "-max_invite_retrans", 9,
                       "-max_non_invite_retrans", 12, "-trace_stat", "-fd", 1,
                       "-stf", f"{t.path(folder, 'stat')}"))
        self.uas = sipp("uas", addr, None, uas, loss[1])
        wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
        self.uac = sipp("uac", t.addr(), f"{s.access}:5060", uac, loss[0])

    def end(self, most):
        """The caller has ended all calls. SIPp gives up what came again when
        it waits for the next already, in so many calls at most."""
        self.uac.proc.wait(130)
        good, bad = outcome(self.uac)
        check(good + bad == CALLS and bad <= most,
              f"{self.name}: {good} good, {bad} bad")


def repeated(sipp, method):
    """(requests of that method that it saw, the calls that they are of)."""
    ids = re.findall(rf"received \[\d+\] bytes :\s+{method} .*?"
                     r"Call-ID: (\S+)", sipp.messages(), re.S)
    return len(ids), len(set(ids))


@test(None, serial=True)
def calls_over_lossy_udp(t):
    """10 to 30 % are lost on either side: each call is one call, ends on both
    sides and has one record; nothing of it stays."""
    s = Site(t, kamailio=False)
    s.records = t.path("records.json")
    rings = "".join(f"dial-peer voice {500 + n} voip\n timeout ring 10\n!\n"
                    for n in range(len(s.slots)))
    s.lineside = Lineside(t, s.text(
        rings + f"gw-accounting file\n primary ifs {s.records}\n!\n")).start()
    before = files(s)
    pairs = [Pair(t, s, "hold", CALLER_HOLDS, CALLED_HOLDS, (20, 10)),
             Pair(t, s, "cancel", CALLER_CANCELS, CALLED_CANCELS, (10, 20)),
             Pair(t, s, "prack", CALLER_PRACK, CALLED_PRACK, (10, 30))]
    for p, most in zip(pairs, (8, 35, 35)):
        p.end(most)
    wait_for(lambda: not s.legs(), 60, "the calls to be gone")
    for p in pairs:
        seen, new = repeated(p.uas, "INVITE")
        check(seen > new == CALLS,
              f"{p.name}: {seen} INVITEs of {new} calls inside")
        rows = [r for r in records(s.records)
                if r["legs"][0]["called"] == p.number]
        ids = {r["legs"][0]["sip_call_id"] for r in rows}
        check(len(rows) == len(ids) == CALLS,
              f"{p.name}: {len(rows)} records of {len(ids)} calls")
    wait_for(lambda: files(s) <= before + 1, 10,  # the records
             f"files: {before} became {files(s)}")
    s.no_port_used()
    log = s.lineside.log()
    bad = re.findall(r"%\w+-[0-3]-\w+.*", log)
    check(not bad, f"{bad[:3]}")
    s.lineside.judge()


CORE, TRUNK, PERCENT = "192.0.2.2", "192.0.2.31", 15


def lossy_wire(t):
    """Two networks, and a wire that loses SIP by UDP either way."""
    nets = near, far = Net(t), Net(t)
    near.wire(f"{CORE}/24", far, f"{TRUNK}/24")
    for net in nets:  # what comes: who sends must not be told
        with net:
            done = run(["nft", "table ip lossy { chain input {"
                        " type filter hook input priority 0; udp dport 5060"
                        f" numgen random mod 100 < {PERCENT} counter drop;"
                        " }; }"])
        if done.returncode != 0:
            raise Skip(f"no packets can be dropped here: {done.stderr}")
    return nets


def dropped(net):
    return int(re.search(r"counter packets (\d+)", net.run(
        "nft", "list", "table", "ip", "lossy")).group(1))


@test(None, serial=True)
def phone_calls_over_a_lossy_wire(t):
    """baresip by TLS and SRTP calls baresip behind a wire that loses a seventh
    of all SIP: each call comes up, is held, goes on, and ends on both sides,
    whoever hangs up."""
    near, far = lossy_wire(t)
    s = Site(t, kamailio=False)
    s.core, s.slots[0], s.records = CORE, TRUNK, t.path("records.json")
    with near:
        s.lineside = Lineside(t, s.text(
            f"gw-accounting file\n primary ifs {s.records}\n!\n")).start()
        phone = s.secure_phone(t, "2001", 500)
    with far:
        trunk = Baresip(t, "500", 700, domain=CORE, host=TRUNK, regint=0,
                        port=5060).start()
    for n in range(CALLS_BY_HAND):
        phone.mark()
        trunk.mark()
        phone.dial("500")
        phone.event("CALL_ESTABLISHED", 30)
        trunk.event("CALL_ESTABLISHED", 30)
        time.sleep(0.3)
        phone.hold()
        wait_for(lambda: any(leg["hold"] for leg in s.legs("500")), 30,
                 f"call {n} to be held")
        phone.resume()
        wait_for(lambda: not any(leg["hold"] for leg in s.legs("500")), 30,
                 f"call {n} to go on")
        (trunk if n % 2 else phone).hangup()
        phone.event("CALL_CLOSED", 40)
        trunk.event("CALL_CLOSED", 40)
        s.no_call("500", 60)
    lost = dropped(near), dropped(far)
    check(min(lost) > CALLS_BY_HAND // 4, f"hardly anything was lost: {lost}")
    rows = records(s.records)
    check([r["released_by"] for r in rows] ==
          ["caller", "called"] * (CALLS_BY_HAND // 2), f"{rows}")
    s.lineside.judge()
