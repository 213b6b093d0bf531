"""Two boxes share a trust list: one asks the other for its certificates."""

import os
import re
import socket
import ssl
import threading

from kit.env import check, listening, run, wait_for
from kit.lineside import Lineside
from kit.pki import Pki
from kit.suite import test

HEAD = """hostname {name}
state directory {state}
logging level debugging
logging stderr
no logging journal
crypto pki trustpoint EDGE
 certificate file {pki}/{name}.pem
 key file {pki}/{name}.key
 ca-bundle file {pki}/boxes.pem
crypto pki trustpoint SAST1
 certificate file {pki}/sast1.pem
 key file {pki}/sast1.key
crypto pki trustpoint SAST2
 certificate file {pki}/sast2.pem
 key file {pki}/sast2.key
sip-listener PHONES
 side access
 address ipv4 {access} port {sip}
 transport tcp tls
 trustpoint EDGE
sip-ua
 registrar embedded
"""

MAKER = """ctl-client
 sast1 trustpoint SAST1
 sast2 trustpoint SAST2
 server cucm-tftp {access} trustpoint EDGE
 server cme {other} port {port} username admin password file {password}
 trustpoint EDGE
{more}voice-phone-proxy HOME
 tftp-server address ipv4 127.0.0.9 local-addr ipv4 127.0.0.1 acc-addr """ + \
    """ipv4 {access}
 ctl-file ctl-client
 tftp-port {tftp}
 http-port {http}
 complete
"""

GIVER = """credentials
 ip source-address {access} port {port}
 trustpoint EDGE
 ctl-service admin admin secret 8 {secret}
"""


class Site:
    """Box A makes the list, box B has certificates to give."""

    def __init__(self, t, start=True, more=""):
        self.t, self.more = t, more
        self.a, self.b = t.addr(), t.addr()
        self.pki = Pki(t.path("pki"))
        self.pki.ca("boxes", "/CN=Boxes CA")
        self.pki.ca("others", "/CN=Other CA")
        for n, addr in (("a", self.a), ("b", self.b)):
            self.pki.leaf(n, "boxes", f"/CN={n}.example.com", f"IP:{addr}",
                          kind="rsa" if n == "a" else "ec")
        for n in ("sast1", "sast2"):
            self.pki.leaf(n, "boxes", f"/CN={n}.example.com", kind="rsa")
        self.port = t.env.port_pair(self.b)
        self.tftp, self.http = (t.env.port_pair(self.a) for _ in range(2))
        self.password = t.write("password", "correct horse\n")
        self.secret = self.type8("correct horse")
        self.box_b = Lineside(t, self.text_b(), "b")
        self.box_a = Lineside(t, self.text_a(), "a")
        if start:
            self.box_b.start()
            self.box_a.start()

    def type8(self, clear):
        done = run([self.t.env.program("lineside"), "ctl", "secret"], 30,
                   input=clear + "\n")
        found = re.fullmatch(r"secret 8 (\$8\$\S+)\n", done.stdout)
        check(found, f"ctl secret: {done.stdout}{done.stderr}")
        return found.group(1)

    def values(self, name, addr):
        return {"name": name, "access": addr, "pki": self.pki.dir,
                "sip": 5061, "state": os.path.dirname(
                    self.t.path("state-" + name, "x")),
                "port": self.port, "other": self.b, "tftp": self.tftp,
                "http": self.http, "password": self.password,
                "secret": self.secret, "more": self.more}

    def text_a(self):
        return (HEAD + MAKER).format(**self.values("a", self.a))

    def text_b(self):
        return (HEAD + GIVER).format(**self.values("b", self.b))

    def ctl(self, *words):
        return run([self.t.env.program("lineside"), "-f", self.box_a.file,
                    "ctl", *words], 60)

    def roles(self):
        """(role, subject) of each record that phones are given."""
        rows = self.box_a.json("ctl-file")["records"]
        return [(r["role"], r["subject"]) for r in rows if r["file"] == "CTL"]

    def end(self):
        self.box_a.judge()
        self.box_b.judge()


