"""Calls through the port, between SIPp and by hand."""
import re
import subprocess

from port_kit import (TIMEOUT, TMP, Echo, Uas, address, check, establish,
                      read_message, request, response, ringing, test)


def sipp_call(transport, kind, calls=50):
    e = Echo(transport, transport)
    uac_addr = address()
    uas = subprocess.Popen(
        ["sipp", "-sn", "uas", "-i", e.target, "-p", "5060", "-t", kind,
         "-m", str(calls), "-nostdin"], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, cwd=TMP)
    uac = subprocess.run(
        ["sipp", "-sn", "uac", f"{e.access}:5060", "-i", uac_addr, "-p",
         "5060", "-t", kind, "-m", str(calls), "-r", "50", "-d", "100",
         "-timeout", str(TIMEOUT), "-timeout_error", "-nostdin",
         "-recv_timeout", str(TIMEOUT * 1000)],
        capture_output=True, text=True, cwd=TMP)
    uas.wait(TIMEOUT)
    e.end()
    check(uac.returncode == 0, f"uac: {uac.stdout[-1500:]}{uac.stderr}")
    check(e.count("sip_local_failures") == 0, "local failures")


@test
def sipp_over_udp():
    sipp_call("udp", "u1")


@test
def sipp_over_tcp():
    sipp_call("tcp", "t1")


@test
def headers_pass_in_order():
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    inv, ok, tag = establish(e, s, uas)
    names = [n for n, _ in inv.headers]
    order = [n for n in names if n in
             ("Content-Type", "X-A", "Subject", "x-a")]
    check(order == ["Content-Type", "X-A", "Subject", "x-a"], order)
    check(inv.get("Subject") == "=?folded? and on", inv.get("Subject"))
    check(inv.all("X-A") == ["1", "2"], inv.all("X-A"))
    check(inv.body == b"v=0\r\n" and ok.body == b"v=0\r\n", "body")
    check(inv.get("Max-Forwards") == "69", "Max-Forwards")
    check(inv.get("Call-ID") != "c1" and "t1" not in inv.get("From"),
          "identifiers of the other side")
    s.sendall(request("BYE", e.access, cseq=2, to_tag=tag))
    uas.answer(uas.get("BYE"), 200)
    check(read_message(s)[0].status == 200, "BYE")
    e.end()


@test
def requests_both_ways():
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    inv, _, tag = establish(e, s, uas)
    s.sendall(request("KNOCK", e.access, cseq=2, to_tag=tag, body="abc"))
    m = uas.get("KNOCK")
    check(m.body == b"abc", "body of an unknown method")
    uas.answer(m, 299)
    check(read_message(s)[0].status == 299, "its answer")
    uas_tag = re.search("tag=(.*)", inv.get("From"))[1]
    uas.send(request("INFO", e.core, call_id=inv.get("Call-ID"), via="UDP",
                     tag="u1", to_tag=uas_tag))
    info, _ = read_message(s)
    check(info.start.startswith("INFO sip:me@192.0.2.9 "), info.start)
    s.sendall(response(info, 200))
    check(uas.get().status == 200, "INFO")
    uas.send(request("BYE", e.core, cseq=2, call_id=inv.get("Call-ID"),
                     via="UDP", tag="u1", to_tag=uas_tag))
    s.sendall(response(read_message(s)[0], 200))
    check(uas.get().status == 200, "BYE")
    e.end()


@test
def cancelled():
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    inv, rest = ringing(e, s, uas)
    s.sendall(request("CANCEL", e.access, branch="c1INVITE1",
                      more='Reason: SIP;cause=200;text="x"\r\n'))
    got = []
    for _ in range(2):
        m, rest = read_message(s, rest)
        got.append((m.status, m.get("CSeq")))
    check(got == [(200, "1 CANCEL"), (487, "1 INVITE")], got)
    c = uas.get("CANCEL")
    check(c.get("Reason") == 'SIP;cause=200;text="x"', "Reason of CANCEL")
    uas.answer(c, 200)
    uas.answer(inv, 487)
    uas.get("ACK")
    s.sendall(request("ACK", e.access, branch="c1INVITE1"))
    e.end()


