"""Phones boot through a phone proxy: files, trust lists, refusals."""

import os
import shutil
import socket
import ssl
import struct
import threading
import time
import urllib.error
import urllib.request

from kit.boot import INSIDE, MAC, Boot, RawTftp
from kit.deskphone import CCM_TFTP, DeskPhone
from kit.env import Failure, check, run, wait_for
from kit.fleet import Fleet, device
from kit.suite import test

DATA, ERROR = 3, 5


def signed_payload(data):
    """What stands behind the header of a signed file."""
    check(data[:3] == b"\x01\x00\x02", "no signed file")
    return data[struct.unpack("!H", data[8:10])[0]:]


def check_config(b, data):
    check(INSIDE.encode() not in data, "the call manager's address is left")
    check(b.access.encode() in data, "the access address is not there")
    check(b"<deviceSecurityMode>3<" in data, "not told to use TLS")


@test(None)
def boots_by_http_and_tftp(t):
    """The order of a real phone: CTL, ITL, signed configuration, ring list;
    by curl, tftp-hpa and atftp, from tftpd-hpa; the story is shown."""
    b = Boot(t)
    status, ctl, _ = b.curl(f"CTL{MAC}.tlv")
    check(status == 200, f"CTL: {status}")
    check(b.tftp_hpa("CTLFile.tlv") == ctl, "TFTP gives another CTL")
    path = t.path("ctl.tlv")
    with open(path, "wb") as f:
        f.write(ctl)
    done = b.ctl("verify", path)
    check(done.returncode == 0, f"ctl verify: {done.stderr}")
    check(b.curl(f"ITL{MAC}.tlv")[0] == 200, "no ITL")
    status, config, _ = b.curl(f"{MAC}.cnf.xml.sgn")
    check(status == 200, f"configuration: {status}")
    check_config(b, signed_payload(config))
    check_config(b, signed_payload(b.tftp_hpa(f"{MAC}.cnf.xml.sgn")))
    check_config(b, b.tftp_hpa(f"{MAC}.cnf.xml"))
    check(signed_payload(b.atftp("Ringlist.xml.sgn")) ==
          b"<CiscoIPPhoneRingList/>\n", "the ring list was changed")
    said = [e["text"] for e in b.timeline()]
    check(said[0].startswith(f"CTL{MAC}.tlv by HTTP"), f"timeline: {said}")
    check(any("rewritten: 1 call managers" in s for s in said), f"{said}")
    check(any("received whole" in s for s in said), f"{said}")
    b.lineside.judge()


@test(None)
def large_files_and_options(t):
    """Three megabytes by every option of TFTP, and again from the cache."""
    b = Boot(t)
    big = os.urandom(3 << 20) + b"x"
    b.put("firmware.loads", big)
    check(b.tftp_hpa("firmware.loads") == big, "512 bytes a block")
    check(b.atftp("firmware.loads", "blksize 1428") == big, "blksize")
    check(b.atftp("firmware.loads", "windowsize 8") == big, "windowsize")
    check(b.curl("firmware.loads")[1] == big, "HTTP")
    counters = b.lineside.counters()
    check(counters["lineside_phone_fetches_total"] == 1,
          f"fetched {counters['lineside_phone_fetches_total']} times")
    b.lineside.judge()


@test(None)
def from_nginx(t):
    """The call manager's files come by HTTP."""
    b = Boot(t, "http")
    status, config, _ = b.curl(f"{MAC}.cnf.xml.sgn")
    check(status == 200, f"configuration: {status}")
    check_config(b, signed_payload(config))
    check(b.curl("nothere.xml")[0] == 404, "a file that is not there")
    b.lineside.judge()


@test(None)
def absent_files_are_answered_at_once(t):
    b = Boot(t)
    status, _, took = b.curl("ITLSEP00000000000G.tlv")
    check(status == 404 and took < 1, f"{status} after {took} s")
    begin = time.monotonic()
    op, code, _, _ = RawTftp(b).ask("nothere.xml").answer()
    check((op, code) == (ERROR, 1), f"{op} {code}")
    check(time.monotonic() - begin < 1, "TFTP was slow")
    b.lineside.judge()


