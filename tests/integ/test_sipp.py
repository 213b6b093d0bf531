"""SIPp on both sides: what soft phones do not do."""

import socket

from kit.env import check, listening, wait_for
from kit.sipp import Sipp
from kit.suite import test


def _pair(t, s, name, kind="u1"):
    """uac outside, uas inside at a slot's address."""
    addr, number = s.slot(t)
    number = ("6" if kind == "t1" else "5") + number
    uas = Sipp(t, f"{name}_uas", addr, transport=kind)
    if kind == "t1":
        wait_for(lambda: listening(addr, 5060), 5, "sipp to listen")
    else:
        wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    uac = Sipp(t, f"{name}_uac", t.addr(), f"{s.access}:5060",
               service=number, transport=kind)
    uac.ok()
    uas.ok()
    s.no_call(number)
    return uac, uas


def udp_bound(host, port):
    """True when somebody holds that UDP port, by /proc/net/udp."""
    number = socket.inet_aton(host)[::-1].hex().upper()
    with open("/proc/net/udp") as f:
        return f" {number}:{port:04X} " in f.read()


@test()
def basic_call(t, s):
    _pair(t, s, "basic")


@test()
def basic_call_on_tcp(t, s):
    _pair(t, s, "basic", "t1")


@test()
def late_offer(t, s):
    _pair(t, s, "late_offer")


@test()
def early_media(t, s):
    _pair(t, s, "early_media")


@test()
def update(t, s):
    _pair(t, s, "update")


@test()
def info(t, s):
    _pair(t, s, "info")


@test()
def glare(t, s):
    _pair(t, s, "glare")


@test()
def forked(t, s):
    _pair(t, s, "forked")


@test()
def busy(t, s):
    _pair(t, s, "busy")


def _refused(t, s, name, number):
    uac = Sipp(t, f"{name}_uac", t.addr(), f"{s.access}:5060", service=number)
    uac.ok()
    s.no_call(number)
    return uac


@test()
def no_codec(t, s):
    _refused(t, s, "no_codec", "500")


@test()
def malformed_sdp(t, s):
    _refused(t, s, "malformed_sdp", "500")


@test()
def unreachable(t, s):
    _refused(t, s, "unreachable", "8001")


@test()
def hides_the_other_side(t, s):
    """Via, Contact, Call-ID of one side never appear on the other."""
    uac, uas = _pair(t, s, "basic")
    inside = uas.messages()
    check("INVITE" in inside, "no messages recorded")
    outside = uac.messages()
    host = uac.proc.argv[uac.proc.argv.index("-i") + 1]
    core = uas.proc.argv[uas.proc.argv.index("-i") + 1]
    check(host not in inside, f"{host} of the access side is seen inside")
    check(core not in outside, f"{core} of the core side is seen outside")
    check(s.core not in outside, "our core address is seen outside")
