"""Who is heard on the core side: ip address trusted list."""

import json
import socket

from kit.dns import PORT, Dnsmasq
from kit.env import check, wait_for
from kit.suite import test
from test_routes import Edge

LIST = """sip-listener TRUNK
 side core
 address ipv4 {{core}} port 5060
 transport tcp
voice service voip
 ip address trusted list
  ipv4 {listed}
{more}
ip name-server {dns} port {port}
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 200 voip
 destination-pattern 5
 session target ipv4:{{0}}
dial-peer voice 210 voip
 destination-pattern 6
 session target dns:pbx.test
"""


class Trunk(Edge):
    def __init__(self, t, more=""):
        self.listed, self.stranger, self.named = (t.addr() for _ in range(3))
        self.dns = Dnsmasq(t, f"host-record=pbx.test,{self.named}")

        class Late(str):
            def format(me, *servers):
                return str(me).format(*servers, core=self.core)
        super().__init__(t, Late(LIST.format(
            listed=self.listed, more=more, dns=self.dns.host, port=PORT)))
        self.n = 0
        wait_for(lambda: self.named in self.lineside.show(
            "ip", "address", "trusted", "list"), 10, "the name's address")

    def open(self, host, kind):
        s = socket.socket(socket.AF_INET, kind)
        self.t.at_end(s.close)
        s.settimeout(5)
        s.bind((host, 0))
        s.connect((self.core, 5060))
        return s

    def ask(self, s, method="OPTIONS"):
        self.n += 1
        host, port = s.getsockname()
        s.send(f"{method} sip:5001@{self.core} SIP/2.0\r\n"
               f"Via: SIP/2.0/{'TCP' if s.type == socket.SOCK_STREAM else 'UDP'}"
               f" {host}:{port};branch=z9hG4bKt{self.n};rport\r\n"
               f"From: <sip:a@b>;tag=1\r\nTo: <sip:5001@{self.core}>\r\n"
               f"Call-ID: {self.n}@trusted\r\nCSeq: 1 {method}\r\n"
               f"Contact: <sip:a@{host}:{port}>\r\nMax-Forwards: 70\r\n"
               "Content-Length: 0\r\n\r\n".encode())

    def answered(self, host, kind=socket.SOCK_DGRAM):
        s = self.open(host, kind)
        self.ask(s)
        got = s.recv(4096)
        check(got.startswith(b"SIP/2.0 200"), f"{host}: {got}")

    def refused(self):
        c = self.lineside.counters()
        return c["lineside_sec_untrusted_requests_total"]

    def dropped(self, host, kind=socket.SOCK_DGRAM, method="OPTIONS"):
        """Nothing comes back: what is dropped is counted where it is."""
        s, before = self.open(host, kind), self.refused()
        self.ask(s, method)
        wait_for(lambda: self.refused() == before + 1, 5, "the counter")
        s.setblocking(False)
        try:
            check(False, f"{host} was answered: {s.recv(4096)}")
        except BlockingIOError:
            pass

    def source(self, host):
        done = self.lineside.command("explain", "call", "1", "5001", "listener",
                                     "INSIDE", "source", host, "--json")
        return json.loads(done.stdout)["heard"]


@test(site=None)
def who_is_not_trusted_hears_nothing(t):
    """By UDP and TCP: targets, the addresses of names and the list are
    answered, a stranger is not, whatever he asks."""
    e = Trunk(t)
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        for host in (e.server[0], e.listed, e.named):
            e.answered(host, kind)
        e.dropped(e.stranger, kind)
        e.dropped(e.stranger, kind, "INVITE")
        e.dropped(e.stranger, kind, "BYE")
    c = e.lineside.counters()
    check(c["lineside_calls_total"] == 0, "a call came of it")
    check(f"OPTIONS from {e.stranger}:" in e.lineside.log() and
          "SEC-4-UNTRUSTED" in e.lineside.log(), "not told")
    rows = e.lineside.json("ip", "address", "trusted", "list")
    check([(r["dial_peer"], r["address"]) for r in rows["targets"]] ==
          [(200, e.server[0]), (210, e.named)], f"{rows}")
    check(rows["list"] == [{"entry": f"ipv4 {e.listed}"}], f"{rows}")
    check(rows["authentication"]["refused"] == 6, f"{rows}")
    check(e.source(e.named)["why"] == "target of dial-peer 210", "explain")
    check("trusted list has" in e.source(e.listed)["why"], "explain")
    check(not e.source(e.stranger)["heard"], "explain")
    # a phone is its listener's matter
    e.call("7001", "phone", steps="> INVITE sdp\n< 404\n> ACK").ok()
    # the list is read anew with the configuration
    with open(e.lineside.file, encoding="utf-8") as f:
        text = f.read()
    e.lineside.config(text.replace(f"  ipv4 {e.listed}",
                                   f"  ipv4 {e.stranger}"))
    e.lineside.reload()
    e.answered(e.stranger)
    e.dropped(e.listed)
    e.done()


@test(site=None)
def who_is_not_trusted_is_told(t):
    """no silent-discard untrusted: 403 with the cause, and no call."""
    e = Trunk(t, " ip address trusted call-block cause 57\n sip\n"
              "  no silent-discard untrusted")
    s = e.open(e.stranger, socket.SOCK_DGRAM)
    e.ask(s, "INVITE")
    got = s.recv(4096)
    while got.startswith(b"SIP/2.0 100"):
        got = s.recv(4096)
    check(got.startswith(b"SIP/2.0 403"), f"{got}")
    check(b"Q.850;cause=57" in got, f"{got}")
    check(e.refused() == 1, "not counted")
    e.answered(e.listed)
    e.done()
