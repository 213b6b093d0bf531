"""SIGHUP: what changes, what does not, and who does not notice."""

import re
import shutil
from itertools import combinations
from statistics import median

from kit import sip
from kit.env import check, listening, wait_for
from kit.media import Media
from kit.site import SUITES
from kit.suite import test
from test_calls import answered


def reload(s, text, good=True):
    """Writes the file, sends SIGHUP; the verdict must be the one wanted."""
    s.lineside.config(text)
    row = s.lineside.reload()
    check(row["ok"] == good, f"reload: {row}")
    return row


def talking(t, s, a, media):
    """Twenty calls of phone `a` with packets both ways, each with somebody else
    inside: (that one, its number, streams outside and inside, dialogs)."""
    calls = []
    for _ in range(20):
        b, number = s.slot_agent(t)
        ms, bs = media.stream(t.addr()), media.stream(t.addr())
        suite = SUITES[len(calls) % 4]
        da, db = answered(t, s, a, b, number, ms, bs,
                          [(suite, sip.new_key(suite))])
        calls.append((b, number, ms, bs, da, db))
    for n, (_, _, ms, bs, _, _) in enumerate(calls):
        ms.send(50, 0, n)
        bs.send(50, 0, n)
    return calls


def nothing_lost(calls):
    """Their packets end, and all have arrived."""
    for _, _, ms, bs, _, _ in calls:
        ms.stop()
        bs.stop()
    for _, number, ms, bs, _, _ in calls:
        for me, far, name in ((ms, bs, "outside"), (bs, ms, "inside")):
            sent = far.stats()["sent"]
            wait_for(lambda me=me, sent=sent: me.stats()["received"] >= sent,
                     5, f"{number} {name}: all {sent} packets")
            st = me.stats()
            check(st["received"] == sent and st["lost"] == 0,
                  f"{number} {name}: {st} of {sent}")


def slope(values):
    """By how much they grow, whatever some of them are (Theil and Sen)."""
    return median((b - a) / (j - i) for (i, a), (j, b) in
                  combinations(enumerate(values), 2))


