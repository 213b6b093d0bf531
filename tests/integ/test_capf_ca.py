"""Phones' certificates from the CA inside: its policy, its database, its CRL;
and from another box's, through the RA inside."""

import os
import re
import ssl
import urllib.request

from kit import capf
from kit.env import check, run, wait_for
from kit.lineside import Lineside
from kit.pki import Pki
from kit.suite import test
from test_capf import SEP, generate

CA = """hostname edge.example.com
state directory {state}
logging stderr
ip http server
ip http port {http}
ip http address ipv4 {addr}
crypto pki server PHONES
 issuer-name CN=Phones CA,O=Example
 modulus 2048
 database level complete
 cdp-url http://{addr}:{http}/crl
{ca} no shutdown
sip-listener INSIDE
 side core
 address ipv4 {addr} port 5060
 transport udp
sip-ua
 registrar embedded
"""

PHONES = """crypto pki trustpoint EDGE
 certificate file {pki}/edge.pem
 key file {pki}/edge.key
 ca-bundle file {bundle}
{edge}sip-listener PHONES
 side access
 address ipv4 {addr} port 5061
 transport tcp tls
 trustpoint EDGE
capf-server
 source-addr {addr}
 trustpoint-label EDGE
 cert-enroll-trustpoint {issuer}
 auth-mode auth-string
{capf}"""


class Box:
    """A daemon with the CA and, once its certificate is there, the CAPF
    server that asks it."""

    def __init__(self, t, ca, name="lineside", capf=""):
        self.t, self.addr = t, t.addr()
        self.http = t.env.port_pair(self.addr)
        self.pki = Pki(t.path("pki"))
        self.capf = capf
        self.text = CA.format(state=os.path.dirname(t.path(f"{name}-s", "x")),
                              http=self.http, addr=self.addr, ca=ca)
        self.d = Lineside(t, self.text + "sip-listener P\n side access\n"
                          f" address ipv4 {self.addr} port 5062\n", name)
        self.d.start()
        wait_for(lambda: self.d.command("show", "crypto", "pki", "server")
                 .returncode == 0, 20, "the CA")
        self.bundle = self.authority()

    def authority(self):
        """The CA's certificate, as any client gets it."""
        with urllib.request.urlopen(
                f"http://{self.addr}:{self.http}/scep?operation=GetCACert",
                timeout=20) as r:
            der = r.read()
        path = self.t.path("ca.pem")
        with open(path, "w") as f:
            f.write(ssl.DER_cert_to_PEM_cert(der))
        return path

    def serve(self, issuer="PHONES", edge=" revocation-check crl\n"):
        self.pki.ca("servers", "/CN=Server CA")
        self.pki.leaf("edge", "servers", "/CN=edge.example.com")
        self.d.config(self.text + PHONES.format(
            pki=self.pki.dir, bundle=self.bundle, addr=self.addr,
            capf=self.capf, issuer=issuer, edge=edge))
        row = self.d.reload()
        check(row["ok"], f"{row}")

    def enrol(self, phone, **how):
        if "proof" not in how:
            how["password"] = generate(self.d, phone.name).split()[-1]
        return capf.run_session(phone, self.addr, **how)

    def server(self, *words):
        done = self.d.command("pki", "server", "PHONES", *words)
        check(done.returncode == 0, f"{words}: {done.stderr}{done.stdout}")
        return done.stdout

    def certificates(self):
        return self.d.json("crypto", "pki", "server", "PHONES",
                           "certificates")["certificates"]


def tls(addr, phone):
    """Is it accepted at the SIP listener?"""
    done = run(["openssl", "s_client", "-connect", f"{addr}:5061", "-cert",
                phone.pem(), "-key", phone.key, "-quiet", "-no_ign_eof"], 30)
    return "alert" not in done.stderr


def text_of(t, der):
    path = t.path("lsc.der")
    with open(path, "wb") as f:
        f.write(der)
    return run(["openssl", "x509", "-inform", "DER", "-in", path, "-noout",
                "-text", "-nameopt", "RFC2253"]).stdout


@test(None)
def the_ca_inside_signs_and_revokes(t):
    """The LSC verifies, is in the database, registers; revoked, it neither
    registers nor renews, and a person's word gets a new one."""
    b = Box(t, " grant auto\n", capf=" cert-lifetime 30\n")
    b.serve()
    phone = capf.Phone(t)
    check(b.enrol(phone) == 1, "enrolment")
    done = run(["openssl", "verify", "-CAfile", b.bundle, phone.pem()])
    check(done.returncode == 0, done.stdout + done.stderr)
    text = text_of(t, phone.cert)
    for wanted in (f"Subject: O=Example,CN={SEP}", f"URI:{SEP}", "CA:FALSE",
                   "TLS Web Client Authentication", "ipsec", "/crl"):
        check(wanted.lower() in text.lower(), f"{wanted}: {text}")
    rows = [c for c in b.certificates() if SEP in (c["subject"] or "")]
    check(len(rows) == 1 and rows[0]["state"] == "valid", f"{rows}")
    serial = rows[0]["serial"]
    check(serial in re.sub(r"[:\s]", "", text), f"{serial}: {text}")
    check(tls(b.addr, phone), "the LSC is refused")
    b.d.command("capf-server", "cert-oper", "upgrade", SEP)
    b.server("revoke", serial, "keyCompromise")
    check([c["state"] for c in b.certificates() if c["serial"] == serial] ==
          ["revoked"], "it is not shown")
    wait_for(lambda: not tls(b.addr, phone), 20, "the refusal")
    b.d.config(b.text + PHONES.format(
        pki=b.pki.dir, bundle=b.bundle, addr=b.addr, issuer="PHONES",
        edge="", capf=f" cert-oper upgrade phone {SEP} auth-mode LSC\n"))
    check(b.d.reload()["ok"], "the reload")
    check(b.enrol(phone, proof=True) == 7, "a revoked one renews itself")
    check("was revoked" in b.d.log(), "why is not told")
    b.serve(edge="")
    check(b.enrol(phone) == 1, "a new one by the string")
    check(tls(b.addr, phone), "the new LSC is refused")
    b.d.judge()


