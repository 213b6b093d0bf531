"""docs/guides/replace-a-cube.md: its configuration is imported as it is, and
the calls of the guide are made."""

import json
import os
import subprocess
import time

from kit.baresip import Baresip
from kit.env import check, listening, run, wait_for
from kit.kamailio import REALM, Kamailio
from kit.lineside import Lineside
from kit.pki import Pki
from kit.sipp import Sipp
from kit.suite import test
from test_sipp import udp_bound

GUIDE = os.path.join(os.path.dirname(__file__), "../../docs/guides")
TONE = 700


def ok(done, what):
    check(done.returncode == 0, f"{what}: {done.stdout}{done.stderr}")
    return done


def sha256(path):
    out = subprocess.run(["openssl", "x509", "-in", path, "-noout",
                          "-fingerprint", "-sha256"], capture_output=True,
                         text=True, check=True).stdout
    return out.split("=")[1].strip()


class Replaced:
    """The guide's CUBE, with addresses of this run, and who is around it."""

    def __init__(self, t):
        self.t = t
        self.kamailio = Kamailio(t)
        a = self.addr = {"203.0.113.5": t.addr(), "10.1.1.5": t.addr(),
                         "198.51.100.5": t.addr(), "198.51.100.10": t.addr(),
                         "10.1.1.10": self.kamailio.host,
                         "10.1.1.11": t.addr(), "10.1.1.12": t.addr()}
        with open(f"{GUIDE}/cube.cfg", encoding="utf-8") as f:
            text = f.read()
        # two addresses of the guide are the beginning of others
        for old in sorted(a, key=len, reverse=True):
            text = text.replace(f"{old} ", f"{a[old]} ").replace(
                f"{old}\n", f"{a[old]}\n")
        self.cube = t.write("cube.cfg", text)
        done = ok(self.lineside("import", self.cube), "import")
        self.said = done.stderr
        head = (f"state directory {t.path('state')}\nlogging stderr\n"
                "logging level debugging\n")
        self.daemon = Lineside(t, head + done.stdout)
        self.pki()
        self.kamailio.start()
        self.daemon.start()
        # the nodes are not there yet, and what comes first to SIPp is a call
        wait_for(lambda: all(k["failures"] > 0 for k in self.daemon.json(
            "voice", "class", "sip-options-keepalive")["keepalives"]), 20,
            "the first keepalives")

    def lineside(self, *words):
        return run([self.t.env.program("lineside"), *words], 30)

    def pki(self):
        """As the guide says: our certificate, then who signs the phones'."""
        p = self.p = Pki(os.path.dirname(self.t.path("pki", "x")))
        p.ca("phones", "/O=Example Phones/CN=Phone CA")
        p.ca("servers", "/O=Example/CN=Server CA")
        host = self.addr["203.0.113.5"]
        cert, key, _ = p.leaf("edge", "servers", "/CN=edge.example.com",
                              f"DNS:edge.example.com,IP:{host}")
        self.phone = p.leaf("SEP000000002001", "phones",
                            "/O=Example Phones/CN=SEP000000002001")
        p12, secret = self.t.path("edge.p12"), self.t.write("secret", "abc\n")
        subprocess.run(["openssl", "pkcs12", "-export", "-in", cert, "-inkey",
                        key, "-certfile", p.path("servers.pem"), "-out", p12,
                        "-passout", f"file:{secret}"], check=True)
        f = self.daemon.file
        ok(self.lineside("-f", f, "pki", "import", "EDGE", p12,
                         "--password-file", secret), "pki import")
        ca = p.path("phones.pem")
        ok(self.lineside("-f", f, "pki", "authenticate", "EDGE", ca,
                         "--fingerprint", sha256(ca)), "pki authenticate")

    def sipp(self, scenario, host, remote=None, **kw):
        s = Sipp(self.t, scenario, self.addr[host], remote, **kw)
        if remote is None:
            here = self.addr[host]
            bound = listening if kw.get("transport") == "t1" else udp_bound
            wait_for(lambda: bound(here, 5060), 5, "sipp to listen")
        return s


