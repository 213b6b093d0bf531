"""Bad input: certificates, claims, bytes, sizes, silence. Each time the
refusal is said and counted, and everybody else goes on."""

import os
import socket
import ssl
import struct
import time

from kit import sip
from kit.env import Failure, check, wait_for
from kit.kamailio import REALM
from kit.media import Media
from kit.site import SUITES
from kit.suite import test


def works(t, s, user):
    """A good phone still registers."""
    a = s.secure_agent(t, user)
    check(a.register(0).status == 200, "cannot un-register")


def tls_refused(s):
    return sum(n for name, n in s.lineside.counters().items()
               if name.startswith("lineside_tls_refused_"))


def refused(t, s, cert, word, version=None):
    """The handshake (TLS 1.3: the first answer) fails and the log says
    why, naming the certificate's subject."""
    before = len(s.lineside.log())
    count = tls_refused(s)
    try:
        wire = sip.Wire("tls", t.addr(), (s.access, 5061),
                        tls=s.tls(None, version, cert))
        t.at_end(wire.close)
        agent = sip.Agent(wire, "2030", REALM)
        d = sip.Dialog()
        try:
            wire.send(agent.build("OPTIONS", f"sip:{s.access}", d))
        except OSError:
            pass  # closed before we wrote
        check(wire.recv(3) is None, "an answer to a peer without trust")
        check(wire.closed(5), "the connection stays open")
    except (ssl.SSLError, ConnectionError):
        pass
    wait_for(lambda: word in s.lineside.log()[before:], 5,
             f"a log line that says {word}")
    lines = [x for x in s.lineside.log()[before:].splitlines() if word in x]
    check(any("%TLS-" in x or "%PKI-" in x for x in lines), f"{lines}")
    check(tls_refused(s) > count, "it is not counted")


@test()
def wrong_ca(t, s):
    cert = s.pki.leaf("stranger", "strange", "/CN=SEP00DEADBEEF01")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        refused(t, s, cert, "SEP00DEADBEEF01", version)
    works(t, s, "2031")


@test()
def expired(t, s):
    cert = s.pki.leaf("late", "phones", "/CN=SEP00DEADBEEF02",
                      begin="20200101000000Z", end="20210101000000Z")
    refused(t, s, cert, "SEP00DEADBEEF02")


@test()
def not_for_clients(t, s):
    cert = s.pki.leaf("server", "phones", "/CN=SEP00DEADBEEF03",
                      usage="serverAuth")
    refused(t, s, cert, "SEP00DEADBEEF03")


@test()
def wrong_name(t, s):
    """A certificate of our CA that no rule of the listener takes."""
    cert = s.pki.leaf("printer", "phones", "/CN=printer-7")
    refused(t, s, cert, "printer-7")


@test()
def no_certificate(t, s):
    refused(t, s, None, "certificate")


@test()
def old_tls(t, s):
    """TLS 1.1 is not spoken."""
    ctx = s.tls("2032")
    ctx.set_ciphers("ALL:@SECLEVEL=0")
    ctx.minimum_version = ssl.TLSVersion.TLSv1
    ctx.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        sip.Wire("tls", t.addr(), (s.access, 5061), tls=ctx).close()
    except (ssl.SSLError, ConnectionError):
        return
    raise Failure("TLS 1.1 was accepted")


@test()
def another_phones_line(t, s):
    """The line is held by its owner's certificate; nobody else gets it."""
    s.secure_agent(t, "2033")
    thief = s.secure_agent(t, "2033", register=False,
                           cert=s.phone_cert("2034"))
    r = thief.register()
    check(r.status == 403, f"the thief got {r}")
    row = s.registration("2033")
    check("SEP000000002033" in row["identity"], row["identity"])


@test()
def line_fixed_by_rule(t, s):
    """phone-NNNN.example.com may register NNNN and nothing else."""
    cert = s.pki.leaf("fixed", "phones", "/CN=whatever",
                      "DNS:phone-2035.example.com")
    good = s.secure_agent(t, "2035", cert=cert, register=False)
    check(good.register().status == 200, "its own line is refused")
    bad = s.secure_agent(t, "2036", cert=cert, register=False)
    check(bad.register().status == 403, "another line is granted")


