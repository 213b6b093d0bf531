"""revocation-check in the daemon: an honest responder (OpenSSL's), CRL and
OCSP servers that lie, hang and talk nonsense."""

import http.server
import os
import socket
import ssl
import threading
import time

from kit.env import check, free_port, run, wait_for
from kit.lineside import Lineside
from kit.pki import Pki
from kit.suite import test


class Web:
    """A web server whose paths behave as named; `asked` is (path, by whom)
    of each request."""

    def __init__(self, t, crl):
        stop = threading.Event()
        self.asked = asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.path, self.client_address[0]))
                if self.path == "/hang":
                    stop.wait(30)
                    return
                if self.path == "/slow":
                    stop.wait(1.5)
                body = (os.urandom(5000) if self.path == "/garbage"
                        else crl())
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        host = t.addr()
        self.server = http.server.ThreadingHTTPServer((host, 0), Handler)
        self.url = f"http://{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()
        t.at_end(self.server.shutdown)
        t.at_end(stop.set)


class Setup:
    def __init__(self, t):
        self.t, self.pki = t, Pki(t.path("pki"))
        self.pki.ca("ca", "/CN=Phone CA")
        for name in ("edge", "good", "bad"):
            self.pki.leaf(name, "ca", f"/CN={name}")
        self._openssl("ca", "-config", "bad.cnf", "-cert", "ca.pem",
                      "-keyfile", "ca.key", "-revoke", "bad.pem")
        self._openssl("ca", "-config", "bad.cnf", "-cert", "ca.pem",
                      "-keyfile", "ca.key", "-gencrl", "-crldays", "2",
                      "-out", "ca.crl.pem")
        self._openssl("crl", "-in", "ca.crl.pem", "-outform", "DER", "-out",
                      "ca.crl")
        self.web = Web(t, lambda: open(self.pki.path("ca.crl"), "rb").read())
        self.addr = t.addr()

    def _openssl(self, *args):
        done = run(["openssl", *args], cwd=self.pki.dir)
        check(done.returncode == 0, f"openssl {args[0]}: {done.stderr}")

    def responder(self):
        """OpenSSL's; its URL."""
        port = free_port("127.0.0.1")
        proc = self.t.spawn(
            ["openssl", "ocsp", "-port", str(port), "-index", "ca.idx", "-CA",
             "ca.pem", "-rsigner", "ca.pem", "-rkey", "ca.key", "-nmin", "60"],
            "ocsp", cwd=self.pki.dir)
        wait_for(lambda: "ACCEPT" in proc.text(), 5, "the responder")
        return f"http://127.0.0.1:{port}/"

    def daemon(self, lines):
        p = self.pki.path
        d = Lineside(self.t, f"""hostname edge.example.com
logging level informational
crypto pki trustpoint EDGE
 certificate file {p('edge.pem')}
 key file {p('edge.key')}
 ca-bundle file {p('ca.pem')}
{lines}
sip-listener PHONES
 side access
 address ipv4 {self.addr} port 5061
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 {self.addr} port 5060
 transport udp
sip-ua
 registrar embedded
""")
        d.start()
        return d

    def connects(self, name):
        """(accepted, seconds until that was known)"""
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        ctx.check_hostname = False
        ctx.load_verify_locations(self.pki.path("ca.pem"))
        ctx.load_cert_chain(self.pki.path(f"{name}.pem"),
                            self.pki.path(f"{name}.key"))
        begin = time.monotonic()
        try:
            with ctx.wrap_socket(socket.create_connection(
                    (self.addr, 5061), 10)) as sock:
                sock.sendall(b"OPTIONS sip:x SIP/2.0\r\n"
                             b"Via: SIP/2.0/TLS a;branch=z9hG4bKx\r\n"
                             b"Max-Forwards: 70\r\nFrom: <sip:a@a>;tag=1\r\n"
                             b"To: <sip:x>\r\nCall-ID: 1\r\n"
                             b"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
                accepted = bool(sock.recv(100))
        except (ssl.SSLError, ConnectionError):
            accepted = False
        return accepted, time.monotonic() - begin


def expect(s, name, accepted, least=0.0, most=1.8):
    got, seconds = s.connects(name)
    check(got == accepted, f"{name}: {'accepted' if got else 'refused'}")
    check(least <= seconds <= most, f"{name}: {seconds:.2f} s")


@test(site=None)
def revoked_by_crl(t):
    s = Setup(t)
    d = s.daemon(f" revocation-check crl\n crl query {s.web.url}/crl\n")
    expect(s, "good", True)
    expect(s, "bad", False)
    check("was revoked on" in d.log(), "no reason in the log")


@test(site=None)
def doctor_tells_of_phones_seen(t):
    """A phone that is connected, whose certificate ends in a week."""
    s = Setup(t)
    end = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 7 * 86400))
    s.pki.leaf("ending", "ca", "/CN=SEP001122334455", end=end)
    d = s.daemon("")
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.load_verify_locations(s.pki.path("ca.pem"))
    ctx.load_cert_chain(s.pki.path("ending.pem"), s.pki.path("ending.key"))
    with ctx.wrap_socket(socket.create_connection((s.addr, 5061), 10)):
        wait_for(lambda: "SEP001122334455" in
                 d.show("crypto", "pki", "horizon"), 5, "the phone")
        done = run([t.env.program("lineside"), "doctor", "-f", d.file])
    check("SEP001122334455, connected to PHONES, shows a certificate that"
          in done.stdout, done.stdout)
    with open(d.file, encoding="utf-8") as f:
        line = f.read().splitlines().index("sip-listener PHONES") + 1
    check(f"\n    {d.file}:{line}\n" in done.stdout, done.stdout)
    check(done.returncode == 1, f"{done.returncode}: {done.stdout}")


