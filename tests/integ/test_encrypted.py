"""Configurations that only the phone can read, and HTTPS where phones show
who they are: decrypted by a phone that was written from the format's
description (kit/deskphone.py), fetched by curl."""

import os
import signal
import socket
import ssl

from kit.boot import MAC, Boot
from kit.deskphone import Head, Refused, decrypt
from kit.env import check, run, wait_for
from kit.suite import test

OTHER = "SEP00000000BEEF"
SECRET = b"<authPassword>"


def der(path):
    with open(path) as f:
        text = f.read()
    end = "-----END CERTIFICATE-----\n"
    return ssl.PEM_cert_to_DER_cert(text[:text.index(end) + len(end)])


def md5(t, data):
    path = t.path("hashed")
    with open(path, "wb") as f:
        f.write(data)
    return run(["openssl", "dgst", "-md5", "-r", path]).stdout.split()[0]


def said(b, name=MAC):
    return [e["text"] for e in b.timeline(name)]


def opened(b, t, key, name=MAC):
    """The configuration of an .enc.sgn file, its signature judged."""
    status, data, _ = b.curl(f"{name}.cnf.xml.enc.sgn")
    check(status == 200, f"{name}: {status}")
    head, folder = Head(data), os.path.dirname(t.path("phone", "x"))
    head.verify(folder, der(b.pki.path("edge.pem")))
    check(head.name == f"{name}.cnf.xml.enc.sgn", head.name)
    check(SECRET not in data, "it can be read")
    return decrypt(head, key, folder)


def short(b, t, cert, name=MAC):
    """The signed file is the short one, for this certificate."""
    status, data, _ = b.curl(f"{name}.cnf.xml.sgn")
    check(status == 200, f"{name}: {status}")
    xml = Head(data).rest
    for wanted in (b"<fullConfig>false<", b"<encrConfig>true<",
                   f"<certHash>{md5(t, cert) if cert else ''}<".encode()):
        check(wanted in xml, f"{wanted}: {xml}")
    check(SECRET not in xml and b"<sipProfile>" not in xml, f"{xml}")
    return xml


def whole(b, name=MAC, form=".sgn"):
    status, data, _ = b.curl(f"{name}.cnf.xml{form}")
    check(status == 200, f"{name}: {status}")
    check(SECRET in data and b"<encrConfig>false<" in data, f"{data}")


def connect(b, phone):
    """TLS at the SIP listener with the phone's certificate."""
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname, ctx.verify_mode = False, ssl.CERT_NONE
    ctx.load_cert_chain(phone)
    with socket.create_connection((b.access, b.sip), 10) as raw:
        with ctx.wrap_socket(raw) as s:
            s.sendall(b"\r\n\r\n\r\n")


def known(b):
    return {c["name"]: c for c in
            b.lineside.json("phone", "certificates")["certificates"]}


@test(None)
def for_a_certificate_that_was_given(t):
    """phone-certificate: short, encrypted, and by no name whole."""
    b = Boot(t, start=False)
    cert, key, _ = b.pki.leaf("phone", "capf", f"/CN={MAC}", kind="rsa")
    _, stranger, _ = b.pki.leaf("other", "capf", f"/CN={OTHER}", kind="rsa")
    b.more += f" encrypted-config known\n phone-certificate {MAC} file {cert}\n"
    b.lineside.config(b.text())
    b.lineside.start()
    short(b, t, der(cert))
    xml = opened(b, t, key)
    check(b"<fullConfig>true<" in xml and b"<encrConfig>true<" in xml and
          f"<certHash>{md5(t, der(cert))}<".encode() in xml and SECRET in xml,
          f"{xml}")
    check(opened(b, t, key) == xml, "another configuration")
    try:
        opened(b, t, stranger)
        check(False, "another's key opens it")
    except Refused:
        pass
    status, data, _ = b.curl(f"{MAC}.cnf.xml")
    check(status == 200 and SECRET not in data, "the plain name is whole")
    check(SECRET not in b.tftp_hpa(f"{MAC}.cnf.xml"), "by TFTP it is")
    check(b.lineside.counters()
          ["lineside_phone_configurations_encrypted_total"] == 3, "counted")
    check(any("encrypted for certificate" in x and "phone-certificate" in x
              for x in said(b)), f"{said(b)}")
    b.more += " hash sha512\n"
    b.lineside.config(b.text())
    check(b.lineside.reload()["ok"], "reload")
    check(opened(b, t, key) == xml, "another configuration by SHA-512")
    head = Head(b.curl(f"{MAC}.cnf.xml.enc.sgn")[1])
    check(head.item[8][0] == 3 and head.item[26][0] == 3, "not by SHA-512")
    b.lineside.judge()


