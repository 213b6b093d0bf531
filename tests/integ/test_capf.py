"""The CAPF server, the relay to one, and the TVS, with a scripted phone."""

import os
import signal
import socket
import ssl
import threading
import time

from kit import capf, sip
from kit.env import check, run, wait_for
from kit.lineside import Lineside
from kit.media import Media
from kit.pki import Pki
from kit.site import SUITES
from kit.suite import test
from test_calls import answered
from test_reload import reload

SEP = "SEP001122334455"


def authorities(t):
    pki = Pki(os.path.dirname(t.path("pki", "x")))
    pki.ca("lsc", "/C=DE/O=Example/CN=LSC CA")
    pki.ca("other", "/CN=Other CA")
    pki.leaf("capf", "lsc", "/CN=capf.example.com", "DNS:capf.example.com")
    pki.leaf("edge", "lsc", "/CN=edge.example.com", "DNS:edge.example.com")
    return pki


def config(t, pki, addr, lines, more=""):
    return f"""hostname edge.example.com
state directory {os.path.dirname(t.path("state", "x"))}
logging stderr
logging level debugging
crypto pki trustpoint CAPF
 certificate file {pki.path("capf.pem")}
 key file {pki.path("capf.key")}
crypto pki trustpoint LSC
 certificate file {pki.path("lsc.pem")}
 key file {pki.path("lsc.key")}
crypto pki trustpoint EDGE
 certificate file {pki.path("edge.pem")}
 key file {pki.path("edge.key")}
 ca-bundle file {pki.path("lsc.pem")}
sip-listener PHONES
 side access
 address ipv4 {addr} port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 {addr} port 5060
 transport udp
sip-ua
 registrar embedded
capf-server
 source-addr {addr}
 trustpoint-label CAPF
 cert-enroll-trustpoint LSC
{lines}
{more}"""


def server(t, pki, lines, more="", name="lineside"):
    addr = t.addr()
    d = Lineside(t, config(t, pki, addr, lines, more), name)
    d.start()
    d.addr = addr
    return d


def generate(d, *words):
    done = d.command("capf-server", "auth-string", "generate", *words)
    check(done.returncode == 0, done.stderr + done.stdout)
    return done.stdout


def strings(d):
    return {row["device"]: row
            for row in d.json("capf-server", "auth-string")["phones"]}


def openssl_text(t, der):
    path = t.path("lsc.der")
    with open(path, "wb") as f:
        f.write(der)
    return run(["openssl", "x509", "-inform", "DER", "-in", path, "-noout",
                "-text"]).stdout