@test(None)
def certificates_of_the_other_box(t):
    """B's certificate gets into A's list, by mutual TLS and a password that
    is nowhere in clear; show tells of it on both."""
    s = Site(t)
    check(all("b.example.com" not in subject for _, subject in s.roles()),
          "asked before it was told to")
    done = s.ctl("regenerate")
    check(done.returncode == 0, f"{done.stdout}{done.stderr}")
    check(("CCM", "CN=b.example.com") in s.roles(), f"{s.roles()}")
    status = run(["curl", "-s", "-o", t.path("ctl.tlv"),
                  f"http://{s.a}:{s.http}/CTLFile.tlv"])
    check(status.returncode == 0, f"{status.stderr}")
    check(s.ctl("verify", t.path("ctl.tlv")).returncode == 0, "not whole")
    shown = s.box_a.json("ctl-client")
    row = [r for r in shown["servers"] if r["kind"] == "CME"][0]
    check(row["certificates"] == 1 and row["asked_at"] and
          row["username"] == "admin", f"{row}")
    check(shown["ctl_client"]["sast2"] == "SAST2", f"{shown}")
    given = s.box_b.json("credentials")["credentials"]
    check(given["given"] == 1 and given["hashed"] and
          given["last_peer"].startswith(s.a[:3]), f"{given}")
    check("%CTL-6-PROVIDER_GIVEN" in s.box_b.log(), "not logged")
    # a list that is made again without asking keeps what was given
    s.box_b.proc.stop()
    done = s.ctl("regenerate")
    check(done.returncode == 0 and "stay" in done.stderr and
          "onnection refused" in done.stderr,
          f"{done.returncode} {done.stderr}")
    check(("CCM", "CN=b.example.com") in s.roles(), f"{s.roles()}")
    for box in (s.box_a, s.box_b):
        check("correct horse" not in box.log(), "the password is in a log")
    for shown in (s.box_a.show("running-config"), done.stdout + done.stderr):
        check("correct horse" not in shown, "the password is shown")
    s.box_a.judge()


def refused(s, words):
    """regenerate says so and changes nothing."""
    before = s.roles()
    done = s.ctl("regenerate")
    check(done.returncode == 1 and words in done.stderr,
          f"not \"{words}\" but: {done.returncode} {done.stderr}")
    check(s.roles() == before, "the list was changed")


@test(None)
def each_failure_has_its_reason(t):
    """A dead node, a wrong password, a locked one, a certificate of somebody
    else's, no certificate of ours, TLS without our protocol, no TLS."""
    s = Site(t)
    # nobody there
    s.box_b.proc.stop()
    refused(s, "onnection refused")
    # a wrong password, until nobody listens any more
    s.box_b.start()
    with open(s.password, "w", encoding="utf-8") as f:
        f.write("wrong horse\n")
    for _ in range(5):
        refused(s, "user or password is wrong")
    refused(s, "wrong too often")
    with open(s.password, "w", encoding="utf-8") as f:
        f.write("correct horse\n")
    refused(s, "wrong too often")
    check(s.box_b.counters()["lineside_ctl_provider_refused_total"] == 7,
          "not counted")
    check(s.box_b.json("credentials")["credentials"]["locked"] == 1,
          "not locked")
    check("%CTL-4-PROVIDER_REFUSED" in s.box_b.log(), "not logged")
    # its certificate is of another authority
    s.pki.leaf("b", "others", "/CN=b.example.com", f"IP:{s.b}")
    s.box_b.reload()
    refused(s, "is not among the trusted CAs")
    # or of another name
    s.pki.leaf("b", "boxes", "/CN=b.example.com", "DNS:b.example.com")
    s.box_b.reload()
    refused(s, s.b)
    # it does not accept ours
    s.pki.leaf("b", "boxes", "/CN=b.example.com", f"IP:{s.b}")
    text = s.text_b().replace("boxes.pem", "others.pem")
    s.box_b.config(text)
    s.box_b.reload()
    refused(s, "does not trust the CA of our certificate")
    s.end()


class Impostor:
    """A TLS server with a good certificate that says what it likes."""

    def __init__(self, s, said, tls=True):
        self.said = said
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(s.pki.path("b.pem"), s.pki.path("b.key"))
        self.ctx = ctx if tls else None
        self.sock = socket.create_server((s.b, s.port))
        s.t.at_end(self.sock.close)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        try:
            c, _ = self.sock.accept()
            with c:
                c.settimeout(10)
                if self.ctx:
                    c = self.ctx.wrap_socket(c, server_side=True)
                    c.recv(4096)
                c.sendall(self.said)
                c.close()
        except OSError:
            pass
        self.sock.close()


