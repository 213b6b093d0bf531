"""An EST service (RFC 7030) of Python's http.server and the openssl command:
somebody else's authority, that certifies for seconds."""

import base64
import http.server
import os
import ssl
import threading
import time

from .env import check, run

CONF = """[ca]
default_ca=d
[d]
database={ca}.idx
serial={ca}.srl
new_certs_dir=.
default_md=sha256
policy=p
unique_subject=no
copy_extensions=copy
x509_extensions=x
[p]
commonName=optional
organizationName=optional
[x]
basicConstraints=CA:FALSE
"""


class Est:
    """Certificates of the authority `ca`, valid for `lifetime` seconds.
    `issued`: (when, by its old certificate?) for each of them."""

    def __init__(self, t, pki, ca, addr, lifetime):
        self.pki, self.ca, self.lifetime = pki, ca, lifetime
        self.issued, self.refuse, self.guard = [], 0, threading.Lock()
        cert, key, _ = pki.leaf(f"est-{addr}", ca, "/CN=est", f"IP:{addr}")
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(cert, key)
        ctx.load_verify_locations(pki.path(f"{ca}.pem"))
        ctx.verify_mode = ssl.CERT_OPTIONAL
        with open(pki.path("est.cnf"), "w", encoding="utf-8") as f:
            f.write(CONF.format(ca=ca))
        est = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                est.get(self)

            def do_POST(self):
                est.post(self)

        class Server(http.server.ThreadingHTTPServer):
            def finish_request(self, request, address):
                request.settimeout(10)
                super().finish_request(
                    ctx.wrap_socket(request, server_side=True), address)

            def handle_error(self, request, address):
                pass  # a client that does not like us

        self.server = Server((addr, 0), Handler)
        self.url = f"https://{addr}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()
        t.at_end(self.server.server_close)
        t.at_end(self.server.shutdown)

    def openssl(self, *args):
        done = run(["openssl", *args], cwd=self.pki.dir)
        check(done.returncode == 0, f"openssl {args[0]}: {done.stderr}")

    @staticmethod
    def answer(h, status, kind=None, body=b"", more=()):
        h.send_response(status)
        if kind:
            h.send_header("Content-Type", kind)
            h.send_header("Content-Transfer-Encoding", "base64")
        for name, value in more:
            h.send_header(name, value)
        h.send_header("Content-Length", str(len(body)))
        h.end_headers()
        h.wfile.write(body)

    def pkcs7(self, *names):
        files = [x for n in names for x in ("-certfile", n)]
        self.openssl("crl2pkcs7", "-nocrl", "-outform", "DER", "-out",
                     "est.p7", *files)
        with open(self.pki.path("est.p7"), "rb") as f:
            return base64.encodebytes(f.read())

    def get(self, h):
        if h.path != "/.well-known/est/cacerts":
            return self.answer(h, 404)
        with self.guard:
            body = self.pkcs7(f"{self.ca}.pem")
        return self.answer(h, 200, "application/pkcs7-mime", body)

    def post(self, h):
        body = h.rfile.read(int(h.headers["Content-Length"]))
        renewal = h.path.endswith("/simplereenroll")
        proof = h.connection.getpeercert() is not None
        with self.guard:
            if self.refuse > 0:
                self.refuse -= 1
                return self.answer(h, 500)
            if renewal and not proof:
                return self.answer(h, 401)
            self.certify(base64.b64decode(body))
            self.issued.append((time.time(), renewal and proof))
            answer = self.pkcs7("est-out.pem")
        return self.answer(h, 200,
                           "application/pkcs7-mime; smime-type=certs-only",
                           answer)

    def certify(self, der):
        with open(self.pki.path("est.csr"), "wb") as f:
            f.write(der)
        now = time.time()

        def stamp(at):
            return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(at))

        self.openssl("req", "-in", "est.csr", "-inform", "DER", "-out",
                     "est-in.pem", "-verify")
        self.openssl("ca", "-batch", "-notext", "-config", "est.cnf",
                     "-cert", f"{self.ca}.pem", "-keyfile", f"{self.ca}.key",
                     "-in", "est-in.pem", "-out", "est-out.pem",
                     "-startdate", stamp(now),
                     "-enddate", stamp(now + self.lifetime))
        check(os.path.getsize(self.pki.path("est-out.pem")) > 0, "no output")
