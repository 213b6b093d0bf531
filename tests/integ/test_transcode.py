"""Phones that have no codec in common understand each other, encrypted."""

import ctypes
import math
import random
import socket
import time

from kit import sip, tones
from kit.capture import Capture
from kit.env import check, run, wait_for
from kit.media import Media
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
        check(gap < tones.STALL, f"{me.name} heard nothing for {gap:.2f} s")
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


def words_and_quiet():
    """A second of a tone, four of a room's noise, and once more."""
    draw = random.Random(4)
    tone = [int(8000 * math.sin(2 * math.pi * A_TONE * i / tones.RATE))
            for i in range(tones.RATE)]
    return tone + [int(draw.uniform(-60, 60))
                   for _ in range(4 * tones.RATE)] + tone


def opus_with_dtx(samples):
    """By libopus: payloads of 20 ms; None for what is not worth sending."""
    lib, out = ctypes.CDLL("libopus.so.0"), ctypes.create_string_buffer(1500)
    lib.opus_encoder_create.restype = ctypes.c_void_p
    enc = ctypes.c_void_p(lib.opus_encoder_create(tones.RATE, 1, 2048, None))
    lib.opus_encoder_ctl(enc, 4016, ctypes.c_int(1))  # OPUS_SET_DTX
    payloads = []
    for at in range(0, len(samples), 160):
        pcm = (ctypes.c_int16 * 160)(*samples[at:at + 160])
        n = lib.opus_encode(enc, pcm, 160, out, len(out))
        payloads.append(out.raw[:n] if n > 2 else None)
    lib.opus_encoder_destroy(enc)
    return payloads


@test("transcode")
def opus_that_pauses(t, s):
    """A far end that does not send silence (libopus, DTX): on the other side
    there is a packet each 20 ms all the same, noise that is no louder than the
    room, and no click."""
    a, (b, number) = s.plain_agent(t, "2564"), s.slot_agent(t)
    sa, sb = Sound(t, t.addr()), Sound(t, t.addr())
    da = a.invite(number, sip.sdp(sa.host, sa.port,
                                  codecs=["96 opus/48000/2"]))
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 200, dialog=db,
             body=sip.sdp(sb.host, sb.port, codecs=["0 PCMU/8000"]))
    r = a.final(da)
    check(r.status == 200, f"answered {r}")
    b.request("ACK", dialog=db)
    sa.to(*r.media()[:2])
    said = opus_with_dtx(words_and_quiet())
    check(said.count(None) > 50, f"{said.count(None)} of 300 not sent")
    sa.play(said, 96, 960, 48000)
    wait_for(lambda: len(sb.got(0)) >= 299, 5, "what it says")
    got = sb.got(0)
    check(len(got) < 310, f"{len(got)} packets")
    check(all((n2 - n) & 0xFFFF == 1 and (ts2 - ts) & 0xFFFFFFFF == 160
              for (n, ts, _), (n2, ts2, _) in zip(got, got[1:])),
          "there are holes")
    level = [rms(tones.ulaw_samples([p])) for _, _, p in got]
    quiet = level[60:240]
    check(max(quiet) < 60, f"noise of {max(quiet):.0f}")
    check(sorted(quiet)[90] > 8, f"a dead line: {sorted(quiet)[90]:.0f}")
    loud = sum(x > 2000 for x in level)
    check(90 < loud < 110, f"{loud} packets of the tone")
    found = tones.clicks(tones.ulaw_samples(p for _, _, p in got))
    check(not found, f"clicks at {found}")
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


def rms(samples):
    return math.sqrt(sum(x * x for x in samples) / len(samples))


KEYS = "0123456789*#ABCD"


def to_agent(t, s, phone, codec="0 PCMU/8000"):
    """A baresip calls an agent inside that has this codec and nothing else
    (without a number: with the one it was offered, stream.pt); (agent,
    dialog, the agent's sound)."""
    b, number = s.slot_agent(t)
    stream = Sound(t, t.addr())
    phone.mark()
    phone.dial(number)
    req = b.request("INVITE")
    db = b.accept(req)
    address, port, _ = req.media()
    stream.to(address, port)
    if not codec[0].isdigit():
        codec = next(c for c in req.sdp("a=rtpmap:")
                     if c.split()[1] == codec)
    stream.pt = int(codec.split()[0])
    b.answer(req, 200, dialog=db,
             body=sip.sdp(stream.host, stream.port, codecs=[codec]))
    b.request("ACK", dialog=db)
    phone.event("CALL_ESTABLISHED")
    wait_for(lambda: {leg["state"] for leg in s.legs(number)} == {"up"}, 5,
             "the phone's ACK")  # before it a re-INVITE is glare
    return b, db, stream, number