NAMES = ["../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "/etc/passwd",
         "%2e%2e/%2e%2e/etc/passwd", "....//etc/passwd", "..\\..\\etc\\passwd",
         "a/../../etc/passwd", "./SEP001122334455.cnf.xml/../../../etc/passwd",
         "SEP001122334455.cnf.xml%00.tlv", "~root/.bashrc", "%ff%fe",
         "CTLSEP001122334455.tlv/../../state", "file:///etc/passwd", "A" * 300]


@test(None)
def no_name_opens_a_path(t):
    """Path traversal in every dress, by both servers: like absent files."""
    b = Boot(t)
    for name in NAMES:
        status, data, _ = b.curl(name)
        check(status in (400, 404), f"{name}: {status}")
        check(b"root:" not in data, f"{name}: a file of this machine")
        if len(name) < 255:
            op, code, rest, _ = RawTftp(b).ask(name).answer()
            check((op, code) == (ERROR, 1), f"{name}: {op} {code} {rest}")
    op, code, _, _ = RawTftp(b).ask("x.xml", op=2).answer()
    check((op, code) == (ERROR, 2), f"a write request: {op} {code}")
    b.lineside.judge()


@test(None)
def sessions_are_capped(t):
    """The cap is kept, the refusal is quick, and what is over makes room."""
    b = Boot(t, more="max-concurrent-sessions 5")
    b.put("big.bin", bytes(100000))
    sites = t.addr(), t.addr()  # each may have half
    clients = [RawTftp(b, sites[n % 2]).ask("big.bin") for n in range(5)]
    for c in clients:
        op, number, _, _ = c.answer()
        check((op, number) == (DATA, 1), f"{op} {number}")
    begin = time.monotonic()
    op, code, text, _ = RawTftp(b).ask("big.bin").answer()
    check((op, code) == (ERROR, 0) and b"try again" in text,
          f"{op} {code} {text}")
    check(time.monotonic() - begin < 1, "the refusal was slow")
    # One gives up; its place is free.
    clients[0].s.sendto(struct.pack("!HH", ERROR, 0) + b"\0",
                        (b.access, b.tftp))

    def served():
        op, _, _, _ = RawTftp(b).ask("big.bin").answer()
        return op == DATA
    wait_for(served, 5, "room for another")
    row = b.lineside.json("voice-phone-proxy")["phone_proxies"][0]
    check(row["tftp_sessions"] == 5 and row["tftp_busy"] >= 1, f"{row}")
    b.lineside.judge()


@test(None)
def strangers_get_nothing_of_a_transfer(t):
    """With a range of ports, a transfer has its own; packets from another
    port are answered with error 5 and change nothing."""
    lo = 31000 + os.getpid() % 1000 * 20
    b = Boot(t, more=f"port-range {lo} {lo + 19}")
    b.put("two.bin", bytes(600))
    c, stranger = RawTftp(b), RawTftp(b)
    op, number, _, sender = c.ask("two.bin").answer()
    check((op, number) == (DATA, 1), f"{op} {number}")
    check(lo <= sender[1] <= lo + 19, f"sent from {sender}")
    stranger.s.sendto(struct.pack("!HH", 4, 1), sender)
    op, code, _, _ = stranger.answer()
    check((op, code) == (ERROR, 5), f"{op} {code}")
    c.s.sendto(struct.pack("!HH", 4, 1), sender)
    op, number, rest, _ = c.answer()
    check((op, number, len(rest)) == (DATA, 2, 88), f"{op} {number}")
    b.lineside.judge()


@test(None)
def a_silent_call_manager(t):
    """Phones get an answer in seconds; what is ours is served as ever."""
    b = Boot(t, None)
    status, _, took = b.curl(f"{MAC}.cnf.xml.sgn")
    check(status == 503 and took < 15, f"{status} after {took} s")
    check(b.curl("CTLFile.tlv")[0] == 200, "the trust list needs nobody")
    said = b.timeline()[0]["text"]
    check("no answer" in said, said)
    b.lineside.judge()