@test()
def garbage_on_every_port(t, s):
    """Random bytes at each listener, and at a call's media ports."""
    seed = os.urandom(3000)
    for host, port, kind in (
            (s.access, 5060, "udp"), (s.core, 5060, "udp"),
            (s.access, 5060, "tcp"), (s.core, 5060, "tcp"),
            (s.access, 5061, "tcp"), (s.core, 5061, "tcp")):
        for n in (1, 7, 100, 3000):
            data = seed[:n]
            if kind == "udp":
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as x:
                    x.sendto(data, (host, port))
                    x.sendto(b"INVITE sip: SIP/2.0\r\n" + data, (host, port))
            else:
                with socket.create_connection((host, port), 5) as x:
                    try:
                        x.sendall(data + b"\r\n\r\n" + data)
                    except OSError:
                        pass
    a = s.plain_agent(t, "2530")
    b, number = s.slot_agent(t)
    from test_calls import answered, exchange, streams
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs)
    legs = s.legs(number)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as x:
        for leg in legs:
            host, _, port = str(leg["media_local"]).rpartition(":")
            for n in range(0, 1500, 13):
                x.sendto(seed[:n], (host, int(port)))
                x.sendto(seed[:n], (host, int(port) + 1))
    exchange(ms, bs)
    a.bye(da)
    b.await_bye(db)
    works(t, s, "2037")


@test()
def garbage_inside_tls(t, s):
    """A phone with a good certificate that sends rubbish loses its
    connection, not more."""
    for data in (os.urandom(2000) + b"\r\n\r\n",
                 b"REGISTER sip:x SIP/2.0\r\nContent-Length: -5\r\n\r\n",
                 b"INVITE sip:x SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n"
                 ):
        a = s.secure_agent(t, "2038", register=False)
        a.wire.send(data)
        m = a.wire.recv(1)
        check(m is None or m.status >= 400, f"{m}")
    works(t, s, "2038")


@test()
def missing_headers(t, s):
    """Without a header that RFC 3261 8.1.1 demands: 400 or silence, no
    call. Each from a fresh dialog; the last one, complete, is answered."""
    a = s.plain_agent(t, "2531")
    b, number = s.slot_agent(t)
    media = Media(t)
    ms = media.stream(t.addr())
    for name in ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Via",
                 "Contact"):
        d = sip.Dialog()
        text = a.build("INVITE", f"sip:{number}@{REALM}", d,
                       body=sip.sdp(ms.host, ms.port))
        lines = [x for x in text.split("\r\n")
                 if not x.startswith(name + ":")]
        a.wire.send("\r\n".join(lines))
        if name in ("Contact", "Max-Forwards"):
            m = a._match(5, lambda m: m.status and m.status >= 180 and
                         m.h("call-id") == d.call_id or
                         m.status == 400, "answer") \
                if name == "Contact" else None
            if m and name == "Contact":
                check(m.status == 400, f"without {name}: {m}")
            continue
        m = a.wire.recv(0.5)
        check(m is None or m.status in (100, 400), f"without {name}: {m}")
    a.inbox.clear()
    d = sip.Dialog()
    a.wire.send(a.build("OPTIONS", f"sip:{s.access}", d))
    check(a.response(d.call_id, (d.cseq, "OPTIONS")).status == 200, "gone")


@test()
def no_crypto_where_required(t, s):
    a = s.secure_agent(t, "2039")
    media = Media(t)
    ms = media.stream(t.addr())
    d = a.invite("500", sip.sdp(ms.host, ms.port))
    r = a.final(d)
    check(r.status == 488, f"{r}")
    check(r.h("warning"), "no Warning")


@test()
def no_suite_of_ours(t, s):
    a = s.secure_agent(t, "2040")
    media = Media(t)
    ms = media.stream(t.addr())
    body = sip.sdp(ms.host, ms.port, [("F8_128_HMAC_SHA1_80", "A" * 40)])
    r = a.final(a.invite("500", body))
    check(r.status == 488 and r.h("warning"), f"{r} {r.h('warning')}")


@test()
def no_codec_of_ours(t, s):
    a = s.secure_agent(t, "2041")
    media = Media(t)
    ms = media.stream(t.addr())
    body = sip.sdp(ms.host, ms.port, [(SUITES[0], sip.new_key(SUITES[0]))],
                   codecs=("99 SPEEX/32000",))
    r = a.final(a.invite("500", body))
    check(r.status == 488 and r.h("warning"), f"{r} {r.h('warning')}")


@test()
def oversize(t, s):
    """Larger than any message may be: refused or closed, memory bounded."""
    rss = s.lineside.rss()
    for kind in ("tcp", "tls"):
        if kind == "tls":
            a = s.secure_agent(t, "2042", register=False)
        else:
            a = s.plain_agent(t, "2532", "tcp")
        d = sip.Dialog()
        text = a.build("INVITE", "sip:500@pbx.test", d,
                       ["X-Long: " + "a" * 70000 for _ in range(20)])
        try:
            a.wire.send(text)
        except OSError:
            continue
        m = a.wire.recv(5)
        check(m is None or m.status >= 400, f"{m}")
    check(s.lineside.rss() - rss < 60000, "memory grew")
    works(t, s, "2042")