@test(site=None)
def revoked_by_openssl_ocsp(t):
    s = Setup(t)
    s.daemon(f" revocation-check ocsp\n ocsp url {s.responder()}\n")
    expect(s, "good", True)
    expect(s, "bad", False)


@test(site=None)
def crl_hangs_ocsp_answers(t):
    s = Setup(t)
    s.daemon(f" revocation-check crl ocsp\n crl query {s.web.url}/hang\n"
             f" ocsp url {s.responder()}\n revocation timeout 1\n")
    expect(s, "good", True, 0.4)
    expect(s, "bad", False, 0.0)


@test(site=None)
def all_hang(t):
    """A second and no longer; `none` decides what follows."""
    s = Setup(t)
    s.daemon(f" revocation-check crl none\n crl query {s.web.url}/hang\n"
             f" revocation timeout 1\n")
    expect(s, "good", True, 0.9)
    expect(s, "bad", True)


@test(site=None)
def garbage_is_no_answer(t):
    s = Setup(t)
    d = s.daemon(f" revocation-check ocsp crl\n"
                 f" crl query {s.web.url}/garbage\n"
                 f" ocsp url {s.web.url}/garbage\n")
    expect(s, "good", False)
    check("it is not known whether" in d.log(), "no reason in the log")


@test(site=None)
def late_crl_serves_the_next(t):
    s = Setup(t)
    s.daemon(f" revocation-check crl none\n crl query {s.web.url}/slow\n"
             f" revocation timeout 1\n")
    expect(s, "bad", True, 0.9)
    expect(s, "bad", False)


@test(site=None)
def the_end_waits_for_no_fetch(t):
    """The daemon is gone at once, whatever a fetch still waits for."""
    s = Setup(t)
    d = s.daemon(f" revocation-check crl\n crl query {s.web.url}/hang\n"
                 f" revocation timeout 10\n")
    phone = threading.Thread(target=s.connects, args=("good",), daemon=True)
    phone.start()
    wait_for(lambda: s.web.asked, 5, "the list to be asked for")
    begin = time.monotonic()
    check(d.proc.stop() == 0, f"exit status {d.proc.p.returncode}")
    took = time.monotonic() - begin
    check(took < 2, f"{took:.1f} s until the end")
    phone.join(5)


@test(site=None)
def asked_from_the_source(t):
    """CRL and OCSP are fetched from the trustpoint's address or interface;
    without one, loopback would choose the server's own address."""
    for method, where in (("crl", "crl query"), ("ocsp", "ocsp url")):
        s, source = Setup(t), t.addr()
        d = s.daemon(f" revocation-check {method} none\n"
                     f" {where} {s.web.url}/{method}\n"
                     f" source ipv4 {source}\n")
        expect(s, "good", True)
        check(s.web.asked == [(f"/{method}", source)], f"{s.web.asked}")
        d.proc.stop()
    s = Setup(t)
    d = s.daemon(f" revocation-check crl\n crl query {s.web.url}/crl\n"
                 f" source interface lo\n")
    expect(s, "good", True)
    expect(s, "bad", False)
    d.proc.stop()
    s = Setup(t)
    d = s.daemon(f" revocation-check crl\n crl query {s.web.url}/crl\n"
                 f" source interface nosuch0\n")
    expect(s, "good", False)
    check(not s.web.asked, f"asked all the same: {s.web.asked}")
