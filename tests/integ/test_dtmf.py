"""Keys of a telephone between phones and trunks that tell them in different
ways: RTP events (baresip, SRTP), INFO, KPML and Cisco's NOTIFY (SIPp)."""

import re
import time

from kit import sip
from kit.env import check, wait_for
from kit.rtp import Sound
from kit.sipp import Sipp
from kit.suite import test
from test_phones import leg_of
from test_sipp import udp_bound

KEYS = "50*#D"
KPML = """
  | <?xml version="1.0"?>
  | <kpml-request xmlns="urn:ietf:params:xml:ns:kpml-request" version="1.0">
  | <pattern persist="persist"><regex tag="all">x|*|#|A|B|C|D</regex></pattern>
  | </kpml-request>"""


def report(key):
    return f"""> NOTIFY
  Event: kpml
  Subscription-State: active;expires=7200
  Content-Type: application/kpml-response+xml
  | <?xml version="1.0"?>
  | <kpml-response xmlns="urn:ietf:params:xml:ns:kpml-response" version="1.0"
  | code="200" text="OK" digits="{key}" tag="dtmf"/>
< 200
"""


def info(key, ms=250):
    return f"""> INFO
  Content-Type: application/dtmf-relay
  | Signal={key}
  | Duration={ms}
< 200
"""


def far(t, s, name, prefix, steps):
    """SIPp inside, at a slot's address; its number, by the dial-peer wanted."""
    addr, number = s.slot(t)
    uas = Sipp(t, f"{name}_uas", addr, steps=steps)
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    return uas, prefix + number


def phone_calls(t, s, name, user, prefix, steps, way):
    """A phone with SRTP and RTP events calls SIPp, which is told of the keys
    in this way, presses some itself, and ends the call."""
    uas, number = far(t, s, name, prefix, steps)
    phone = s.secure_phone(t, user, 500)
    phone.mark()
    phone.dial(number)
    phone.event("CALL_ESTABLISHED")
    wait_for(lambda: leg_of(s.legs(number), "B")["dtmf_relay"] == way, 10,
             f"the trunk to be told by {way}")
    legs = s.legs(number)
    check(leg_of(legs, "A")["dtmf_relay"] == "rtp-nte", "A's way")
    check(leg_of(legs, "A")["srtp"] and leg_of(legs, "A")["transcoder"] == 0,
          "the phone's leg is not encrypted, or transcoded")
    for key in KEYS:
        phone.press(key)
    phone.event("CALL_CLOSED", 30)
    uas.ok()
    s.no_call(number)
    return phone, uas


def heard(phone, keys):
    begun = [e["param"] for e in phone.seen("CALL_DTMF_START")]
    check("".join(begun) == keys, f"the phone was told {begun}, not {keys}")
    check(len(phone.seen("CALL_DTMF_END")) == len(keys), "keys without an end")


@test("dtmf")
def events_and_info(t, s):
    phone, uas = phone_calls(t, s, "dtmf_info", "2050", "5", """
< INVITE !telephone-event
> 180 INVITE
> 200 INVITE sdp
  Allow: INVITE, ACK, BYE, CANCEL, INFO
< ACK
""" + "".join(f"""< INFO Signal={key if key not in '*' else '[*]'}
  application/dtmf-relay
  Duration=[12]
> 200 INFO
""" for key in KEYS) + info("1") + info("#", 120) + info("1") + """
wait 1500
> BYE
< 200
""", "sip-info")
    heard(phone, "1#1")


@test("dtmf")
def events_and_kpml(t, s):
    phone, uas = phone_calls(t, s, "dtmf_kpml", "2052", "95", """
< INVITE Allow-Events: kpml
> 200 INVITE sdp
  Allow-Events: kpml
< ACK
< SUBSCRIBE Event: kpml
  kpml-request
> 202 SUBSCRIBE
  Expires: 7200
> SUBSCRIBE
  Event: kpml
  Expires: 7200
  Content-Type: application/kpml-request+xml""" + KPML + """
< 200 Expires: 7200
< NOTIFY Subscription-State: active
> 200 NOTIFY
""" + "".join(f"""< NOTIFY digits="{key if key not in '*' else '[*]'}"
  application/kpml-response.xml
> 200 NOTIFY
""" for key in KEYS) + report("7") + report("*") + """
wait 1500
> BYE
< 200
""", "sip-kpml")
    heard(phone, "7*")