@test
def cancelled_before_the_dialog():
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    s.sendall(request("INVITE", e.access, more="X-Late: yes\r\n"))
    s.sendall(request("CANCEL", e.access, branch="c1INVITE1"))
    rest, got = b"", []
    while len([n for n in got if n != 100]) < 2:  # 100: not at once
        m, rest = read_message(s, rest)
        got.append(m.status)
    check(got[-2:] == [200, 487], got)
    s.sendall(request("ACK", e.access, branch="c1INVITE1"))
    inv = uas.get("INVITE")
    uas.answer(inv, 180)
    uas.answer(uas.get("CANCEL"), 200)
    uas.answer(inv, 487)
    uas.get("ACK")
    e.end()


@test
def answer_crosses_cancel():
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    inv, _ = ringing(e, s, uas)
    s.sendall(request("CANCEL", e.access, branch="c1INVITE1"))
    uas.answer(uas.get("CANCEL"), 200)
    uas.answer(inv, 200)
    uas.get("ACK")
    uas.answer(uas.get("BYE"), 200)
    e.end()
    check(e.count("sip_late_answers") == 1, "not counted")


@test
def answer_crosses_bye():
    """An INVITE within the dialog is answered after the BYE: it gets its ACK,
    and no second BYE."""
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    _, _, tag = establish(e, s, uas)
    s.sendall(request("INVITE", e.access, cseq=2, to_tag=tag))
    again = uas.get("INVITE")
    s.sendall(request("BYE", e.access, cseq=3, to_tag=tag))
    uas.answer(uas.get("BYE"), 200)
    uas.answer(again, 200)
    uas.get("ACK")
    e.end()
    check(e.count("sip_late_answers") == 1, "not counted")
    check(uas.none("BYE"), "a second BYE")


@test
def forks():
    """Two branches ring, the second answers; both to one dialog's user."""
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    s.sendall(request("INVITE", e.access))
    inv = uas.get("INVITE")
    uas.answer(inv, 180, tag="f1")
    uas.answer(inv, 183, tag="f2")
    uas.answer(inv, 200, tag="f2")
    rest, seen = b"", []
    while 200 not in seen:
        m, rest = read_message(s, rest)
        seen.append(m.status)
    tag = re.search("tag=(.*)", m.get("To"))[1]
    check([n for n in seen if n != 100] == [180, 183, 200], seen)
    s.sendall(request("ACK", e.access, to_tag=tag))
    check("tag=f2" in uas.get("ACK").get("To"), "ACK to the other fork")
    uas.answer(inv, 200, tag="f1")  # RFC 3261 13.2.2.4
    check("tag=f1" in uas.get("ACK").get("To"), "late fork: no ACK")
    m = uas.get("BYE")
    check("tag=f1" in m.get("To"), "late fork: no BYE")
    uas.answer(m, 200)
    s.sendall(request("BYE", e.access, cseq=2, to_tag=tag))
    m = uas.get("BYE")
    check("tag=f2" in m.get("To"), "BYE to the other fork")
    uas.answer(m, 200)
    e.end()


@test
def intruder():
    """Another connection knows the identifiers; it must not end the call."""
    e = Echo("tls")
    uas = Uas(e.target)
    s, other = e.connect_tls("SEP001"), e.connect_tls("SEP002")
    again = e.connect_tls("SEP001")
    _, _, tag = establish(e, s, uas)
    bye = request("BYE", e.access, cseq=99, to_tag=tag, via="TLS")
    other.sendall(bye)
    check(read_message(other)[0].status == 403, "let in")
    again.sendall(request("BYE", e.access, cseq=3, to_tag=tag, via="TLS"))
    check(read_message(again)[0].status == 200, "same device refused")
    uas.answer(uas.get("BYE"), 200)
    e.end()
    check(e.count("sec_dialog_intruders") == 1, "not counted")
    check(any("DIALOG_INTRUDER" in x for x in e.log), "not logged")


