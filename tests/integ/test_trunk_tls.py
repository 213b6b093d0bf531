"""Two TLS trunks, of an authority each, with a certificate of ours for each;
one takes over from the other; a wrong authority and a wrong name are refused."""

import os
import socket
import ssl
import threading

from kit import sip
from kit.env import check, wait_for
from kit.pki import Pki
from kit.suite import test
from test_routes import Edge

PEER = """dial-peer voice {tag} voip
 destination-pattern {pattern}
 session target ipv4:{host}
 session transport tcp tls
 trustpoint {trustpoint}
 preference {preference}
 no srtp
 voice-class sip options-keepalive up-interval 5 down-interval 5 retry 1
"""


class Node:
    """A TLS server that answers OPTIONS with 200 and calls with 486."""

    def __init__(self, t, pki, ca, host, believes, names=None):
        self.host, self.stopped = host, False
        cert, key, _ = pki.leaf(f"node-{host}", ca, "/CN=node",
                                names or f"IP:{host}")
        self.ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ctx.load_cert_chain(cert, key)
        self.ctx.load_verify_locations(pki.path(f"{believes}.pem"))
        self.ctx.verify_mode = ssl.CERT_REQUIRED
        self.seen, self.calls = set(), 0
        self.sockets, self.guard = [], threading.Lock()
        self.listener = socket.create_server((host, 5061))
        t.at_end(self.stop)
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        """Nothing answers there any more; who waits in a thread wakes up."""
        with self.guard:
            self.stopped = True
            sockets, self.sockets = [self.listener] + self.sockets, []
        for s in sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it was over
            s.close()

    def on(self, m, agent):
        if m.method == "OPTIONS":
            agent.answer(m, 200)
        elif m.method == "INVITE":
            self.calls += 1
            agent.answer(m, 486, "Busy Here")

    def _accept(self):
        while not self.stopped:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock = self.ctx.wrap_socket(sock, server_side=True,
                                        do_handshake_on_connect=False)
            with self.guard:
                self.sockets.append(sock)
                if self.stopped:
                    sock.close()
            threading.Thread(target=self._serve, args=(sock,),
                             daemon=True).start()

    def _serve(self, sock):
        try:
            sock.do_handshake()
            subject = dict(x[0] for x in sock.getpeercert()["subject"])
            self.seen.add(subject["commonName"])
            wire = sip.Wire("tls", self.host, sock=sock)
            agent = sip.Agent(wire, "node", "pbx.test")
            while (m := wire.recv(60)) is not None:
                self.on(m, agent)
        except (OSError, ValueError):
            pass  # refused, or stopped


class Trust:
    """Who signs for whom: CN=to-pbx is ours for the one, CN=to-provider for
    the other. The far ends are there before the daemon asks after them."""

    def __init__(self, t):
        self.t = t
        p = self.pki = Pki(os.path.dirname(t.path("pki", "x")))
        for ca in ("pbx", "provider", "ours-inside", "ours-outside"):
            p.ca(ca, f"/O=Example/CN={ca} CA")
        self.text = ""
        for name, ours, theirs in (("PBX", "ours-inside", "pbx"),
                                   ("PROVIDER", "ours-outside", "provider")):
            cert, key, _ = p.leaf(f"to-{theirs}", ours, f"/CN=to-{theirs}")
            self.text += (
                f"crypto pki trustpoint {name}\n certificate file {cert}\n"
                f" key file {key}\n ca-bundle file {p.path(theirs + '.pem')}\n")

    def node(self, ca, host, believes, **kw):
        return Node(self.t, self.pki, ca, host, believes, **kw)


class Trunks(Edge):
    def __init__(self, trust, peers):
        self.trunk = trust.t.addr()
        text = trust.text + ("sip-listener TRUNK\n side core\n address ipv4 "
                             f"{self.trunk} port 5061\n transport tcp "
                             "tls\n trustpoint PBX\n")
        super().__init__(trust.t, text + peers, servers=0)

    def state(self, host):
        rows = self.lineside.json("voice", "class", "sip-options-keepalive")
        return {r["host"]: r for r in rows["keepalives"]}[host]["state"]

    def busy(self, name):
        self.call("5001", "busy", name=name,
                  steps="> INVITE sdp\n< 486\n> ACK").ok()


