"""Streams of the port: TLS, deadlines, limits, what is no SIP."""
import os
import re
import select
import socket
import ssl
import subprocess
import threading

from port_kit import (TIMEOUT, TMP, Echo, Failed, Message, address, check,
                      client_context, closed, read_message, request,
                      response, test)


def register(e, call_id="reg"):
    return request("REGISTER", e.access, call_id=call_id, via="TLS",
                   contact="sip:1@192.0.2.9;transport=tls")


@test
def tls_register():
    e = Echo("tls")
    s = e.connect_tls("SEP001")
    for byte in register(e, "bytes"):  # one at a time
        s.sendall(bytes([byte]))
    m, rest = read_message(s)
    check(m.status == 200, m.start)
    check(m.get("Contact") == "<sip:1@192.0.2.9;transport=tls>;expires=60",
          m.get("Contact"))
    s.sendall(register(e, "a") + b"\r\n\r\n" + register(e, "b"))
    rest, got = b"", []
    data = b""
    while data.count(b"SIP/2.0 200") < 2 or b"\r\n\r\n\r\n" not in data:
        data += s.recv(65536)
    s.sendall(b"\r\n\r\n")
    check(s.recv(10) == b"\r\n", "no pong")
    s.close()
    e.end()


@test
def answers_leave_together():
    """What is answered in one turn of the loop leaves in one record."""
    e = Echo("tls")
    s = e.connect_tls("SEP001")
    s.sendall(register(e, "a") + register(e, "b"))
    data = s.recv(65536)  # of one record, however many came
    check(data.count(b"SIP/2.0 200") == 2, data.decode())
    s.close()
    e.end()


def read_late(s, e, via, pad):
    """400 answers of more than a record each, which nobody reads before all
    are asked for: more than sockets hold; in order."""
    for n in range(400):
        s.sendall(request("REGISTER", e.access, call_id=f"late{n}", via=via,
                          contact="sip:1@192.0.2.9;x=" + "y" * pad))
    rest = b""
    for n in range(400):
        m, rest = read_message(s, rest)
        check(m.get("Call-ID") == f"late{n}", m.get("Call-ID"))
        check(len(m.get("Contact")) > pad, "cut off")
    s.close()


@test
def late_reader():
    e = Echo("tcp")
    read_late(e.connect(), e, "TCP", 17000)
    e.end()


@test
def late_reader_by_tls():
    e = Echo("tls")
    read_late(e.connect_tls("SEP001"), e, "TLS", 17000)
    e.end()