@test(None)
def answers_that_are_none(t):
    """A box that was believed, and answers nonsense: never in the list."""
    s = Site(t, start=False)
    s.box_a.start()
    with open(s.pki.path("sast1.pem"), encoding="ascii") as f:
        signer = ssl.PEM_cert_to_DER_cert(f.read())
    item = b"\4" + (len(signer) + 2).to_bytes(3, "big") + b"\0\0" + signer
    for said, words, tls in (
            (b"HTTP/1.1 200 OK\r\n\r\n", "not Lineside's protocol", True),
            (b"LCTL\x02\x02\0\0\0\0", "another version", True),
            (b"LCTL\x01\x02\0\0\0\x09abc", "without an answer", True),
            (b"LCTL\x01\x02" + len(item).to_bytes(4, "big") + item,
             "a signer of trust lists", True),
            (b"220 ready\r\n", "see that `credentials` listen there", False)):
        impostor = Impostor(s, said, tls)
        refused(s, words)
        impostor.thread.join(10)
    s.box_a.judge()


@test(None)
def strangers_at_the_provider(t):
    """Without a certificate nobody gets to say a password; garbage inside TLS
    is answered and counted."""
    s = Site(t, start=False)
    s.box_b.start()
    wait_for(lambda: listening(s.b, s.port), 10, "credentials to listen")
    run(["openssl", "s_client", "-connect", f"{s.b}:{s.port}",
         "-CAfile", s.pki.path("boxes.pem")], 30, input="x")
    wait_for(lambda: "the peer sent no certificate" in s.box_b.log(), 10,
             "the refusal in the log")
    ctx = ssl.create_default_context(cafile=s.pki.path("boxes.pem"))
    ctx.load_cert_chain(s.pki.path("a.pem"), s.pki.path("a.key"))
    for said in (b"GET / HTTP/1.1\r\n\r\n", b"LCTL\x01\x01\xff\xff\xff\xff",
                 b"LCTL\x01\x01\0\0\0\x05\1\0\0\1u"):
        with socket.create_connection((s.b, s.port), 10) as raw, \
                ctx.wrap_socket(raw, server_hostname=s.b) as c:
            c.sendall(said)
            check(not c.recv(100).startswith(b"LCTL\x01\x02"),
                  "an offer to garbage")
    check(s.box_b.json("credentials")["credentials"]["given"] == 0, "given")
    check(s.box_b.json("credentials")["credentials"]["malformed"] == 1,
          "not counted")
    s.box_b.judge()


@test(None)
def digests_and_imports(t):
    """hash sha512 and an imported certificate reach the phones' list; proofs
    by SHA-1 alone can be forbidden."""
    s = Site(t, start=False)
    s.pki.leaf("web", "others", "/CN=portal.example.com")
    s.box_a.start()
    run(["curl", "-s", "-o", t.path("sha1.tlv"),
         f"http://{s.a}:{s.http}/CTLFile.tlv"])
    check(s.ctl("verify", t.path("sha1.tlv")).returncode == 0, "sha1")
    for words in (("verify", t.path("sha1.tlv"), "--no-sha1"),
                  ("plan", t.path("sha1.tlv"), "--no-sha1",
                   "--against", t.path("sha1.tlv"))):
        done = s.ctl(*words)
        check(done.returncode == 1 and "SHA-1" in done.stderr,
              f"{done.returncode} {done.stderr}")
    s.more = " hash sha512\n import certificate 1 portal " \
             f"{s.pki.path('web.pem')}\n"
    s.box_a.config(s.text_a())
    row = s.box_a.reload()
    check(row["ok"], f"{row}")
    run(["curl", "-s", "-o", t.path("sha512.tlv"),
         f"http://{s.a}:{s.http}/CTLFile.tlv"])
    done = s.ctl("verify", t.path("sha512.tlv"), "--no-sha1")
    check(done.returncode == 0, f"{done.stderr}")
    done = s.ctl("plan", t.path("sha512.tlv"), "--no-sha1", "--against",
                 t.path("sha1.tlv"))
    check(done.returncode == 0, f"{done.stderr}")
    shown = s.ctl("show", t.path("sha512.tlv")).stdout
    check("SHA-512" in shown and "portal.example.com" in shown, shown)
    check(("APP-SERVER", "CN=portal.example.com") in s.roles(),
          f"{s.roles()}")
    s.box_a.judge()
