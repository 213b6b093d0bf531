"""A call manager's file servers, phones that ask for files, and Lineside
between them. The servers and the phones' clients are other people's."""

import http.client
import os
import shutil
import socket
import struct
import threading
import time

from .env import Skip, check, listening, run, wait_for
from .lineside import Lineside
from .pki import Pki

MAC = "SEP001122334455"
INSIDE = "192.0.2.11"  # as the call manager writes it

CONFIG = """hostname edge
state directory {state}
logging level debugging
logging stderr
no logging journal
crypto pki trustpoint EDGE
 certificate file {pki}/edge.pem
 key file {pki}/edge.key
 ca-bundle file {pki}/capf.pem
crypto pki trustpoint SAST1
 certificate file {pki}/sast1.pem
 key file {pki}/sast1.key
crypto pki trustpoint SAST2
 certificate file {pki}/sast2.pem
 key file {pki}/sast2.key
crypto pki trustpoint CAPF
 ca-bundle file {pki}/capf.pem
voice-ctl-file HOME
 record-entry selfsigned trustpoint {signer}
 record-entry selfsigned trustpoint SAST2
 record-entry cucm-tftp trustpoint EDGE
 record-entry capf trustpoint CAPF
 complete
voice-phone-proxy HOME
 tftp-server address ipv4 {server} local-addr ipv4 {core} acc-addr {ip} {access}
 ctl-file HOME
 access-secure
 disable service-settings
 capf-address ipv4 192.0.2.10 acc-addr {ip} {access}
 tftp-port {tftp}
 http-port {http}
{more} complete
sip-listener PHONES
 side access
 address {ip} {access} port {sip}
 transport tcp tls
 trustpoint EDGE
sip-listener INSIDE
 side core
 address ipv4 {core}
sip-ua
 registrar ipv4:{server}
dial-peer voice 10 voip
 incoming listener PHONES
 destination-pattern 2...
 session target registrar
 session transport tcp tls
 phone-proxy HOME signal-addr {ip} {access} cucm ipv4 192.0.2.11
"""


def needs(*programs):
    for p in programs:
        if not shutil.which(p):
            raise Skip(f"{p} is not installed")


_making = threading.Lock()


def certificates(t):
    """A copy for the test of those that the run makes once: RSA is slow."""
    master = os.path.join(t.env.root, "boot-pki")
    with _making:
        if not os.path.exists(master):
            pki = Pki(master + ".new")
            pki.ca("capf", "/CN=CAPF-1", "rsa")
            pki.ca("servers", "/CN=Server CA")
            for n in ("edge", "sast1", "sast2", "sast3"):
                pki.leaf(n, "servers", f"/O=Example/CN={n}.example.com",
                         kind="rsa")
            os.rename(master + ".new", master)
    shutil.copytree(master, t.path("boot-pki"))
    return Pki(t.path("boot-pki"))