BILLION_LAUGHS = b"""<!DOCTYPE device [<!ENTITY a "ha">%s]>
<device><name>&j;</name></device>""" % b"".join(
    b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 10)
    for c in range(ord("b"), ord("k")))


@test(None)
def a_call_manager_that_answers_garbage(t):
    """No TFTP, an XML of another kind, a bomb: refused, and said why."""
    b = Boot(t)
    for name, data in (
            ("SEP00000000000A", b"\x00\x01garbage"),
            ("SEP00000000000B", b"<html><body/></html>"),
            ("SEP00000000000C", b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'),
            ("SEP00000000000D", b"<device>" + b"<a>" * 5000),
            ("SEP00000000000E", BILLION_LAUGHS),
            ("SEP00000000000F", b"<device>" + b" " * (2 << 20) +
             b"</device>")):
        b.put(f"{name}.cnf.xml", data)
        status, _, _ = b.curl(f"{name}.cnf.xml")
        check(status == 503, f"{name}: {status}")
        check(len(b.timeline(name)[-1]["text"]) > 30, "no reason is told")
    check(b.lineside.counters()
          ["lineside_phone_configurations_refused_total"] == 5, "not counted")
    check(any("too large" in e["text"] for e in b.timeline("SEP00000000000F")),
          "not refused by its size")
    b.lineside.judge()


@test(None)
def an_inside_address_that_is_left(t):
    """In an element that nobody knows: the phone gets the file, and the
    operator learns which element of which file names what."""
    b = Boot(t)
    b.put(f"{MAC}.cnf.xml", b.config().replace(
        b"</device>", b"<newThing><host>192.0.2.11</host></newThing>"
        b"</device>"))
    check(b.http_get(f"{MAC}.cnf.xml.sgn")[0] == 200, "the configuration")
    line = next((x for x in b.lineside.log().split("\n")
                 if "PHONE-4-LEAK" in x), "")
    check("newThing/host" in line and "192.0.2.11" in line and MAC in line,
          f"the log: {line}")
    check(any("1 inside names left" in e["text"] for e in b.timeline()),
          f"{b.timeline()}")
    check(b.lineside.counters()["lineside_phone_configuration_leaks_total"] == 1,
          "not counted")
    b.lineside.judge()


@test(None)
def files_of_this_machine(t):
    """load-cfg-file: as it is, and signed."""
    path = t.write("tones.xml", "<tones/>\n")
    b = Boot(t, None, more=f"load-cfg-file {path} alias g3-tones.xml sign\n"
                           f"load-cfg-file {path} alias plain.xml")
    check(b.curl("g3-tones.xml")[1] == b"<tones/>\n", "as it is")
    check(signed_payload(b.curl("g3-tones.xml.sgn")[1]) == b"<tones/>\n",
          "signed")
    check(b.curl("plain.xml")[1] == b"<tones/>\n", "without sign")
    b.lineside.judge()


@test(None)
def files_of_this_machine_made_anew(t):
    """load-cfg-file … create: read and signed at each reload, as every file
    is; the word alone signs nothing, and is not shown again."""
    path = t.write("tones.xml", "<tones/>\n")
    b = Boot(t, None, more=f"load-cfg-file {path} alias a.xml sign create\n"
                           f"load-cfg-file {path} alias b.xml create")
    for text in (b"<tones/>\n", b"<tones>new</tones>\n"):
        with open(path, "wb") as f:
            f.write(text)
        check(b.lineside.reload()["ok"], "the reload")
        check(signed_payload(b.curl("a.xml.sgn")[1]) == text, "signed")
        check(b.curl("b.xml")[1] == text, "as it is")
    check(b.curl("b.xml.sgn")[0] != 200, "signed without being asked for")
    shown = b.lineside.show("running-config")
    check(f"load-cfg-file {path} alias a.xml sign\n" in shown and
          f"load-cfg-file {path} alias b.xml\n" in shown, shown)
    b.lineside.judge()


def connections(b):
    """TCP connections of phones that the daemon holds."""
    port = f":{b.http:04X}"
    with open("/proc/net/tcp", encoding="ascii") as f:
        rows = [line.split() for line in f]
    return sum(r[1].endswith(port) and r[3] == "01" for r in rows)


@test(None)
def slow_readers_by_http_are_cut_off(t):
    """Some read a little of a file and stop, some send half a request: others
    are served meanwhile, and after the idle bound (15 s) all are gone."""
    big = t.path("big.bin")
    with open(big, "wb") as f:
        f.truncate(24 << 20)  # more than sockets buffer
    b = Boot(t, None, more=f"load-cfg-file {big} alias big.bin")
    slow = []
    for i in range(20):
        s = socket.socket()
        t.at_end(s.close)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(20)
        s.connect((b.access, b.http))
        s.sendall(b"GET /big.bin HTTP/1.1\r\nHost: x\r\n" +
                  (b"\r\n" if i % 2 else b"X-Half: "))
        if i % 2:
            check(s.recv(100).startswith(b"HTTP/1.1 200"), "the beginning")
        slow.append(s)
    check(connections(b) >= 20, f"{connections(b)} connections")
    status, _, took = b.curl("CTLFile.tlv")
    check(status == 200 and took < 3, f"{status} after {took} s")
    wait_for(lambda: connections(b) == 0, 40, "the slow ones to be left")
    for i, s in enumerate(slow):
        size = 0
        try:
            while more := s.recv(1 << 20):
                size += len(more)
        except ConnectionResetError:
            pass
        check(size < 24 << 20, f"reader {i} was given the whole file")
    check(b.curl("CTLFile.tlv")[0] == 200, "afterwards")
    b.lineside.judge()


@test(None)
def by_ipv6(t):
    b = Boot(t, access="::1")
    for how in ("http", "tftp"):
        phone = DeskPhone(t.path("flash"), MAC, "::1", tftp=b.tftp,
                          http=b.http, how=how).boot()
        check(phone.members() == [("::1", b.sip)], f"{phone.members()}")
    status, config, _ = b.curl(f"{MAC}.cnf.xml.sgn")
    check(status == 200, f"{status}")
    check_config(b, signed_payload(config))
    op, number, _, _ = RawTftp(b).ask("CTLFile.tlv").answer()
    check((op, number) == (DATA, 1), f"{op} {number}")
    b.lineside.judge()


@test(None)
def a_phone_that_nobody_knows(t):
    """No file of its own: the default one, rewritten and signed like it."""
    b = Boot(t)
    b.put("XMLDefault.cnf.xml", b"""<Default>
<callManagerGroup><members><member priority="0"><callManager><ports>
<ethernetPhonePort>2000</ethernetPhonePort></ports>
<processNodeName>192.0.2.11</processNodeName></callManager></member></members>
</callManagerGroup>
<authenticationURL>http://192.0.2.11:8080/a</authenticationURL>
</Default>
""")
    phone = DeskPhone(t.path("flash"), "SEP0000000000AA", b.access,
                      tftp=b.tftp, http=b.http)
    try:
        phone.boot()
        raise Failure("that was a whole configuration")
    except Failure as e:
        check("a document of Default" in str(e), str(e))
    check("XMLDefault.cnf.xml.sgn" in phone.asked, f"{phone.asked}")
    check(b"192.0.2.11" not in phone.config and
          f"<processNodeName>{b.access}<".encode() in phone.config and
          f"<securedSipPort>{b.sip}<".encode() in phone.config,
          f"{phone.config}")
    b.lineside.judge()


@test(None)
def two_call_managers(t):
    """Each has a port of ours, by which phones tell them apart."""
    b = Boot(t, start=False)
    other = t.env.port_pair(b.access)
    b.lineside.config(b.text() + f"""
sip-listener SECOND
 side access
 address ipv4 {b.access} port {other}
 transport tcp tls
 trustpoint EDGE
dial-peer voice 11 voip
 incoming listener SECOND
 destination-pattern 2...
 session target registrar
 session transport tcp tls
 phone-proxy HOME signal-addr ipv4 {b.access} cucm dns cm-b.inside.example
""")
    b.lineside.start()
    phone = DeskPhone(t.path("flash"), MAC, b.access, tftp=b.tftp,
                      http=b.http).boot()
    check(phone.members() == [(b.access, b.sip), (b.access, other)],
          f"{phone.members()}")
    b.lineside.judge()


@test(None, alone=True)
def readers_during_regenerate(t):
    """50 readers while the list is made anew again and again (the
    environment's LINESIDE_REGENERATE times): each gets a list that
    verifies."""
    b = Boot(t, None)
    stop, seen, failed = threading.Event(), {}, []

    def read():
        while not stop.is_set():
            try:
                with urllib.request.urlopen(b.url("CTLFile.tlv"),
                                            timeout=20) as r:
                    seen[r.read()] = True
            except (urllib.error.URLError, OSError) as e:
                failed.append(e)
            stop.wait(0.02)
    threads = [threading.Thread(target=read) for _ in range(50)]
    for x in threads:
        x.start()
    try:
        for _ in range(int(os.environ.get("LINESIDE_REGENERATE", "20"))):
            done = b.ctl("regenerate")
            check(done.returncode == 0, f"{done.stdout}{done.stderr}")
    finally:
        stop.set()
        for x in threads:
            x.join()
    check(not failed, f"{len(failed)} readers failed: {failed[:1]}")
    check(len(seen) >= 2, "the list never changed")
    for n, data in enumerate(seen):
        path = t.path("lists", f"{n}.tlv")
        with open(path, "wb") as f:
            f.write(data)
        done = b.ctl("verify", path)
        check(done.returncode == 0, f"list {n}: {done.stderr}")
    b.lineside.judge()


@test(None)
def certificates_swapped_under_us(t):
    """Certificate and key files are replaced, halved, mixed and removed while
    the daemon runs: a phone that holds the first list boots after each, since
    nothing is used before a reload that understands all of it."""
    b = Boot(t)
    b.pki.leaf("new", "servers", "/O=Example/CN=edge.example.com", kind="rsa")
    phone = DeskPhone(t.path("flash"), MAC, b.access, tftp=b.tftp,
                      http=b.http)

    def swap(name, source=None, part=None):
        path = b.pki.path(name)
        if source is None:
            os.remove(path)
            return
        with open(b.pki.path(source), "rb") as f:
            data = f.read()
        with open(path, "wb") as f:
            f.write(data[:part])

    def boots(signer):
        phone.boot()
        certificate = open(b.pki.path(f"{signer}.pem"), encoding="ascii")
        with certificate as f:
            check(ssl.PEM_cert_to_DER_cert(f.read()) in
                  phone.ctl.certificates(CCM_TFTP), "another's files")

    shutil.copy(b.pki.path("edge.pem"), b.pki.path("old.pem"))
    shutil.copy(b.pki.path("edge.key"), b.pki.path("old.key"))
    boots("old")
    swap("edge.pem", "new.pem")
    boots("old")  # nobody was told
    for name, source, part in (
            ("edge.pem", "new.pem", None),  # not this key's
            ("edge.pem", "new.pem", 300), ("edge.key", "old.pem", None),
            ("edge.key", None, None), ("edge.pem", None, None)):
        swap("edge.pem", "old.pem")
        swap("edge.key", "old.key")
        swap(name, source, part)
        row = b.lineside.reload()
        check(not row["ok"] and name in str(row), f"{name}: {row}")
        boots("old")
    swap("edge.pem", "new.pem")
    swap("edge.key", "new.key")
    done = b.ctl("regenerate")
    check(done.returncode in (0, 1), f"{done.stderr}")
    boots("old" if done.returncode else "new")
    check(b.lineside.reload()["ok"], "a pair that belongs together")
    boots("new")
    b.lineside.judge()


@test(None)
def each_damage_has_its_words(t):
    """`lineside ctl verify` of every damaged list that there is, and of one
    that is cut anywhere: no two of the damages are told alike."""
    folder, words = f"{t.env.source}/tests/vectors/trust-list", {}

    def verify(path):
        done = run([t.env.program("lineside"), "ctl", "verify", path])
        said = (done.stdout + done.stderr).replace(path, "").strip()
        return done.returncode, said
    for file in sorted(os.listdir(folder)):
        if file.endswith(".tlv"):
            code, said = verify(f"{folder}/{file}")
            check(code == (1 if file.startswith("bad") else 0),
                  f"{file}: {code} {said}")
            if code == 1:
                words.setdefault(said, []).append(file)
    check(len(words) == 11 and "" not in words, f"{words}")
    with open(f"{folder}/ctl-01-sha1-v10.tlv", "rb") as f:
        whole = f.read()
    for n in range(0, len(whole), 499):
        with open(t.path("cut.tlv"), "wb") as f:
            f.write(whole[:n])
        code, said = verify(t.path("cut.tlv"))
        check(code == 1 and len(said) > 20, f"{n} bytes: {code} {said}")


@test(None)
def a_list_that_phones_would_refuse(t):
    """A new signer that the old list does not know: the old list is served
    on, with a warning; --force replaces it; so does a known signer."""
    b = Boot(t, None)
    old = b.curl("CTLFile.tlv")[1]
    text = b.text().replace("SAST1", "SAST3").replace("sast1", "sast3")
    text = text.replace("SAST2", "SAST4").replace("sast2", "edge")
    text = text.replace("cucm-tftp trustpoint EDGE",
                        "cucm-tftp trustpoint SAST4")
    b.lineside.config(text)
    row = b.lineside.reload()
    check(row["ok"] and row["warnings"] > 0, f"{row}")
    check(b.curl("CTLFile.tlv")[1] == old, "the list was replaced")
    done = b.ctl("regenerate")
    check(done.returncode == 1 and "would refuse" in done.stderr,
          f"{done.returncode} {done.stderr}")
    done = b.ctl("regenerate", "--force")
    check(done.returncode == 0, f"{done.stderr}")
    check(b.curl("CTLFile.tlv")[1] != old, "--force did nothing")
    b.lineside.judge()
    check(not run(["find", b.state, "-name", "*.new.*"]).stdout,
          "something written aside was left")


@test(None, alone=True)
def five_hundred_phones_at_once(t):
    """A fleet restart: every phone gets every file, within the cap."""
    b = Boot(t)
    config = open(os.path.join(b.files, f"{MAC}.cnf.xml"), "rb").read()
    for n in range(500):
        b.put(f"{device(n)}.cnf.xml", config)
    fleet = Fleet(b.access, b.tftp, b.http, 500).run(90)
    ctl = {p.got[name] for p in fleet.phones for name in p.got
           if name.startswith("CTL")}
    check(len(ctl) == 1, "phones got different lists")
    for p in fleet.phones:
        file = next(n for n in p.got if n.endswith(".sgn"))
        check_config(b, signed_payload(p.got[file]))
    row = b.lineside.json("voice-phone-proxy")
    proxy = row["phone_proxies"][0]
    check(proxy["tftp_sessions"] == 0, f"transfers are left: {proxy}")
    check(row["files"]["phones"] == 500, f"{row['files']}")
    b.lineside.judge()


@test(None)
def the_doctor_looks_at_phone_proxies(t):
    """The trust list, what phones meet, and whether files are to be had."""
    b = Boot(t, start=False)
    doctor = [t.env.program("lineside"), "doctor", "-f", b.lineside.file]
    said = run(doctor, 60).stdout
    check("trust list HOME can be made" in said, said)
    check("file server answers" in said, said)
    check("do not believe" not in said, said)
    check(not os.listdir(b.state), "the doctor wrote something")
    b.tftpd.stop()
    b.lineside.config(b.text().replace(
        "cucm-tftp trustpoint EDGE", "cucm-tftp trustpoint SAST2"))
    said = run(doctor, 60).stdout
    check("do not believe listener PHONES" in said, said)
    check("gets no files" in said and "no answer" in said, said)


TRUST = """crypto pki trustpoint LSC
 certificate file {pki}/capf.pem
 key file {pki}/capf.key
tvs-server
 trustpoint-label EDGE
 port {tvs}
 source-addr {access}
 answer trustpoint EDGE role tvs
capf-server
 trustpoint-label SAST2
 cert-enroll-trustpoint LSC
 port {capf}
 source-addr {access}
 auth-mode null-string
"""


@test(None)
def phones_are_sent_to_our_capf_and_tvs(t):
    """With servers of ours, the configuration names them in the place of the
    call manager's, and the trust list holds the TVS's certificate."""
    b = Boot(t, start=False)
    path = os.path.join(b.files, f"{MAC}.cnf.xml")
    config = open(path, "rb").read().replace(
        b"<capfList>", b"<TVS><members><member priority=\"0\"><port>2445"
        b"</port><address>192.0.2.11</address></member></members></TVS>"
        b"<capfList>")
    b.put(f"{MAC}.cnf.xml", config)
    text = b.text().replace("capf-address ipv4 192.0.2.10", "capf-address "
                            "ipv4 192.0.2.99")
    text = text.replace(" capf-address", " no capf-address")
    tvs = t.env.port_pair(b.access)
    capf = 2000 + tvs % 7900
    b.lineside.config(text + TRUST.format(
        access=b.access, tvs=tvs, capf=capf, pki=b.pki.dir))
    b.lineside.start()
    status, data, _ = b.curl(f"{MAC}.cnf.xml")
    check(status == 200, f"{status}")
    check(INSIDE.encode() not in data, "the call manager's address is left")
    for want in (f"<phonePort>{capf}</phonePort>", f"<port>{tvs}</port>",
                 f"<address>{b.access}</address>"):
        check(want.encode() in data, f"{want} is not in the configuration")
    roles = {r["role"] for r in b.lineside.json("ctl-file")["records"]}
    check("TVS" in roles, f"{roles}")
    b.lineside.judge()


@test(None)
def by_https(t):
    """EC certificate in the list, which says version 1.1; a .sgn name gets
    the plain file, several requests on a connection."""
    b = Boot(t, start=False)
    b.pki.leaf("web", "servers", "/O=Example/CN=web.example.com")
    port = t.env.port_pair(b.access)
    b.put("big.bin", bytes(range(256)) * 4096)
    b.more += f" https-port {port} trustpoint WEB\n"
    b.lineside.config(b.text() + f"crypto pki trustpoint WEB\n certificate "
                      f"file {b.pki.dir}/web.pem\n key file "
                      f"{b.pki.dir}/web.key\n")
    b.lineside.start()
    https = f"https://{b.access}:{port}"
    done = run(["curl", "-sk", f"{https}/{MAC}.cnf.xml.sgn"], 30)
    check("<device>" in done.stdout, f"{done.returncode} {done.stdout[:99]}")
    check(INSIDE not in done.stdout, "the call manager's address is left")
    out = [t.path("got", str(n)) for n in range(2)]
    done = run(["curl", "-sk", "-w", "%{http_code} ", f"{https}/big.bin",
                "-o", out[0], f"{https}/nothere", "-o", out[1]], 30)
    check(done.stdout == "200 404 ", f"{done.stdout}")
    check(open(out[0], "rb").read() == bytes(range(256)) * 4096, "changed")
    shown = b.ctl("show", "HOME").stdout
    check("TFTP" in shown.replace("CCM+TFTP", ""), shown)
    # What is no TLS, and what is no request.
    done = run(["curl", "-s", f"http://{b.access}:{port}/x"], 30)
    check(done.returncode != 0, "answers without TLS")
    done = run(["curl", "-sk", "-X", "POST", f"{https}/x", "-d", "y"], 30)
    check(done.returncode != 0, "answers a POST")
    b.lineside.judge()