@test("dtmf")
def events_and_notify(t, s):
    """The body is four bytes, some of them zero: what SIPp cannot look at, it
    counts; an agent of ours reads them in cisco_notify()."""
    phone, uas = phone_calls(t, s, "dtmf_notify", "2053", "85", """
< INVITE NOTIFY;Event=telephone-event;Duration=2000
> 200 INVITE sdp
  Call-Info: <sip:[local_ip]>;method="NOTIFY;Event=telephone-event;Duration=1000"
< ACK
""" + """< NOTIFY Event: telephone-event;rate=1000
  audio/telephone-event
> 200 NOTIFY
""" * 2 * len(KEYS) + """
> BYE
< 200
""", "sip-notify")
    heard(phone, "")


@test("dtmf")
def info_and_kpml(t, s):
    """SIPp on both sides, no events anywhere: each key is told once."""
    uas, number = far(t, s, "keys_kpml", "95", """
< INVITE Allow-Events: kpml
> 200 INVITE sdp
  Allow-Events: kpml
< ACK
< SUBSCRIBE Event: kpml
> 200 SUBSCRIBE
  Expires: 7200
> SUBSCRIBE
  Event: kpml
  Expires: 7200
  Content-Type: application/kpml-request+xml""" + KPML + """
< 200
< NOTIFY Subscription-State: active
> 200 NOTIFY
""" + "".join(f"""< NOTIFY digits="{key}"
> 200 NOTIFY
""" for key in "123") + report("4") + """
< BYE
> 200 BYE
""")
    uac = Sipp(t, "keys_info", t.addr(), f"{s.access}:5060", service=number,
               steps="""
> INVITE sdp
< 200
> ACK
wait 700
""" + info("1") + info("2") + info("3") + """
< INFO Signal=4
> 200 INFO
> BYE
< 200
""")
    uac.ok()
    uas.ok()
    s.no_call(number)


@test("dtmf")
def unreadable_keys(t, s):
    """Bodies without a key are refused, and the call goes on."""
    uas, number = far(t, s, "keys_bad", "5", """
< INVITE
> 200 INVITE sdp
< ACK
> INFO
  Content-Type: application/dtmf-relay
  | Duration=100
< 400 Warning: 399
> INFO
  Content-Type: application/dtmf
  | zz
< 400
> SUBSCRIBE
  Event: kpml
  Expires: 60
< 489
> BYE
< 200
""")
    before = s.lineside.counters()["lineside_dtmf_malformed_total"]
    uac = Sipp(t, "keys_bad", t.addr(), f"{s.access}:5060", service=number,
               steps="""
> INVITE sdp
< 200
> ACK
< BYE
> 200 BYE
""")
    uac.ok()
    uas.ok()
    after = s.lineside.counters()["lineside_dtmf_malformed_total"]
    check(after - before == 2, f"{after - before} counted")


def event(b, d, raw):
    """A NOTIFY with these four bytes."""
    d.cseq += 1
    text = b.build("NOTIFY", d.target, d, [
        "Event: telephone-event;rate=1000", "Subscription-State: active"],
        "BODY", "audio/telephone-event")
    b.wire.send(text.encode().replace(b"BODY", raw))
    r = b.response(d.call_id, (d.cseq, "NOTIFY"))
    check(r.status == 200, f"NOTIFY was answered {r}")