@test(site=None)
def the_guides_calls(t):
    r = Replaced(t)
    a = r.addr
    for text in ("ip route", "vrf "):
        check(text in r.said, f"{text} is not said to be left out:\n{r.said}")
    # 1. from the provider to a number of ours: the first node says 503
    node1 = r.sipp("unavailable_uas", "10.1.1.11", transport="t1",
                   name="node1")
    node2 = r.sipp("basic_uas", "10.1.1.12", transport="t1", name="node2")
    r.sipp("basic_uac", "198.51.100.10", f"{a['198.51.100.5']}:5060",
           service="+14085552002", name="provider-calls").ok()
    node1.ok()
    node2.ok()
    check("INVITE sip:2002@" in node2.messages(), node2.messages()[:400])
    # 2. the call manager calls the provider
    provider = r.sipp("basic_uas", "198.51.100.10", name="provider")
    r.sipp("basic_uac", "10.1.1.12", f"{a['10.1.1.5']}:5060",
           transport="t1", service="914085551234", user="2001",
           name="cucm-calls").ok()
    provider.ok()
    check("Session-Expires" not in provider.messages(), "a timer is asked for")
    check("INVITE sip:+14085551234@" in provider.messages() and
          "From: <sip:+14085552001@" in provider.messages(),
          provider.messages()[:600])
    a_phone_calls(t, r)
    r.daemon.judge()


def a_phone_calls(t, r):
    """3. a phone outside, by TLS and SRTP, calls the provider, who sends
    every packet back."""
    provider = r.sipp("basic_uas", "198.51.100.10", name="echo",
                      extra=["-rtp_echo", "-d", "60000"])
    phone = Baresip(t, "2001", TONE, domain=REALM, transport="tls",
                    outbound=f"sip:{r.addr['203.0.113.5']}:5061;transport=tls",
                    mediaenc="srtp-mand", cert=r.phone[2],
                    cafile=r.p.path("servers.pem"),
                    password=r.kamailio.password).start().registered()
    phone.mark()
    phone.dial("914085551234")
    phone.event("CALL_ESTABLISHED", 15)
    legs = r.daemon.json("call", "active", "voice")["legs"]
    check([(leg["leg"], leg["srtp"], leg["dial_peer"]) for leg in legs] ==
          [("A", True, 100), ("B", False, 310)], f"{legs}")
    time.sleep(2.5)  # the phone talks: this is the thing measured
    phone.hangup()
    phone.event("CALL_CLOSED", 10)
    provider.ok()
    check(phone.hears(TONE) >= 1.5, "the phone did not hear its own tone")
    text = provider.messages()
    check("INVITE sip:+14085551234@" in text and "RTP/AVP" in text and
          "From: \"2001\"" not in text and "<sip:+14085552001@" in text,
          text[:800])


@test(site=None)
def what_cannot_be_imported(t):
    """Contradictions are told and nothing is printed; noise is no harm."""
    lineside = t.env.program("lineside")
    wrong = t.write("wrong.cfg", "interface Gi1\n ip address 10.0.0.1\n"
                    "dial-peer voice 1 voip\n destination-pattern 1\n")
    done = run([lineside, "import", wrong], 20)
    check(done.returncode == 1 and done.stdout == "", done.stdout)
    check("no target" in done.stderr, done.stderr)
    noise = t.write("noise.cfg", "frobnicate all\n deeper\n  still\n"
                    "banner motd ^C\ndial-peer\n^C\nhostname x\n"
                    "interface Gi1\n ip address 10.0.0.1\n"
                    "dial-peer voice 1 voip\n incoming called-number .\n"
                    " session target ipv4:10.0.0.2\n"
                    " destination-pattern 1\n dtmf-relay cisco-rtp\n")
    done = ok(run([lineside, "import", noise, "--json"], 20), "noise")
    out = json.loads(done.stdout)
    check([row["line"] for row in out["not_carried"]] == [1, 4, 14], out)
    check("hostname x" in out["result"]["configuration"], out)
    # what is printed is a configuration without an error
    conf = t.write("noise.conf", out["result"]["configuration"])
    ok(run([lineside, "check", conf], 20), "check")
    check(run([lineside, "import", "/nowhere"], 20).returncode == 1, "nowhere")


