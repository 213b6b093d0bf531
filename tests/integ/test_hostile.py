"""Peers that lie, flood, loop or drip: one outcome each, nobody else waits."""

import time

from kit import sip
from kit.env import Failure, check, wait_for
from kit.kamailio import REALM
from kit.lineside import Lineside
from kit.site import SUITES, dial_peer, listener
from kit.suite import test
from test_calls import answered

CONF = """hostname hostile
logging level debugging
logging stderr
voice class codec 1
 codec preference 1 g711ulaw
!
voice service voip
 allow-connections sip to sip
 rtp-port range 16384 17000
 sip
  registrar server expires max 600 min 5
!
sip-ua
 registrar ipv4:{registrar}:5060 expires 600
!
"""


class Small:
    """One daemon between UDP phones and a registrar played by the test."""

    def __init__(self, t):
        self.access, self.core, self.inside = t.addr(), t.addr(), t.addr()
        self.lineside = Lineside(
            t, CONF.format(registrar=self.inside) +
            listener("PLAIN", "access", self.access, 5060, "udp") +
            listener("INSIDE", "core", self.core, 5060, "udp") +
            dial_peer(25, "25..", "registrar", "udp", "PLAIN") +
            dial_peer(90, "9...", f"ipv4:{self.core}:5060", "udp", "INSIDE"),
            name=f"small-{t.name}").start()
        self.phone = self.agent(t, t.addr(), self.access, "2501")
        self.registrar = self.agent(t, self.inside, self.core, "registrar")

    def agent(self, t, local, remote, user):
        wire = sip.Wire("udp", local, (remote, 5060), 5060)
        t.at_end(wire.close)
        return sip.Agent(wire, user, REALM)

    def bindings(self):
        return self.lineside.json("registrations")["registrations"]

    def register(self, status, reason="OK", headers=()):
        """The phone's answer, when the registrar says that to its REGISTER;
        no second REGISTER may follow by itself."""
        p, d = self.phone, sip.Dialog()
        d.local_uri = d.remote_uri = f"sip:2501@{REALM}"
        p.wire.send(p.build("REGISTER", f"sip:{REALM}", d, ["Expires: 300"]))
        m = self.registrar.request("REGISTER")
        said = [h.replace("$CONTACT", m.contact()) for h in headers]
        self.registrar.answer(m, status, reason, headers=said)
        r = p.response(d.call_id, (d.cseq, "REGISTER"))
        self.registrar.nothing(0.3, lambda m: m.method == "REGISTER")
        return r


@test(None)
def registrar_that_lies(t):
    """RFC 3261 10.2.4, 22.1: what it grants counts for our own Contact, for
    no longer than allowed; what it asks is the phone's to answer."""
    s = Small(t)
    for _ in range(20):  # endless 401: each is passed, none is tried again
        r = s.register(401, "Unauthorized", [
            'WWW-Authenticate: Digest realm="x", nonce="y"'])
        check(r.status == 401, f"{r}")
    check(s.bindings() == [], "registered by a refusal")
    r = s.register(302, "Moved", [f"Contact: <sip:{s.core}:5060>"])
    check(r.status >= 300 and s.bindings() == [], f"redirected to us: {r}")
    for others in (["Contact: <sip:evil@192.0.2.66>;expires=300"],
                   ["Contact: *"], []):
        r = s.register(200, headers=others)
        check("evil" not in r.h("contact"), f"another's: {r.headers}")
        check(all("evil" not in str(row) for row in s.bindings()), "kept")
    for much in ("4294967295", "99999999999999999999", "-5", "x"):
        r = s.register(200, headers=[f"Contact: <$CONTACT>;expires={much}"])
        left = [row["expires_s"] for row in s.bindings()]
        check(all(n <= 600 for n in left), f"expires={much}: {left}")
    r = s.register(200, headers=["Contact: <$CONTACT>;expires=60"])
    check(r.status == 200 and len(s.bindings()) == 1, "an honest one")
    s.lineside.judge()


@test(None)
def loop_through_ourselves(t):
    """A dial-peer that leads to our own listener: refused at once, nothing is
    left."""
    s = Small(t)
    a = s.phone
    r = a.final(a.invite("9001", sip.sdp(a.wire.local, 40000)))
    check(r.status in (404, 482, 483), f"{r}")
    wait_for(lambda: not s.lineside.json("call", "active", "voice")["legs"],
             10, "the calls to be gone")
    check(s.lineside.counters()["lineside_sip_requests_received_total"] < 20,
          "it went round and round")
    s.lineside.judge()


