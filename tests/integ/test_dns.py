"""Targets by name: NAPTR, SRV, A; the next address when one fails; name
servers that lie."""

import socket
import struct
import time

from kit.dns import PORT, Dnsmasq, Liar, labels, record
from kit.env import check, wait_for
from kit.site import Site, dial_peer
from kit.sipp import Sipp
from kit.suite import test
from test_core_tls import Server, caller
from test_routes import Edge

TARGET = """ip name-server {dns} port %d
sip-ua
 registrar embedded
dial-peer voice 100 voip
 destination-pattern 5...
 session target dns:pbx.test
""" % PORT


def edge(t, dns, servers, more=""):
    e = Edge(t, TARGET.replace("{dns}", dns.host) + more, servers=0)
    e.server = servers
    return e


def two(t, *more):
    """Two servers, the first preferred, named by NAPTR and SRV."""
    servers = [t.addr(), t.addr()]
    return servers, Dnsmasq(
        t, "naptr-record=pbx.test,10,10,s,SIP+D2U,,here.test",
        "naptr-record=pbx.test,5,10,s,SIP+D2T,,wrong.test",
        "srv-host=here.test,b.test,5060,20,0",
        "srv-host=here.test,a.test,5060,10,0",
        f"host-record=a.test,{servers[0]}",
        f"host-record=b.test,{servers[1]}", *more)


def counters(e, **wanted):
    c = e.lineside.counters()
    for name, n in wanted.items():
        got = c[f"lineside_{name}_total"]
        check(got == n, f"{name}: {got}, not {n}")


@test(site=None)
def naptr_then_srv(t):
    """The preferred server of the NAPTR of our transport; asked once."""
    servers, dns = two(t)
    e = edge(t, dns, servers)
    a = e.answers(0, "basic_uas", calls=2)
    e.call("5001", name="one").ok()
    e.call("5001", name="two").ok()
    a.ok()
    check(dns.asked("NAPTR") == 1, "the answer was not kept")
    check(dns.asked("SRV") == 1, "the answer was not kept")
    out = e.lineside.json("hosts")
    rows = [(r["name"], r["from"], r["state"], r["priority"], r["address"])
            for r in out["hosts"]]
    check(rows == [("pbx.test", "dns", "ok", 10, f"{servers[0]}:5060"),
                   ("pbx.test", "dns", "ok", 20, f"{servers[1]}:5060")],
          str(rows))
    check(out["failed"] == [], str(out))
    counters(e, sip_next_address=0, dns_failed=0)
    e.done()


@test(site=None)
def next_after_503(t):
    """RFC 3263 4.3: 503 leads to the next address, and is remembered."""
    servers, dns = two(t)
    e = edge(t, dns, servers)
    a = e.answers(0, "unavailable_uas")
    b = e.answers(1, "basic_uas", calls=2)
    e.call("5001", name="one").ok()
    a.ok()
    e.call("5001", name="two").ok()  # the first is left alone
    b.ok()
    counters(e, sip_next_address=1, calls_hunted=0)
    failed = e.lineside.json("sip-ua", "dns")["failed"]
    check([f["address"] for f in failed] == [f"{servers[0]}:5060"],
          str(failed))
    check("ADDRESS_FAILED" in e.lineside.log(), "nothing was logged")
    e.done()


@test(site=None)
def next_after_silence(t):
    """A server that says nothing is passed over after `retry`."""
    servers, dns = two(t)
    mute = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    mute.bind((servers[0], 5060))
    t.at_end(mute.close)
    e = edge(t, dns, servers, "sip-ua\n retry invite 1\n timers trying 300\n")
    b = e.answers(1, "basic_uas")
    began = time.monotonic()
    e.call("5001").ok()
    took = time.monotonic() - began
    b.ok()
    check(took > 0.8, f"it was given up after {took:.1f} s")
    counters(e, sip_next_address=1)
    mute.settimeout(1)
    check(mute.recv(65536).startswith(b"INVITE"), "it never was asked")
    e.done()