@test(None)
def for_a_certificate_that_was_seen(t):
    """What the phone shows on SIP is known from then on, after kill -9, too;
    a newer one replaces it, an older one does not; EC has no form."""
    b = Boot(t, more="encrypted-config known")
    _, key, both = b.pki.leaf("phone", "capf", f"/CN={MAC}", kind="rsa")
    whole(b)
    check(b.curl(f"{MAC}.cnf.xml.enc.sgn")[0] == 404, "no certificate")
    check("no certificate of the phone is known" in said(b)[-1], f"{said(b)}")
    connect(b, both)
    wait_for(lambda: MAC in known(b), 10, "the certificate to be seen")
    row = known(b)[MAC]
    check(row["how"] == "seen on SIP" and row["key"] == "RSA 2048" and
          row["cert_hash"] == md5(t, der(both)), f"{row}")
    opened(b, t, key)
    wait_for(lambda: os.path.exists(f"{b.state}/phones.db-wal"), 10, "a row")
    b.lineside.reload()
    os.kill(b.lineside.pid, signal.SIGKILL)
    b.lineside.proc.wait(10)
    b.lineside.start()
    short(b, t, der(both))
    opened(b, t, key)
    _, later, newer = b.pki.leaf("new", "capf", f"/CN={MAC}", kind="rsa",
                                 begin="20250101000000Z")
    connect(b, newer)
    wait_for(lambda: known(b)[MAC]["cert_hash"] == md5(t, der(newer)), 10,
             "the new certificate")
    connect(b, both)  # from before it got the new one
    opened(b, t, later)
    short(b, t, der(newer))
    done = b.lineside.command("clear", "phone", "certificate", MAC.lower())
    check(done.returncode == 0, done.stderr)
    whole(b)
    check(b.lineside.command("clear", "phone", "certificate", MAC).returncode
          == 1, "it is gone already")
    _, _, ec = b.pki.leaf("ec", "capf", f"/CN={MAC}")
    connect(b, ec)
    wait_for(lambda: MAC in known(b), 10, "the EC certificate")
    whole(b)
    check(any("no RSA key" in x for x in said(b)), f"{said(b)}")
    b.lineside.judge()


@test(None)
def required_and_unknown(t):
    """Nothing, or the way to CAPF; one phone may differ; the default where
    CAPF is relayed is none."""
    b = Boot(t, start=False)
    b.lineside.config(b.text(more=" encrypted-config required\n"
                             f" encrypted-config none phone {OTHER}\n"))
    b.lineside.start()
    with open(f"{b.files}/{MAC}.cnf.xml", "rb") as f:
        source = f.read()
    b.put(f"{OTHER}.cnf.xml", source)
    for form in ("", ".sgn", ".enc.sgn"):
        status, data, _ = b.curl(f"{MAC}.cnf.xml{form}")
        check(status == 404 and not data, f"'{form}': {status}")
    check(any("withheld, for it must be encrypted" in x for x in said(b)),
          f"{said(b)}")
    check(b.lineside.counters()
          ["lineside_phone_configurations_withheld_total"] == 2, "counted")
    check("PHONE-4-WITHHELD" in b.lineside.log(), "logged")
    whole(b, OTHER)
    b.put(f"{MAC}.cnf.xml",
          source.replace(b"<capfAuthMode>0<", b"<capfAuthMode>1<").replace(
              b"<processNodeName>192.0.2.11</processNodeName>\n    </capf>",
              b"<processNodeName>192.0.2.10</processNodeName>\n    </capf>"))
    xml = short(b, t, None)
    check(b"<capfAuthMode>1<" in xml and b.access.encode() in xml, f"{xml}")
    b.lineside.config(b.text())
    check(b.lineside.reload()["ok"], "the reload")
    whole(b)
    row = b.lineside.json("voice-phone-proxy")["phone_proxies"][0]
    check(row["encrypted_config"] == "none", f"{row}")
    b.lineside.judge()


