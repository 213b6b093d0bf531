"""Nothing that must stay secret is in anything the daemon wrote."""

import os

from kit import sip
from kit.env import check
from kit.kamailio import Kamailio
from kit.site import SUITES
from kit.suite import test
from test_calls import streams
from test_core_tls import Server, trusted


@test()
def nothing_secret_is_written(t, s):
    """Every debug switch on; keys of both legs, a password, the digest's
    answer and private keys are searched in all files and all `show`s."""
    for switch in ("ccsip messages", "ccsip calls",
                   "crypto pki transactions", "voip rtp session",
                   "configuration"):
        done = s.lineside.command("debug", *switch.split())
        check(done.returncode == 0, f"debug {switch}: {done.stderr}")
    secrets = {"password": Kamailio.password}
    server = Server(t, s, trusted(s))
    a = s.secure_agent(t, "2160", 5071)
    ms, bs = streams(t)
    key = (SUITES[0], sip.new_key(SUITES[0]))
    da = a.invite(server.number, sip.sdp(ms.host, ms.port, [key]))
    b = server.agent()
    db = b.accept(b.request("INVITE"))
    suite = db.invite.crypto()[0][0]
    mine = (suite, sip.new_key(suite))
    b.answer(db.invite, 200, dialog=db,
             body=sip.sdp(bs.host, bs.port, [mine]))
    check(a.final(da).status == 200, "not answered")
    b.request("ACK", dialog=db)
    secrets["key of B"] = mine[1]
    secrets["key of A"] = key[1]
    for line in db.invite.body.splitlines():
        if line.startswith("a=crypto"):
            secrets["key to B"] = line.split("inline:")[1].split("|")[0]
    shows = "".join(
        s.lineside.command("show", *x.split()).stdout +
        s.lineside.command("show", *x.split(), "--json").stdout
        for x in ("call active voice", "call active voice brief",
                  "sip-ua calls", "registrations", "running-config",
                  "logging", "voip rtp connections", "counters"))
    metrics = s.lineside.command("metrics").stdout
    d = sip.Dialog()  # malformed, so that an error would quote it
    secrets["key of an SDP refused"] = sip.new_key(SUITES[0])
    body = sip.sdp(ms.host, ms.port, [
        ("UNKNOWN_SUITE", secrets["key of an SDP refused"])])
    check(a.final(a.invite(server.number, body)).status == 488, "not refused")
    secrets["key of bad length"] = "c2VjcmV0" * 3
    body = sip.sdp(ms.host, ms.port,
                   [(SUITES[0], secrets["key of bad length"])])
    check(a.final(a.invite(server.number, body)).status == 488, "not refused")
    secrets["digest"] = a._digest(
        'Digest realm="r", nonce="n"', "REGISTER", "sip:x").rsplit(
        'response="')[1][:32]
    a.wire.send(a.build("REGISTER", "sip:pbx.test", d, [
        'Authorization: Digest username="2160", realm="r", nonce="n",'
        f' uri="sip:x", response="{secrets["digest"]}"']))
    a.response(d.call_id, (d.cseq, "REGISTER"))
    a.bye(da)
    b.await_bye(db)
    with open(s.edge[1], encoding="ascii") as f:
        secrets["private key"] = f.read().splitlines()[1]
    everything = {"show": shows, "metrics": metrics}
    for name in os.listdir(s.lineside.dir):
        path = os.path.join(s.lineside.dir, name)
        if os.path.isfile(path):
            with open(path, errors="replace") as f:
                everything[name] = f.read()
    check("2160" in everything["log"] and len(everything["log"]) > 2000,
          "the log holds nothing to search")
    for where, text in everything.items():
        for what, value in secrets.items():
            check(value not in text, f"the {what} is in {where}")
        check("inline:" not in text.replace("inline:*", "").replace(
            "inline:<", ""), f"an SDES line is in {where}")
    s.lineside.command("undebug", "all")
