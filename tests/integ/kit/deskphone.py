"""A desk phone with a script for firmware: from nothing but its name and one
address it fetches its trust lists and its configuration, believes only what
verifies, gets its certificate by CAPF and registers where it was told to.

Made from phone-boot, trust-list and signed-files descriptions with the
openssl command; nothing of Lineside's is used.
"""

import os
import re
import socket
import ssl
import struct
import time
import xml.etree.ElementTree as xml

from . import capf, sip
from .env import Failure, check, run

SAST, CCM, CCM_TFTP, TFTP, CAPF, APP, TVS = 0, 1, 2, 3, 4, 7, 21
DIGESTS = {1: "sha1", 2: "sha256", 3: "sha512"}
RRQ, DATA, ACK, ERROR = 1, 3, 4, 5


class Refused(Failure):
    """The phone does not believe it."""


def believe(ok, text):
    if not ok:
        raise Refused(text)


# ---- files ----

def items(data, lone=None):
    """(tag, value, where it begins, where it ends) of each; `lone`: a tag
    that is one byte."""
    at = 0
    while at < len(data):
        begin, tag = at, data[at]
        if tag == lone:
            at += 1
            yield tag, b"", begin, at
            continue
        believe(at + 3 <= len(data), "cut in the head of an item")
        n = struct.unpack(">H", data[at + 1:at + 3])[0]
        # Containers of the header: their items follow as if at the top.
        at += 3 if lone is not None and tag in (3, 7, 9, 16, 17, 21) else 3 + n
        believe(at <= len(data), f"item {tag} is longer than its file")
        yield tag, data[begin + 3:begin + 3 + n], begin, at


class Head:
    """What stands before the records or the payload of a signed file."""

    def __init__(self, data):
        believe(len(data) > 10 and data[0] == 1 and data[5] == 2,
                "no signed file")
        self.size = struct.unpack(">H", data[8:10])[0]
        believe(10 <= self.size <= len(data), "a header longer than the file")
        self.item, cut = {}, None
        for tag, value, begin, end in items(data[:self.size], lone=13):
            self.item.setdefault(tag, value)
            if tag == 12:
                cut = (begin, end)
        for tag in (4, 5, 6, 8, 12, 14, 15):
            believe(tag in self.item, f"the header lacks item {tag}")
        self.signed = data[:cut[0]] + data[cut[1]:]
        self.rest = data[self.size:]
        self.name = self.item[14][:-1].decode()

    def verify(self, folder, certificate):
        """That the key of this certificate (DER) signed the file."""
        digest = DIGESTS.get(self.item[8][0])
        believe(digest, f"digest {self.item[8][0]} is unknown")
        key, sig, data = (os.path.join(folder, n) for n in
                          ("signer.pub", "signature", "signed"))
        with open(key, "wb") as f:
            f.write(public_key(certificate))
        with open(sig, "wb") as f:
            f.write(self.item[12])
        with open(data, "wb") as f:
            f.write(self.signed)
        done = run(["openssl", "dgst", f"-{digest}", "-verify", key,
                    "-signature", sig, data])
        believe(done.returncode == 0 and "Verified OK" in done.stdout,
                f"{self.name}: the signature is wrong: {done.stdout}")


def public_key(certificate):
    done = run(["openssl", "x509", "-noout", "-pubkey"],
               stdin=_pipe(ssl.DER_cert_to_PEM_cert(certificate).encode()))
    check(done.returncode == 0, done.stderr)
    return done.stdout.encode()


def _pipe(data):
    """A descriptor that reads `data` (less than a pipe holds)."""
    r, w = os.pipe()
    os.write(w, data)
    os.close(w)
    return os.fdopen(r, "rb")


class TrustList:
    """A CTL or an ITL, consistent in itself."""

    def __init__(self, data, folder):
        self.data, self.head = data, Head(data)
        self.records = []
        at, rest = 0, self.head.rest
        while at < len(rest):
            believe(at + 5 <= len(rest) and rest[at] == 1, "no record")
            size = struct.unpack(">H", rest[at + 3:at + 5])[0]
            believe(5 <= size <= len(rest) - at, "a record's length is wrong")
            self.records.append({tag: value for tag, value, _, _ in
                                 items(rest[at:at + size])})
            at += size
        sasts = [r for r in self.records if self.role(r) == SAST]
        believe(len(sasts) <= 2, "more than two signers")
        self.signer = self.find(SAST)
        believe(self.signer, "its signer is not in it")
        self.head.verify(folder, self.signer[9])

    @staticmethod
    def role(record):
        return struct.unpack(">H", record[4])[0]

    def find(self, *roles, serial=None, issuer=None):
        """The record that the header (or `serial`, `issuer`) names."""
        serial = self.head.item[5] if serial is None else serial
        issuer = self.head.item[6] if issuer is None else issuer
        return next((r for r in self.records if self.role(r) in roles and
                     9 in r and r[6] == serial and r[5] == issuer), None)

    def certificates(self, *roles):
        return [r[9] for r in self.records
                if self.role(r) in roles and 9 in r]


