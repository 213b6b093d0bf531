"""The messages of RFC 4475 and RFC 5118, octet by octet, and what Lineside
makes of each. Lines end in CR LF; "<xx>" in a message marked `hexed` is that
octet, as the RFCs write it.

An outcome is a set of statuses, or DROP: no answer, which RFC 4475 allows
where nobody can be answered. Where the RFCs expect a message to be accepted,
what a back-to-back user agent answers to an accepted one stands here: 404 for
a number that leads nowhere, 488 for a body that is no offer, and so on.
"""

import re

DROP = "drop"
MESSAGES = []

# What a well-formed request to somebody who is not here may get. Domains of
# the RFCs are foreign to us: dial-peers decide by number, so a user that is
# none is 404, a forbidden sender is 403, a body that is no session 488/415.
# What Kamailio inside challenges has come through to it.
REFUSED = {401, 403, 404, 405, 407, 415, 480, 481, 484, 488, 489, 501}
ACCEPTED = REFUSED | {200}


class Torture:
    def __init__(self, name, section, outcome, text, hexed=False,
                 as_is=False, stream=None):
        """`as_is`: the length it states is what it is about; others state
        theirs. `stream`: the outcome on TCP and TLS, where it differs."""
        self.name, self.section, self.outcome = name, section, outcome
        self.stream = stream
        data = text.lstrip("\n").replace("\n", "\r\n").encode()
        if hexed:
            data = re.sub(rb"<([0-9A-F]{2}(?: ?[0-9A-F]{2})*)>",
                          lambda m: bytes.fromhex(m.group(1).decode()), data)
        head, end, body = data.partition(b"\r\n\r\n")
        if not as_is:
            head = re.sub(rb"(?im)^((?:content-length|l)[ \t]*:[ \t]*)\d+",
                          lambda m: m.group(1) + b"%d" % len(body), head)
        self.data = head + end + body

    def wanted(self, transport):
        if transport != "udp" and self.stream:
            return self.stream
        return self.outcome

    def on(self, transport):
        """With the first Via naming the transport it goes by: a receiver
        compares them, and the message is about something else."""
        return re.sub(rb"(?im)^((?:via|v)[ \t]*:\s*SIP\s*/\s*2\.0\s*/\s*)"
                      rb"(?:UDP|TCP|TLS|SCTP)",
                      lambda m: m.group(1) + transport.upper().encode(),
                      self.data, count=1)


def add(name, section, outcome, text, **more):
    MESSAGES.append(Torture(name, section, outcome, text, **more))


SDP = """v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.3
s=-
c=IN IP4 192.0.2.4
t=0 0
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
"""