class Boot:
    """`serve`: "tftp", "http" or None (nobody there)."""

    def __init__(self, t, serve="tftp", more="", access=None, start=True):
        self.t = t
        self.access = access or t.addr()
        self.core, self.server = t.addr(), t.addr()
        self.tftp, self.http, self.sip = (t.env.port_pair(self.access)
                                          for _ in range(3))
        self.files = os.path.dirname(t.path("files", "x"))
        os.chmod(self.files, 0o755)
        self.state = os.path.dirname(t.path("state", "x"))
        self.server_port = t.env.port_pair(self.server)
        self.pki = certificates(t)
        self.put(f"{MAC}.cnf.xml", self.config())
        self.put("Ringlist.xml", b"<CiscoIPPhoneRingList/>\n")
        self.more = f" fetch {serve or 'tftp'} port {self.server_port}\n"
        self.more += "".join(f" {line}\n" for line in more.splitlines())
        if serve == "tftp":
            self.start_tftpd()
        if serve == "http":
            self.start_nginx()
        self.lineside = Lineside(t, self.text())
        if start:
            self.lineside.start()

    def text(self, signer="SAST1", more=""):
        return CONFIG.format(
            state=self.state, pki=self.pki.dir, server=self.server,
            core=self.core, access=self.access, tftp=self.tftp,
            http=self.http, sip=self.sip, more=self.more + more,
            ip="ipv6" if ":" in self.access else "ipv4", signer=signer)

    def put(self, name, data):
        path = os.path.join(self.files, name)
        with open(path, "wb") as f:
            f.write(data)
        os.chmod(path, 0o644)

    def config(self):
        """A configuration as the call manager serves it."""
        with open(f"{self.t.env.source}/tests/vectors/boot/"
                  "config-from-call-manager.xml", "rb") as f:
            return f.read()

    def start_tftpd(self):
        needs("in.tftpd")
        if os.geteuid() != 0:
            raise Skip("tftpd-hpa changes its root directory: not root")
        os.chmod(self.t.env.root, 0o755)
        self.tftpd = self.t.spawn(
            ["in.tftpd", "-L", "-a", f"{self.server}:{self.server_port}",
             "-s", self.files], "tftpd.log")

    def start_nginx(self):
        needs("nginx")
        conf = self.t.write("nginx.conf", f"""daemon off;
pid {self.t.path("nginx.pid")};
error_log stderr;
events {{}}
http {{
 access_log off;
 client_body_temp_path {self.t.path("nb")};
 proxy_temp_path {self.t.path("np")};
 fastcgi_temp_path {self.t.path("nf")};
 uwsgi_temp_path {self.t.path("nu")};
 scgi_temp_path {self.t.path("ns")};
 server {{ listen {self.server}:{self.server_port}; root {self.files}; }}
}}
""")
        self.nginx = self.t.spawn(["nginx", "-c", conf, "-e", "stderr"],
                                  "nginx.log")
        wait_for(lambda: listening(self.server, self.server_port), 10,
                 "nginx to listen")

    def nginx_workers(self):
        """Process ids of those that answer."""
        pid = self.nginx.pid
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [int(x) for x in f.read().split()]

    # ---- phones ----

    def url(self, name):
        host = f"[{self.access}]" if ":" in self.access else self.access
        return f"http://{host}:{self.http}/{name}"

    def _request(self, name, seconds):
        begin = time.monotonic()
        c = http.client.HTTPConnection(self.access, self.http,
                                       timeout=seconds + 10)
        try:
            c.request("GET", f"/{name}")
            r = c.getresponse()
            return r.status, r.read(), time.monotonic() - begin
        finally:
            c.close()

    def http_get(self, name, seconds=30):
        """(status, seconds that it took); from any thread."""
        status, _, took = self._request(name, seconds)
        return status, took

    def http_body(self, name):
        status, body, _ = self._request(name, 30)
        check(status == 200, f"{name}: {status}")
        return body

    def curl(self, name, *more, seconds=30):
        """(status, bytes, seconds that it took)"""
        needs("curl")
        out = self.t.path("got", f"curl-{os.getpid()}")
        done = run(["curl", "-s", "--path-as-is", "-o", out, "-w",
                    "%{http_code} %{time_total}", *more, self.url(name)],
                   seconds)
        check(done.returncode == 0, f"curl {name}: {done.returncode}")
        status, took = done.stdout.split()
        with open(out, "rb") as f:
            return int(status), f.read(), float(took)

    def tftp_hpa(self, name):
        """The bytes; None: refused."""
        needs("tftp")
        out = self.t.path("got", "hpa")
        if os.path.exists(out):
            os.remove(out)
        done = run(["tftp", "-m", "octet", self.access, str(self.tftp),
                    "-c", "get", name, out], 30)
        if "Error" in done.stdout + done.stderr:
            return None
        with open(out, "rb") as f:
            return f.read()

    def atftp(self, name, *options):
        needs("atftp")
        out = self.t.path("got", "atftp")
        if os.path.exists(out):
            os.remove(out)
        argv = ["atftp"]
        for o in options:
            argv += ["--option", o]
        done = run([*argv, "-g", "-r", name, "-l", out, self.access,
                    str(self.tftp)], 30)
        check(done.returncode == 0, f"atftp {name}: {done.stderr}")
        with open(out, "rb") as f:
            return f.read()

    def ctl(self, *words):
        """`lineside ctl …`"""
        return run([self.t.env.program("lineside"), "-f", self.lineside.file,
                    "ctl", *words], 30)

    def timeline(self, name=MAC):
        return self.lineside.json("phone", name, "timeline")["timeline"]


class RawTftp:
    """A socket that says what it likes."""

    def __init__(self, boot, host=None, port=0):
        self.to = (boot.access, boot.tftp)
        kind = socket.AF_INET6 if ":" in boot.access else socket.AF_INET
        self.s = socket.socket(kind, socket.SOCK_DGRAM)
        if host:
            self.s.bind((host, port))
        self.s.settimeout(10)
        boot.t.at_end(self.s.close)

    def ask(self, name, op=1, mode=b"octet"):
        if isinstance(name, str):
            name = name.encode()
        self.s.sendto(struct.pack("!H", op) + name + b"\0" + mode + b"\0",
                      self.to)
        return self

    def answer(self):
        """(op, number, rest, from)"""
        data, sender = self.s.recvfrom(9000)
        op, number = struct.unpack("!HH", data[:4])
        return op, number, data[4:], sender