def decrypt(head, key, folder):
    """The configuration in an encrypted file, with the phone's key."""
    wrapped, iv, pads = head.item[25], head.item[19], head.item[20]
    path = os.path.join(folder, "wrapped")
    with open(path, "wb") as f:
        f.write(wrapped)
    plain = path + ".plain"
    done = run(["openssl", "pkeyutl", "-decrypt", "-inkey", key, "-pkeyopt",
                "rsa_padding_mode:pkcs1", "-in", path, "-out", plain])
    believe(done.returncode == 0, "it is encrypted for another phone's key")
    with open(plain, "rb") as f:
        aes = f.read()
    os.remove(plain)
    believe(len(aes) == 16, f"a key of {len(aes)} bytes")
    with open(path, "wb") as f:
        f.write(head.rest)
    out = path + ".out"
    done = run(["openssl", "enc", "-d", "-aes-128-cbc", "-nopad", "-K",
                aes.hex(), "-iv", iv.hex(), "-in", path, "-out", out])
    believe(done.returncode == 0, f"AES: {done.stderr}")
    with open(out, "rb") as f:
        data = f.read()
    n = struct.unpack(">H", pads)[0]
    believe(1 <= n <= 16 and data.endswith(b"\r" * n), "padding is wrong")
    data = data[:-n]
    digest = DIGESTS[head.item[26][0]]
    with open(path, "wb") as f:
        f.write(data)
    done = run(["openssl", "dgst", f"-{digest}", "-r", path])
    believe(done.stdout.split()[0] == head.item[27].hex(),
            "it is not what was encrypted")
    return data


# ---- the phone ----

class Folder:
    """The phone's flash."""

    def __init__(self, path):
        self.dir = path
        os.makedirs(path, exist_ok=True)

    def path(self, name):
        return os.path.join(self.dir, name)


