"""Phones that have no codec in common understand each other, encrypted."""

import time

from kit import sip, tones
from kit.env import check, wait_for
from kit.rtp import DTMF, Sound, keys_heard, sound
from kit.suite import test
from test_phones import both_heard, hang_up, leg_of, talk

A_TONE, B_TONE = 500, 800


def joined(t, s, number, one, other):
    """A phone that speaks `one` calls one that speaks `other`; SRTP on both
    sides; each hears the other's tone."""
    a = s.secure_phone(t, f"20{number}", A_TONE, codecs=one)
    b = s.secure_phone(t, f"20{number + 1}", B_TONE, codecs=other)
    talk(a, b, b.user, 2.5)
    legs = s.legs(b.user)
    for letter, codec in (("A", one), ("B", other)):
        leg = leg_of(legs, letter)
        check(leg["codec"].split("/")[0] == codec.split("/")[0],
              f"leg {letter} speaks {leg['codec']}, not {codec}")
        check(leg["srtp"], f"leg {letter} is not encrypted")
        check(leg["transcoder"] == 1, f"transcoder {leg['transcoder']}")
    brief = s.lineside.show("call", "active", "voice", "brief")
    check("Transcoded: Yes" in brief, brief)
    hang_up(a, b)
    both_heard(a, b, 1.6)
    for me, hz in ((a, B_TONE), (b, A_TONE)):
        gap = tones.longest_gap(me.recordings(), hz)
        check(gap < 0.15, f"{me.name} heard nothing for {gap:.2f} s")
    s.no_call(b.user)


@test("transcode")
def pcmu_to_pcma(t, s):
    joined(t, s, 10, "PCMU", "PCMA")


@test("transcode")
def pcmu_to_g722(t, s):
    joined(t, s, 12, "PCMU", "G722/16000/1")


@test("transcode")
def g722_to_pcma(t, s):
    joined(t, s, 14, "G722/16000/1", "PCMA")


@test("transcode")
def pcmu_to_opus(t, s):
    joined(t, s, 16, "PCMU", "opus/48000/2")


@test("transcode")
def opus_to_g722(t, s):
    joined(t, s, 18, "opus/48000/2", "G722/16000/1")


@test("transcode")
def pcma_to_gsm(t, s):
    joined(t, s, 22, "PCMA", "GSM")


@test("transcode")
def l16_to_pcmu(t, s):
    joined(t, s, 24, "L16/16000/1", "PCMU")


KEYS = "0123456789*#ABCD"


def to_agent(t, s, phone, codec="0 PCMU/8000"):
    """A baresip calls an agent inside that has this codec and nothing else;
    (agent, dialog, the agent's sound)."""
    b, number = s.slot_agent(t)
    stream = Sound(t, t.addr())
    phone.mark()
    phone.dial(number)
    req = b.request("INVITE")
    db = b.accept(req)
    address, port, _ = req.media()
    stream.to(address, port)
    b.answer(req, 200, dialog=db,
             body=sip.sdp(stream.host, stream.port, codecs=[codec]))
    b.request("ACK", dialog=db)
    phone.event("CALL_ESTABLISHED")
    return b, db, stream, number


@test("transcode")
def keys_become_tones(t, s):
    """A phone with RTP events, SRTP, and a far end that has only sound: all
    keys are heard as tones, one after the other."""
    a = s.secure_phone(t, "2040", A_TONE)
    b, db, stream, number = to_agent(t, s, a)
    check(leg_of(s.legs(number), "A")["transcoder"] == 1, "no transcoder")
    stream.say(sound(0.2))
    for key in KEYS:
        a.command("sndcode", key)
        stream.say(sound(0.16))
        a.command("sndcode", "\x04")
        stream.say(sound(0.08))
    heard = keys_heard(p for _, _, p in stream.got(0))
    check(heard == KEYS, f"heard {heard}")
    b.bye(db)
    s.no_call(number)


@test("transcode")
def tones_become_keys(t, s):
    """Tones of a far end that has only sound reach the phone as events."""
    a = s.secure_phone(t, "2041", A_TONE)
    b, db, stream, number = to_agent(t, s, a)
    for key in KEYS:
        stream.say(sound(0.1, *DTMF[key]))
        stream.say(sound(0.1))
    stream.say(sound(0.3))
    begun = [e["param"] for e in a.seen("CALL_DTMF_START")]
    check("".join(begun) == KEYS, f"the phone was told {begun}")
    check(len(a.seen("CALL_DTMF_END")) == len(KEYS), "keys without an end")
    b.bye(db)
    s.no_call(number)
