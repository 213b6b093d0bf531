"""outbound-proxy: Kamailio before a registrar and a far end that it alone
leads to."""

import os

from kit.dns import PORT, Dnsmasq
from kit.env import check, listening, wait_for
from kit.kamailio import REALM, Kamailio
from kit.lineside import Lineside
from kit.pki import Pki
from kit.sipp import Sipp
from kit.suite import test
from test_sipp import udp_bound

PROXY = """#!KAMAILIO
debug=2
log_stderror=yes
children=2
tcp_children=2
auto_aliases=no
dns=no
rev_dns=no
dns_cache_init=off
enable_tls={tls_on}
listen=udp:{host}:5060
listen=tcp:{host}:5060
{tls}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
{module}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
modparam("tm", "fr_timer", 3000)
request_route {{
    if (!mf_process_maxfwd_header("20")) {{
        sl_send_reply("483", "Too Many Hops");
        exit;
    }}
    if (has_totag()) {{
        if (loose_route()) t_relay();
        else if (!is_method("ACK")) sl_send_reply("404", "No route by me");
        exit;
    }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    {record}
    {leads_to}
    t_relay();
}}
"""


class Proxy:
    """Sends on by the Request-URI, or to `leads_to`. `record`: it stays in
    the route of what it begins."""

    def __init__(self, t, name="proxy", record=True, leads_to=None, tls=None):
        self.t, self.name, self.host = t, name, t.addr()
        self.record, self.leads_to, self.tls = record, leads_to, tls

    def start(self):
        t, folder = self.t, os.path.dirname(self.t.path(self.name, "log"))
        module = ""
        if self.tls:
            cfg = t.write(f"{self.name}/tls.cfg", f"""
[server:default]
method = TLSv1.2+
certificate = {self.tls[0]}
private_key = {self.tls[1]}
""")
            module = ('loadmodule "tls.so"\n'
                      f'modparam("tls", "config", "{cfg}")')
        config = t.write(f"{self.name}/kamailio.cfg", PROXY.format(
            host=self.host, tls_on="yes" if self.tls else "no", module=module,
            tls=f"listen=tls:{self.host}:5061" if self.tls else "",
            record="record_route();" if self.record else "",
            leads_to=f'$du = "sip:{self.leads_to}:5060";'
            if self.leads_to else ""))
        self.proc = t.spawn(
            ["kamailio", "-f", config, "-DD", "-E", "-m", "32", "-M", "4",
             "-w", folder, "-Y", folder, "-P", f"{folder}/pid"],
            f"{self.name}/log")
        wait_for(lambda: listening(self.host, 5060) or not self.proc.alive(),
                 15, "the proxy to listen")
        check(self.proc.alive(), f"it ended: {self.proc.text()[-800:]}")
        return self


CONF = """hostname edge1
logging level debugging
logging stderr
sip-listener OUT
 side core
 address ipv4 {core} port 5060
 transport {transport}
sip-listener IN
 side core
 address ipv4 {inside} port 5060
 transport udp
voice service voip
 no srtp
 no ip address trusted authenticate
dial-peer voice 100 voip
 incoming called-number .
{more}
"""


class Edge:
    def __init__(self, t, more, transport="udp"):
        self.t, self.inside, self.core = t, t.addr(), t.addr()
        self.lineside = Lineside(t, CONF.format(
            inside=self.inside, core=self.core, transport=transport,
            more=more)).start()

    def call(self, number, scenario="basic_uac", **kw):
        return Sipp(self.t, scenario, self.t.addr(), f"{self.inside}:5060",
                    service=number, name=f"caller{number}", **kw)


def far_end(t, host, **kw):
    uas = Sipp(t, "basic_uas", host, **kw)
    bound = listening if kw.get("transport") == "t1" else udp_bound
    wait_for(lambda: bound(host, 5060), 5, "sipp to listen")
    return uas


def requests(uas, method):
    """The heads of those that it received."""
    return [m for m in uas.messages().split("message received")
            if f"\n{method} sip:" in m]


LOGIN = """voice class tenant 7
 outbound-proxy ipv4:{proxy}
 registrar ipv4:{registrar}:5060 expires 300
 credentials number 4930100 username 4930100 password 0 {password} realm {realm}
dial-peer voice 200 voip
 destination-pattern 5
 session target ipv4:{target}
 voice-class sip tenant 7
dial-peer voice 210 voip
 destination-pattern 6
 session target ipv4:{registrar}
 voice-class sip tenant 7
 voice-class sip options-keepalive up-interval 5 down-interval 5 retry 1
"""