LINES = {  # what is told of lines that real routers have
    "redirect ip2ip": None, "g729 annexb-all": None, "session refresh": None,
    "no vad": None, "ip qos dscp af31 signaling": None,
    "fax protocol t38 version 0 ls-redundancy 0 hs-redundancy 0 fallback "
    "none": None, "host-registrar": None, "codec g711ulaw bytes 160": None,
    "crypto signaling default trustpoint EDGE cn-san-validate server": None,
    "media bulk-stats": "metrics", "fax rate 14400": "T.38",
    "timers connect 100": "retry invite", "timers expires 60000":
    "timeout ring", "timers connection establish tls 5": "timeout handshake",
    "timers keepalive active 30": "options-keepalive", "retry bye 3": "32 s",
    "retry keepalive 3": "options-keepalive", "tcp-retry 1000": "none",
    "transport tcp tls v1.2": "sip-listener", "url sips": "sip: URIs",
    "no remote-party-id": "asserted-id", "stun": "no ICE",
    "asymmetric payload full": "none", "conn-reuse": "none",
    "history-info": "none", "permit hostname dns:a.b": "trusted list",
    "set sip-status 404 pstn-cause 1": "behaviour.md",
    "disable-early-media 180": "early media", "max-forwards 70": "none",
    "aaa username calling-number": "operators",
    "mwi-server ipv4:10.0.0.8": "passes", "nat symmetric role passive":
    "where they are", "outbound-proxy dns:a.b": None,
}
ROUTER = """crypto pki trustpoint EDGE
 enrollment terminal
interface Gi1
 ip address 10.0.0.1 255.0.0.0
voice class tenant 1
 session refresh
 g729 annexb-all
voice service voip
 redirect ip2ip
 media bulk-stats
 stun
  stun flowdata agent-id 1
 sip
  g729 annexb-all
  asymmetric payload full
  conn-reuse
  history-info
  outbound-proxy dns:a.b
dial-peer voice 1 voip
 destination-pattern 1
 incoming called-number .
 session target ipv4:10.0.0.9
 codec g711ulaw bytes 160
 fax protocol t38 version 0 ls-redundancy 0 hs-redundancy 0 fallback none
 fax rate 14400
 ip qos dscp af31 signaling
 no vad
sip-ua
 registrar dns:pbx.example expires 3600
 credentials number 1 username 1 password 0 Secret1 realm r
 timers connect 100
 timers expires 60000
 timers connection establish tls 5
 timers keepalive active 30
 retry bye 3
 retry keepalive 3
 aaa username calling-number
 tcp-retry 1000
 transport tcp tls v1.2
 url sips
 no remote-party-id
 permit hostname dns:a.b
 set sip-status 404 pstn-cause 1
 disable-early-media 180
 max-forwards 70
 mwi-server ipv4:10.0.0.8
 nat symmetric role passive
 crypto signaling default trustpoint EDGE cn-san-validate server
 host-registrar
"""


