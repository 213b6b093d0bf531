"""lineside doctor against core nodes: each fault is named with its remedy."""

import json
import socket
import ssl
import threading
import time
from email.utils import formatdate

from kit.dns import PORT as DNS_PORT, Dnsmasq
from kit.env import check, run
from kit.pki import Pki
from kit.suite import test


class Node:
    """A core node: TLS, one OPTIONS, an answer with a Date."""

    def __init__(self, t, pki, cert, trusts="core", clock=0, min_version=None,
                 answer=b"SIP/2.0 200 OK"):
        self.addr = t.addr()
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(*cert(self.addr)[:2])
        ctx.load_verify_locations(pki.path(f"{trusts}.pem"))
        ctx.verify_mode = ssl.CERT_REQUIRED
        if min_version:
            ctx.minimum_version = min_version
        self.ctx, self.clock, self.answer = ctx, clock, answer
        self.listener = socket.create_server((self.addr, 5061))
        t.at_end(self.listener.close)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            try:
                sock = self.ctx.wrap_socket(sock, server_side=True)
                data = b""
                while b"\r\n\r\n" not in data:
                    more = sock.recv(4096)
                    if not more:
                        break
                    data += more
                when = formatdate(time.time() + self.clock, usegmt=True)
                if self.answer:
                    sock.sendall(self.answer + b"\r\nDate: " + when.encode() +
                                 b"\r\nContent-Length: 0\r\n\r\n")
                sock.close()
            except OSError:
                pass


def authorities(t):
    pki = Pki(t.path("pki"))
    pki.ca("core", "/CN=Core CA")
    pki.ca("other", "/CN=Other CA")
    return pki


def config(t, pki, peers, own="edge"):
    text = f"""hostname edge.example.com
crypto pki trustpoint CORE
 certificate file {pki.path(own + '.pem')}
 key file {pki.path(own + '.key')}
 ca-bundle file {pki.path('core.pem')}
sip-listener INSIDE
 side core
 address ipv4 {t.addr()} port 5061
 transport tcp tls
 trustpoint CORE
sip-listener PHONES
 side access
 address ipv4 {t.addr()} port 5061
 transport tcp tls
 trustpoint CORE
 phone-identity 1
voice class phone-identity 1
 rule 10 subject-cn ^SEP[0-9A-F]{{12}}$
sip-ua
 crypto signaling default trustpoint CORE
 registrar embedded
"""
    for tag, (target, more) in enumerate(peers, 1):
        text += f"""dial-peer voice {tag} voip
 session target {target}
 session transport tcp tls
 destination-pattern {tag}T
{more}"""
    return t.write("doctor.conf", text)


def doctor(t, path, *words):
    done = run([t.env.program("lineside"), "doctor", "-f", path, "--json",
                *words])
    check(done.stdout, f"no report: {done.stderr}")
    return done.returncode, json.loads(done.stdout)["findings"]


def in_clear(ours, registrar):
    """Without keys: a core by UDP and TCP, phones, a registrar by TCP."""
    return f"""sip-listener INSIDE
 side core
 address ipv4 {ours} port 5060
 transport udp
sip-listener INSIDET
 side core
 address ipv4 {ours} port 5062
 transport tcp
sip-listener PHONES
 side access
 address ipv4 {ours} port 5066
voice service voip
 no srtp
sip-ua
 registrar {registrar} tcp
"""


def found(findings, severity, name, text):
    return any(f["severity"] == severity and f["check"] == name and
               text in f["what"] for f in findings)


def edge(pki, ca="core"):
    pki.leaf("edge", ca, "/CN=edge.example.com", "DNS:edge.example.com")


@test(site=None)
def doctor_finds_a_good_node_well(t):
    pki = authorities(t)
    edge(pki)
    node = Node(t, pki, lambda a: pki.leaf("n", "core", "/CN=n", f"IP:{a}"))
    code, all_ = doctor(t, config(t, pki, [(f"ipv4:{node.addr}:5061", "")]))
    check(code == 0, f"{all_}")