@test(site=None)
def phone_enrols_and_is_known_on_tls(t):
    """String, certificate, what the certificate says, TLS with it; then
    fetch, renewal by the certificate, removal."""
    pki = authorities(t)
    d = server(t, pki, " auth-mode auth-string\n"
               " cert-oper upgrade phone SEP0000000000AA auth-mode LSC\n")
    phone = capf.Phone(t)
    check(capf.run_session(phone, d.addr) == 9, "an unknown phone")
    generate(d, SEP.lower(), "0678")
    check(strings(d)[SEP]["auth_string"] == "0678", "its leading zero")
    check("0678" not in d.log(), "the string is in the log")
    check(capf.run_session(phone, d.addr, password="0679") == 7, "wrong")
    check(capf.run_session(phone, d.addr, password="0678") == 1, "right")
    text = openssl_text(t, phone.cert)
    for wanted in (f"CN = {SEP}", "O = Example", "CA:FALSE", f"URI:{SEP}",
                   "TLS Web Client Authentication", "ipsec End System"):
        check(wanted.lower().replace("ipsec end system", "1.3.6.1.5.5.7.3.5")
              in text.lower().replace("ipsec end system",
                                      "1.3.6.1.5.5.7.3.5"), f"{wanted}: {text}")
    row = strings(d)[SEP]
    check(row["auth_string"] is None and row["done"] == "upgrade" and
          row["planned"] == "nothing", f"{row}")
    check(capf.run_session(phone, d.addr) == 0, "nothing is planned")
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.load_verify_locations(pki.path("lsc.pem"))
    ctx.load_cert_chain(phone.pem())
    before = d.counters()["lineside_tls_accepted_total"]
    with ctx.wrap_socket(socket.create_connection((d.addr, 5061), 10)) as s:
        s.sendall(b"\r\n\r\n")
        wait_for(lambda: d.counters()["lineside_tls_accepted_total"] > before,
                 10, "the listener to accept the LSC")
    for oper, reason in (("fetch", 0), ("delete", 1)):
        done = d.command("capf-server", "cert-oper", oper, SEP)
        check(done.returncode == 0, done.stderr)
        generated = generate(d, SEP).split()[-1]
        check(capf.run_session(phone, d.addr, password=generated) == reason,
              oper)
        check(strings(d)[SEP]["done"] == oper, f"{strings(d)}")
    check(phone.cert is None, "it was removed")
    sessions = d.json("capf-server", "sessions")["sessions"]
    check(len(sessions) == 6, f"{sessions}")
    check("authentication string is wrong" in str(sessions), f"{sessions}")
    summary = d.json("capf-server", "summary")["capf_server"][0]
    check((summary["done"], summary["failed"], summary["nothing"]) ==
          (3, 2, 1), f"{summary}")
    story = d.show("phone", SEP, "timeline")
    for wanted in ("upgrade: The authentication string is wrong.",
                   "upgrade: The operation succeeded.",
                   "delete: The operation succeeded."):
        check(wanted in story, f"{wanted}: {story}")
    d.judge()


@test(site=None)
def by_ipv6_with_sealed_strings(t):
    """IPv6; the strings are sealed in the file, and served only with their
    master key; a phone may work on its key so often and not more."""
    pki = authorities(t)
    master = t.write("master.key", "7f" * 32)
    os.chmod(master, 0o600)
    lines = " auth-mode auth-string\n keygen-retry 2\n"
    d = server(t, pki, lines)
    text = config(t, pki, d.addr, lines).replace(
        f" source-addr {d.addr}", " source-addr ::1")
    d.config(text + f"pki master-key file {master}\n")
    d.judge()
    d.start()
    phone = capf.Phone(t)

    def working(times):
        def say(s):
            for _ in range(times):
                s.send(capf.IN_PROGRESS)
        return say
    generate(d, SEP, "90210471")
    for name in os.listdir(state := os.path.dirname(t.path("state", "x"))):
        with open(os.path.join(state, name), "rb") as f:
            check(b"90210471" not in f.read(), f"{name} has it in clear")
    check(capf.run_session(phone, "::1", password="90210471",
                           before_key=working(2)) != 1, "three times")
    check(capf.run_session(phone, "::1", password="90210471",
                           before_key=working(1)) == 1, "twice")
    rows = d.json("capf-server", "sessions")["sessions"]
    check(all(r["peer"].startswith("[::1]:") for r in rows), f"{rows}")
    generate(d, SEP, "90210472")
    d.judge()
    d.config(text)
    d.start()
    check("NOT_SERVED" in d.log() and "pki master-key" in d.log(),
          "it is served without its key")
    d.judge()
    d.config(text + f"pki master-key file {master}\n")
    d.start()
    check(strings(d)[SEP]["auth_string"] == "90210472", "it was lost")
    d.judge()