@test(site=None)
def each_line_has_its_consequence(t):
    """Carried, or told with what it means for calls; nothing in between."""
    router = t.write("router.cfg", ROUTER)
    lineside = t.env.program("lineside")
    out = json.loads(ok(run([lineside, "import", router, "--json"], 20),
                        "import").stdout)
    told = {row["text"]: row["consequence"] for row in out["not_carried"]}
    for line, words in LINES.items():
        check(f" {line}\n" in ROUTER, f"{line} is not in the file")
        if words is None:
            check(line not in told, f"{line}: {told.get(line)}")
        else:
            check(words in told.get(line, "carried"),
                  f"{line}: {told.get(line)}")
    carried = out["result"]["configuration"]
    for line in ("cn-san-validate server", " host-registrar\n",
                 " codec g711ulaw\n", " ip qos dscp af31\n",
                 " retry ", "side core"):
        check((line in carried) == (line != " retry "), f"{line}: {carried}")
    check("side access" not in carried, "phones were made up")
    conf = t.write("router.conf", carried.replace("<hidden>", "Secret1"))
    done = ok(run([lineside, "check", conf], 20), "check")
    check("phone" not in done.stderr, done.stderr)


LOGIN = """interface Gi1
 ip address {core} 255.0.0.0
enable secret 9 $9$topsecret
snmp-server community topsecret RO
key config-key password-encrypt topsecret
password encryption aes
crypto key generate rsa
voice class tenant 1
 registrar ipv4:{registrar}:5060 expires 300
 credentials number 4930100 username 4930100 password 7 {type7} realm {realm}
 outbound-proxy ipv4:{registrar}
 authentication username u password 0 topsecret
 authentication username v password 6 Q_topsecret realm other
dial-peer voice 1 voip
 destination-pattern 1
 incoming called-number .
 session target ipv4:{registrar}
 voice-class sip tenant 1
"""
KEY = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"


def type7(clear):
    """As IOS does with `service password-encryption`."""
    return "08" + "".join(f"{c ^ KEY[(8 + i) % len(KEY)]:02X}"
                          for i, c in enumerate(clear.encode()))


@test(site=None)
def passwords_come_along(t):
    """A number logs in with what was imported; passwords are nowhere else
    than where they were asked for."""
    kamailio = Kamailio(t).start()
    core = t.addr()
    secret = kamailio.password
    router = t.write("router.cfg", LOGIN.format(
        core=core, registrar=kamailio.host, realm=REALM, type7=type7(secret)))
    lineside = t.env.program("lineside")

    def imports(*words):
        return run([lineside, "import", router, *words], 20)
    done = ok(imports(), "import")
    said = done.stdout + done.stderr
    check(secret not in said and "topsecret" not in said, said)
    check("password <hidden>" in done.stdout and "--output" in done.stderr,
          said)
    for words in ("key it is encrypted under", "write it with its `realm`",
                  "--master-key-file KEY", "password encryption aes",
                  "key config-key password-encrypt <hidden>",
                  "crypto key generate rsa"):
        check(words in said, f"{words}: {said}")
    # in clear, in a file of our own
    out = t.path("out.conf")
    done = ok(imports("--output", out), "--output")
    check(done.stdout == "" and secret not in done.stderr, done.stderr)
    check("in clear" in done.stderr, done.stderr)
    check(os.stat(out).st_mode & 0o777 == 0o600, oct(os.stat(out).st_mode))
    with open(out, encoding="utf-8") as f:
        text = f.read()
    check(f"password 0 {secret} realm" in text, text)
    done = imports("--output", out)
    check(done.returncode == 1 and "is there already" in done.stderr,
          done.stderr)
    with open(out, encoding="utf-8") as f:
        check(f.read() == text, "it was written over")
    check(imports("--output", "/nowhere/x").returncode == 1, "nowhere")
    check(imports("--frob").returncode == 2, "an option that is none")
    # by name alone on standard output
    check(ok(imports("--show-passwords"), "--show").stdout == text, "differ")
    # encrypted: wherever it goes
    key = t.write("master", "00112233445566778899aabbccddeeff" * 2)
    os.chmod(key, 0o600)
    sealed = ok(imports("--master-key-file", key), "--master-key-file")
    check(secret not in sealed.stdout + sealed.stderr and
          "password 6 " in sealed.stdout and
          f"pki master-key file {key}" in sealed.stdout and
          "\npassword encryption aes\n" in sealed.stdout, sealed.stdout)
    done = imports("--master-key-file", "/nowhere")
    check(done.returncode == 1 and done.stdout == "", done.stdout)
    out = json.loads(ok(run([lineside, "--json", "import", router,
                             "--master-key-file", key], 20), "json").stdout)
    check(out["result"]["passwords"] == 1 and
          out["result"]["passwords_are"] == "encrypted" and
          out["result"]["configuration"] == sealed.stdout, f"{out}")
    for name, conf in (("clear", text), ("sealed", sealed.stdout)):
        head = f"state directory {t.path(name)}\nlogging stderr\n"
        daemon = Lineside(t, head + conf, name=name).start()
        wait_for(lambda: daemon.json("sip-ua", "register", "status")
                 ["trunks"][0]["registered"], 15, "the registration")
        check(secret not in daemon.log(), "a password was logged")
        daemon.judge()