@test()
def many_headers(t, s):
    """A thousand short headers cost the others nothing."""
    a = s.secure_agent(t, "2043", register=False)
    d = sip.Dialog()
    try:
        a.wire.send(a.build("OPTIONS", f"sip:{s.access}", d,
                            ["a: b"] * 5000))
    except OSError:
        pass
    begin = time.monotonic()
    works(t, s, "2044")
    check(time.monotonic() - begin < 3, "the others had to wait")


@test(alone=True)
def stalls(t, s):
    """Connections that say nothing in the handshake, or stop in the middle
    of a message: closed within bounded time, others unaffected."""
    rss, fds = s.lineside.rss(), s.lineside.fds()
    idle = [socket.create_connection((s.access, 5061), 5)
            for _ in range(40)]
    half = socket.create_connection((s.access, 5061), 5)
    half.sendall(bytes.fromhex("160301020001"))  # a ClientHello's first bytes
    a = s.secure_agent(t, "2045", register=False)
    a.wire.send("REGISTER sip:pbx.test SIP/2.0\r\nVia: SIP/2.0/TLS x")
    plain = socket.create_connection((s.access, 5060), 5)
    plain.sendall(b"OPTIONS sip:x SIP/2.0\r\nContent-Le")
    begin = time.monotonic()
    works(t, s, "2046")
    check(time.monotonic() - begin < 3, "the others had to wait")
    grown = s.lineside.rss() - rss
    kept = 16384 if s.lineside.sanitizer() else 0  # of what others freed
    check(grown < 100 * len(idle) + kept,
          f"{grown} KB for {len(idle)} silent ones")
    end = time.monotonic() + 20
    for x in [*idle, half, plain]:
        x.settimeout(max(0.1, end - time.monotonic()))
        try:
            while x.recv(100):
                pass
        except TimeoutError:
            raise Failure("a stalled connection is still open") from None
        except OSError:
            pass
        x.close()
    check(a.wire.closed(max(0.1, end - time.monotonic())),
          "a connection stalled mid-message is still open")
    wait_for(lambda: s.lineside.fds() <= fds + 4, 10,
             "the descriptors of stalled connections")


@test()
def one_byte_at_a_time(t, s):
    """A slow but honest writer within the time for a message is served."""
    a = s.plain_agent(t, "2533", "tcp")
    d = sip.Dialog()
    for byte in a.build("OPTIONS", f"sip:{s.access}", d).encode():
        a.wire.s.sendall(bytes([byte]))
    check(a.response(d.call_id, (d.cseq, "OPTIONS")).status == 200, "none")


@test()
def many_records(t, s):
    """Forty requests in one go: a record each, then cut anywhere. More than
    one turn of the loop reads; each is answered."""
    a = s.secure_agent(t, "2096")
    for cut in (None, 100, 5000):
        asked, data = set(), []
        for _ in range(40):
            d = sip.Dialog()
            asked.add(d.call_id)
            data.append(a.build("OPTIONS", f"sip:{s.access}", d).encode())
        if cut:
            text = b"".join(data)
            data = [text[n:n + cut] for n in range(0, len(text), cut)]
        for record in data:
            a.wire.send(record)
        while asked:
            m = a.wire.recv(10)
            check(m, f"{len(asked)} of 40 are not answered ({cut})")
            check(m.status in (200, 503), f"{m}")
            asked.discard(m.h("Call-ID"))



@test()
def foreign_bye(t, s):
    """Someone who learnt the identifiers of a call cannot end it."""
    from test_calls import answered, streams
    a = s.secure_agent(t, "2047")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs,
                      [(SUITES[0], sip.new_key(SUITES[0]))])
    thief = s.secure_agent(t, "2048")
    copy = sip.Dialog(da.call_id)
    copy.__dict__.update(da.__dict__)
    copy.cseq += 10
    thief.wire.send(thief.build("BYE", da.target, copy))
    m = thief.wire.recv(3)
    check(m is None or m.status in (403, 481), f"the thief got {m}")
    check(s.legs(number), "the call is gone")
    a.bye(da)
    b.await_bye(db)


def cancel_of(d):
    """As who sent the INVITE of `d` would write it."""
    lines = d.sent.partition("\r\n\r\n")[0].split("\r\n")
    kept = [x for x in lines[1:] if x.startswith(
        ("Via:", "Max-Forwards:", "From:", "To:", "Call-ID:"))]
    return "\r\n".join([lines[0].replace("INVITE", "CANCEL", 1), *kept,
                        f"CSeq: {d.invite_cseq} CANCEL",
                        "Content-Length: 0"]) + "\r\n\r\n"


def rings(s, t, a, crypto=()):
    """`a` calls somebody who does not answer yet."""
    b, number = s.slot_agent(t)
    d = a.invite(number, sip.sdp(a.wire.local, 40000, crypto))
    m = b.request("INVITE")
    b.answer(m, 180, dialog=b.accept(m))
    return b, m, d


