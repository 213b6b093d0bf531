"""Answers that nobody can use end the call on both sides, with the cause;
dial-peers count what became of their calls. SIPp on both sides."""

import re

from kit.env import check, run, wait_for
from kit.sipp import Sipp
from kit.suite import test
from test_sipp import udp_bound

SDP = """
  Content-Type: application/sdp
  | v=0
  | o=- 1 1 IN IP4 [local_ip]
  | s=-
  | c=IN IP4 [local_ip]
  | t=0 0
  | m=audio {port} RTP/AVP {pt}
"""


def ended(t, s, name, answer, status, cause, warning):
    addr, number = s.slot(t)
    number = "5" + number
    uas = Sipp(t, f"{name}_uas", addr, steps=f"""
< INVITE
> 200 INVITE{answer}
< ACK
< BYE Q.850;cause={cause}
  SIP;cause={status}
> 200 BYE
""")
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    uac = Sipp(t, f"{name}_uac", t.addr(), f"{s.access}:5060",
               service=number, steps=f"""
> INVITE sdp
< {status} Q.850;cause={cause}
  Warning: {warning}
  !{addr}
> ACK
""")
    uac.ok()
    uas.ok()
    s.no_call(number)


@test()
def answer_without_description(t, s):
    ended(t, s, "no_sdp", "", 488, 65, "399")


@test()
def answer_nobody_can_read(t, s):
    ended(t, s, "bad_sdp", """
  Content-Type: application/sdp
  | v=0
  | m=audio
""", 502, 111, "399")


@test()
def answer_with_a_codec_not_offered(t, s):
    ended(t, s, "codec", SDP.format(port="[media_port]", pt=18), 488, 65,
          "305")


@test()
def answer_without_audio(t, s):
    ended(t, s, "port0", SDP.format(port=0, pt=0), 488, 65, "304")


@test()
def dial_peers_count(t, s):
    addr, number = s.slot(t)
    tag = 500 + int(number)
    number = "5" + number

    def peer():
        rows = s.lineside.json("dial-peer", "voice", str(tag))["dial_peers"]
        return rows[0]

    def call(name, uas, uac):
        b = Sipp(t, f"{name}_uas", addr, steps=uas)
        wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
        a = Sipp(t, f"{name}_uac", t.addr(), f"{s.access}:5060",
                 service=number, steps=uac)
        a.ok()
        b.ok()
        s.no_call(number)

    had = peer()  # tests before this one may have had the slot
    call("busy", "< INVITE\n> 486 INVITE\n< ACK\n",
         "> INVITE sdp\n< 486\n> ACK\n")
    call("long", "< INVITE\n> 200 INVITE sdp\n< ACK\n< BYE\n> 200 BYE\n",
         "> INVITE sdp\n< 200\n> ACK\nwait 1200\n> BYE\n< 200\n")
    p = peer()
    new = {k: p[k] - had[k]
           for k in ("calls_out", "answered", "failed_busy", "seconds")}
    check(new == {"calls_out": 2, "answered": 1, "failed_busy": 1,
                  "seconds": 1}, new)
    check((p["current"], p["last_cause"]) == (0, 16), p)
    text = s.lineside.show("dial-peer", "voice", str(tag))
    check(re.search(rf"Successful Calls\s*= {p['answered']}\n", text),
          text)
    s.lineside.reload()
    check(peer()["calls_out"] == p["calls_out"], "a reload has forgotten them")
    metrics = s.lineside.command("metrics").stdout
    family = "lineside_dial_peer_calls_total"
    mine = [line for line in metrics.splitlines()
            if line.startswith(family) and 'way="out"' in line]
    check(len(mine) == 101, f"{len(mine)} samples")  # 100 and the others


@test("embedded")
def counters_begin_anew(t, s):
    uac = Sipp(t, "nobody", t.addr(), f"{s.access}:5060", service="2098",
               steps="> INVITE sdp\n< 480\n> ACK\n")
    uac.ok()

    def failed():
        rows = s.lineside.json("dial-peer", "voice", "105")["dial_peers"]
        return sum(v for k, v in rows[0].items() if k.startswith("failed_"))

    check(failed() >= 1, "not counted")
    done = s.lineside.command("clear", "counters")
    check(done.returncode == 0, done.stderr)
    check(failed() == 0, "still there")