@test(serial=True)
def dialogs_never_answered(t, s):
    """One phone opens 1,000 calls to somebody who never answers: above its
    share it is refused with 503; another phone calls; when its connection
    closes, all of them end."""
    storm = s.secure_agent(t, "2090", register=False)
    deaf, number = s.slot_agent(t)
    body = sip.sdp(storm.wire.local, 40000,
                   [(SUITES[0], sip.new_key(SUITES[0]))])
    seen = {}

    def note(seconds):
        m = storm.wire.recv(seconds)
        if m is not None and m.status:
            key = m.h("call-id")
            seen[key] = max(seen.get(key, 0), m.status)
        return m
    for _ in range(1000):
        storm.invite(number, body)
        while note(0):
            pass
        deaf.wire.recv(0)
    end = time.monotonic() + 20
    while len(seen) < 1000 and time.monotonic() < end:
        note(0.5)
    refused = sum(1 for status in seen.values() if status >= 500)
    check(len(seen) == 1000, f"{1000 - len(seen)} without any answer")
    check(refused >= 400, f"only {refused} were refused")
    other = s.secure_agent(t, "2091", register=False)
    b, free = s.slot_agent(t)
    da, db = answered_quickly(other, b, free)
    other.bye(da)
    b.await_bye(db)
    storm.wire.close()
    # RFC 3261 9.1: what never answered at all cannot be cancelled, and ends
    # with timer B
    s.no_call(number, 60)


def answered_quickly(a, b, number):
    d = a.invite(number, sip.sdp(a.wire.local, 40000,
                                 [(SUITES[0], sip.new_key(SUITES[0]))]))
    m = b.request("INVITE")
    db = b.accept(m)
    b.answer(m, 200, dialog=db, body=sip.sdp(b.wire.local, 40000))
    check(a.final(d).status == 200, "not answered")
    b.request("ACK", dialog=db)
    return d, db


# In an established call, in the dialog: how each line of a request is spoilt,
# and what may answer. None: dropped.
SPOILT = [
    ("nothing spoilt", lambda x: x, {200}),
    ("no CSeq", lambda x: drop(x, "CSeq"), {400, None}),
    ("CSeq of another method",
     lambda x: swap(x, "CSeq", "200 OPTIONS"), {400, None}),
    ("an old CSeq", lambda x: swap(x, "CSeq", "1 INFO"), {500, 400}),
    ("no From tag", lambda x: swap(x, "From", "<sip:x@y>"), {400, 481, None}),
    ("NUL in a value", lambda x: x.replace("70\r\n", "70\r\nX: a\0b\r\n", 1),
     {400, None}),
    ("Max-Forwards of words", lambda x: swap(x, "Max-Forwards", "many"),
     {400, 200, None}),
    ("Require of the unknown",
     lambda x: x.replace("Max-", "Require: nothing-we-know\r\nMax-", 1),
     {420}),
    ("Contact that is none",
     lambda x: swap(x, "Contact", "<sip:\"@@;;>,<"), {400, 200, None}),
    ("a header of 15,000 octets",
     lambda x: x.replace("Max-", "X-Long: " + "a" * 15000 + "\r\nMax-", 1),
     {200, 400, 413, 513, None}),
]


def drop(text, name):
    return "\r\n".join(line for line in text.split("\r\n")
                       if not line.startswith(name + ":"))


def swap(text, name, value):
    return "\r\n".join(f"{name}: {value}" if line.startswith(name + ":")
                       else line for line in text.split("\r\n"))


def _spoil(a, b, da, db):
    """Each from `a`; what passes to the other side is answered there."""
    for what, spoil, wanted in SPOILT:
        da.cseq += 1
        text = spoil(a.build("INFO", da.target, da))
        a.inbox.clear()
        a.wire.send(text)
        got, end = None, time.monotonic() + (0.4 if None in wanted else 5)
        while got is None and time.monotonic() < end:
            m = b.wire.recv(0.02)
            if m is not None and m.method == "INFO":
                b.answer(m, 200)
            m = a.wire.recv(0.05)
            if m is not None and m.status and m.h("call-id") == da.call_id:
                got = m.status
        check(got in wanted, f"{what}: {got}, not one of {wanted}")


@test()
def malformed_in_a_call(t, s):
    """From either side: refused or dropped, and the call goes on."""
    from test_calls import exchange, streams
    a = s.plain_agent(t, "2591")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs)
    _spoil(a, b, da, db)
    _spoil(b, a, db, da)
    bad = a.invite(number, "v=0\r\nthis is none\r\n", dialog=da)
    r = a.response(bad.call_id, (bad.invite_cseq, "INVITE"))
    check(400 <= r.status < 500, f"re-INVITE without sense: {r}")
    a.inbox.clear()
    b.inbox.clear()
    exchange(ms, bs)
    a.bye(da)
    b.await_bye(db)


@test()
def a_byte_now_and_then(t, s):
    """A message that never ends: the connection goes in bounded time,
    however steadily it drips."""
    a = s.plain_agent(t, "2592", "tcp")
    text = a.build("OPTIONS", f"sip:{s.access}", sip.Dialog(),
                   ["X-Long: " + "a" * 4000]).encode()
    count = "lineside_sip_connections_message_timeout_total"
    before, begin = s.lineside.counters()[count], time.monotonic()
    for byte in text:
        try:
            a.wire.s.sendall(bytes([byte]))
        except OSError:
            break
        if a.wire.closed(0.2):
            break
        if time.monotonic() - begin > 40:
            raise Failure("still open after 40 s")
    wait_for(lambda: s.lineside.counters()[count] > before, 5, "the counter")