def rtcp_socket(t, stream):
    """The port above that sound's."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    t.at_end(s.close)
    s.bind((stream.host, stream.port + 1))
    s.settimeout(10)
    return s


@test("transcode")
def feedback_stays_on_its_side(t, s):
    """A generic NACK names packets that the other end never sent: it does not
    cross the transcoder, alone or beside a report, and is counted."""
    counter = "lineside_transcoder_rtcp_left_out_total"
    a, (b, number) = s.plain_agent(t, "2565"), s.slot_agent(t)
    sa, sb = Sound(t, t.addr()), Sound(t, t.addr())
    ra, rb = rtcp_socket(t, sa), rtcp_socket(t, sb)
    da = a.invite(number, sip.sdp(sa.host, sa.port, codecs=["8 PCMA/8000"]))
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 200, dialog=db,
             body=sip.sdp(sb.host, sb.port, codecs=["0 PCMU/8000"]))
    r = a.final(da)
    check(r.status == 200, f"answered {r}")
    b.request("ACK", dialog=db)
    for stream, media, pt in ((sa, r.media(), 8), (sb, req.media(), 0)):
        stream.to(*media[:2])
        stream.play([bytes(160)] * 10, pt)
    wait_for(lambda: sa.got(8) and sb.got(0), 10, "sound both ways")
    before = s.lineside.counters()[counter]
    with sb.guard:
        heard = sb.packets[-1][1][8:12]  # the transcoder's source
    far = (req.media()[0], req.media()[1] + 1)
    own = sb.ssrc.to_bytes(4, "big")
    nack = bytes.fromhex("81cd0003") + own + heard + bytes.fromhex("04d20001")
    rb.sendto(nack, far)
    rb.sendto(bytes.fromhex("80c90001") + own + nack, far)
    got = ra.recv(2048)
    check(got[:4].hex() == "80c90001" and len(got) == 8, f"RTCP {got.hex()}")
    check(s.lineside.counters()[counter] == before + 2, "not counted")
    a.bye(da)
    b.await_bye(db)


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


def ffmpeg_hears(t, frames, hz):
    """Seconds of that tone in G.729, by a decoder that is not ours."""
    raw, wav = t.path("said.g729"), t.path("said.wav")
    with open(raw, "wb") as f:
        f.write(frames)
    done = run(["ffmpeg", "-y", "-loglevel", "error", "-f", "g729", "-i", raw,
                "-acodec", "pcm_s16le", wav], 20)
    check(done.returncode == 0, done.stderr)
    return tones.heard([wav], hz)


@test("transcode")
def pcmu_to_g729(t, s):
    """G.729 inside: heard by ffmpeg's decoder, and said back to the phone.
    Payloads of impossible length in between are counted and do no harm."""
    a = s.secure_phone(t, "2042", A_TONE)
    b, db, stream, number = to_agent(t, s, a, "18 G729/8000")
    time.sleep(2.0)  # it talks
    got = stream.got(18)
    check(len(got) > 80, f"{len(got)} packets")
    for (n, ts, p), (n2, ts2, _) in zip(got, got[1:]):
        check(len(p) == 20 and (n2 - n) & 0xFFFF == 1 and
              (ts2 - ts) & 0xFFFFFFFF == 160, f"{n} {ts}, {n2} {ts2}")
    frames = b"".join(p for _, _, p in got)
    heard = ffmpeg_hears(t, frames, A_TONE)
    check(heard > 1.4, f"ffmpeg heard the phone for {heard:.2f} s")
    for _ in range(5):
        stream.say(b"\x01" * 7, pt=18, size=7)
    stream.say(frames, pt=18, size=20)
    call = s.legs(number)[0]["call"]  # others go on beside it

    def session():
        rows = s.lineside.json("dspfarm", "dsp", "active")["sessions"]
        return next(r for r in rows if r["call"] == call and r["leg"] == "B")
    wait_for(lambda: session()["bad"] == 5, 10, f"five bad: {session()}")
    check(session()["type"] == "s-xcode", f"{session()}")
    b.bye(db)
    a.event("CALL_CLOSED")
    check(a.hears(A_TONE) > 1.2, f"heard back for {a.hears(A_TONE):.2f} s")
    s.no_call(number)


def g726_heard(t, s, user, name, form):
    """As this name inside; heard by ffmpeg's decoder for that order of bits,
    and not by the other one."""
    a = s.secure_phone(t, user, A_TONE)
    b, db, stream, number = to_agent(t, s, a, f"{name}/8000")
    time.sleep(2.0)  # it talks
    frames = b"".join(p for _, _, p in stream.got(stream.pt))
    heard = {}
    for fmt in ("g726", "g726le"):
        raw, wav = t.path(f"said.{fmt}"), t.path(f"{fmt}.wav")
        with open(raw, "wb") as f:
            f.write(frames)
        done = run(["ffmpeg", "-y", "-loglevel", "error", "-f", fmt,
                    "-code_size", "4", "-ar", "8000", "-i", raw,
                    "-acodec", "pcm_s16le", wav], 20)
        check(done.returncode == 0, done.stderr)
        heard[fmt] = tones.heard([wav], A_TONE)
    check(heard[form] > 1.4, f"ffmpeg heard the phone for {heard}")
    check(min(heard.values()) < 0.7, f"either order is heard: {heard}")
    stream.say(frames, pt=stream.pt, size=80)
    b.bye(db)
    a.event("CALL_CLOSED")
    check(a.hears(A_TONE) > 1.2, f"heard back for {a.hears(A_TONE):.2f} s")
    s.no_call(number)


@test("transcode")
def pcmu_to_g726(t, s):
    """RFC 3551 4.5.4: the first sample in the least significant bits."""
    g726_heard(t, s, "2062", "G726-32", "g726le")


@test("transcode")
def pcmu_to_aal2_g726(t, s):
    g726_heard(t, s, "2063", "AAL2-G726-32", "g726")


@test("transcode")
def transcoder_comes_and_goes(t, s):
    """Re-INVITEs change the codec inside: with G.711 the packets pass as they
    are, with G.729 they are transcoded; sound either way."""
    a = s.secure_phone(t, "2043", A_TONE)
    b, db, stream, number = to_agent(t, s, a, "18 G729/8000")

    def change(codec, transcoder, pt):
        # without events, a session would stay to make them of tones
        b.invite(number, sip.sdp(
            stream.host, stream.port, version=change.version,
            codecs=[codec, "101 telephone-event/8000"]), dialog=db)
        change.version += 1
        r = b.final(db)
        check(r.status == 200, f"re-INVITE answered {r}")
        wait_for(lambda: leg_of(s.legs(number), "B")["transcoder"] ==
                 transcoder, 5, f"transcoder {transcoder}")
        stream.clear()
        time.sleep(1.0)  # it talks
        got = stream.got(pt)
        check(len(got) > 40, f"{len(got)} packets of {codec}")
        return [p for _, _, p in got]

    change.version = 2
    for _ in range(2):
        said = change("0 PCMU/8000", 0, 0)
        check(tones.in_payload(said, A_TONE) > 0.9, "not the phone's tone")
        said = change("18 G729/8000", 1, 18)
        check(ffmpeg_hears(t, b"".join(said), A_TONE) > 0.6, "no tone")
    b.bye(db)
    s.no_call(number)
    rows = s.lineside.json("dspfarm", "profile")["profiles"]
    check(rows[0]["served"] > 2, f"{rows}")


@test("transcode")
def packet_times_of_each_leg(t, s):
    """The far end asks for 40 ms, the phone sends 20."""
    a = s.secure_phone(t, "2044", A_TONE)
    b, db, stream, number = to_agent(t, s, a, "8 PCMA/8000\r\na=ptime:40")
    time.sleep(1.0)  # it talks
    got = stream.got(8)
    check(len(got) > 18 and all(len(p) == 320 for _, _, p in got),
          f"{[len(p) for _, _, p in got][:9]}")
    b.bye(db)
    s.no_call(number)


MUSIC = 1000


def answer_offer(b, db, stream, direction):
    """The agent answers a re-INVITE; what it was offered."""
    req = b.request("INVITE", dialog=db)
    b.answer(req, 200, dialog=db, body=sip.sdp(
        stream.host, stream.port, direction=direction, version=9))
    b.request("ACK", dialog=db)
    return req


def heard_as(stream, hz):
    """Share of the packets that came in which that tone is heard."""
    return tones.in_payload([p for _, _, p in stream.got(0)], hz)


@test("transcode")
def music_on_hold_inside(t, s):
    """The phone holds: the far end hears music of ours in time and without a
    click, and the phone again after it."""
    a = s.secure_phone(t, "2045", A_TONE)
    b, db, stream, number = to_agent(t, s, a)
    time.sleep(0.5)  # it talks
    a.command("hold")
    answer_offer(b, db, stream, "recvonly")
    wait_for(lambda: heard_as(stream, MUSIC) > 0, 5, "music")
    stream.clear()
    time.sleep(1.0)  # it plays
    got = stream.got(0)
    check(45 <= len(got) <= 55, f"{len(got)} packets in a second")
    check(heard_as(stream, MUSIC) == 1, "something else beside the music")
    check(all((n2 - n) & 0xFFFF == 1 and (ts2 - ts) & 0xFFFFFFFF == 160
              for (n, ts, _), (n2, ts2, _) in zip(got, got[1:])), "numbers")
    a.command("resume")
    answer_offer(b, db, stream, "sendrecv")
    wait_for(lambda: not leg_of(s.legs(number), "B")["hold"], 5, "resumed")
    time.sleep(0.2)  # what was in flight
    stream.clear()
    time.sleep(0.6)  # it talks
    check(heard_as(stream, A_TONE) > 0.95, "the phone is not heard again")
    b.bye(db)
    s.no_call(number)


@test("transcode")
def music_on_hold_for_the_phone(t, s):
    """The far end holds without a sound: the phone hears music, by SRTP."""
    a = s.secure_phone(t, "2046", A_TONE)
    b, db, stream, number = to_agent(t, s, a)
    b.invite(number, sip.sdp(stream.host, stream.port, direction="inactive",
                             version=2), dialog=db)
    r = b.final(db)
    check(r.status == 200 and r.sdp("a=inactive"), f"answered {r}")
    capture = Capture(t, [s.access])
    time.sleep(1.2)  # it plays
    leg = leg_of(s.legs(number), "A")
    capture.stop()
    check(s.lineside.counters()["lineside_media_hold_music_total"] > 0,
          "not counted")
    packets = capture.rtp(source=leg["media_local"])
    check(len(packets) > 45, f"{len(packets)} packets")
    check(tones.in_payload([p[12:172] for p in packets], MUSIC) < 0.02,
          "the music can be heard on the wire")
    media = Media(t)  # baresip records nothing after a hold
    clear = [media.unprotect(suite, key, p)
             for suite, key in dict.fromkeys(a.crypto()) for p in packets]
    clear = [p[12:] for p in clear if p]
    check(len(clear) > 45 and tones.in_payload(clear, MUSIC) > 0.95,
          f"{len(clear)} packets open, {tones.in_payload(clear, MUSIC)}")
    b.bye(db)
    s.no_call(number)


@test("transcode", alone=True)
def music_that_is_none(t, s):
    """Refused at the reload, with its reason; the old one plays on."""
    good = open(s.lineside.file).read()
    bad = t.write("letter.wav", "this is no music\n")
    s.lineside.config(good + f"voice moh-group 2\n moh {bad}\n!\n")
    done = s.lineside.reload()
    s.lineside.config(good)
    check("cannot play" in str(done) and "no sound" in str(done), f"{done}")


@test("transcode", alone=True)
def reload_leaves_sessions(t, s):
    """The profile is shut down by a reload: the call that it has goes on."""
    a = s.secure_phone(t, "2047", A_TONE)
    b, db, stream, number = to_agent(t, s, a, "18 G729/8000")
    good = open(s.lineside.file).read()
    s.lineside.config(good + "dspfarm profile 1 transcode universal security"
                             "\n shutdown\n!\n")
    s.lineside.reload()
    s.lineside.config(good)
    row = s.lineside.json("dspfarm", "profile")["profiles"][0]
    check(row["admin"] == "down" and row["used"] == 1, f"{row}")
    stream.clear()
    time.sleep(1.0)  # it talks
    got = b"".join(p for _, _, p in stream.got(18))
    check(ffmpeg_hears(t, got, A_TONE) > 0.6, "the phone is not heard")
    s.lineside.reload()
    b.bye(db)
    s.no_call(number)
    wait_for(lambda: s.lineside.json("dspfarm", "profile")["profiles"][0]
             ["used"] == 0, 5, "the session to be given back")
    row = s.lineside.json("dspfarm", "profile")["profiles"][0]
    check(row["admin"] == "up", f"{row}")