@test(site=None)
def phone_proves_itself_by_certificate(t):
    """LSC by our CA; another's is refused, and another's name."""
    pki = authorities(t)
    d = server(t, pki, " auth-mode LSC\n cert-oper upgrade all\n"
               " phone-key-curve 256\n"
               f" cert-oper upgrade phone {SEP} auth-mode null-string\n")
    phone = capf.Phone(t, kind="prime256v1")
    check(capf.run_session(phone, d.addr) == 1, "by the null string")
    first = phone.cert
    d.config(config(t, pki, d.addr, " auth-mode LSC\n cert-oper upgrade all\n"
                    " phone-key-curve 256\n"))
    check(d.reload()["ok"], "the reload")
    check(capf.run_session(phone, d.addr) == 0, "it is done already")
    d.command("capf-server", "cert-oper", "upgrade", SEP)
    check(capf.run_session(phone, d.addr, proof=True) == 1, "by its LSC")
    check(phone.cert != first, "another one")
    thief = capf.Phone(t, "SEP00000000BEEF", kind="prime256v1")
    thief.cert, thief.key = phone.cert, phone.key
    check(capf.run_session(thief, d.addr, proof=True) == 7, "another's name")
    cert, key, _ = pki.leaf("strange", "other", f"/CN={thief.name}")
    with open(cert) as f:
        thief.cert = ssl.PEM_cert_to_DER_cert(f.read())
    thief.key = key
    check(capf.run_session(thief, d.addr, proof=True) == 7, "a stranger's CA")
    d.judge()


@test(site=None)
def phone_enrols_through_the_relay(t):
    """A second daemon inside is the CAPF server: TLS ends there, bytes pass
    as they are, the server is not dialled by who says nothing."""
    pki = authorities(t)
    inside = server(t, pki, " auth-mode auth-string\n", name="inside")
    access, local = t.addr(), t.addr()
    outside = server(t, pki, " auth-mode null-string\n port 4804\n", f"""
voice-phone-proxy HOME
 tftp-server address ipv4 {t.addr()} local-addr ipv4 {local} acc-addr ipv4 {access}
 capf-address ipv4 {inside.addr} acc-addr ipv4 {access}
 service-map server-addr ipv4 {t.addr()} port 9 acc-addr ipv4 {access} port 8080
 no tftp-port
 no http-port
 complete
""", name="outside")
    generate(inside, SEP, "123456")
    silent = socket.create_connection((access, 3804), 10)
    phone = capf.Phone(t)
    s = capf.Session(access)
    with open(pki.path("capf.pem")) as f:
        check(s.server_cert == ssl.PEM_cert_to_DER_cert(f.read()),
              "the server inside showed its certificate")
    s.close()
    check(capf.run_session(phone, access, password="123456") == 1, "enrolment")
    rows = {r["access"]: r for r in outside.json("service-map")["relays"]}
    row = rows[f"{access}:3804"]
    check(row["accepted"] == 3 and row["dialled"] == 2, f"{row}")
    silent.close()
    dead = socket.create_connection((access, 8080), 10)
    dead.sendall(b"hello")
    try:
        check(dead.recv(1) == b"", "nobody is there")
    except ConnectionResetError:
        pass
    sessions = inside.json("capf-server", "sessions")["sessions"]
    check(any(x["peer"].startswith(local + ":") for x in sessions),
          f"it was dialled from the local address: {sessions}")
    # The server inside is killed in the middle: the phone learns, and later
    # enrols with what was kept.
    generate(inside, SEP, "654321")
    s = capf.Session(access)
    s.authenticate(phone, "654321")
    s.expect(capf.KEY_REQUEST)
    os.kill(inside.pid, signal.SIGKILL)
    inside.proc.wait(10)
    try:
        check(s.sock.recv(1) == b"", "nothing comes any more")
    except (OSError, ssl.SSLError):
        pass
    s.close()
    inside.start()
    check(capf.run_session(phone, access, password="654321") == 1,
          "after the restart")
    inside.judge()
    outside.judge()


