"""Keys that are sound on one leg, in every codec, and INFO on the other."""

import math
import os
import time

from kit import sip, tones
from kit.env import Failure, check, run, wait_for
from kit.rtp import DTMF, Sound, keys_heard, keys_in, sound
from kit.sipp import Sipp
from kit.suite import test
from test_dtmf import info
from test_phones import leg_of
from test_sipp import udp_bound

KEYS = "0123456789*#ABCD"
INFO = "application/dtmf-relay"


def pair(key, rate):
    """A tenth of a second of a key, or of quiet."""
    return [sum(4000 * math.sin(2 * math.pi * f * i / rate)
                for f in DTMF.get(key, ())) for i in range(rate // 10)]


def spoken_keys(rate):
    """A second of quiet, all keys of 100 ms with as much between, quiet."""
    keys = [x for key in KEYS for x in pair(key, rate) + pair("", rate)]
    return [0] * rate + keys + [0] * (60 * rate)


def keys_recorded(paths, torn=0):
    """The keys in recordings of a phone's; torn as of keys_in()."""
    samples = [x for path in paths for x in tones.read(path)]
    return keys_in((samples[at:at + 160]
                    for at in range(0, len(samples) - 159, 160)), torn)


def in_call(t, s, phone, codec="0 PCMU/8000"):
    """An agent inside that is told by INFO: (agent, dialog, its sound)."""
    b, number = s.slot_agent(t)
    number = "87" + number[1:]
    stream = Sound(t, t.addr())
    phone.mark()
    phone.dial(number)
    req = b.request("INVITE")
    db = b.accept(req)
    stream.to(*req.media()[:2])
    b.answer(req, 200, dialog=db, headers=["Allow: INVITE, ACK, BYE, INFO"],
             body=sip.sdp(stream.host, stream.port, codecs=[codec]))
    b.request("ACK", dialog=db)
    phone.event("CALL_ESTABLISHED")
    return b, db, stream, number


def told(b, db):
    """The keys of the INFOs that come, until none comes any more. One that
    waited was sent again."""
    keys = {}
    while True:
        try:
            m = b.request("INFO", 1 if keys else 10, db)
        except Failure:
            return "".join(keys.values())
        b.answer(m, 200, dialog=db)
        check(m.h("content-type") == INFO, m)
        keys[m.cseq()] = m.body.split("Signal=")[1][0]


def tell(b, db, seconds=0.25):
    for key in KEYS:
        r = b.ask("INFO", db, [], f"Signal={key}\r\nDuration=120\r\n", INFO)
        check(r.status == 200, f"INFO was answered {r}")
        time.sleep(seconds)  # what the key and its pause last


def through(t, s, user, codec, rate=8000):
    """A phone with SRTP and this codec: the tones that it says become INFO,
    and are not heard inside as well; INFO become tones that it hears."""
    said = tones.save(os.path.join(t.env.root, f"keys-{rate}.wav"),
                      lambda: spoken_keys(rate), rate)
    # from another rate, what baresip makes has tones 10 dB apart
    phone = s.secure_phone(t, user, 500, listener=5071, codecs=codec,
                           says=said, rate=rate)
    b, db, stream, number = in_call(t, s, phone)
    leg = leg_of(s.legs(number), "A")
    check(leg["dtmf_relay"] == "inband" and leg["srtp"] and
          leg["codec"].split("/")[0] == codec.split("/")[0], f"{leg}")
    keys = told(b, db)
    check(keys == KEYS, f"told {keys}")
    inside = keys_heard(p for _, _, p in stream.got(0))
    check(inside == "", f"the sound inside has {inside}")
    check(len(stream.got(0)) > 200, f"{len(stream.got(0))} packets inside")
    tell(b, db)
    b.bye(db)
    phone.event("CALL_CLOSED")
    wait_for(lambda: keys_recorded(phone.recordings()) == KEYS, 5,
             f"the phone to hear all: {keys_recorded(phone.recordings())}")
    s.no_call(number)


@test("inband")
def pcmu(t, s):
    through(t, s, "2110", "PCMU")


@test("inband")
def sipp_is_told(t, s):
    """The same between programs of others: baresip, SRTP, says its keys, SIPp
    is told of them by INFO, and some of its own are heard."""
    said = tones.save(os.path.join(t.env.root, "keys-8000.wav"),
                      lambda: spoken_keys(8000))
    phone = s.secure_phone(t, "2117", 500, listener=5071, says=said)
    addr, number = s.slot(t)
    uas = Sipp(t, "inband_uas", addr, steps="""
< INVITE
> 180 INVITE
> 200 INVITE sdp
  Allow: INVITE, ACK, BYE, CANCEL, INFO
< ACK
""" + "".join(f"""< INFO Signal={key if key != '*' else '[*]'}
  application/dtmf-relay
  Duration=1[0-2]0
> 200 INFO
""" for key in KEYS) + "".join(info(key, 120) + "wait 300\n"
                               for key in "159D") + """
wait 500
> BYE
< 200
""")
    wait_for(lambda: udp_bound(addr, 5060), 5, "sipp to listen")
    phone.mark()
    phone.dial("87" + number)
    phone.event("CALL_CLOSED", 30)
    uas.ok()
    wait_for(lambda: keys_recorded(phone.recordings()) == "159D", 5,
             f"the keys: {keys_recorded(phone.recordings())}")


@test("inband")
def info_refused(t, s):
    """baresip's RTP events go inside by INFO, until that is refused: then all
    of them, the one that was refused as well, are tones at once."""
    phone = s.secure_phone(t, "2018", 500)
    b, db, stream, number = in_call(t, s, phone)
    legs = s.legs(number)
    check(leg_of(legs, "A")["dtmf_relay"] == "rtp-nte" and
          leg_of(legs, "B")["dtmf_relay"] == "sip-info" and
          leg_of(legs, "B")["transcoder"] == 0, f"{legs}")
    before = s.lineside.counters()
    for key in "159D":
        phone.press(key, 0.2)
        if key == "1":
            b.answer(b.request("INFO", 5, db), 415, "Unsupported", dialog=db)
    wait_for(lambda: keys_heard(p for _, _, p in stream.got(0)) == "159D", 5,
             f"the tones: {keys_heard(p for _, _, p in stream.got(0))}")
    b.nothing(0.5, lambda m: m.method == "INFO")
    leg = leg_of(s.legs(number), "B")
    check(leg["dtmf_relay"] == "inband" and leg["transcoder"] == 1, f"{leg}")
    after = s.lineside.counters()
    check(after["lineside_dtmf_way_refused_total"] >
          before["lineside_dtmf_way_refused_total"], "not counted")
    check(f"{number} refused a key by sip-info with 415" in s.lineside.log(),
          "not logged")
    b.bye(db)
    phone.event("CALL_CLOSED")
    s.no_call(number)


@test("inband")
def pcma(t, s):
    through(t, s, "2111", "PCMA")


@test("inband")
def g722(t, s):
    through(t, s, "2112", "G722/16000/1", 16000)


@test("inband")
def gsm(t, s):
    through(t, s, "2114", "GSM")


@test("inband")
def opus(t, s):
    through(t, s, "2115", "opus/48000/2")


@test("inband")
def l16(t, s):
    through(t, s, "2116", "L16/16000/1", 16000)


def agents(t, s, codec):
    """Two agents: one outside with this codec and no SRTP, and one inside
    with mu-law that is told by INFO."""
    a, _ = s.slot_agent(t)
    b, number = s.slot_agent(t)
    number = "87" + number[1:]
    sa, sb = Sound(t, t.addr()), Sound(t, t.addr())
    da = a.invite(number, sip.sdp(sa.host, sa.port, codecs=[codec]))
    req = b.request("INVITE")
    db = b.accept(req)
    sb.to(*req.media()[:2])
    b.answer(req, 200, dialog=db,
             body=sip.sdp(sb.host, sb.port, codecs=["0 PCMU/8000"]))
    r = a.final(da)
    check(r.status == 200, f"INVITE was answered {r}")
    sa.to(*r.media()[:2])
    b.request("ACK", dialog=db)
    return a, da, sa, b, db, sb, number


def bye(s, a, da, b, db, number):
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


@test("inband")
def l16_44100(t, s):
    """Samples as they are, 44,100 a second: packets of 10 ms."""
    a, da, sa, b, db, sb, number = agents(t, s, "96 L16/44100")

    said = b"".join(int(x).to_bytes(2, "big", signed=True) for key in KEYS
                    for x in pair(key, 44100) + pair("", 44100))
    sa.play([said[at:at + 882] for at in range(0, len(said), 882)], 96, 441,
            44100)
    keys = told(b, db)
    check(keys == KEYS, f"told {keys}")
    inside = keys_heard(p for _, _, p in sb.got(0))
    check(inside == "", f"the sound inside has {inside}")
    tell(b, db)
    time.sleep(0.3)  # the last one sounds
    raw = b"".join(p for _, _, p in sa.got(96))
    wide = [int.from_bytes(raw[i:i + 2], "big", signed=True)
            for i in range(0, len(raw), 2)]
    slow = [wide[int(i * 44100 / 8000)]
            for i in range(len(wide) * 8000 // 44100)]
    keys = keys_in(slow[at:at + 160] for at in range(0, len(slow) - 159, 160))
    check(keys == KEYS, f"heard {keys}")
    bye(s, a, da, b, db, number)


def ffmpeg(source, *args):
    done = run(["ffmpeg", "-y", "-loglevel", "error", *source, *args], 20)
    check(done.returncode == 0, done.stderr)


@test("inband")
def g726(t, s):
    """Both ways by ffmpeg: baresip has the bits in another order."""
    a, da, sa, b, db, sb, number = agents(t, s, "96 G726-32/8000")
    raw, wav = t.path("said.g726"), t.path("heard.wav")
    keys = tones.save(t.path("keys.wav"), lambda: spoken_keys(8000))
    form = ["-f", "g726le", "-code_size", "4", "-ar", "8000"]
    ffmpeg(["-t", "4.5", "-i", keys], "-f", "g726le", "-acodec", "g726le",
           "-code_size", "4", raw)
    with open(raw, "rb") as f:
        sa.say(f.read(), 96, 80)
    keys = told(b, db)
    check(keys == KEYS, f"told {keys}")
    inside = keys_heard(p for _, _, p in sb.got(0))
    check(inside == "", f"the sound inside has {inside}")
    tell(b, db)
    time.sleep(0.3)  # the last one sounds
    with open(raw, "wb") as f:
        f.write(b"".join(p for _, _, p in sa.got(96)))
    ffmpeg([*form, "-i", raw], "-acodec", "pcm_s16le", wav)
    keys = keys_recorded([wav])
    check(keys == KEYS, f"ffmpeg heard {keys}")
    bye(s, a, da, b, db, number)


@test("inband")
def g729(t, s):
    """Tones survive G.729, although it was made for speech: those that INFO
    became are heard by ffmpeg's decoder, and said back they are known."""
    a, da, sa, b, db, sb, number = agents(t, s, "18 G729/8000")
    sb.say(sound(0.2))
    for key in KEYS:
        r = b.ask("INFO", db, [], f"Signal={key}\r\nDuration=120\r\n", INFO)
        check(r.status == 200, f"INFO was answered {r}")
        sb.say(sound(0.2))
    sb.say(sound(0.3))
    frames = sa.got(18)
    raw, wav = t.path("said.g729"), t.path("said.wav")
    with open(raw, "wb") as f:
        f.write(b"".join(p for _, _, p in frames if len(p) % 10 == 0))
    ffmpeg(["-f", "g729", "-i", raw], "-acodec", "pcm_s16le", wav)
    keys = keys_recorded([wav], torn=1)
    check(keys == KEYS, f"ffmpeg heard {keys}")
    sb.clear()
    sa.repeat(frames, 18)
    keys = told(b, db)
    check(keys == KEYS, f"told {keys}")
    inside = keys_heard(p for _, _, p in sb.got(0))
    check(inside == "", f"the sound inside has {inside}")
    bye(s, a, da, b, db, number)
