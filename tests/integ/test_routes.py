"""Where calls go: translated numbers, one server after the other."""

import json

from kit.env import check, run, wait_for
from kit.lineside import Lineside
from kit.sipp import Sipp
from kit.suite import test
from test_sipp import udp_bound

CONF = """hostname edge1
logging level debugging
logging stderr
sip-listener PHONES
 side access
 address ipv4 {access} port 5060
 transport udp
sip-listener INSIDE
 side core
 address ipv4 {core} port 5060
 transport udp
voice service voip
 no srtp
sip-ua
 registrar embedded
{more}
"""


class Edge:
    """A daemon of one test's own, plain on both sides."""

    def __init__(self, t, more, servers=2):
        self.t = t
        self.access, self.core = t.addr(), t.addr()
        self.server = [t.addr() for _ in range(servers)]
        self.lineside = Lineside(t, CONF.format(
            access=self.access, core=self.core,
            more=more.format(*self.server))).start()

    def done(self):
        self.lineside.judge()

    def explain(self, *words):
        done = self.lineside.command("explain", "call", *words, "--json")
        return json.loads(done.stdout)

    def answers(self, i, scenario, calls=1, **kw):
        uas = Sipp(self.t, scenario, self.server[i], calls=calls,
                   name=f"server{i}", **kw)
        wait_for(lambda: udp_bound(self.server[i], 5060), 5,
                 "sipp to listen")
        return uas

    def call(self, number, scenario="basic_uac", name="caller", **kw):
        return Sipp(self.t, scenario, self.t.addr(), f"{self.access}:5060",
                    service=number, name=name, **kw)


NUMBERS = """voice translation-rule 1
 rule 1 /^9\\(.*\\)/ /+49\\1/
voice translation-rule 2
 rule 1 /^\\+49/ /0/
voice translation-rule 3
 rule 1 /^sipp$/ /4711/
voice translation-profile IN
 translate called 1
 translate calling 3
voice translation-profile OUT
 translate called 2
voice class e164-pattern-map 1
 e164 +49[2-9].......$
 url {path}
voice class server-group 1
 ipv4 {{0}} preference 1
 ipv4 {{1}} preference 2
dial-peer voice 100 voip
 incoming called-number .
 translation-profile incoming IN
dial-peer voice 200 voip
 destination e164-pattern-map 1
 session server-group 1
 translation-profile outgoing OUT
"""


@test(site=None)
def translated_and_hunted(t):
    """A number of a map's file, rewritten twice; 503, then an answer."""
    path = t.path("numbers")
    with open(path, "w") as f:
        f.write("! city codes\n+4930....$\n")
    e = Edge(t, NUMBERS.format(path=path))
    first = e.answers(0, "unavailable_uas")
    second = e.answers(1, "basic_uas")
    e.call("9301234").ok()
    first.ok()
    second.ok()
    for server in (first, second):
        text = server.messages()
        check("INVITE sip:0301234@" in text, "the number was not rewritten")
        check("From: <sip:4711@" in text, "the caller was not rewritten")
    c = e.lineside.counters()
    check(c["lineside_calls_hunted_total"] == 1, "hunted more than once")
    out = e.lineside.command("test", "voice", "translation-rule", "2",
                             "+4930")
    check("Translated number: 030" in out.stdout, out.stdout + out.stderr)
    # a pattern that becomes wrong refuses the reload; the old one stays
    with open(path, "w") as f:
        f.write("[9\n")
    row = e.lineside.reload()
    check(not row["ok"], "a wrong pattern file was taken")
    check("line 1" in str(row), str(row))
    e.done()


WEIGHTS = """voice class server-group 1
 ipv4 {0} weight 1
 ipv4 {1} weight 9
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 200 voip
 destination-pattern 5
 session server-group 1
"""


@test(site=None)
def shared_by_weight(t):
    """60 calls, nine parts of ten to the second server."""
    e = Edge(t, WEIGHTS)
    servers = [e.answers(i, "basic_uas", calls=60) for i in range(2)]
    e.call("5001", calls=60, rate=30).ok()
    counts = [s.messages().count("INVITE sip:5001@") for s in servers]
    check(sum(counts) == 60, f"{counts}")
    # 6 of 60 are expected; outside 0 … 20 once in a million runs
    check(counts[0] <= 20, f"{counts}")
    for s in servers:
        s.proc.stop()
    e.done()


@test(site=None)
def explained(t):
    """What `explain call` says is what the call does; the file alone says the
    same."""
    e = Edge(t, NUMBERS.format(path=t.write("numbers", "+4930....$\n")))
    rows = e.explain("sipp", "9301234")
    check([r["tag"] for r in rows["incoming"] if r["taken"]] == [100], rows)
    (row,) = rows["outgoing"]
    check(row["called"] == "0301234" and row["calling"] == "4711", row)
    check(row["target"] == f"{e.server[0]}:5060 {e.server[1]}:5060", row)
    done = run([t.env.program("lineside"), "-f", e.lineside.file, "explain",
                "call", "sipp", "9301234", "--json"], 20)
    check(json.loads(done.stdout) == rows, done.stdout + done.stderr)
    uas = e.answers(0, "basic_uas")
    e.call("9301234").ok()
    uas.ok()
    check(f"INVITE sip:{row['called']}@" in uas.messages(), "another number")
    nobody = e.explain("sipp", "7")
    check(nobody["outgoing"] == [], nobody)
    check([r["tag"] for r in nobody["not_taken"]] == [100, 200], nobody)
    e.done()


PROFILES = """voice class sip-profiles 1
 rule 1 request INVITE peer-header sip From copy "sip:([^@]*)@" u01
 rule 2 request INVITE sip-header X-Line add "X-Line: line-\\u01"
 rule 3 request INVITE sip-header SIP-Req-URI modify "pbx[.]test" "provider.test"
 rule 4 request ANY sdp-header Audio-Attribute add "a=x-site:7"
voice class sip-profiles 2
 rule 1 response 200 method INVITE sip-header X-Answer add "X-Answer: seen"
voice class tenant 1
 sip-profiles 1
 sip-profiles 2 inbound
call spike 2 steps 10 size 2000
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 200 voip
 destination-pattern 5
 session target ipv4:{0}
 voice-class sip tenant 1
"""


@test(site=None)
def headers_by_profile(t):
    """SIPp sees what rules make of headers and SDP; a spike is refused."""
    e = Edge(t, PROFILES)
    uas = e.answers(0, "basic_uas")
    uac = e.call("5001")
    uac.ok()
    uas.ok()
    text = uas.messages()
    for wanted in ("INVITE sip:5001@provider.test", "X-Line: line-sipp",
                   "a=x-site:7"):
        check(wanted in text, f"{wanted} is not in {text[:900]}")
    check("X-Answer: seen" in uac.messages(), "no X-Answer reached the caller")
    check("x-site" not in uac.messages(), "the answer was changed as well")
    uas = e.answers(0, "basic_uas")
    for n, scenario in ((1, "basic_uac"), (2, "unreachable_uac")):
        e.call("5001", scenario, name=f"caller{n}").ok()
    uas.ok()
    c = e.lineside.counters()
    check(c["lineside_calls_refused_spike_total"] == 1, "no spike was seen")
    e.done()