@test
def tls_small_records():
    """A phone that takes small records only gets whole messages."""
    e = Echo("tls")
    cli = subprocess.Popen(
        ["gnutls-cli", "--recordsize", "512", "-p", "5060", e.access,
         "--x509cafile", f"{TMP}/good.pem", "--x509certfile",
         f"{TMP}/SEP001.pem", "--x509keyfile", f"{TMP}/SEP001.key",
         "--verify-hostname", "edge.example.com", "--logfile",
         f"{TMP}/cli.log"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    def ask(pad):
        return request("REGISTER", e.access, via="TLS",
                       contact="sip:1@192.0.2.9;x=" + "y" * pad)

    # gnutls-cli sends one record: the answer is some bytes longer
    rq = ask(510 - len(ask(0)))
    cli.stdin.write(rq)
    cli.stdin.flush()
    got = b""
    while b"\r\n\r\n" not in got:
        ready, _, _ = select.select([cli.stdout], [], [], TIMEOUT / 3)
        data = os.read(cli.stdout.fileno(), 65536) if ready else b""
        if not data:
            cli.kill()
        check(data, f"{len(got)} bytes, then nothing")
        got += data
    check(len(got) > 512, "that was no test")
    check(Message(got).get("Contact") == Message(rq).get("Contact") +
          ";expires=60", got)
    cli.stdin.close()
    cli.wait(TIMEOUT)
    cli.stdout.close()
    e.end()


@test
def tls_strangers():
    e = Echo("tls")
    for name in (None, "SEP666"):
        try:
            s = client_context(name).wrap_socket(e.connect())
            s.sendall(register(e))
            check(closed(s), f"{name} was let in")
        except ssl.SSLError:
            pass
    e.end()
    check(e.count("tls_refused_no_certificate") == 1, "none")
    check(e.count("tls_refused_unknown_ca") == 1, "stranger")


@test
def silent_is_closed():
    e = Echo("tcp", options=" timeout idle 1\n")
    s, t = e.connect(), e.connect()
    t.sendall(register(e).replace(b"/TLS", b"/TCP"))
    check(read_message(t)[0].status == 200, "REGISTER")
    check(closed(s), "still open")
    t.sendall(b"\r\n\r\n")  # registered: stays
    check(t.recv(10) == b"\r\n", "registered one was closed")
    e.end()
    check(e.count("sip_connections_idle") == 1, "not counted")


@test
def greedy_sender():
    """Who sends without pause does not keep the others waiting."""
    e = Echo()
    greedy, s = e.connect(), e.connect()
    stray = (b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a;branch=z9hG4bKno\r\n"
             b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n"
             b"Call-ID: no\r\nCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n") * 5000
    enough = threading.Event()

    def send():
        try:
            while not enough.is_set():
                greedy.sendall(stray)
        except OSError:
            pass

    t = threading.Thread(target=send)
    t.start()
    try:
        s.settimeout(TIMEOUT / 3)
        for n in range(3):
            s.sendall(request("OPTIONS", e.access, cseq=n + 1,
                              call_id=f"g{n}"))
            check(read_message(s)[0].status == 200, "OPTIONS")
    finally:
        enough.set()
        greedy.shutdown(socket.SHUT_RDWR)
        t.join()
    e.end()


@test
def requests_that_wait():
    """A connection may have so many requests that wait, and no more."""
    e = Echo("tcp", "tcp")
    s = e.connect()
    for n in range(600):
        s.sendall(request("INVITE", e.access, call_id=f"w{n}",
                          more="X-Late: yes\r\n"))
    rest, got = b"", []
    while len(got) < 100:
        m, rest = read_message(s, rest)
        if m.status != 100:
            got.append(m.status)
    check(got == [503] * 100, got)
    while len(got) < 600:
        m, rest = read_message(s, rest)
        if m.status != 100:
            got.append(m.status)
    s.sendall(request("OPTIONS", e.access))
    while m.get("CSeq") != "1 OPTIONS":
        m, rest = read_message(s, rest)
    check(m.status == 200, "still refused")
    s.close()
    e.end()
    check(e.count("sip_refused_flood") == 100, "not counted")


@test
def end_with_all_pending():
    """Handshakes in both directions, connections, half a message, a call."""
    silent = address()
    listener = socket.create_server((silent, 5060))
    e = Echo("tls", "tls", target=silent)
    s, half = e.connect_tls("SEP001"), e.connect_tls("SEP002")
    quiet, hello = e.connect(), e.connect()
    hello.sendall(b"\x16\x03\x01\x02\x00\x01\x00")
    half.sendall(b"OPTIONS sip:x SIP/2.0\r\n")
    s.sendall(request("INVITE", e.access, via="TLS"))
    check(read_message(s)[0].status == 100, "Trying")
    far, _ = listener.accept()  # closed, it would end the call
    e.end(bridges=1)
    check(closed(quiet), "still open")
    far.close()
    listener.close()


@test
def half_message_is_closed():
    e = Echo("tcp", options=" timeout message 1\n")
    s = e.connect()
    s.sendall(b"OPTIONS sip:x SIP/2.0\r\nVia: ")
    check(closed(s), "still open")
    e.end()
    check(e.count("sip_connections_message_timeout") == 1, "not counted")


@test
def no_sip_is_closed():
    cases = (
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "garbage"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", "garbage"),
        (b"OPTIONS sip:x SIP/2.0\r\nTo: x\r\n\r\n", "garbage"),
        (b"OPTIONS sip:x SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n",
         "garbage"),
        (b"OPTIONS sip:x SIP/2.0\r\n" + b"A: b\r\n" * 300, "many_headers"),
        (b"OPTIONS sip:x SIP/2.0\r\nA: " + b"b" * 40000, "oversize"),
        (b"OPTIONS sip:x SIP/2.0\r\nl: 99999999\r\n\r\n", "oversize"),
        # for the parser a CR alone ends a line as well
        (b"OPTIONS sip:x SIP/2.0\r\nX: y\rl: 9\r\nl: 0\r\n\r\n", "garbage"),
        (b"OPTIONS sip:x SIP/2.0\r\nA: " + b"b\rA: " * 300 + b"\r\nl: 0\r\n\r\n",
         "garbage"),
    )
    e = Echo()
    for data, _ in cases:
        s = e.connect()
        s.sendall(data)
        check(closed(s), f"still open after {data[:40]}")
    s = e.connect()
    s.sendall(request("OPTIONS", e.access))
    check(read_message(s)[0].status == 200, "the listener suffered")
    e.end()
    for kind in ("garbage", "many_headers", "oversize"):
        expect = sum(k == kind for _, k in cases)
        check(e.count(f"sip_connections_{kind}") == expect, kind)


@test
def limits_connections():
    e = Echo("tcp", options=" max-connections 4 per-source 2\n")
    mine = [e.connect() for _ in range(3)]
    check(closed(mine[2]), "third of one address")
    here = address()
    more = []
    for addr in (here, here, address()):
        s = socket.socket()
        s.bind((addr, 0))
        s.settimeout(TIMEOUT)
        s.connect((e.access, 5060))
        more.append(s)
    check(closed(more[2]), "fifth in total")
    mine[0].sendall(request("OPTIONS", e.access))
    check(read_message(mine[0])[0].status == 200, "first of all")
    e.end()
    check(e.count("sip_connections_refused_source") == 1, "source")
    check(e.count("sip_connections_refused_limit") == 1, "total")


def tls_server(addr, cert, serve):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(f"{TMP}/{cert}.pem", f"{TMP}/{cert}.key")
    c.load_verify_locations(f"{TMP}/good.pem")
    c.verify_mode = ssl.CERT_REQUIRED
    listener = socket.create_server((addr, 5060))
    listener.settimeout(TIMEOUT)

    def run():
        try:
            s, _ = listener.accept()
            s.settimeout(TIMEOUT)
            serve(c.wrap_socket(s, server_side=True))
        except (OSError, Failed):
            pass
        listener.close()

    t = threading.Thread(target=run)
    t.start()
    return t


def tls_call(cert, peer_name):
    e = Echo("tcp", "tls", peer_name=peer_name)

    def serve(s):
        rest = b""
        for status in (200, None, 200):  # INVITE, ACK, BYE
            m, rest = read_message(s, rest)
            if status:
                s.sendall(response(m, status, contact="sip:u@192.0.2.7"))

    t = tls_server(e.target, cert, serve)
    s, rest = e.connect(), b""
    s.sendall(request("INVITE", e.access))
    while True:
        m, rest = read_message(s, rest)
        if m.status >= 200:
            break
    if m.status == 200:
        tag = re.search("tag=(.*)", m.get("To"))[1]
        s.sendall(request("ACK", e.access, to_tag=tag))
        s.sendall(request("BYE", e.access, cseq=2, to_tag=tag))
        check(read_message(s, rest)[0].status == 200, "BYE")
    else:
        s.sendall(request("ACK", e.access, branch="c1INVITE1"))
    t.join()
    e.end()
    return m.status


@test
def tls_towards_core():
    check(tls_call("core", "core.example.com") == 200, "good server")
    check(tls_call("core", "other.example.com") == 503, "another name")
    check(tls_call("SEP666", "sep666.example.com") == 503, "another CA")