@test(None)
def who_shows_a_certificate_gets_its_own(t):
    """HTTPS with client certificates: the phone's own file, whole; another
    phone's never; what is nobody's, too; and who shows none gets no TLS."""
    b = Boot(t, start=False)
    port = t.env.port_pair(b.access)
    b.more += f" https-port {port} trustpoint EDGE client-verify\n"
    b.more += " encrypted-config known\n"
    b.lineside.config(b.text())
    b.lineside.start()
    _, key, phone = b.pki.leaf("phone", "capf", f"/CN={MAC}", kind="rsa")
    _, _, mic = b.pki.leaf("mic", "capf", f"/CN=CP-8841-{OTHER}", kind="rsa")
    b.pki.ca("stranger", "/CN=Stranger")
    _, _, strange = b.pki.leaf("strange", "stranger", f"/CN={MAC}",
                               kind="rsa")
    with open(f"{b.files}/{MAC}.cnf.xml", "rb") as f:
        b.put(f"{OTHER}.cnf.xml", f.read())

    def ask(name, *cert):
        out = t.path("got", "https")
        done = run(["curl", "-sk", "-o", out, "-w", "%{http_code}",
                    *(x for c in cert for x in ("--cert", c)),
                    f"https://{b.access}:{port}/{name}"], 30)
        if done.returncode != 0:
            return None, b""
        with open(out, "rb") as f:
            return int(done.stdout), f.read()
    check(ask(f"{MAC}.cnf.xml.sgn")[0] is None, "without a certificate")
    check(ask(f"{MAC}.cnf.xml.sgn", strange)[0] is None, "a stranger's CA")
    status, xml = ask(f"{MAC}.cnf.xml.sgn", phone)
    check(status == 200 and xml.startswith(b"<?xml") and SECRET in xml,
          f"{status}: {xml[:80]}")
    check(known(b)[MAC]["how"] == "seen on HTTPS", f"{known(b)}")
    # Whoever else asks, without a certificate, gets the encrypted one.
    short(b, t, der(phone))
    opened(b, t, key)
    for name in (f"{OTHER}.cnf.xml.sgn", f"{OTHER}.cnf.xml.enc.sgn",
                 f"CTL{OTHER}.tlv"):
        status, data = ask(name, phone)
        check(status == 403 and SECRET not in data, f"{name}: {status}")
    check(ask(f"{OTHER}.cnf.xml.sgn", mic)[0] == 200, "by its MIC")
    check(ask(f"{MAC}.cnf.xml.sgn", mic)[0] == 403, "the MIC is another's")
    check(ask("Ringlist.xml.sgn", phone)[1] == b"<CiscoIPPhoneRingList/>\n",
          "the ring list")
    check(b.lineside.counters()["lineside_phone_files_foreign_total"] == 4,
          "counted")
    check(any(f"refused to CP-8841-{OTHER}" in x for x in said(b)),
          f"{said(b)}")
    check(any("it is another phone's" in x for x in said(b, OTHER)),
          f"{said(b, OTHER)}")
    check(b.lineside.log().count("PHONE-4-FOREIGN_FILE") == 4, "logged")
    b.lineside.judge()


@test(None)
def modes_and_settings_of_one_phone(t):
    """device-security-mode for all and for one; service settings one by
    one."""
    b = Boot(t, start=False)
    text = b.text(more=" device-security-mode authenticated\n"
                       f" device-security-mode none phone {OTHER}\n"
                       " no disable service-settings web-access\n"
                       " disable service-settings voice-vlan-access value 0\n")
    b.lineside.config(text)
    b.lineside.start()
    with open(f"{b.files}/{MAC}.cnf.xml", "rb") as f:
        source = f.read().replace(b"<voiceVlanAccess>0<",
                                  b"<voiceVlanAccess>1<")
    b.put(f"{MAC}.cnf.xml", source)
    b.put(f"{OTHER}.cnf.xml", source)
    for name, mode, transport in ((MAC, 2, 3), (OTHER, 1, 1)):
        xml = b.curl(f"{name}.cnf.xml")[1]
        for wanted in (f"<deviceSecurityMode>{mode}<",
                       f"<transportLayerProtocol>{transport}<",
                       "<pcPort>1<", "<garp>1<", "<spanToPCPort>1<",
                       "<webAccess>0<", "<voiceVlanAccess>0<"):
            check(wanted.encode() in xml, f"{name}, {wanted}: {xml}")
    shown = b.lineside.show("running-config")
    for line in (" device-security-mode authenticated\n",
                 f" device-security-mode none phone {OTHER}\n",
                 " no disable service-settings web-access\n",
                 " disable service-settings voice-vlan-access value 0\n"):
        check(line in shown, f"{line}: {shown}")
    b.lineside.judge()