@test(site=None)
def a_local_gateway(t):
    """A trunk to a cloud provider as its manual has it, with a registrar
    behind an outbound proxy: loaded as it is, each line that is not carried
    with what it means."""
    cfg = os.path.join(os.path.dirname(__file__), "local_gateway.cfg")
    lineside, out = t.env.program("lineside"), t.path("out.conf")
    done = ok(run([lineside, "--json", "import", cfg, "--output", out], 20),
              "import")
    check("S3cret" not in done.stdout + done.stderr, "a password is told")
    said = json.loads(done.stdout)
    check(said["result"]["passwords"] == 3, f"{said}")
    with open(cfg, encoding="utf-8") as f:
        lines = f.read().splitlines()
    for row in said["not_carried"]:
        check("not known" not in row["consequence"], f"{row}")
        check(row["text"].split()[0] in lines[row["line"] - 1], f"{row}")
    ok(run([lineside, "check", out], 20), "check")
    with open(out, encoding="utf-8") as f:
        text = f.read()
    for line in (" outbound-proxy dns:proxy.provider.example\n",
                 " registrar dns:4711.provider.example expires 240 tcp tls\n",
                 " enrollment terminal\n", "  no session refresh\n",
                 " password 0 hidden-S3cret realm calls.example\n"):
        check(line in text, f"{line}: {text}")
    check(text.count("hidden-S3cret") == 3, text)


@test(site=None)
def several_tenants(t):
    """A CUBE of another shape: a cluster, a provider where it registers, a
    cloud; cards, cor lists, stcapp. What a line means is told in words of
    calls, never as the parser's 'expected'."""
    cfg = os.path.join(os.path.dirname(__file__), "several_tenants.cfg")
    lineside, out = t.env.program("lineside"), t.path("out.conf")
    done = ok(run([lineside, "--json", "import", cfg, "--output", out], 20),
              "import")
    told = {row["text"]: row["consequence"]
            for row in json.loads(done.stdout)["not_carried"]}
    for text, means in told.items():
        for word in ("not known", "expected", "remove the line"):
            check(word not in means, f"{text}: {means}")
    for text, means in (
            ("transport switch udp tcp", "session transport tcp"),
            ("options-ping 60", "within a call"),
            ("codec preference 3 ilbc mode 30", "the others of the class"),
            ("associate application SCCP", "shut down"),
            ("rule 1 request ANY sip-header Contact modify "
             '"@.*:" "@cube.site.example:"', "localhost")):
        check(means in told[text], f"{text}: {told[text]}")
    ok(run([lineside, "check", out], 20), "check")
    with open(out, encoding="utf-8") as f:
        text = f.read()
    farms = [f.split("!")[0] for f in text.split("dspfarm profile ")[1:]]
    check([" no shutdown\n" in f for f in farms] == [True, False], text)
    peer = text.split("dial-peer voice 1000 voip\n")[1].split("!")[0]
    check(" voice-class codec 1\n" in peer, peer)
    check(" registrar ipv4:192.0.2.65:5060 expires 600 tcp\n" in text, text)