@test(site=None)
def next_after_refused_connection(t):
    """Nobody listens at the first address: the second, at once."""
    servers = [t.addr(), t.addr()]
    dns = Dnsmasq(t, f"host-record=pbx.test,{servers[0]},{servers[1]}",
                  "srv-host=_sip._tcp.pbx.test,a.test,5060,10",
                  "srv-host=_sip._tcp.pbx.test,b.test,5060,20",
                  f"host-record=a.test,{servers[0]}",
                  f"host-record=b.test,{servers[1]}")
    e = Edge(t, TARGET.replace("{dns}", dns.host) +
             " session transport tcp\nsip-listener INTCP\n side core\n"
             " address ipv4 127.0.0.1 port 0\n transport tcp\n"
             .replace("127.0.0.1 port 0", f"{t.addr()} port 5060"),
             servers=0)
    b = Sipp(t, "basic_uas", servers[1], transport="t1", name="b")
    wait_for(lambda: _connects(servers[1]), 5, "sipp to listen")
    Sipp(t, "basic_uac", t.addr(), f"{e.access}:5060", service="5001",
         name="caller").ok()
    b.ok()
    counters(e, sip_address_failed=1, sip_next_address=0, calls_hunted=0)
    e.done()


def _connects(host):
    with open("/proc/net/tcp") as f:
        want = socket.inet_aton(host)[::-1].hex().upper()
        return f" {want}:13C4 " in f.read()


@test(site=None)
def configured_hosts(t):
    """`ip host` goes before name servers, and is followed by a reload."""
    servers = [t.addr(), t.addr()]
    e = Edge(t, """sip-ua
 registrar embedded
ip name-server 127.0.0.1 port 1
ip host pbx.test {0}
dial-peer voice 100 voip
 destination-pattern 5...
 session target dns:pbx.test
""")
    a = e.answers(0, "basic_uas")
    e.call("5001", name="one").ok()
    a.ok()
    rows = e.lineside.json("hosts")["hosts"]
    check(rows[0]["from"] == "configured", str(rows))
    with open(e.lineside.file) as f:
        text = f.read()
    e.lineside.config(text.replace(f"ip host pbx.test {e.server[0]}",
                                   f"ip host pbx.test {e.server[1]}"))
    row = e.lineside.reload()
    check(row["ok"], str(row))
    b = e.answers(1, "basic_uas")
    e.call("5001", name="two").ok()
    b.ok()
    e.done()


def _hundred(name, kind):
    if kind == 33:
        return [record(None, 33, struct.pack(">HHH", 1, 1, 5060) +
                       labels(f"h{i}.test")) for i in range(100)]
    if kind == 1:
        host = int("".join(x for x in name.split(".")[0] if x.isdigit()) or 0)
        return [record(None, 1, bytes([127, 255, host, i]))
                for i in range(1, 101)]
    return []


LIES = {
    "silence": lambda name, kind: None,
    "aliases in a circle": lambda name, kind: [
        record(name, 5, labels("b.test")), record("b.test", 5, labels(name))],
    "endless aliases": lambda name, kind: [
        record(name, 5, labels("x" + name[-50:]))],
    "nothing": lambda name, kind: [],
    "garbage": lambda name, kind: b"\x81\x80" + b"\xff" * 300,
    "a target of itself": lambda name, kind: [
        record(name, 33, struct.pack(">HHH", 1, 1, 5060) + labels(name))]
    if kind == 33 else [],
    "line breaks": lambda name, kind: [
        record(name, 33, struct.pack(">HHH", 1, 1, 5060) +
               b"\x06a\r\nb: c\x00")] if kind == 33 else [],
}


@test(site=None)
def liars(t):
    """Whatever a name server says, the call is refused in time, other calls
    go on, and questions are bounded."""
    good, said = t.addr(), {"lie": next(iter(LIES.values()))}
    liar = Liar(t, lambda name, kind: said["lie"](name, kind))
    e = Edge(t, TARGET.replace("{dns}", liar.host) + f"""dial-peer voice 101 voip
 destination-pattern 6...
 session target ipv4:{good}
""", servers=0)
    e.server = [good]
    for n, (what, lie) in enumerate(LIES.items()):
        said["lie"] = lie
        liar.questions.clear()
        check(e.lineside.reload()["ok"], "reload")  # what is known is old
        began = time.monotonic()
        e.call("5001", "unreachable_uac", name=f"lie{n}").ok()
        took = time.monotonic() - began
        check(took < 12, f"{what}: {took:.1f} s")
        check(len(liar.questions) < 60, f"{what}: {len(liar.questions)}")
        uas = Sipp(t, "basic_uas", good, name=f"good{n}")
        wait_for(lambda: _bound(good), 5, "sipp to listen")
        e.call("6001", name=f"other{n}").ok()
        uas.ok()
    e.done()