@test(None)
def a_person_grants(t):
    """Without `grant auto` the phone waits; what was granted is taken up by
    its next key, once. A proof by an LSC renews without anybody."""
    b = Box(t, "")
    b.serve()
    phone = capf.Phone(t)
    check(b.enrol(phone) == 7, "nobody granted it")
    check("info requests" in b.d.log(), "the way on is not told")
    row = b.d.command("pki", "server", "PHONES", "info", "requests").stdout
    number = re.search(r"^ *(\d+) +pending +phone", row, re.M)
    check(number and SEP in row, row)
    b.server("grant", number.group(1))
    phone = capf.Phone(t, kind="rsa")  # another key
    check(b.enrol(phone) == 1, "after the grant")
    check(b.server("info", "requests").count(SEP) == 0, "it waits still")
    first = phone.cert
    b.d.command("capf-server", "cert-oper", "upgrade", SEP)
    check(b.enrol(phone) == 7, "granted twice")
    b.server("reject", "all")
    b.d.config(b.text + PHONES.format(
        pki=b.pki.dir, bundle=b.bundle, addr=b.addr, issuer="PHONES",
        edge="", capf=f" cert-oper upgrade phone {SEP} auth-mode LSC\n"))
    check(b.d.reload()["ok"], "the reload")
    check(b.enrol(phone, proof=True) == 1, "renewal by the LSC")
    check(phone.cert != first, "the same certificate")
    b.d.judge()


@test(None)
def by_challenge_password(t):
    """`grant auto` with a password: the CAPF server carries it."""
    b = Box(t, " grant auto\n challenge-password 0 Streng.Geheim\n")
    b.serve()
    phone = capf.Phone(t, kind="prime256v1")
    b.capf = " phone-key-curve 256\n"
    b.serve()
    check(b.enrol(phone) == 7, "without the password")
    check("challenge password is wrong or missing" in b.d.log(), "untold")
    b.capf += " cert-enroll-password Streng.Geheim\n"
    b.serve()
    check(b.enrol(phone) == 1, "with it")
    for said in (b.d.log(), b.d.show("running-config")):
        check("Streng.Geheim" not in said, "the password is told")
    b.d.judge()


@test(None)
def through_the_ra(t):
    """The CA is another box; the RA beside the CAPF server vouches for the
    phone, whose request nobody signed. A stranger's such request is refused
    there."""
    ca = Box(t, "", name="ca")
    access = t.addr()
    http = t.env.port_pair(access)
    pki = Pki(t.path("ra-pki"))
    pki.ca("servers", "/CN=Server CA")
    pki.leaf("edge", "servers", "/CN=edge.example.com")
    ra = f"""hostname ra.example.com
state directory {os.path.dirname(t.path("ra-state", "x"))}
logging stderr
ip http server
ip http port {http}
ip http address ipv4 {access}
crypto pki trustpoint FRONT
 enrollment url http://{ca.addr}:{ca.http}/scep
 subject-name CN=Front RA
 rsakeypair FRONT 2048
crypto pki server FRONT
 mode ra
 grant auto
 no shutdown
sip-listener INSIDE
 side core
 address ipv4 {access} port 5060
sip-ua
 registrar embedded
""" + PHONES.format(pki=pki.dir, bundle=ca.bundle, addr=access, edge="",
                    capf="", issuer="FRONT")
    d = Lineside(t, ra, "ra")

    def offline(*words):
        return run([t.env.program("lineside"), "-f", d.file, "pki", *words],
                   60)
    check(offline("authenticate", "FRONT", "--accept").returncode == 0, "auth")
    offline("enroll", "FRONT")
    rows = ca.d.command("pki", "server", "PHONES", "info", "requests").stdout
    ca.server("grant", re.search(r"^ *(\d+) +pending +RA", rows,
                                 re.M).group(1))
    done = offline("enroll", "FRONT")
    check(done.returncode == 0, done.stderr)
    d.start()
    wait_for(lambda: d.command("show", "crypto", "pki", "server").returncode
             == 0, 20, "the RA")
    phone = capf.Phone(t)
    done = capf.run_session(phone, access,
                            password=generate(d, SEP).split()[-1])
    check(done == 1, f"enrolment through the RA: {done}; {d.log()[-1500:]}")
    done = run(["openssl", "verify", "-CAfile", ca.bundle, phone.pem()])
    check(done.returncode == 0, done.stdout + done.stderr)
    check(any(SEP in (c["subject"] or "") for c in ca.certificates()),
          "the CA does not know it")
    check(tls(access, phone), "the LSC is refused")
    d.judge()
    ca.d.judge()
