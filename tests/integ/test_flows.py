"""Call flows by name, as short scripts for SIPp on both sides: what RFC 3665 3
and RFC 5359 2 show and no other test has, and hold in all its forms.
docs/call-flows.md lists which test proves which flow."""

from kit.suite import test
from test_midcall import pair

UP = """
> INVITE sdp
< 200
> ACK
"""
ANSWER = """
< INVITE
> 200 INVITE sdp
< ACK
"""
END = """
> BYE
< 200
"""
ENDED = """
< BYE
> 200 BYE
"""

# name: (what it proves, who calls, who is called)
FLOWS = {
    "redirected": ("RFC 3665 3.6: an INVITE without SDP meets a 302, whose"
                   " number is told at our address", """
> INVITE
< 302 Contact: <sip:core@
> ACK
""", """
< INVITE !m=audio
> 302 INVITE
< ACK
"""),
    "sdp_in_ack": ("RFC 3665 3.6: the offer in the 200", """
> INVITE
< 200 m=audio
> ACK sdp
""" + END, """
< INVITE !m=audio
> 200 INVITE sdp
< ACK m=audio
""" + ENDED),
    "address_change": ("RFC 3665 3.7: a re-INVITE with another address", UP + """
> INVITE
  Content-Type: application/sdp
  | v=0
  | o=- 1 2 IN IP4 127.0.0.9
  | s=-
  | c=IN IP4 127.0.0.9
  | t=0 0
  | m=audio 4444 RTP/AVP 0
< 200 m=audio
> ACK
""" + END, ANSWER + """
< INVITE !127\\.0\\.0\\.9
> 200 INVITE sdp
< ACK
""" + ENDED),
    "unavailable": ("RFC 3665 3.11: 480 after it rang", """
> INVITE sdp
< 180
< 480
> ACK
""", """
< INVITE
> 180 INVITE
> 480 INVITE
< ACK
"""),
    "hold_sendonly": ("RFC 5359 2.1: hold and resume", UP + """
> INVITE sdp=sendonly
< 200 a=recvonly
> ACK
> INVITE sdp
< 200 !a=recvonly
> ACK
""" + END, ANSWER + """
< INVITE a=sendonly
> 200 INVITE sdp=recvonly
< ACK
< INVITE !a=sendonly
> 200 INVITE sdp
< ACK
""" + ENDED),
    "hold_inactive": ("RFC 3264 8.4: neither hears the other", UP + """
> INVITE sdp=inactive
< 200 a=inactive
> ACK
> INVITE sdp
< 200 !a=inactive
> ACK
""" + END, ANSWER + """
< INVITE a=inactive
> 200 INVITE sdp=inactive
< ACK
< INVITE !a=inactive
> 200 INVITE sdp
< ACK
""" + ENDED),
    "hold_by_address": ("RFC 2543's hold, c=0.0.0.0 (RFC 3264 8.4)", UP + """
> INVITE sdp=hold0
< 200
> ACK
> INVITE sdp
< 200
> ACK
""" + END, ANSWER + """
< INVITE (a=sendonly|a=inactive|c=IN IP4 0.0.0.0)
> 200 INVITE sdp=recvonly
< ACK
< INVITE !(a=sendonly|a=inactive|c=IN IP4 0.0.0.0)
> 200 INVITE sdp
< ACK
""" + ENDED),
    "hold_by_both": ("Each holds the other, and resumes by itself", UP + """
> INVITE sdp=sendonly
< 200 a=recvonly
> ACK
< INVITE a=inactive
> 200 INVITE sdp=inactive
< ACK
wait 300
> INVITE sdp=recvonly
< 200 a=sendonly
> ACK
""" + END, ANSWER + """
< INVITE a=sendonly
> 200 INVITE sdp=recvonly
< ACK
wait 200
> INVITE sdp=inactive
< 200 a=inactive
> ACK
< INVITE a=recvonly
> 200 INVITE sdp=sendonly
< ACK
""" + ENDED),
    "resume_without_offer": ("Resumed by a re-INVITE without SDP (RFC 6337"
                             " 5.3)", UP + """
> INVITE sdp=sendonly
< 200 a=recvonly
> ACK
> INVITE
< 200 m=audio
> ACK sdp
""" + END, ANSWER + """
< INVITE a=sendonly
> 200 INVITE sdp=recvonly
< ACK
< INVITE !m=audio
> 200 INVITE sdp
< ACK m=audio
""" + ENDED),
    "forwarding_told": ("RFC 5359 2.7: 181 passes, then somebody answers", """
> INVITE sdp
< 181
< 180
< 200
> ACK
""" + END, """
< INVITE
> 181 INVITE
> 180 INVITE
> 200 INVITE sdp
< ACK
""" + ENDED),
    "bye_crosses_reinvite": ("RFC 3261 15.1.2: a BYE ends what is pending", UP +
                             """
> INVITE sdp=sendonly
< 487
> ACK
< BYE
> 200 BYE
""", ANSWER + """
< INVITE
> BYE
< 200
> 487 INVITE
< ACK
"""),
}


def _register(name, about, uac, uas):
    def flow(t, s):
        pair(t, s, name, uac, uas)
    flow.__name__, flow.__doc__ = name, about
    test()(flow)


for _name, _flow in FLOWS.items():
    _register(_name, *_flow)
