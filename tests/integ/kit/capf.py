"""A phone that speaks CAPF and TVS as phones do: the server's frames are
answered one by one, keys are made with the openssl command."""

import socket
import ssl
import struct

from .env import check, run

(AUTH_REQUEST, AUTH_RESPONSE, KEY_REQUEST, KEY_RESPONSE) = (1, 2, 3, 4)
(STORE_REQUEST, STORE_RESPONSE, FETCH_REQUEST, FETCH_RESPONSE) = (9, 10, 11, 12)
(DELETE_REQUEST, DELETE_RESPONSE, END, IN_PROGRESS) = (13, 14, 15, 17)
(REASON, CERT, PUBLIC_KEY, KEY_SIZE, PASSWORD, DEVICE) = (1, 4, 9, 10, 11, 13)
(SIGNED_DATA, VERSION, KEY_TYPE, CURVE, SHA2_SIGNED) = (6, 7, 17, 18, 20)


def element(tag, value):
    return struct.pack(">BH", tag, len(value)) + value


def certificate(der):
    return b"\x01" + struct.pack(">H", len(der) + 2) + b"\x00\x01" + der


class Closed(Exception):
    """The server hung up."""


class Phone:
    """A phone with a key; its certificate once it has one."""

    def __init__(self, t, name="SEP001122334455", kind="rsa"):
        self.t, self.name = t, name
        self.key = t.path(f"{name}.key")
        self.cert = None  # DER
        if kind == "rsa":
            args = ["genrsa", "-out", self.key, "2048"]
        else:
            args = ["ecparam", "-name", kind, "-genkey", "-noout", "-out",
                    self.key]
        done = run(["openssl", *args])
        check(done.returncode == 0, done.stderr)
        self.kind = "rsa" if kind == "rsa" else "ec"

    def public(self):
        """The bare public key, DER."""
        out = self.key + ".pub"
        done = run(["openssl", "pkey", "-in", self.key, "-pubout", "-outform",
                    "DER", "-out", out])
        check(done.returncode == 0, done.stderr)
        with open(out, "rb") as f:
            return f.read()

    def _sign(self, data, digest):
        """Of the bare hash in a type 1 block (RSA); ECDSA over the data."""
        name = self.t.path(f"{self.name}.{digest}")
        with open(name, "wb") as f:
            f.write(data)
        sig = name + ".sig"
        if self.kind == "rsa":
            hashed = name + ".hash"
            done = run(["openssl", "dgst", f"-{digest}", "-binary", "-out",
                        hashed, name])
            check(done.returncode == 0, done.stderr)
            done = run(["openssl", "pkeyutl", "-sign", "-inkey", self.key,
                        "-pkeyopt", "rsa_padding_mode:pkcs1", "-in", hashed,
                        "-out", sig])
        else:
            done = run(["openssl", "dgst", f"-{digest}", "-sign", self.key,
                        "-out", sig, name])
        check(done.returncode == 0, done.stderr)
        with open(sig, "rb") as f:
            return f.read()

    def proof(self):
        """The elements of an authentication by certificate."""
        data = self.name.encode() + b"\x00" + self.cert
        sha512 = self._sign(data, "sha512")
        return (element(CERT, certificate(self.cert)) +
                element(SIGNED_DATA, self._sign(data, "sha1")) +
                element(SHA2_SIGNED,
                        b"\x03" + struct.pack(">H", len(sha512)) + sha512))

    def pem(self, *more):
        """Certificate and key in a file, for TLS."""
        path = self.t.path(f"{self.name}.pem")
        with open(self.key) as f:
            key = f.read()
        with open(path, "w") as f:
            f.write(ssl.DER_cert_to_PEM_cert(self.cert) + key)
        return path


