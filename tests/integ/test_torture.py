"""RFC 4475 and RFC 5118: each message through both sides and every
transport; each has one outcome, and after each a call is placed."""

import re
import time

import torture
from kit import sip
from kit.env import Failure, check, wait_for
from kit.suite import test

SDP_PORT = 40000
UNREADABLE = 15  # at least so many of them, by anybody's reading


class Caller:
    """A phone and somebody inside who place a call again and again."""

    def __init__(self, t, s):
        self.a = s.plain_agent(t, "2580")
        self.b, self.number = s.slot_agent(t)

    def call(self):
        a, b = self.a, self.b
        d = a.invite(self.number, sip.sdp(a.wire.local, SDP_PORT))
        m = b.request("INVITE")
        db = b.accept(m)
        b.answer(m, 200, dialog=db, body=sip.sdp(b.wire.local, SDP_PORT))
        check(a.final(d).status == 200, "not answered")
        b.request("ACK", dialog=db)
        a.bye(d)
        b.await_bye(db)
        a.inbox.clear()
        b.inbox.clear()


def wire_for(s, t, side, kind, local, m):
    """A fresh wire; on UDP at the port that the message's Via names, since
    that is where its answer goes (RFC 3261 18.2.2)."""
    head = m.data.split(b"\r\n\r\n")[0].decode("utf-8", "replace")
    via = re.search(r"(?i)^(?:via|v)\s*:.*?/\s*(?:udp|tcp|tls)\s+"
                    r"(?:\[[^]]*\]|[^;:\s]+)(?::(\d+))?", head, re.M)
    port = int(via.group(1)) if via and via.group(1) else 5060
    if side == "access" and kind == "tls":
        return s.secure_agent(t, "2081", register=False).wire
    host = s.access if side == "access" else s.core
    if kind == "udp":
        wire = sip.Wire("udp", local, (host, 5060), port)
    else:
        wire = sip.Wire("tcp", local, (host, 5060))
    t.at_end(wire.close)
    return wire


def outcome(wire, m, seconds):
    """The status of the final answer, or DROP."""
    call_id = re.search(rb"(?im)^(?:call-id|i)[ \t]*:[ \t]*(.+?)\r\n", m.data)
    call_id = call_id.group(1).decode("utf-8", "replace") if call_id else ""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = wire.recv(end - time.monotonic())
        if got is None:
            break
        if got.status and got.status >= 200 and (
                not call_id or got.h("call-id") == call_id):
            return got.status
    return torture.DROP


def seen(s):
    """Messages that no part of Lineside could make sense of, so far."""
    c = s.lineside.counters()
    return sum(c[f"lineside_sip_{name}_total"] for name in (
        "unreadable", "refused_malformed", "refused_scheme", "refused_loop",
        "responses_malformed", "connections_garbage",
        "connections_message_timeout"))


def torment(t, s, side, kind):
    caller, wrong = Caller(t, s), []
    local = t.addr() if side == "access" else s.slot(t)[0]
    before = seen(s)
    caller.call()
    for m in torture.MESSAGES:
        wire = wire_for(s, t, side, kind, local, m)
        wire.send(m.on(kind))
        wanted = m.wanted(kind)
        got = outcome(wire, m, 0.3 if torture.DROP in wanted else 5)
        wire.close()
        if got not in wanted:
            wrong.append(f"{m.name} ({m.section}): {got}, not one of"
                         f" {sorted(wanted, key=str)}")
        try:
            caller.call()
        except Failure as e:
            raise Failure(f"after {m.name}: no call: {e}") from None
    check(not wrong, "; ".join(wrong))
    wait_for(lambda: seen(s) >= before + UNREADABLE, 5,
             f"{UNREADABLE} messages counted as unreadable")


@test(serial=True)
def phones_on_tls(t, s):
    torment(t, s, "access", "tls")


@test(serial=True)
def phones_on_udp(t, s):
    torment(t, s, "access", "udp")


@test(serial=True)
def core_on_udp(t, s):
    torment(t, s, "core", "udp")


@test(serial=True)
def core_on_tcp(t, s):
    torment(t, s, "core", "tcp")