@test
def refusals():
    e = Echo("udp")
    u = Uas(address())
    u.peer = (e.access, 5060)

    def status(n, **kw):
        u.send(request(kw.pop("method", "OPTIONS"), e.access, via="UDP",
                       call_id=f"r{n}", **kw))
        m = u.get()
        check(m.status < 300 or (
            m.get("Reason").startswith("Q.850;cause=") and
            m.get("Warning").startswith('399 lineside "')), m.headers)
        return m.status

    check(status(1) == 200, "OPTIONS")
    check(status(2, ruri="http://x/") == 416, "scheme")
    check(status(3, ruri=f"sip:x@{e.access}?Subject=x") == 400, "headers")
    check(status(4, to_tag="nobody", method="BYE") == 481, "no dialog")
    u.send(request("OPTIONS", e.access, via="UDP", call_id="r5").replace(
        b"Max-Forwards: 70", b"Max-Forwards: 0"))
    check(u.get().status == 483, "Max-Forwards")
    u.send(request("OPTIONS", e.access, via="UDP", call_id="r6").replace(
        b"Max-Forwards: 70", b"Max-Forwards: 70\r\nX-N: a\0b"))
    check(u.get().status == 400, "NUL")
    # the second of a single-value header is not what anybody looked at
    check(status(7, more="Subject: a\r\nSubject: b\r\n") == 200, "repeat")
    u.send(request("OPTIONS", e.access, via="UDP", call_id="r8",
                   more="A: b\r\n" * 300))
    check(status(9) == 200, "after a datagram of 300 headers")
    u.send(request("OPTIONS", e.access, via="UDP", call_id="r11",
                   more="A: b\r" * 300))
    check(status(12) == 200, "after another, with another line end")
    u.send(request("INVITE", e.access, via="UDP", call_id="r10").replace(
        b"Contact", b"X-Contact"))
    check(u.get().status == 400, "no Contact")
    u.send(request("ACK", e.access, via="UDP", call_id="r10",
                   branch="r10INVITE1"))
    e.end()
    check(e.count("sip_connections_many_headers") == 2, "not counted")
    check(e.count("sip_refused_scheme") == 1, "416 not counted")
    check(e.count("sip_refused_loop") == 1, "483 not counted")
    check(e.count("sip_refused_malformed") == 2, "400 not counted")


@test
def nobody_there():
    """Next hops that refuse, that have no address: a 503 of our own."""
    for core, target in (("tcp", None), ("udp", "no-such-host.invalid")):
        e = Echo("tcp", core, target=target)
        s = e.connect()
        s.sendall(request("INVITE", e.access))
        rest = b""
        while True:
            m, rest = read_message(s, rest)
            if m.status != 100:
                break
        check(m.status == 503, m.start)
        s.sendall(request("ACK", e.access, branch="c1INVITE1"))
        e.end()


@test
def name_is_looked_up():
    e = Echo("tcp", "udp", target="localhost")
    e.target = "127.0.0.1"
    uas, s = Uas(e.target), e.connect()
    _, _, tag = establish(e, s, uas)
    s.sendall(request("BYE", e.access, cseq=2, to_tag=tag))
    uas.answer(uas.get("BYE"), 200)
    e.end()


@test
def via_of_a_datagram():
    """An answer goes where the datagram came from: a maddr in its Via would
    make us a reflector, and a name there would be looked up meanwhile."""
    e = Echo("udp")
    u, victim = Uas(address()), Uas(address())
    u.peer = (e.access, 5060)
    for n, maddr in enumerate((victim.s.getsockname()[0], "no-such.invalid")):
        u.send(request("OPTIONS", e.access, via="UDP", call_id=f"m{n}").replace(
            b";rport", f";maddr={maddr};rport".encode()))
        check(u.get().status == 200, "answered elsewhere")
    victim.s.settimeout(0)
    try:
        check(not victim.get(), "reflected")
    except BlockingIOError:
        pass
    e.end()


@test
def strange_statuses():
    """Numbers that are no statuses are not passed on."""
    e = Echo()
    uas, s = Uas(e.target), e.connect()
    s.sendall(request("INVITE", e.access))
    inv = uas.get("INVITE")
    for status in ("050", "000", "-1", "999", "700", "4294967496"):
        uas.answer(inv, status)
    rest, got = b"", []
    while not got or got[-1] < 200:
        m, rest = read_message(s, rest)
        got.append(m.status)
    check([n for n in got if n != 100] == [502], got)
    s.sendall(request("ACK", e.access, branch="c1INVITE1"))
    e.end()