@test(site=None)
def doctor_finds_faults_of_nodes(t):
    """One configuration, a node for each fault."""
    pki = authorities(t)
    edge(pki)

    def leaf(name, ca="core", **kw):
        return lambda a: pki.leaf(name, ca, f"/CN={name}", f"IP:{a}", **kw)

    def named(san):
        return lambda a: pki.leaf("case", "core", "/CN=case", san)

    soon = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 9 * 86400))
    nodes = {
        "strange": Node(t, pki, leaf("strange", "other")),
        "expired": Node(t, pki, leaf("expired", end="20250101000000Z")),
        "soon": Node(t, pki, leaf("soon", end=soon)),
        "refuses": Node(t, pki, leaf("refuses"), trusts="other"),
        "late": Node(t, pki, leaf("late"), clock=-4000),
        "mute": Node(t, pki, leaf("mute"), answer=None),
        "web": Node(t, pki, leaf("web"), answer=b"HTTP/1.1 400 Bad"),
        "case": Node(t, pki, named("DNS:PBX.Example.com")),
        "name": Node(t, pki, named("DNS:else.example.com")),
    }
    peers = [(f"ipv4:{n.addr}:5061", " peer-name pbx.example.com\n"
              if k in ("case", "name") else "") for k, n in nodes.items()]
    peers.append((f"ipv4:{t.addr()}:5061", ""))  # nobody is there
    code, all_ = doctor(t, config(t, pki, peers))
    check(code == 2, f"{code}")
    for severity, name, node, text in (
            ("error", "reach", "strange", "\"CN=Other CA\", which is not"),
            ("error", "reach", "expired", "expired on"),
            ("warning", "expiry", "soon", "expires in "),
            ("error", "reach", "refuses", "it does not trust the CA of our"),
            ("warning", "clock", "late", "differs from ours by "),
            ("error", "reach", "mute", "closed the connection"),
            ("error", "reach", "web", "is not SIP"),
            ("note", "name", "case", "\"PBX.Example.com\" is in its"),
            ("error", "reach", "name", "\"pbx.example.com\" was expected")):
        addr = nodes[node].addr
        check(any(f["severity"] == severity and f["check"] == name and
                  text in f["what"] and addr in f["what"] for f in all_),
              f"{node}: {[f for f in all_ if addr in f['what']]}")
    check(found(all_, "error", "reach", "Connection refused"), f"{all_}")
    for f in all_:
        check(f["mend"] and f["line"] > 0, f"{f}")
    for node, mend in (("strange", "ca-bundle"), ("expired", "renew"),
                       ("name", "'peer-name NAME'")):
        told = [f["mend"] for f in all_ if f["check"] == "reach" and
                nodes[node].addr in f["what"]]
        check(len(told) == 1 and mend in told[0], f"{node}: {told}")


class Plain:
    """A core node over UDP and TCP that answers OPTIONS, or nothing."""

    def __init__(self, t, answer=True, clock=0):
        self.addr = t.addr()
        self.answer, self.clock, self.sources = answer, clock, []
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((self.addr, 5060))
        self.tcp = socket.create_server((self.addr, 5060))
        t.at_end(self.udp.close)
        t.at_end(self.tcp.close)
        for serve in (self._datagrams, self._stream):
            threading.Thread(target=serve, daemon=True).start()

    def _reply(self):
        when = formatdate(time.time() + self.clock, usegmt=True)
        return (f"SIP/2.0 200 OK\r\nDate: {when}\r\n"
                "Content-Length: 0\r\n\r\n").encode()

    def _datagrams(self):
        while True:
            try:
                data, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            self.sources.append(peer[0])
            if self.answer and data.startswith(b"OPTIONS "):
                self.udp.sendto(self._reply(), peer)

    def _stream(self):
        while True:
            try:
                sock, peer = self.tcp.accept()
            except OSError:
                return
            self.sources.append(peer[0])
            if self.answer and sock.recv(4096).startswith(b"OPTIONS "):
                sock.sendall(self._reply())
                sock.close()


@test(site=None)
def doctor_asks_nodes_without_tls(t):
    """UDP and TCP, well, silent, absent, with a wrong clock; all at once."""
    ours = t.addr()
    good, mute = Plain(t), Plain(t, answer=False)
    late, gone = Plain(t, clock=7200), t.addr()
    text = in_clear(ours, f"ipv4:{mute.addr}:5060")
    for tag, (addr, transport) in enumerate((
            (good.addr, "udp"), (good.addr, "tcp"), (good.addr, "udp"),
            (mute.addr, "udp"), (late.addr, "udp"), (gone, "udp"),
            (gone, "tcp")), 1):
        text += f"""dial-peer voice {tag} voip
 session target ipv4:{addr}:5060
 session transport {transport}
 destination-pattern {tag}T
"""
    begun = time.monotonic()
    code, all_ = doctor(t, t.write("plain.conf", text))
    took = time.monotonic() - begun
    check(code == 2, f"{code}: {all_}")
    check(not [f for f in all_ if good.addr in f["what"]], f"{all_}")
    check(set(good.sources) == {ours} and len(good.sources) == 2,
          f"{good.sources}")  # one question each, from our core side
    for severity, name, words in (
            ("error", "reach", (mute.addr, "dial-peer 4", "by UDP in 4 s")),
            ("error", "reach", (mute.addr, "the registrar", "by TCP")),
            ("warning", "clock", (late.addr, "dial-peer 5", "differs")),
            ("error", "reach", (gone, "dial-peer 6", "Connection refused")),
            ("error", "reach", (gone, "dial-peer 7", "Connection refused"))):
        check(any(f["severity"] == severity and f["check"] == name and
                  all(w in f["what"] for w in words) and f["line"] > 0 and
                  f["mend"] for f in all_), f"{words}: {all_}")
    check(took < 8, f"{took:.1f} s: one after the other")