def peer(tag, host, trustpoint, preference=0, pattern="5"):
    return PEER.format(tag=tag, host=host, trustpoint=trustpoint,
                       preference=preference, pattern=pattern)


@test(site=None)
def each_peer_its_own_trust(t):
    """Each sees the certificate that is for it; when the first is gone,
    OPTIONS tells, and calls go to the second at once."""
    pbx, provider = t.addr(), t.addr()
    trust = Trust(t)
    first = trust.node("pbx", pbx, "ours-inside")
    second = trust.node("provider", provider, "ours-outside")
    e = Trunks(trust, peer(200, pbx, "PBX") +
               peer(210, provider, "PROVIDER", 5))
    for host in (pbx, provider):
        wait_for(lambda: e.state(host) == "active", 20, f"{host} to be up")
    e.busy("one")
    check((first.calls, second.calls) == (1, 0), "not the first")
    first.stop()
    wait_for(lambda: e.state(pbx) == "busyout", 20, "the busy-out")
    before = e.lineside.counters()["lineside_calls_hunted_total"]
    e.busy("two")
    check((first.calls, second.calls) == (1, 1), "not the second")
    check(e.lineside.counters()["lineside_calls_hunted_total"] == before,
          "time was lost with the first")
    check(first.seen == {"to-pbx"}, f"{first.seen}")
    check(second.seen == {"to-provider"}, f"{second.seen}")
    again = trust.node("pbx", pbx, "ours-inside")
    wait_for(lambda: e.state(pbx) == "active", 20, "the recovery")
    e.busy("three")
    check((again.calls, second.calls) == (1, 1), "not back at the first")
    e.done()


@test(site=None)
def a_wrong_authority_and_a_wrong_name(t):
    """The provider's authority vouches for no call manager, a good
    certificate for no other address; what is shown says so."""
    swapped, named, good = t.addr(), t.addr(), t.addr()
    trust = Trust(t)
    nodes = [trust.node("provider", swapped, "ours-inside"),
             trust.node("pbx", named, "ours-inside", names="IP:127.9.9.9"),
             trust.node("pbx", good, "ours-inside")]
    e = Trunks(trust, peer(200, swapped, "PBX") + peer(210, named, "PBX", 1) +
               peer(220, good, "PBX", 2))
    for host in (swapped, named):
        wait_for(lambda: e.state(host) == "busyout", 20, f"{host} refused")
    wait_for(lambda: e.state(good) == "active", 20, "the good one")
    log = e.lineside.log()

    def told(host):
        return [x for x in log.splitlines()
                if "TLS-4-PEER_REFUSED" in x and f"{host}:5061" in x]
    check(any("not among the trusted CAs" in x for x in told(swapped)),
          f"{told(swapped)}")
    check(any("127.9.9.9" in x for x in told(named)), f"{told(named)}")
    rows = e.lineside.show("voice", "class", "sip-options-keepalive")
    check(sum("busyout" in x for x in rows.splitlines()) == 2, rows)
    note = {r["tag"]: r["note"]
            for r in e.explain("1", "5001")["outgoing"]}
    check("skipped" in note[200] and "skipped" in note[210] and
          not note[220], f"{note}")
    e.busy("call")
    check([n.calls for n in nodes] == [0, 0, 1], "a refused one was called")
    e.done()


NAMES = """ tls-profile 1
voice class tls-profile 1
 trustpoint PBX
 cn-san validate bidirectional
 cn-san 1 sip.provider.test
 cn-san 2 *.pool.test
voice class tenant 1
 tls-profile 1
"""