def _bound(host):
    want = socket.inet_aton(host)[::-1].hex().upper()
    with open("/proc/net/udp") as f:
        return f" {want}:13C4 " in f.read()


@test(site=None)
def hundred_records(t):
    """A hundred servers with a hundred addresses each: bounded."""
    liar = Liar(t, _hundred)
    e = Edge(t, TARGET.replace("{dns}", liar.host) +
             "sip-ua\n retry invite 1\n timers trying 100\n", servers=0)
    e.call("5001", "unreachable_uac").ok()
    check(len(liar.questions) < 60, f"{len(liar.questions)} questions")
    rows = e.lineside.json("hosts")["hosts"]
    check(len(rows) == 32, f"{len(rows)} addresses are kept")
    c = e.lineside.counters()
    check(c["lineside_dns_records_dropped_total"] > 60, "none was dropped")
    check(c["lineside_sip_next_address_total"] <= 8, "it went on and on")
    e.done()


def named(s, name):
    return lambda addr: s.pki.leaf(f"named-{name}", "core", "/CN=trunk",
                                   f"DNS:{name}")[:2]


@test(site=None)
def certificate_of_the_configured_name(t):
    """RFC 5922 4: the SRV target's own name is not enough; the next server,
    which has the name that was configured, gets the call. A NAPTR record for
    less than TLS is not looked at."""
    s = Site(t, kamailio=False)
    a = Server(t, s, named(s, "a.test"))
    b = Server(t, s, named(s, "pbx.test"))
    dns = Dnsmasq(t, "naptr-record=pbx.test,1,1,s,SIP+D2U,,_sip._udp.pbx.test",
                  "srv-host=_sip._udp.pbx.test,c.test,5060,1",
                  "srv-host=_sips._tcp.pbx.test,a.test,5061,10",
                  "srv-host=_sips._tcp.pbx.test,b.test,5061,20",
                  f"host-record=a.test,{a.addr}", f"host-record=b.test,{b.addr}")
    s.start(f"ip name-server {dns.host} port {PORT}\n" +
            dial_peer(990, "99..", "dns:pbx.test", "tcp tls", None, "srtp"))
    phone, _, _, body = caller(t, s, "2066")
    d = phone.invite("9901", body)
    far = b.agent()
    req = far.request("INVITE")
    far.answer(req, 486, dialog=far.accept(req))
    check(phone.response(d.call_id, (d.cseq, "INVITE")).status == 486,
          "the call did not get there")
    failed = s.lineside.json("hosts")["failed"]
    check([f["address"] for f in failed] == [f"{a.addr}:5061"], str(failed))
    s.lineside.judge()


REGISTRAR = """ip name-server {dns} port %d
sip-ua
 registrar dns:pbx.test expires 600
""" % PORT

WATCHER = """
> SUBSCRIBE
  Event: dialog
  Expires: 600
< 200
wait 2000
> SUBSCRIBE
  Event: dialog
  Expires: 600
< 200 Expires: 600
< NOTIFY Subscription-State: active
> 200 NOTIFY
wait 2000
> SUBSCRIBE
  Event: dialog
  Expires: 600
< 503 Reason: Q.850
< NOTIFY terminated;reason=probation
> 200 NOTIFY
"""

NOTIFIER = """
< SUBSCRIBE Event: dialog
> 200 SUBSCRIBE
  Expires: 600
"""


@test(site=None)
def subscription_moves(t):
    """The node that notifies dies; the phone's refresh finds the other one, in
    the phone's own dialog. Then that one dies, too: the phone is told."""
    servers, dns = two(t)
    e = Edge(t, REGISTRAR.replace("{dns}", dns.host), servers=0)
    e.server = servers
    a = e.answers(0, "first_node", steps=NOTIFIER)
    b = e.answers(1, "second_node", steps=NOTIFIER + """
> NOTIFY
  Event: dialog
  Subscription-State: active;expires=600
< 200
""")
    phone = e.call("3000", scenario="watcher", steps=WATCHER, seconds=60)
    a.ok()
    b.ok()
    rows = e.lineside.json("sip-ua", "subscriptions")["subscriptions"]
    check(len(rows) == 1 and rows[0]["remote_b"] == f"{servers[1]}:5060" and
          rows[0]["refreshes"] == 1, f"{rows}")
    phone.ok()
    counters(e, subscriptions=1, subscriptions_moved=2, subscriptions_lost=1)
    e.done()