@test(site=None)
def all_goes_by_the_proxy(t):
    """REGISTER with digest, OPTIONS, and a call whose requests follow the
    route that the proxy recorded."""
    registrar = Kamailio(t).start()
    proxy = Proxy(t).start()
    target = t.addr()
    e = Edge(t, LOGIN.format(proxy=proxy.host, registrar=registrar.host,
                             password=registrar.password, realm=REALM,
                             target=target))

    def trunk():
        return e.lineside.json("sip-ua", "register", "status")["trunks"][0]

    def alive():
        return e.lineside.json("voice", "class",
                               "sip-options-keepalive")["keepalives"][0]
    wait_for(lambda: trunk()["registered"], 15, "the registration")
    check(trunk()["registrar"] == registrar.host, f"{trunk()}")
    wait_for(lambda: alive()["status"] == 200, 10, "the answer to OPTIONS")
    check((alive()["host"], alive()["proxy"]) ==
          (registrar.host, proxy.host), f"{alive()}")
    uas = far_end(t, target)
    e.call("5001").ok()
    uas.ok()
    for method in ("INVITE", "ACK", "BYE"):
        got = requests(uas, method)
        check(len(got) == 1 and f"Via: SIP/2.0/UDP {proxy.host}" in got[0],
              f"{method}: {got}")
    check(f"INVITE sip:5001@{target} " in uas.messages(), uas.messages()[:400])
    said = e.lineside.command("explain", "call", "sipp", "5001").stdout
    check(f"{target}:5060 by proxy {proxy.host}" in said, said)
    rows = e.lineside.show("dial-peer", "voice", "200")
    check(f"outbound-proxy" in rows and proxy.host in rows, rows)
    # without the proxy nothing leads there, and that is noticed
    proxy.proc.stop()
    wait_for(lambda: alive()["state"] == "busyout", 60, "the busy-out")
    check(f"{registrar.host} by proxy {proxy.host}" in e.lineside.log(),
          "not told by whom")
    e.lineside.judge()


DIRECT = """dial-peer voice 200 voip
 destination-pattern 5
 session target ipv4:{target}
 session transport {transport}
 voice-class sip outbound-proxy ipv4:{proxy}
"""


def leaves(t, carries, **kw):
    proxy, target = Proxy(t, record=False).start(), t.addr()
    e = Edge(t, DIRECT.format(target=target, proxy=proxy.host,
                              transport=carries), transport=carries)
    uas = far_end(t, target, **kw)
    e.call("5001").ok()
    uas.ok()
    for method, via in (("INVITE", proxy.host), ("ACK", e.core),
                        ("BYE", e.core)):
        got = requests(uas, method)
        top = [line for line in got[0].splitlines() if "Via:" in line][0]
        check(len(got) == 1 and via in top, f"{method}: {got}")
    e.lineside.judge()


@test(site=None)
def a_proxy_that_records_no_route(t):
    """It has the INVITE alone; ACK and BYE go to the remote target."""
    leaves(t, "udp")


@test(site=None)
def a_proxy_that_records_no_route_by_tcp(t):
    """So on connections, where one to the proxy is there."""
    leaves(t, "tcp", transport="t1")


TWO = """ip host proxy.test {dead} {proxy}
dial-peer voice 200 voip
 destination-pattern 5
 session target dns:far.test
 voice-class sip outbound-proxy dns:proxy.test
sip-ua
 retry invite 1
"""


@test(site=None)
def the_next_address_of_the_proxy(t):
    """The first is dead. Nobody but the proxy looks up the target."""
    target, dead = t.addr(), t.addr()
    proxy = Proxy(t, leads_to=target).start()
    e = Edge(t, TWO.format(dead=dead, proxy=proxy.host))
    uas = far_end(t, target, calls=2)
    for number in ("5001", "5002"):
        e.call(number).ok()
    uas.ok()
    check("INVITE sip:5001@far.test " in uas.messages(), uas.messages()[:400])
    check("far.test" not in e.lineside.show("hosts"), "it was looked up")
    e.lineside.judge()


REUSE = """ip name-server {dns} port %d
voice class tenant 7
 outbound-proxy dns:proxy.test reuse
 registrar ipv4:{registrar}:5060 expires 300
 credentials number 4930100 username 4930100 password 0 {password} realm {realm}
dial-peer voice 200 voip
 destination-pattern 5
 session target ipv4:{target}
 voice-class sip tenant 7
dial-peer voice 210 voip
 destination-pattern 6
 session target ipv4:{target}
 voice-class sip outbound-proxy dns:proxy.test
sip-ua
 retry invite 1
""" % PORT