@test("dtmf")
def cisco_notify(t, s):
    """Both directions, byte for byte: a key goes down, then it is let go."""
    b, number = s.slot_agent(t)
    number = "8" + number
    phone = s.secure_phone(t, "2051", 500)
    phone.mark()
    phone.dial(number)
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 200, dialog=db, headers=[
        'Call-Info: <sip:pbx>;method="NOTIFY;Event=telephone-event;'
        'Duration=1000"'], body=sip.sdp(b.wire.local, 30000))
    b.request("ACK", dialog=db)
    phone.event("CALL_ESTABLISHED")
    phone.command("sndcode", "0")
    time.sleep(0.2)
    phone.command("sndcode", "\x04")
    down = b.request("NOTIFY", dialog=db)
    check(down.raw == b"\x00\x0a\x03\xe8", down.raw)
    check(down.h("content-type") == "audio/telephone-event", down)
    b.answer(down, 200, dialog=db)
    up = b.request("NOTIFY", dialog=db)
    check(up.raw[:2] == b"\x00\x8a" and up.raw[2:] < b"\x03\xe8", up.raw)
    b.answer(up, 200, dialog=db)
    for key in (0, 11):
        event(b, db, bytes([key, 0x0a, 3, 0xe8]))
        event(b, db, bytes([key, 0x8a, 0, 0x96]))
    wait_for(lambda: len(phone.seen("CALL_DTMF_END")) == 2, 10, "the keys")
    b.bye(db)
    heard(phone, "0#")
    s.no_call(number)


@test("dtmf")
def a_phone_told_by_info(t, s):
    """Both are soft phones with SRTP: events of one become INFO for the other,
    whose dial-peer says so; it is not offered events."""
    a = s.secure_phone(t, "2055", 500)
    b = s.secure_phone(t, "2155", 800, listener=5071)
    a.mark()
    b.mark()
    a.dial("2155")
    a.event("CALL_ESTABLISHED")
    b.event("CALL_ESTABLISHED")
    for key in KEYS:
        a.press(key)
    wait_for(lambda: len(b.seen("CALL_DTMF_START")) >= len(KEYS), 10,
             "the keys")
    begun = [e["param"] for e in b.seen("CALL_DTMF_START")]
    check("".join(begun) == KEYS, f"it was told {begun}")
    a.hangup()
    s.no_call("2155")


@test("dtmf")
def events_of_several_clocks(t, s):
    """linphone offers events once for each clock of its codecs: those of the
    codec that is spoken are answered, and understood."""
    phone = s.linphone(t, "2066", 700)
    b, number = s.slot_agent(t)
    stream = Sound(t, t.addr())
    phone.mark()
    phone.dial(number)
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 200, dialog=db, body=sip.sdp(
        stream.host, stream.port, codecs=["0 PCMU/8000"]))
    b.request("ACK", dialog=db)
    phone.up()
    offered = re.findall(r"telephone-event/(\d+)", phone.log())
    check(len(set(offered)) > 1, f"linphone offers {set(offered)}")
    time.sleep(1)
    for key in "159":
        phone.type(key)
        told = b.request("INFO", 5, db)
        b.answer(told, 200, dialog=db)
        check(f"Signal={key}" in told.body, told.body)
        ms = int(told.body.split("Duration=")[1].split()[0])
        check(60 <= ms <= 400, f"a key of {ms} ms")
        time.sleep(0.5)
    b.bye(db)
    phone.ended()
    s.no_call(number)


@test("dtmf")
def events_for_info_refused(t, s):
    """baresip's keys go inside by INFO, until that is refused: all of them are
    RTP events then, in their order, the one that was refused as well."""
    phone = s.secure_phone(t, "2057", 500)
    b, number = s.slot_agent(t)
    number = "96" + number[1:]
    stream = Sound(t, t.addr())
    phone.mark()
    phone.dial(number)
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 200, dialog=db, body=sip.sdp(
        stream.host, stream.port,
        codecs=["0 PCMU/8000", "101 telephone-event/8000"]))
    b.request("ACK", dialog=db)
    phone.event("CALL_ESTABLISHED")
    for key in KEYS:
        phone.press(key, 0.2)
        if key == KEYS[0]:
            b.answer(b.request("INFO", 5, db), 501, "No", dialog=db)

    def came():
        """A beginning each, by its time."""
        found = {ts: p[0] for _, ts, p in stream.got(101)}
        return "".join("0123456789*#ABCD"[k] for k in found.values())
    wait_for(lambda: came() == KEYS, 5, f"the events: {came()}")
    b.nothing(0.5, lambda m: m.method == "INFO")
    leg = leg_of(s.legs(number), "B")
    check(leg["dtmf_relay"] == "rtp-nte" and leg["transcoder"] == 0, f"{leg}")
    b.bye(db)
    phone.event("CALL_CLOSED")
    s.no_call(number)