class DeskPhone:
    """`how`: "http" (with TFTP for what fails) or "tftp", as old ones; HTTPS
    comes first once a trust list says that it is there. `digits`: what its
    user types when it asks for the authentication string."""

    def __init__(self, folder, name, address, *, how="http", digits=None,
                 tftp=69, http=6970, https=6971, kind="rsa", say=None):
        self.flash = Folder(folder)
        self.name, self.address, self.how = name, address, how
        self.tftp, self.http, self.digits = tftp, http, digits
        self.https = https
        self.ctl = self.itl = None
        self.lsc = capf.Phone(self.flash, name, kind)
        self.encrypted = False  # what the last configuration said
        self.config = self.xml = None
        self.asked = []  # every file name, in order
        self.enrolled = None  # CAPF's reason, or None
        self.say = say or (lambda text: None)

    # Fetching

    def _http(self, name, tls=False):
        """Bytes, or None; as an 8861 asks. A connection per file."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        port = self.https if tls else self.http
        with socket.create_connection((self.address, port), 10) as s:
            if tls:
                s = self._tls().wrap_socket(s)
                believe(self.trusts(s.getpeercert(True), TFTP),
                        "no trust list knows this file server")
            s.sendall(f"GET /{name} HTTP/1.1\r\nHost:{host}:{port}\r\n"
                      f"\r\n".encode())
            data, body = b"", None
            while body is None or len(data) < body:
                more = s.recv(65536)
                if not more:
                    break
                data += more
                if body is None and b"\r\n\r\n" in data:
                    head = data[:data.index(b"\r\n\r\n")]
                    n = re.search(rb"(?i)\r\ncontent-length:\s*(\d+)", head)
                    check(n, f"no Content-Length: {head}")
                    body = len(head) + 4 + int(n.group(1))
        check(data.startswith(b"HTTP/1."), f"no HTTP: {data[:60]}")
        if data.split()[1] != b"200":
            return None
        check(len(data) == body, f"{name}: {len(data)} of {body} bytes")
        return data[len(head) + 4:]

    def _tftp(self, name, tries=4):
        """Bytes, or None. No options, 512 bytes a block; the first answer
        names the port that the rest must come from."""
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.settimeout(2)
            request = struct.pack(">H", RRQ) + name.encode() + b"\0octet\0"
            last, peer, file = (request, (self.address, self.tftp)), None, b""
            s.sendto(*last)
            block = 0
            while True:
                try:
                    data, sender = s.recvfrom(2048)
                except TimeoutError:
                    tries -= 1
                    check(tries > 0, f"{name}: nothing comes by TFTP")
                    s.sendto(*last)
                    continue
                peer = peer or sender
                if sender != peer:
                    continue
                op, number = struct.unpack(">HH", data[:4])
                if op == ERROR:
                    check(number == 1, f"{name}: TFTP error {number}"
                                       f" {data[4:-1]}")
                    return None
                check(op == DATA, f"{name}: TFTP operation {op}")
                if number == (block + 1) % 65536:
                    block = number
                    file += data[4:]
                last = struct.pack(">HH", ACK, number), peer
                s.sendto(*last)
                if number == block and len(data) < 516:
                    return file

    def fetch(self, name):
        self.asked.append(name)
        data = None
        if self.how == "http":
            data = self._http(name)
        if data is None:
            data = self._tftp(name)
        self.say(f"{name}: {'absent' if data is None else len(data)}")
        return data

    def _tls(self):
        """Its certificate, if it has one; the lists decide who is there."""
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        ctx.check_hostname = False
        ctx.verify_mode = ssl.CERT_NONE
        if self.lsc.cert:
            ctx.load_cert_chain(self.lsc.pem())
        return ctx

    def _over_tls(self, name):
        """What the name with .sgn gives there, which is not signed; None:
        not to be had there."""
        if self.how != "http" or not any(
                x.head.item.get(28, b"\1\0") > b"\1\0" for x in self.lists()):
            return None
        try:
            data = self._http(name, tls=True)
        except OSError as e:
            self.say(f"{name}: not by HTTPS: {e}")
            return None
        self.asked.append(f"https:{name}")
        return data

    # Trust

    def _lists(self):
        data = self.fetch(f"CTL{self.name}.tlv")
        if data:
            ctl = TrustList(data, self.flash.dir)
            believe(ctl.head.name == "CTLFile.tlv", ctl.head.name)
            believe(not self.ctl or self.ctl.find(
                SAST, serial=ctl.head.item[5], issuer=ctl.head.item[6]),
                "the new CTL's signer is not in the installed one")
            self.ctl = ctl
        data = self.fetch(f"ITL{self.name}.tlv") or self.fetch("ITLFile.tlv")
        if data:
            itl = TrustList(data, self.flash.dir)
            believe(itl.head.name == "ITLFile.tlv", itl.head.name)
            believe(not self.ctl or self.ctl.find(
                SAST, serial=itl.head.item[5], issuer=itl.head.item[6]),
                "the ITL's signer is not in the CTL")
            self.itl = itl

    def lists(self):
        return [x for x in (self.ctl, self.itl) if x]

    def trusts(self, der, *roles):
        return any(der in x.certificates(*roles) for x in self.lists())

    def secure(self):
        """Does it ask for signed files?"""
        return any(x.certificates(TFTP, CCM_TFTP) for x in self.lists())

    def verified(self, name, data):
        """What stands behind the header, signed by one whom a list names."""
        head = Head(data)
        believe(head.name == name, f"{name} is signed as {head.name}")
        record = next((r for x in self.lists() if (r := x.find(
            TFTP, CCM_TFTP, serial=head.item[5], issuer=head.item[6]))), None)
        believe(record, f"{name}: its signer is in no trust list")
        head.verify(self.flash.dir, record[9])
        return head

    def file(self, name):
        """A file of the usual kind, signed if that is the mode; or None."""
        if not self.secure():
            return self.fetch(name)
        data = self._over_tls(f"{name}.sgn")
        if data is not None:
            return data
        data = self.fetch(f"{name}.sgn")
        return data and self.verified(f"{name}.sgn", data).rest

    # Configuration

    def _encrypted(self, name):
        name += ".enc.sgn"
        data = self.fetch(name)
        if not data:
            return None
        head = self.verified(name, data)
        believe(b"<device" not in data, "it is not encrypted")
        return decrypt(head, self.lsc.key, self.flash.dir)

    def _read(self, data):
        check(data, f"{self.name} has no configuration")
        self.config, self.xml = data, xml.fromstring(data)
        check(self.xml.tag == "device", f"a document of {self.xml.tag}")

    def _mine(self):
        """Does the configuration name our certificate?"""
        if not self.lsc.cert:
            return False
        done = run(["openssl", "dgst", "-md5", "-r"],
                   stdin=_pipe(self.lsc.cert))
        return done.stdout.split()[0] == self.text("certHash")

    def _configuration(self):
        name = f"{self.name}.cnf.xml"
        data = self._encrypted(name) if self.encrypted else None
        if data:
            self._read(data)
            return
        self._read(self.file(name) or self.file("XMLDefault.cnf.xml"))
        self.encrypted = self.text("encrConfig") == "true"
        if self.encrypted and self._mine():
            self._read(self._encrypted(name))

    def text(self, path, default=""):
        return (self.xml.findtext(path) or default).strip()

    def members(self):
        """(address, port for TLS) of the call managers, by priority."""
        out = []
        for m in sorted(self.xml.findall(
                "devicePool/callManagerGroup/members/member"),
                key=lambda m: int(m.get("priority"))):
            cm = m.find("callManager")
            out.append((cm.findtext("processNodeName"),
                        int(cm.findtext("ports/securedSipPort"))))
        return out

    def line(self):
        """(name, user, password) of the first line."""
        at = self.xml.find("sipProfile/sipLines/line")
        return tuple(at.findtext(x) or ""
                     for x in ("name", "authName", "authPassword"))

    # CAPF

    def _enrol(self):
        mode = int(self.text("capfAuthMode", "0"))
        if mode == 0 or self.lsc.cert:
            return False
        check(mode != 1 or self.digits, "nobody types the digits")
        address = self.text("capfList/capf/processNodeName")
        port = int(self.text("capfList/capf/phonePort"))

        def judge(der):
            believe(self.trusts(der, CAPF), "no trust list knows this CAPF")
        self.enrolled = capf.run_session(
            self.lsc, address, port, judge=judge,
            password=self.digits if mode == 1 else "")
        self.say(f"CAPF {address}:{port}: reason {self.enrolled}")
        return self.enrolled == 1

    # TVS

    def ask_tvs(self, der):
        """(status, roles, seconds) of the first server that is named."""
        at = self.xml.find("TVS/members/member")
        check(at is not None, "the configuration names no TVS")

        def judge(shown):
            believe(self.trusts(shown, TVS), "no trust list knows this TVS")
        return capf.tvs_verify(at.findtext("address"), der,
                               int(at.findtext("port")), self.name,
                               judge=judge)

    # All of it

    def boot(self):
        """Lists, configuration, CAPF; from the start again once it has got
        a certificate."""
        self._lists()
        self._configuration()
        if self._enrol():
            self.boot()
        return self

    # Calls

    def trusted_servers(self):
        """A file with the servers' certificates of the lists, for TLS."""
        path = self.flash.path("servers.pem")
        with open(path, "w") as f:
            for x in self.lists():
                for der in x.certificates(CCM, CCM_TFTP):
                    f.write(ssl.DER_cert_to_PEM_cert(der))
        return path

    def connect(self):
        """TLS to the first member that answers and is believed."""
        check(self.text("deviceSecurityMode") == "3" and
              self.text("transportLayerProtocol") == "3", "it is not TLS")
        member = self.members()[0]
        with socket.socket(socket.AF_INET6 if ":" in member[0]
                           else socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(member)
            local = s.getsockname()[0]
        wire = sip.Wire("tls", local, member, tls=self._tls())
        der = wire.s.getpeercert(True)
        if not self.trusts(der, CCM, CCM_TFTP):
            wire.close()
            raise Refused("no trust list knows this call manager")
        return wire

    def register(self):
        """(agent, final response of its REGISTER)"""
        wire = self.connect()
        name, user, password = self.line()
        check(name == user, f"line {name}, user {user}")
        agent = sip.Agent(wire, name, self.members()[0][0], password)
        r = agent.register()
        self.say(f"REGISTER {name} at {wire.remote[0]}:{wire.remote[1]}: {r}")
        return agent, r


def main(argv):
    import argparse
    import tempfile
    p = argparse.ArgumentParser(
        description="A phone with a script for firmware: boots, enrols and"
                    " registers as a desk phone does.")
    p.add_argument("address", help="what it is told as alternate TFTP")
    p.add_argument("name", help="SEP and twelve digits")
    p.add_argument("--auth-string", help="what its user types for CAPF")
    p.add_argument("--by", choices=("http", "tftp"), default="http")
    p.add_argument("--tftp-port", type=int, default=69)
    p.add_argument("--http-port", type=int, default=6970)
    p.add_argument("--folder", help="its flash; else gone at the end")
    p.add_argument("--seconds", type=float, default=0,
                   help="stay registered for so long")
    a = p.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="deskphone-") as scratch:
        phone = DeskPhone(a.folder or scratch, a.name, a.address, how=a.by,
                          digits=a.auth_string, tftp=a.tftp_port,
                          http=a.http_port, say=print)
        try:
            phone.boot()
            agent, r = phone.register()
        except (Failure, OSError) as e:
            print(f"failed: {e}")
            return 1
        time.sleep(a.seconds)
        agent.close()
        return 0 if r.status == 200 else 1
