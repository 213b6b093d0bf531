"""The doctor on calls that are up: sound that goes one way, and why."""

import json

from kit import sip
from kit.env import check, run, wait_for
from kit.media import Media
from kit.suite import test
from test_calls import answered, streams
from test_quality import described_from_home, leg, one_way


def doctor(t, s):
    """Its findings about one-way sound, and what it says as text. Its
    configuration has two of the site's dial-peers and no nodes to ask."""
    path = t.write("doctor.conf", f"""hostname edge1
control-socket {s.lineside.socket}
sip-listener PLAIN
 side access
 address ipv4 {s.access} port 5060
 transport udp
sip-listener INSIDE
 side core
 address ipv4 {s.core} port 5060
 transport udp
sip-ua
 registrar embedded
dial-peer voice 105 voip
 session target registrar
 destination-pattern 25..
 incoming listener PLAIN
 no srtp
""")
    program = t.env.program("lineside")
    done = run([program, "doctor", "-f", path, "--json"])
    found = [x for x in json.loads(done.stdout)["findings"]
             if x["check"] == "one-way"]
    return done.returncode, found, run([program, "doctor", "-f", path]).stdout


@test("quality", serial=True)
def doctor_tells_of_one_way_sound(t, s):
    """Who never sends, who sends from elsewhere, who names its home: each is
    a finding with its remedy, while it lasts and for an hour after."""
    a = s.plain_agent(t, "2547")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs)
    ms.send(50)
    wait_for(lambda: one_way(s, number, "B"), 15, "leg B not to be heard")
    code, found, text = doctor(t, s)
    peer = leg(s, number, "B")["dial_peer"]
    mine = [x for x in found if x["what"].startswith(f"dial-peer {peer}: ")]
    check(len(mine) == 1 and mine[0]["severity"] == "warning" and
          "goes one way now" in mine[0]["what"] and
          "no packet ever came" in mine[0]["what"], f"{found}")
    check(f"let UDP pass from {bs.host}:{bs.port} to "
          f"{leg(s, number, 'B')['media_local']}" in mine[0]["mend"],
          mine[0]["mend"])
    check(code == 1 and "-> let UDP pass" in text, f"{code}: {text}")
    shown = s.lineside.show("call", "one-way")
    check("no packet ever came" in shown and number in shown, shown)
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)
    _, found, _ = doctor(t, s)
    mine = [x for x in found if x["what"].startswith(f"dial-peer {peer}: ")]
    check(len(mine) == 1 and "went one way, 1 time in the last hour" in
          mine[0]["what"], f"{found}")

    # from another port than its description says
    b, number = s.slot_agent(t)
    media = Media(t)
    ms, bs, other = (media.stream(t.addr()) for _ in range(3))
    da, db = answered(t, s, a, b, number, ms, bs)
    far = leg(s, number, "A")["media_local"].rpartition(":")
    other.to(far[0], int(far[2]))
    bs.send(50)
    other.send(50)
    wait_for(lambda: one_way(s, number, "A"), 15, "leg A not to be heard")
    _, found, _ = doctor(t, s)
    mine = [x for x in found if x["what"].startswith("dial-peer 105: ") and
            "address not allowed" in x["what"]]
    check(len(mine) == 1 and mine[0]["line"] > 0, f"{found}")
    check(f"come from {other.host}:{other.port}" in mine[0]["mend"] and
          "media latch once" in mine[0]["mend"], mine[0]["mend"])
    a.bye(da)
    b.await_bye(db)

    # a private address
    b, number = s.slot_agent(t)
    _, bs = streams(t)
    da, db = described_from_home(a, b, number, bs)
    wait_for(lambda: "NAT" in one_way(s, number, "A"), 15, "NAT to be told")
    _, found, _ = doctor(t, s)
    mine = [x for x in found if "private address" in x["what"]]
    check(len(mine) == 1 and "192.168.77.1:40000" in mine[0]["mend"],
          f"{found}")
    a.bye(da)
    b.await_bye(db)