@test(site=None)
def clients_and_servers_by_name(t):
    """cn-san: an address that is on no list is heard because of the name in
    its certificate; another name is refused; servers may have one, too."""
    trust = Trust(t)
    hosts = [t.addr() for _ in range(3)]
    sans = ("DNS:sip.provider.test", "DNS:a.pool.test", "DNS:other.test")
    nodes = [trust.node("pbx", host, "ours-inside", names=san)
             for host, san in zip(hosts, sans)]
    e = Trunks(trust, NAMES + "".join(
        peer(200 + i, host, "PBX", i).replace(" trustpoint PBX\n", "") +
        " voice-class sip tenant 1\n" for i, host in enumerate(hosts)))
    for host, state in zip(hosts, ("active", "active", "busyout")):
        wait_for(lambda: e.state(host) == state, 20, f"{host} {state}")
    for san in sans:
        cert, key, _ = trust.pki.leaf(san, "pbx", "/CN=node", san)
        tls = sip.client_tls(trust.pki.path("ours-inside.pem"), cert, key,
                             check_name=False)
        wire = sip.Wire("tls", t.addr(), (e.trunk, 5061), tls=tls)
        if san == sans[2]:
            check(wire.closed(5), "who has another name stays")
        else:
            a = sip.Agent(wire, "1", e.trunk)
            check(a.final(a.invite("5001", sip.sdp(wire.local, 4000)))
                  .status == 486, f"{san} was not heard")
        wire.close()
    check([n.calls for n in nodes] == [2, 0, 0], "who was called")
    refused = [x for x in e.lineside.log().splitlines()
               if "TLS-4-PEER_REFUSED" in x and "other.test" in x]
    wanted = '"sip.provider.test *.pool.test{}" was expected but the' \
        ' certificate "CN=node" is for "other.test"'
    for who, what in ((" was refused on TRUNK", wanted.format("")),
                      (f" from {hosts[2]}:5061",
                       wanted.format(" " + hosts[2]))):
        check(any(who in x and what in x for x in refused),
              f"{what}: {refused}")
    check("`cn-san`" in e.lineside.show("messages"), "no remedy is named")
    e.done()


REMOTE = """sip-ua
 crypto signaling default trustpoint PBX
 crypto signaling remote-addr {provider} 255.255.255.255 trustpoint PROVIDER
ip host provider.test {provider}
"""


@test(site=None)
def a_trustpoint_by_address(t):
    """Two far ends and no dial-peer with a trustpoint: the network says which
    certificate is shown and who is believed, for a name as well."""
    trust = Trust(t)
    pbx = trust.node("pbx", t.addr(), "ours-inside")
    host = t.addr()
    provider = trust.node("provider", host, "ours-outside",
                          names=f"IP:{host},DNS:provider.test")
    peers = "".join(
        peer(tag, to, "x", pattern=pattern).replace(" trustpoint x\n", "")
        for tag, to, pattern in ((200, pbx.host, "5"), (210, host, "6"),
                                 (220, host, "7")))
    peers = peers.replace(f"destination-pattern 7\n session target ipv4:{host}",
                          "destination-pattern 7\n session target "
                          "dns:provider.test")
    e = Trunks(trust, REMOTE.format(provider=host) + peers)
    for name in (pbx.host, host, "provider.test"):
        wait_for(lambda: e.state(name) == "active", 20, f"{name} to answer")
    for number, calls in (("6001", 1), ("7001", 2)):
        e.call(number, "busy", name=f"to{number}",
               steps="> INVITE sdp\n< 486\n> ACK").ok()
        check(provider.calls == calls, f"{number}: {provider.calls}")
    check(pbx.seen == {"to-pbx"}, f"{pbx.seen}")
    check(provider.seen == {"to-provider"}, f"{provider.seen}")
    doctor = e.lineside.command("doctor", "-f", e.lineside.file)
    said = doctor.stdout + doctor.stderr
    check(f"dial-peer 200, {pbx.host}" not in said and
          f"dial-peer 210, {host}" not in said, said)
    # who connects from there is shown that one, and judged as there
    for ca, ours, start in (("pbx", "ours-inside", pbx.host),
                            ("provider", "ours-outside", host)):
        cert, key, _ = trust.pki.leaf(f"calls-{ca}", ca, "/CN=calls")
        tls = sip.client_tls(trust.pki.path(f"{ours}.pem"), cert, key,
                             check_name=False)
        wire = sip.Wire("tls", start, (e.trunk, 5061), tls=tls)
        a = sip.Agent(wire, "1", e.trunk)
        check(a.final(a.invite("5001", sip.sdp(wire.local, 4000))).status
              == 486, f"{ca} was not heard")
        wire.close()
    cert, key, _ = trust.pki.leaf("mixed", "pbx", "/CN=mixed")
    tls = sip.client_tls(trust.pki.path("ours-outside.pem"), cert, key,
                         check_name=False)
    wire = sip.Wire("tls", host, (e.trunk, 5061), tls=tls)
    check(wire.closed(5), "who is vouched for by the other one's authority")
    wire.close()
    e.lineside.judge()