@test(site=None)
def guessing_is_slow(t):
    """After five wrong strings none fits; the count outlives kill -9, and
    twenty withdraw the string."""
    pki = authorities(t)
    d = server(t, pki, " auth-mode auth-string\n")
    phone = capf.Phone(t)
    generate(d, SEP, "4711")

    def wrong(times):
        for i in range(times):
            check(capf.run_session(phone, d.addr, password=f"{i:04}") == 7,
                  "wrong")

    wrong(5)
    check(strings(d)[SEP]["locked"], "it is locked")
    check(capf.run_session(phone, d.addr, password="4711") == 7,
          "even the right one")
    check(strings(d)[SEP]["wrong"] == 5, "that was no try")
    generate(d, SEP, "4711")
    check(capf.run_session(phone, d.addr, password="4711") == 1,
          "a new string unlocks")
    generate(d, SEP, "4712")
    for n in (5, 10, 15):
        wrong(5)
        wait_for(lambda n=n: strings(d)[SEP]["wrong"] == n, 10, f"{n} tries")
        d.command("capf-server", "cert-oper", "upgrade", SEP)  # is on disk
        os.kill(d.pid, signal.SIGKILL)
        d.proc.wait(10)
        d.start()
        check(strings(d)[SEP]["wrong"] == n, f"{n} were kept")
    wrong(5)
    check(strings(d)[SEP]["auth_string"] is None, "it is withdrawn")
    check("CAPF_WITHDRAWN" in d.log(), "and that is said")
    d.judge()