@test(site=None)
def doctor_asks_each_address_of_a_name(t):
    """`ip host` counts without a name server; of two nodes one is gone."""
    pki = authorities(t)
    edge(pki)
    node = Node(t, pki, lambda a: pki.leaf("n", "core", "/CN=n",
                                           "DNS:pbx.test"))
    gone = t.addr()
    path = config(t, pki, [("dns:pbx.test:5061", ""),
                           ("dns:nowhere.invalid:5061", "")])
    with open(path, "a", encoding="utf-8") as f:
        f.write(f"ip host pbx.test {node.addr} {gone}\n")
    code, all_ = doctor(t, path)
    check(code == 2, f"{code}: {all_}")
    told = [f["what"] for f in all_ if f["check"] == "reach"]
    check(len(told) == 2, f"{told}")
    check(f"dial-peer 1, pbx.test:5061 ({gone})" in told[0] + told[1],
          f"{told}")
    check(found(all_, "error", "reach", "nowhere.invalid:5061: the name "
                                        "cannot be resolved"), f"{told}")


@test(site=None)
def doctor_looks_names_up_as_calls_do(t):
    """NAPTR, SRV and addresses of a name server: each target is asked, at the
    port of its record, and a note tells which of them are there."""
    good, mute = Plain(t), Plain(t, answer=False)
    dns = Dnsmasq(
        t, "naptr-record=pbx.test,10,10,s,SIP+D2U,,here.test",
        "srv-host=here.test,mute.test,5060,20,0",
        "srv-host=here.test,good.test,5060,10,0",
        "srv-host=here.test,good.test,5071,30,0",
        "srv-host=_sip._tcp.pbx.test,good.test,5060,10,0",
        f"host-record=good.test,{good.addr}",
        f"host-record=mute.test,{mute.addr}")
    ours, silent = t.addr(), t.addr()
    text = f"ip name-server {dns.host} port {DNS_PORT}\n" + in_clear(
        ours, "dns:pbx.test")
    for tag, name in enumerate(("pbx.test", "pbx.test", "else.test"), 1):
        text += f"""dial-peer voice {tag} voip
 session target dns:{name}
 session transport udp
 destination-pattern {tag}T
"""
    path = t.write("names.conf", text)
    code, all_ = doctor(t, path)
    check(code == 2, f"{code}: {all_}")
    notes = [f for f in all_ if f["severity"] == "note"]
    check([f["what"] for f in notes] == [
        f"the registrar, pbx.test: name servers lead to {good.addr}:5060 "
        "(answers)",
        f"dial-peer 1, pbx.test: name servers lead to {good.addr}:5060 "
        f"(answers), {mute.addr}:5060 (in trouble), {good.addr}:5071 "
        "(in trouble)"], f"{all_}")
    errors = [f["what"] for f in all_ if f["severity"] == "error"]
    check(len(errors) == 3, f"{errors}")
    for words in ((f"pbx.test:5060 ({mute.addr})", "by UDP in 4 s"),
                  (f"pbx.test:5071 ({good.addr})", "Connection refused"),
                  ("dial-peer 3, else.test", "leads to no address")):
        check(any(all(w in e for w in words) for e in errors),
              f"{words}: {errors}")
    check(dns.asked("NAPTR") > 0 and dns.asked("SRV") > 0, "not asked")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace(dns.host, silent))
    code, all_ = doctor(t, path)
    check(code == 2 and found(all_, "error", "reach",
                              "no name server answered"), f"{all_}")


@test(site=None)
def doctor_without_connecting(t):
    pki = authorities(t)
    edge(pki)
    path = config(t, pki, [(f"ipv4:{t.addr()}:5061", "")])
    code, all_ = doctor(t, path, "--no-connect")
    check(code == 0, f"{all_}")