class Session:
    """A TLS connection to a CAPF server."""

    def __init__(self, addr, port=3804, source=None, seconds=20):
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        ctx.check_hostname = False
        ctx.verify_mode = ssl.CERT_NONE
        raw = socket.create_connection(
            (addr, port), seconds,
            source_address=(source, 0) if source else None)
        self.sock = ctx.wrap_socket(raw)
        self.server_cert = self.sock.getpeercert(True)
        self.session = None

    def close(self):
        self.sock.close()

    def _exactly(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            if not more:
                raise Closed()
            data += more
        return data

    def receive(self):
        """(command, {tag: value}) of the next frame."""
        head = self._exactly(8)
        magic, command, session, length = struct.unpack(">BBIH", head)
        check(magic == 0x55, f"not CAPF: {head.hex()}")
        check(self.session in (None, session), "another session's frame")
        self.session = session
        body, elements = self._exactly(length), {}
        while body:
            tag, n = struct.unpack(">BH", body[:3])
            elements[tag] = body[3:3 + n]
            body = body[3 + n:]
        return command, elements

    def send(self, command, *elements):
        body = b"".join(elements)
        self.sock.sendall(
            struct.pack(">BBIH", 0x55, command, self.session, len(body)) +
            body)

    def expect(self, command):
        got, elements = self.receive()
        check(got == command, f"command {got}, {command} was expected")
        return elements

    def authenticate(self, phone, password="", proof=False):
        self.expect(AUTH_REQUEST)
        self.send(AUTH_RESPONSE, element(REASON, b"\x01"),
                  phone.proof() if proof else b"", element(VERSION, b"\x03"),
                  element(PASSWORD, password.encode() + b"\x00"),
                  element(DEVICE, phone.name.encode() + b"\x00"))


def run_session(phone, addr, port=3804, password="", proof=False, source=None,
                before_key=None, judge=None):
    """A whole session; the reason that the server gives at its end. The
    server closes, and nothing is lost before that. `judge` raises when it
    does not like the server's certificate."""
    s = Session(addr, port, source)
    try:
        if judge:
            judge(s.server_cert)
        s.authenticate(phone, password, proof)
        while True:
            command, e = s.receive()
            if command == KEY_REQUEST:
                if before_key:
                    before_key(s)
                s.send(IN_PROGRESS)
                s.send(KEY_RESPONSE, element(PUBLIC_KEY, phone.public()))
            elif command == STORE_REQUEST:
                phone.cert = e[CERT][5:]
                s.send(STORE_RESPONSE, element(REASON, b"\x01"))
            elif command == FETCH_REQUEST and phone.cert:
                s.send(FETCH_RESPONSE, element(REASON, b"\x01"),
                       element(CERT, certificate(phone.cert)))
            elif command == FETCH_REQUEST:
                s.send(FETCH_RESPONSE, element(REASON, b"\x07"))
            elif command == DELETE_REQUEST:
                had, phone.cert = phone.cert, None
                s.send(DELETE_RESPONSE,
                       element(REASON, b"\x01" if had else b"\x07"))
            else:
                check(command == END, f"command {command}")
                break
        check(s.sock.recv(1) == b"", "more came after the end")
        return e[REASON][0]
    finally:
        s.close()


def tvs_verify(addr, der, port=2445, device="CP-8841-SEP001122334455",
               session=1001, judge=None):
    """(status, roles, ttl) of a TVS's answer."""
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    with ctx.wrap_socket(socket.create_connection((addr, port), 20)) as s:
        if judge:
            judge(s.getpeercert(True))
        body = element(1, b"\x01" + device.encode()) + element(2, der)
        s.sendall(struct.pack(">BBBBIH", 0x57, 1, 1, 0, session, len(body)) +
                  body)
        data = b""
        while len(data) < 10 or len(data) < 10 + int.from_bytes(data[8:10], "big"):
            more = s.recv(4096)
            if not more:
                raise Closed()
            data += more
    magic, _, command, _, number, _ = struct.unpack(">BBBBIH", data[:10])
    check((magic, command, number) == (0x57, 2, session), data.hex())
    body, e = data[10:], {}
    while body:
        tag, n = struct.unpack(">BH", body[:3])
        e[tag] = body[3:3 + n]
        body = body[3 + n:]
    return (e[7][0], list(e.get(8, b"")),
            int.from_bytes(e[9], "big") if 9 in e else None)