@test(site=None)
def hostile_peers_do_not_matter(t):
    """Silence, garbage, floods and halves, while a phone enrols."""
    pki = authorities(t)
    d = server(t, pki, " auth-mode null-string\n cert-oper upgrade all\n"
               " max-sessions 40 per-source 10 per-minute 1000\n")
    bad = [t.addr() for _ in range(3)]
    held = []
    for _ in range(15):  # silent before TLS: ten of one source
        held.append(socket.create_connection((d.addr, 3804), 10,
                                             source_address=(bad[0], 0)))
    wait_for(lambda: d.json("capf-server", "summary")["capf_server"][0]
             ["refused_source"] == 5, 10, "five refused")
    for data in (b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\xff\xff" * 99):
        s = socket.create_connection((d.addr, 3804), 10,
                                     source_address=(bad[1], 0))
        s.sendall(data)
        held.append(s)
    phone = capf.Phone(t)
    for frame in (b"\x00" * 32, b"\x55\x02\x00\x00\x00\x01\xff\xff",
                  b"\x55\x63\x00\x00\x00\x01\x00\x00",
                  b"\x55\x04\x00\x00\x00\x01\x00\x00"):
        s = capf.Session(d.addr, source=bad[2])
        s.expect(capf.AUTH_REQUEST)
        s.sock.sendall(frame)
        held.append(s.sock)
    slow = capf.Session(d.addr, source=bad[2])  # a byte at a time
    slow.expect(capf.AUTH_REQUEST)
    body = (capf.element(capf.PASSWORD, b"\x00") +
            capf.element(capf.DEVICE, SEP.encode() + b"\x00"))
    frame = (b"\x55\x02" + slow.session.to_bytes(4, "big") +
             len(body).to_bytes(2, "big") + body)
    for i in range(len(frame)):
        slow.sock.sendall(frame[i:i + 1])
    slow.expect(capf.KEY_REQUEST)
    check(capf.run_session(phone, d.addr) == 1, "a phone among them")
    check(capf.run_session(phone, d.addr) == 0, "and again")
    slow.close()
    for s in held:
        s.close()
    wait_for(lambda: d.json("capf-server", "summary")["capf_server"][0]
             ["open"] == 0, 20, "all to be gone")
    d.judge()


@test(site=None, alone=True)
def a_fleet_enrols(t):
    """Sixty phones at once, each with its certificate."""
    pki = authorities(t)
    d = server(t, pki, " auth-mode null-string\n cert-oper upgrade all\n"
               " max-sessions 100 per-source 100 per-minute 1000\n"
               " phone-key-curve 256\n")
    phones = [capf.Phone(t, f"SEP{i:012X}", kind="prime256v1")
              for i in range(60)]
    results = []

    def enrol(phone):
        try:
            results.append(capf.run_session(phone, d.addr))
        except Exception as e:
            results.append(e)

    threads = [threading.Thread(target=enrol, args=(p,)) for p in phones]
    for x in threads:
        x.start()
    for x in threads:
        x.join(60)
    check(results == [1] * 60, f"{results}")
    check(len({p.cert for p in phones}) == 60, "each its own")
    wait_for(lambda: all(r["done"] == "upgrade" for r in strings(d).values())
             and len(strings(d)) == 60, 10, "all to be noted")
    d.judge()


@test("reload", alone=True)
def a_fleet_enrols_during_calls(t, s):
    """300 enrolments, twenty at a time, while 20 calls have media: no packet
    is lost."""
    access = t.addr()
    reload(s, s.text() + f"""
state directory {os.path.dirname(t.path("state", "x"))}
crypto pki trustpoint LSC
 certificate file {s.pki.path("phones.pem")}
 key file {s.pki.path("phones.key")}
capf-server
 source-addr {access}
 trustpoint-label EDGE
 cert-enroll-trustpoint LSC
 auth-mode null-string
 cert-oper upgrade all
 max-sessions 100 per-source 100 per-minute 10000
""")
    media = Media(t)
    a = s.secure_agent(t, "2051")
    calls = []
    for n in range(20):
        b, number = s.slot_agent(t)
        ms, bs = media.stream(t.addr()), media.stream(t.addr())
        suite = SUITES[n % 4]
        answered(t, s, a, b, number, ms, bs, [(suite, sip.new_key(suite))])
        calls.append((number, ms, bs))
    for n, (_, ms, bs) in enumerate(calls):
        ms.send(50, 0, n)
        bs.send(50, 0, n)
    first = capf.Phone(t)
    public = first.public()
    first.public = lambda: public  # making keys is not what is measured
    numbers, results, guard = iter(range(300)), [], threading.Lock()

    def enrol():
        phone = capf.Phone.__new__(capf.Phone)
        phone.public, phone.cert = first.public, None
        while True:
            with guard:
                n = next(numbers, None)
            if n is None:
                return
            phone.name = f"SEP{n:012X}"
            try:
                results.append(capf.run_session(phone, access))
            except Exception as e:
                results.append(e)

    threads = [threading.Thread(target=enrol) for _ in range(20)]
    for x in threads:
        x.start()
    for x in threads:
        x.join(120)
    check(results == [1] * 300, f"{results}")
    for _, ms, bs in calls:
        ms.stop()
        bs.stop()
    time.sleep(0.5)  # the last packets arrive
    for number, ms, bs in calls:
        for me, far, name in ((ms, bs, "outside"), (bs, ms, "inside")):
            st, sent = me.stats(), far.stats()["sent"]
            check(st["received"] == sent and st["lost"] == 0,
                  f"{number} {name}: {st} of {sent}")
    reload(s, s.text())


@test(site=None)
def tvs_answers_from_trustpoints(t):
    pki = authorities(t)
    addr = t.addr()
    lines = f"""
tvs-server
 source-addr {addr}
 trustpoint-label EDGE
 answer trustpoint CAPF role capf
 answer trustpoint LSC role call-manager
 answer trustpoint LSC role tvs
 ttl 4711
"""
    d = server(t, pki, " auth-mode null-string\n", lines)

    def der(name):
        with open(pki.path(f"{name}.pem")) as f:
            return ssl.PEM_cert_to_DER_cert(f.read())

    check(capf.tvs_verify(addr, der("capf")) == (0, [4], 4711), "the CAPF's")
    check(capf.tvs_verify(addr, der("lsc")) == (0, [1, 21], 4711), "the CA's")
    check(capf.tvs_verify(addr, der("other")) == (1, [], None), "a stranger's")
    try:
        capf.tvs_verify(addr, b"", device="x" * 300)
        check(False, "garbage was answered")
    except (capf.Closed, OSError):
        pass
    row = d.json("tvs-server")["tvs_server"][0]
    check(row["answers"] == 3 and row["invalid"] == 1, f"{row}")
    d.judge()


@test(site=None)
def services_come_and_go_by_reload(t):
    """On, elsewhere, off; a session under way goes on as it began."""
    pki = authorities(t)
    d = server(t, pki, " auth-mode null-string\n cert-oper upgrade all\n")
    phone = capf.Phone(t)

    def move(session):
        d.config(config(t, pki, d.addr, " auth-mode null-string\n"
                        " cert-oper upgrade all\n port 4444\n"))
        check(d.reload()["ok"], "the reload")

    check(capf.run_session(phone, d.addr, before_key=move) == 1,
          "it went on over the move")
    check(capf.run_session(phone, d.addr, port=4444) == 0, "at the new port")
    # A phone proxy that names it: no relay, and none in its way.
    d.config(config(t, pki, d.addr, " auth-mode null-string\n"
                    " cert-oper upgrade all\n", f"""
voice-phone-proxy HOME
 tftp-server address ipv4 {t.addr()} local-addr ipv4 {d.addr} acc-addr ipv4 {d.addr}
 capf-address ipv4 {t.addr()} acc-addr ipv4 {d.addr}
 no tftp-port
 no http-port
 complete
"""))
    check(d.reload()["ok"], "with a phone proxy")
    check(d.json("service-map")["relays"] == [], "no relay")
    check(capf.run_session(phone, d.addr) == 0, "ours is asked")
    text = config(t, pki, d.addr, "")
    d.config(text[:text.index("capf-server")])
    check(d.reload()["ok"], "without the section")
    check(d.command("show", "capf-server", "summary").returncode == 1, "off")
    try:
        socket.create_connection((d.addr, 4444), 5).close()
        check(False, "the port is open")
    except ConnectionRefusedError:
        pass
    d.judge()


@test(site=None)
def strings_have_4_to_10_digits(t):
    """The bounds and one beyond each; a leading zero belongs to it."""
    pki = authorities(t)
    d = server(t, pki, " auth-mode auth-string\n phone-key-curve 256\n")
    for digits in ("012", "01234567890", "01a4", "-123"):
        done = d.command("capf-server", "auth-string", "generate", SEP, digits)
        check(done.returncode == 1 and
              "4 to 10 digits" in done.stdout + done.stderr,
              f"{digits}: {done.returncode} {done.stdout}{done.stderr}")
    check(SEP not in strings(d), "a refused string left its phone")
    phone = capf.Phone(t, kind="prime256v1")
    for digits in ("0123", "0123456789"):
        generate(d, SEP, digits)
        check(strings(d)[SEP]["auth_string"] == digits, f"{strings(d)}")
        check(capf.run_session(phone, d.addr, password=digits[1:]) == 7,
              f"{digits} without its zero")
        check(capf.run_session(phone, d.addr, password=digits) == 1, digits)
    d.judge()


@test(site=None)
def what_is_done_with_all(t):
    """cert-oper upgrade, fetch, delete all: once for each phone."""
    pki = authorities(t)
    lines = " auth-mode null-string\n phone-key-curve 256\n"
    d = server(t, pki, lines + " cert-oper upgrade all\n")
    phones = [capf.Phone(t, f"SEP00112233440{i}", kind="prime256v1")
              for i in range(2)]
    for p in phones:
        check(capf.run_session(p, d.addr) == 1, f"{p.name}: upgrade")
    for oper in ("fetch", "delete"):
        d.config(config(t, pki, d.addr, lines + f" cert-oper {oper} all\n"))
        check(d.reload()["ok"], "the reload")
        for p in phones:
            had = p.cert
            capf.run_session(p, d.addr)
            check(strings(d)[p.name]["done"] == oper, f"{strings(d)}")
            check(p.cert == (had if oper == "fetch" else None), oper)
            row = strings(d)[p.name]
            capf.run_session(p, d.addr)
            check(strings(d)[p.name] == row, "it was done again")
    story = d.show("phone", phones[0].name, "timeline")
    for oper in ("upgrade", "fetch", "delete"):
        check(story.count(f"{oper}: The operation succeeded.") == 1, story)
    d.judge()
