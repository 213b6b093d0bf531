"""How callers are named, with SIPp on both sides: asserted-id, privacy,
Diversion, localhost; Identity as it came."""

import re

from kit.env import check, wait_for
from kit.sipp import Sipp
from kit.suite import test
from test_routes import Edge
from test_sipp import udp_bound

TRUNKS = """voice service voip
 ip address trusted list
  ipv4 {caller}
dial-peer voice 100 voip
 incoming called-number .
dial-peer voice 200 voip
 destination-pattern 5
 session target ipv4:{{0}}
{more}"""


class Between(Edge):
    """A call between two trunks: who calls is on the core side, too."""

    def __init__(self, t, more=""):
        self.caller = t.addr()
        super().__init__(t, TRUNKS.format(caller=self.caller, more=more),
                         servers=1)

    def passed(self, *headers, steps="> 486 INVITE\n< ACK"):
        """The INVITE as it arrived, its headers by line."""
        uas = Sipp(self.t, "far", self.server[0], name="far",
                   steps=f"< INVITE\n{steps}")
        wait_for(lambda: udp_bound(self.server[0], 5060), 5, "sipp to listen")
        near = Sipp(self.t, "near", self.caller, f"{self.core}:5060",
                    service="5001", name="near",
                    steps="> INVITE sdp\n" + "".join(
                        f"  {h}\n" for h in headers) + "< 486\n> ACK")
        near.ok()
        uas.ok()
        got = re.search(r"^INVITE .*?\n\r?\n", uas.messages(), re.S | re.M)
        return [x.strip() for x in got.group(0).splitlines()]


@test(site=None)
def rpi_becomes_pai(t):
    e = Between(t, " voice-class sip asserted-id pai\n"
                " voice-class sip privacy-policy strip diversion\n")
    lines = e.passed(
        'Remote-Party-ID: "Ann" <sip:+4930100@10.1.1.10>;party=calling;'
        'privacy=full', "Diversion: <sip:2009@10.1.1.10>;reason=no-answer")
    check(f'P-Asserted-Identity: "Ann" <sip:+4930100@{e.core}>' in lines,
          f"{lines}")
    check("Privacy: id" in lines, f"{lines}")
    check(not [x for x in lines if "Remote-Party" in x or "2009" in x or
               "10.1.1.10" in x], f"{lines}")
    e.done()


@test(site=None)
def hidden_and_by_name(t):
    """privacy id; From and Contact by a name; the number in PAI alone."""
    e = Between(t, " voice-class sip asserted-id pai\n"
                " voice-class sip privacy id\n"
                " voice-class sip localhost dns:sbc.example.com contact\n")
    lines = e.passed("Diversion: <sip:2009@10.1.1.10>;counter=1")
    line = next(x for x in lines if x.startswith("From:"))
    check('"Anonymous" <sip:anonymous@anonymous.invalid>' in line, line)
    check("Contact: <sip:anonymous@sbc.example.com:5060>" in lines, f"{lines}")
    check("P-Asserted-Identity: <sip:sipp@sbc.example.com>" in lines,
          f"{lines}")
    check("Diversion: <sip:2009@sbc.example.com>;counter=1" in lines,
          f"{lines}")
    e.done()


# As long as real ones, of every kind; blanks, commas and quotes in odd places.
IDENTITY = [
    "eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiIsInR5cCI6InBhc3Nwb3J0In0."
    + "A" * 400 + ".c2lnbmF0dXJl;info=<https://cert.example.org/a,b.pem>"
    ";alg=ES256;ppt=\"shaken\"",
    "eyJ.e30.c2ln; info=<https://x.test/c?a=1>; ppt=div ;alg = ES256",
    "eyJ.e30.c2ln;info=<https://x.test/d>;ppt=never-heard-of;x=\"a, b;c\"",
]


@test(site=None)
def identity_byte_for_byte(t):
    """RFC 8224: several, in their order; Date, From and To, which they sign."""
    e = Between(t)
    lines = e.passed("Date: Sat, 21 Nov 2026 06:00:00 GMT",
                     *[f"Identity: {x}" for x in IDENTITY])
    got = [x[len("Identity: "):] for x in lines if x.startswith("Identity:")]
    check(got == IDENTITY, f"{got}")
    check("Date: Sat, 21 Nov 2026 06:00:00 GMT" in lines, f"{lines}")
    for name in ("From", "To"):
        line = next(x for x in lines if x.startswith(f"{name}:"))
        user = "sipp" if name == "From" else "5001"
        check(f"<sip:{user}@pbx.test>" in line, line)
    e.done()