@test(site=None)
def calls_go_where_the_number_is_registered(t):
    """Two equal addresses of a proxy: with `reuse` every caller's call goes to
    the one that the number is registered by; without it to either."""
    registrar = Kamailio(t).start()
    proxies = [Proxy(t, name=f"proxy{i}").start() for i in range(2)]
    dns = Dnsmasq(t, *(record for i, p in enumerate(proxies) for record in (
        f"srv-host=_sip._udp.proxy.test,p{i}.test,5060,10,50",
        f"host-record=p{i}.test,{p.host}")))
    target = t.addr()
    e = Edge(t, REUSE.format(dns=dns.host, registrar=registrar.host,
                             password=registrar.password, realm=REALM,
                             target=target))
    wait_for(lambda: e.lineside.json("sip-ua", "register", "status")
             ["trunks"][0]["registered"], 15, "the registration")
    here = [p for p in proxies if f"registered at {p.host}:5060 of "
            "proxy.test" in e.lineside.log()]
    check(len(here) == 1, e.lineside.log()[-2000:])
    users = [f"caller-{i}" for i in range(8)]
    ways = {}
    for number in ("5001", "6001"):
        uas = far_end(t, target, calls=len(users), name=f"uas{number}")
        for user in users:
            e.call(number, user=user).ok()
        uas.ok()
        got = requests(uas, "INVITE")
        check(len(got) == len(users), f"{len(got)} calls")
        ways[number] = {p.host for p in proxies for m in got
                        if f"Via: SIP/2.0/UDP {p.host}" in m}
    check(ways["5001"] == {here[0].host}, f"{ways}, not {here[0].host}")
    check(len(ways["6001"]) == 2, f"{ways}: nothing was to be told apart")
    # that one goes: calls do not wait for it
    here[0].proc.stop()
    uas = far_end(t, target, name="uas-after")
    e.call("5001", user="after").ok()
    uas.ok()
    e.lineside.judge()


TLS = """crypto pki trustpoint TRUNK
 certificate file {own[0]}
 key file {own[1]}
 ca-bundle file {ca}
sip-listener TRUNK
 side core
 address ipv4 {core} port 5061
 transport tcp tls
 trustpoint TRUNK
sip-ua
 crypto signaling default trustpoint TRUNK
ip host proxy.test {proxy}
dial-peer voice 200 voip
 destination-pattern 5
 session target dns:far.test
 session transport tcp tls
 voice-class sip outbound-proxy dns:proxy.test
dial-peer voice 210 voip
 destination-pattern 6
 session target dns:proxy.test
 session transport tcp tls
 voice-class sip outbound-proxy ipv4:{proxy}
dial-peer voice 220 voip
 destination-pattern 7
 session target dns:far.test
 session transport tcp tls
 voice-class sip outbound-proxy ipv4:{proxy} peer-name proxy.test
"""


@test(site=None)
def the_proxys_certificate(t):
    """It must have the proxy's name, not the target's."""
    p = Pki(os.path.dirname(t.path("pki", "x")))
    p.ca("trunk", "/O=Example/CN=Trunk CA")
    core, target = t.addr(), t.addr()
    own = p.leaf("edge", "trunk", "/CN=edge1", f"IP:{core}")
    proxy = Proxy(t, leads_to=target, tls=p.leaf(
        "proxy", "trunk", "/CN=proxy", "DNS:proxy.test")).start()
    wait_for(lambda: listening(proxy.host, 5061), 10, "TLS")
    e = Edge(t, TLS.format(own=own, ca=p.path("trunk.pem"), core=core,
                           proxy=proxy.host))
    uas = far_end(t, target, calls=2)
    e.call("5001").ok()
    e.call("7001").ok()
    uas.ok()
    check("INVITE sip:5001@far.test;transport=tls " in uas.messages(),
          uas.messages()[:400])
    # the target's name in the proxy's certificate does not make it the proxy
    e.call("6001", "refused", steps="> INVITE sdp\n< 503\n> ACK").ok()
    check("TLS-4-PEER_REFUSED" in e.lineside.log(), "no word of it")
    doctor = e.lineside.command("doctor", "-f", e.lineside.file)
    text = doctor.stdout + doctor.stderr
    check("outbound-proxy of dial-peer 210" in text and
          "outbound-proxy of dial-peer 220" not in text, text)
    e.lineside.judge()
