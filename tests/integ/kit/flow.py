"""SIPp scenarios in few words.

    > INVITE sdp                    sends a request
      Supported: timer                with these headers
    < 422 Min-SE: 90                gets this, which has that (a regex)
      !Require                        and not that
      digest joe s3cret               signed by this user
    > ACK                           CSeq, tags, branch and RAck by itself
    < 100?                          optional
    > 200 INVITE sdp=sendonly       answers the latest request of that method
      | text                          a body of its own, line by line
    > REGISTER                      outside of all dialogs, for pbx.test
      Contact: *                      which it has none of by itself
      [authentication]                answers the latest challenge
    wait 500                        milliseconds

One dialog, either role: who sends INVITE or SUBSCRIBE first began it.
"""

import os
import re
from xml.sax.saxutils import escape, quoteattr

SDP = """v=0
o=- 1 {version} IN IP4 [local_ip]
s=-
c=IN IP4 {connection}
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000{direction}
"""
TAG = ";tag=[pid]x[call_number]"


def _words(name):
    return re.sub(r"\W", "", name.lower())


class _Flow:
    def __init__(self, name, challenged=False):
        self.out = [f'<scenario name="{name}">']
        self.challenged = challenged  # a 401 is to be answered
        self.variables = set()
        self.cseq = self.invite_cseq = 0
        self.uac = None  # we began the dialog
        self.up = False  # the far end's tag and target are known
        self.versions = self.labels = 0
        self.got = None  # the last message was a response with this status

    def sdp(self, kind):
        self.versions += 1
        held = kind == "hold0"
        return SDP.format(
            version=self.versions,
            connection="0.0.0.0" if held else "[local_ip]",
            direction=f"\na={kind}" if kind and not held else "")

    def var(self, name):
        self.variables.add(name)
        return name

    def send(self, lines, body, retrans):
        text = "\n".join(lines) + "\nContent-Length: [len]\n\n" + body
        wait = ' retrans="500"' if retrans else ""
        self.out.append(f"  <send{wait}>\n<![CDATA[\n{text}\n]]>\n  </send>")

    def request(self, method, headers, body):
        failed = method == "ACK" and self.got and self.got >= 300
        if self.uac is None:
            self.uac = True
        if method not in ("ACK", "CANCEL"):
            self.cseq += 1
        if method == "INVITE":
            self.invite_cseq = self.cseq
        number = self.invite_cseq if method in ("ACK", "CANCEL") else self.cseq
        if self.uac:
            near = f"<sip:[user]@pbx.test>{TAG}"
            far = "<sip:[service]@pbx.test>[peer_tag_param]"
        else:
            near, far = f"[$t_first]{TAG}", "[$f_first]"
        registers = method == "REGISTER"
        inside = self.up and not registers and not (failed and self.first)
        if not inside and method != "ACK":
            user = "[user]" if registers else "[service]"
            far = f"<sip:{user}@pbx.test>"
        uri = "[next_url]" if inside else "sip:pbx.test" if registers \
            else "sip:[service]@pbx.test"
        via = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
        lines = [f"{method} {uri} SIP/2.0"]
        if not any(h.startswith("Via:") for h in headers):
            lines.append(
                "[last_Via:]" if failed or method == "CANCEL" else via)
        if inside and not failed:
            lines.append("[routes]")
        lines += [f"From: {near}", f"To: {far}", "Call-ID: [call_id]",
                  f"CSeq: {number} {method}", "Max-Forwards: 70"]
        if not registers:
            lines.append("Contact: <sip:[user]@[local_ip]:[local_port]>")
        if method == "PRACK":
            lines.append(f"RAck:[$rseq] {self.invite_cseq} INVITE")
        self.first = not self.up
        self.send(lines + headers, body, method != "ACK")
        if method == "INVITE":
            self.out.append('  <recv response="100" optional="true"/>')

    def answer(self, status, method, headers, body):
        key = _words(method)
        tag = TAG if self.tagless.get(method) and status > 100 else ""
        lines = [f"SIP/2.0 {status} Whatever", f"Via:[$v_{key}]",
                 f"From: [$f_{key}]", f"To: [$t_{key}]{tag}",
                 "Call-ID: [call_id]", f"CSeq:[$c_{key}]"]
        if not any(h.startswith("Contact:") for h in headers):
            lines.append("Contact: <sip:core@[local_ip]:[local_port]>")
        self.send(lines + headers, body, status >= 200 and method == "INVITE")

    tagless = {}

    def receive(self, what, optional, checks):
        actions = []

        def ereg(regexp, **kw):
            words = " ".join(f"{k}={quoteattr(v)}" for k, v in kw.items())
            actions.append(f"      <ereg regexp={quoteattr(regexp)} {words}/>")
        if what.isdigit():
            kind, rrs = "response", int(what) < 300
            self.got = int(what)
            if int(what) in range(101, 300):
                self.up = True
            if any("RSeq" in c for c in checks):
                ereg(".*", search_in="hdr", header="RSeq:",
                     assign_to=self.var("rseq"))
        else:
            kind, rrs = "request", what in ("INVITE", "SUBSCRIBE", "REFER")
            self.got = None
            key = _words(what)
            keys = [key]
            if self.uac is None:
                self.uac, self.up = False, True
                keys.append("first")
                self.tagless = {what: True}
            else:
                self.tagless = {**self.tagless, what: False}
            for k in keys:
                for name, header in (("v", "Via:"), ("c", "CSeq:"),
                                     ("f", "From:"), ("t", "To:")):
                    ereg(".*" if name in "vc" else "[^ ].*",
                         search_in="hdr", header=header,
                         assign_to=self.var(f"{name}_{k}"))
        signed = [c.split()[1:] for c in checks if c.startswith("digest ")]
        for user, password in signed:
            actions.append(f"      <verifyauth username={quoteattr(user)}"
                           f" password={quoteattr(password)}"
                           f" assign_to={quoteattr(self.var('signed'))}/>")
        for c in checks:
            if c.startswith("digest "):
                continue
            no = c.startswith("!")
            word = "check_it_inverse" if no else "check_it"
            ereg(c[1:] if no else c, search_in="msg",
                 assign_to=self.var("seen"), **{word: "true"})
        words = f'{kind}="{what}"'
        if rrs:
            words += ' rrs="true"'
        if self.challenged and what in ("401", "407"):
            words += ' auth="true"'
        if optional:
            words += ' optional="true"'
        if actions:
            self.out.append(f"  <recv {words}>\n    <action>\n" +
                            "\n".join(actions) +
                            "\n    </action>\n  </recv>")
        else:
            self.out.append(f"  <recv {words}/>")
        if signed:  # else it waits in vain
            self.labels += 1
            self.out += [f'  <nop test="signed" next="{self.labels}"/>',
                         '  <recv request="SIGNED" timeout="100"/>',
                         f'  <label id="{self.labels}"/>']

    def step(self, line, more):
        way, _, rest = line.partition(" ")
        words = rest.split(None, 1)
        if way == "wait":
            self.out.append(f'  <pause milliseconds="{words[0]}"/>')
        elif way == "<":
            what = words[0]
            checks = more + words[1:]
            self.receive(what.rstrip("?"), what.endswith("?"), checks)
        elif way == ">":
            headers = [m for m in more if not m.startswith("|")]
            body = "".join(m[1:].lstrip(" ") + "\n" for m in more
                           if m.startswith("|"))
            words = rest.split()
            kind = [w for w in words if w == "sdp" or w.startswith("sdp=")]
            if kind:
                headers.append("Content-Type: application/sdp")
                body = self.sdp(kind[0][4:])
            if words[0].isdigit():
                self.answer(int(words[0]), words[1], headers, body)
            else:
                self.request(words[0], headers, body)
        else:
            raise ValueError(line)

    def xml(self):
        used = ",".join(sorted(self.variables))
        tail = [f'  <Reference variables="{used}"/>'] if used else []
        return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>',
                          *self.out, '  <timewait milliseconds="200"/>',
                          *tail, "</scenario>\n"])


def write(folder, name, text):
    """Makes the scenario; the name of its file."""
    flow = _Flow(escape(name), "[authentication" in text)
    steps = []
    for line in text.strip("\n").splitlines():
        if not line.strip() or line.strip().startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        if not steps or indent <= steps[0][0]:
            steps.append((indent, line.strip(), []))
        else:
            steps[-1][2].append(line.strip())
    for _, line, more in steps:
        flow.step(line, more)
    path = os.path.join(folder, f"{name}.xml")
    with open(path, "w") as f:
        f.write(flow.xml())
    return path
