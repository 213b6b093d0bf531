"""Phones that have no codec in common understand each other, encrypted."""

from kit import tones
from kit.env import check, wait_for
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