@test("reload", alone=True)
def a_hundred_reloads_during_calls(t, s):
    """20 calls with media, 100 reloads (40 where each takes a second), half of
    them broken: no call dropped, no packet lost, memory flat, descriptors
    flat."""
    rounds = 2 if s.lineside.sanitizer() == "tsan" else 5
    media = Media(t)
    a = s.secure_agent(t, "2050")
    good = s.text()
    broken = [good + "dial-peer voice 9 voip\n session tarrget x\n",
              good.replace("trustpoint EDGE", "trustpoint EGDE", 2),
              good.replace(s.edge[0], "/nonexistent/cert.pem"),
              good + "sip-listener TAKEN\n side core\n address ipv4 "
              f"{t.addr()} port 99999\n transport udp\n", "}{\n\0\n"]
    other = good.replace("codec preference 1 g711ulaw",
                         "codec preference 1 g722-64")
    calls = talking(t, s, a, media)
    used, fds = [], []
    for n in range(20 * rounds):  # all files twice
        if n % 2:
            reload(s, broken[n // 2 % len(broken)], False)
        else:
            reload(s, other if n % 4 else good)
        used.append(s.lineside.heap())
        fds.append(s.lineside.fds())
    nothing_lost(calls)
    # What a transaction or a file holds for a time goes in steps, what is
    # lost grows in each round.
    grown = median(slope(used[n:n + 20]) for n in range(0, len(used), 20))
    check(rounds < 5 or grown < 3,
          f"the heap in use grows by {grown:.1f} KB a reload: {used}")
    check(max(fds[-10:]) <= max(fds[10:20]) + 2, f"descriptors {fds[::10]}")
    check(len({x["call"] for x in s.legs()}) == 20, "calls are missing")
    for b, number, _, _, da, db in calls:
        a.bye(da)
        b.await_bye(db)
    s.lineside.config(good)
    reload(s, good)


@test("reload", alone=True)
def wrong_file_changes_nothing(t, s):
    good = s.text()
    before = s.lineside.show("running-config")
    reload(s, good.replace("hostname reload", "hostname other\nfrobnicate"),
           False)
    check(s.lineside.show("running-config") == before, "it changed")
    text = s.lineside.show("reload")
    check("frobnicate" in text, f"show reload does not say why: {text}")
    check(re.search(r"lineside\.conf:\d+:\d+:", text), text)
    check("frobnicate" in s.lineside.log(), "the log does not say why")
    reload(s, good)


@test("reload", alone=True)
def listeners_change(t, s):
    """A new listener answers, one taken away does not, and who was
    registered on it stays."""
    good = s.text()
    extra = t.addr()
    more = f"""sip-listener EXTRA
 side access
 address ipv4 {extra} port 5060
 transport tcp
!
"""
    check(not listening(extra, 5060), "already there")
    reload(s, good + more)
    check(listening(extra, 5060), "the new listener does not listen")
    wire = sip.Wire("tcp", t.addr(), (extra, 5060))
    t.at_end(wire.close)
    agent = sip.Agent(wire, "2799", "pbx.test")
    d = sip.Dialog()
    wire.send(agent.build("OPTIONS", f"sip:{extra}", d))
    check(agent.response(d.call_id, (d.cseq, "OPTIONS")).status == 200, "-")
    reload(s, good)
    wait_for(lambda: not listening(extra, 5060), 10, "the listener to go")


@test("reload", alone=True)
def transport_changes_on_a_port(t, s):
    """TCP becomes TLS and TCP again on one address, in one reload each."""
    good = s.text()
    extra, port = s.access, 5099

    def more(transport):
        return (f"sip-listener EXTRA\n side access\n address ipv4 {extra} "
                f"port {port}\n transport {transport}\n!\n")

    def connect(kind):
        wire = sip.Wire(kind, t.addr(), (extra, port),
                        **({"tls": s.tls("2798")} if kind == "tls" else {}))
        t.at_end(wire.close)
        return sip.Agent(wire, "2798", "pbx.test")

    def options(agent):
        d = sip.Dialog()
        agent.wire.send(agent.build("OPTIONS", f"sip:{extra}", d))
        r = agent.response(d.call_id, (d.cseq, "OPTIONS"))
        check(r.status == 200, f"{r}")

    for kind in ("tcp", "tls", "tcp"):
        reload(s, good + more("tcp tls\n trustpoint EDGE" if kind == "tls"
                              else kind))
        options(connect(kind))
    reload(s, good)
    wait_for(lambda: not listening(extra, port), 10, "the listener to go")


@test("reload", alone=True)
def advertised_address_changes(t, s):
    """One reload: what we send names the new address, over the same port."""
    good = s.text()
    a = s.plain_agent(t, "2552")
    b, number = s.slot_agent(t)
    media = Media(t)
    ms = media.stream(t.addr())
    bind = f"address ipv4 {s.core} port 5060\n transport udp"
    check(bind in good, "no such listener")
    for seen in ("192.0.2.77", "192.0.2.78", s.core):
        reload(s, good if seen == s.core else good.replace(
            bind, f"{bind}\n advertise ipv4 {seen}"))
        a.invite(number, sip.sdp(ms.host, ms.port))
        rq = b.request("INVITE")
        for name in ("Via", "Contact"):
            check(f"{seen}:5060" in rq.h(name) or
                  name == "Via" and f"{seen};" in rq.h(name),
                  f"{name} of {seen}: {rq.h(name)}")
        check(f"IN IP4 {seen}" in rq.sdp("c="), f"SDP of {seen}: {rq.body}")
        b.answer(rq, 486, "Busy Here")
        b.request("ACK")


@test("reload", alone=True)
def dial_peers_change(t, s):
    a = s.plain_agent(t, "2551")
    b, number = s.slot_agent(t)
    media = Media(t)
    ms = media.stream(t.addr())
    good = s.text()
    reload(s, good + f"""dial-peer voice 900 voip
 session protocol sipv2
 session target ipv4:{b.wire.local}:5060
 session transport udp
 destination-pattern 9000
 no srtp
!
""")
    a.invite("9000", sip.sdp(ms.host, ms.port))
    req = b.request("INVITE")
    b.answer(req, 486, "Busy Here")
    b.request("ACK")
    reload(s, good)
    r = a.final(a.invite("9000", sip.sdp(ms.host, ms.port)))
    check(r.status == 404, f"{r}")


def served(s, t):
    """Serial number of the certificate that the access port shows."""
    wire = sip.Wire("tls", t.addr(), (s.access, 5061), tls=s.tls("2052"))
    t.at_end(wire.close)
    return wire.s.getpeercert()["serialNumber"], wire


@test("reload", alone=True)
def renewed_certificate(t, s):
    """New handshakes get the new one; connections that are up stay."""
    old, _ = served(s, t)
    a = s.secure_agent(t, "2053")
    fresh = s.pki.leaf("edge2", "servers", "/CN=edge.example.com",
                       f"DNS:edge.example.com,IP:{s.access}")
    keep = [x + ".old" for x in s.edge[:2]]
    for src, dst in zip(s.edge[:2], keep):
        shutil.copy(src, dst)
    for src, dst in zip(fresh[:2], s.edge[:2]):
        shutil.copy(src, dst)
    reload(s, s.text())
    new, _ = served(s, t)
    check(new != old, "still the old certificate")
    check(a.register().status == 200, "the connection that was up is gone")
    for src, dst in zip(keep, s.edge[:2]):
        shutil.copy(src, dst)
    reload(s, s.text())


@test("reload", alone=True)
def key_that_does_not_fit(t, s):
    """Refused when it is prepared; the old one goes on."""
    old, _ = served(s, t)
    other = s.pki.leaf("edge3", "servers", "/CN=edge.example.com")
    reload(s, s.text().replace(s.edge[1], other[1]), False)
    check(served(s, t)[0] == old, "the certificate changed")
    reload(s, s.text())


@test("reload", alone=True)
def phone_on_a_moved_listener(t, s):
    """The listener moves to another port: a phone that is connected to the
    old one is called there, and can hang up there."""
    good = s.text()
    a = s.secure_agent(t, "2051")
    reload(s, good.replace("port 5061\n transport tcp tls\n trustpoint EDGE",
                           "port 5069\n transport tcp tls\n trustpoint EDGE"))
    wait_for(lambda: listening(s.access, 5069), 5, "the new port")
    wait_for(lambda: not listening(s.access, 5061), 5, "the old port to go")
    media = Media(t)
    ms, bs = media.stream(t.addr()), media.stream(t.addr())
    b, uri = s.call_in(t, "2051")
    db = b.invite(None, sip.sdp(bs.host, bs.port), uri=uri)
    rq = a.request("INVITE")
    da = a.accept(rq)
    suite, _ = rq.crypto()[0]
    a.answer(rq, 200, dialog=da, body=sip.sdp(
        ms.host, ms.port, [(suite, sip.new_key(suite))]))
    check(b.final(db).status == 200, "the phone was not reached")
    a.request("ACK", dialog=da)
    a.bye(da)
    b.await_bye(db)
    a.close()
    reload(s, good)
    wait_for(lambda: listening(s.access, 5061), 5, "the old port again")