@test()
def foreign_cancel(t, s):
    """Nor does his CANCEL, to the letter as the caller would write it, end a
    call that rings; the caller's own does."""
    count = "lineside_sec_dialog_intruders_total"
    crypto = [(SUITES[0], sip.new_key(SUITES[0]))]
    for a, thief, crypto in (
            (s.secure_agent(t, "2160"), s.secure_agent(t, "2161"), crypto),
            (s.plain_agent(t, "2560"), s.plain_agent(t, "2561"), ())):
        b, invite, d = rings(s, t, a, crypto)
        before = s.lineside.counters()[count]
        thief.wire.send(cancel_of(d))
        b.nothing(1, lambda m: m.method == "CANCEL")
        m = thief.wire.recv(0.2)
        check(m is None or m.status >= 400, f"the thief got {m}")
        check(s.lineside.counters()[count] > before, "not counted")
        a.wire.send(cancel_of(d))
        b.answer(b.request("CANCEL"), 200)
        b.answer(invite, 487, "Cancelled")
        r = a.final(d)
        check(r.status == 487, f"the caller got {r}")


@test()
def foreign_copy(t, s):
    """Nor does a copy of an INVITE bring him the answer, with its keys."""
    a, thief = s.secure_agent(t, "2162"), s.secure_agent(t, "2163")
    b, invite, d = rings(s, t, a, [(SUITES[0], sip.new_key(SUITES[0]))])
    db, d.late = b.accept(invite), True  # it is acknowledged below
    thief.wire.send(d.sent)
    b.answer(invite, 200, dialog=db, body=sip.sdp(b.wire.local, 40000))
    r = a.final(d)
    check(r.status == 200 and r.crypto(), f"the caller got {r}")
    thief.wire.send(d.sent)
    m = thief.wire.recv(1)
    check(m is None, f"the thief got {m} {m and m.crypto()}")
    a.ack(d)
    b.request("ACK", dialog=db)
    a.bye(d)
    b.await_bye(db)


@test()
def foreign_ack(t, s):
    """Nor does the description in his ACK take the place of the caller's, who
    has made no offer yet."""
    a, thief = s.secure_agent(t, "2164"), s.secure_agent(t, "2165")
    b, number = s.slot_agent(t)
    d = a.invite(number, "")
    d.late = True
    m = b.request("INVITE")
    db = b.accept(m)
    b.answer(m, 200, dialog=db, body=sip.sdp(b.wire.local, 40000))
    r = a.final(d)
    check(r.status == 200 and r.crypto(), f"no offer: {r}")
    suite = r.crypto()[0][0]
    body = sip.sdp(thief.wire.local, 40002, [(suite, sip.new_key(suite))])
    thief.ack(d, body)
    b.nothing(1, lambda m: m.method in ("ACK", "BYE"))
    a.ack(d, body.replace(thief.wire.local, a.wire.local))
    b.request("ACK", dialog=db)
    leg = next(x for x in s.legs(number) if x["leg"] == "A")
    check(str(leg["media_remote"]).startswith(a.wire.local), f"{leg}")
    a.bye(d)
    b.await_bye(db)


@test()
def flood_of_media(t, s):
    """Unauthenticated packets at an SRTP port: counted, dropped, and the
    voice goes on."""
    from test_calls import answered, exchange, streams
    a = s.secure_agent(t, "2049")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs,
                      [(SUITES[0], sip.new_key(SUITES[0]))])
    leg = next(x for x in s.legs(number) if x["leg"] == "A")
    host, _, port = str(leg["media_local"]).rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as x:
        for n in range(500):
            x.sendto(struct.pack("!BBHII", 0x80, 0, n, n, 9) +
                     os.urandom(170), (host, int(port)))
    exchange(ms, bs)
    leg = next(x for x in s.legs(number) if x["leg"] == "A")
    check(leg["auth_failed"] + leg["wrong_source"] >= 400, f"{leg}")
    a.bye(da)
    b.await_bye(db)


@test()
def via_of_another_transport(t, s):
    """TLS ended in front of the sender, whose Via says TCP: nowhere to answer
    to (RFC 3261 18.2.2). That is said and counted."""
    a = s.secure_agent(t, "2099")
    count = "lineside_sip_requests_via_transport_total"
    before = s.lineside.counters()[count]
    for n, via in enumerate(("TCP", "UDP", "SCTP"), 1):
        text = a.build("OPTIONS", f"sip:{s.access}", sip.Dialog())
        a.wire.send(text.replace("SIP/2.0/TLS", f"SIP/2.0/{via}"))
        wait_for(lambda: s.lineside.counters()[count] >= before + n, 5,
                 "the drop to be counted")
        check(f"its Via says {via}, and it came over tls" in s.lineside.log(),
              "not said")
    check(a.register(0).status == 200, "the connection serves no more")
