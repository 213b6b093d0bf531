"""What is heard, sample by sample: each codec through the daemon, compared
with the codec alone."""

import math
import re
import threading
import time

from kit import sip, tones
from kit.env import check, run, wait_for
from kit.media import Media
from kit.rtp import Sound, sound, ulaw
from kit.site import SUITES
from kit.suite import test
from test_phones import leg_of

# Each pair stands for both directions: caller's, far end's.
PAIRS = [("PCMU/8000", c) for c in
         ("PCMA/8000", "G722/8000", "G729/8000", "G726-16/8000",
          "G726-24/8000", "G726-32/8000", "AAL2-G726-16/8000",
          "AAL2-G726-24/8000", "AAL2-G726-32/8000", "GSM/8000",
          "opus/48000/2", "L16/8000", "L16/44100")]
PAIRS += [("G722/8000", "opus/48000/2"), ("opus/48000/2", "L16/16000"),
          ("G729/8000", "opus/48000/2"), ("GSM/8000", "G729/8000")]
STATIC = {"PCMU/8000": 0, "PCMA/8000": 8, "G722/8000": 9, "G729/8000": 18,
          "GSM/8000": 3, "L16/44100": 11}
# What resampling adds: its delay, and what lies above the edge of its filter.
SLACK = 3.5  # dB


class End:
    """One end of a call that speaks one codec; it talks in time."""

    def __init__(self, t, host, codec):
        self.codec, self.pt = codec, STATIC.get(codec, 97)
        self.clock = int(codec.split("/")[1])
        # 20 ms of 44.1 kHz do not fit into an Ethernet frame.
        self.ms = 10 if codec == "L16/44100" else 20
        self.stream = Sound(t, host)

    def sdp(self):
        lines = [f"{self.pt} {self.codec}"]
        extra = "a=ptime:20\r\n"
        if self.codec.startswith("G729"):
            extra += f"a=fmtp:{self.pt} annexb=no\r\n"
        return sip.sdp(self.stream.host, self.stream.port, codecs=lines,
                       extra=extra)

    def load(self, t):
        lab = run([t.env.program("audio_lab"), "say", self.codec])
        check(lab.returncode == 0, lab.stderr)
        self.said = [bytes.fromhex(x) for x in lab.stdout.split()]
        check(len(self.said) == 100, f"{len(self.said)} packets")

    def talk(self):
        self.stream.play(self.said, self.pt, self.clock // 50, self.clock)


def judged(t, speaker, listener):
    """What the listener got, by audio_lab."""
    each = 20 // listener.ms  # packets
    # The resampler holds some back.
    least = 100 * each - ("44100" in speaker.codec + listener.codec)
    wait_for(lambda: len(listener.stream.got(listener.pt)) >= least, 5,
             f"{listener.codec}: {least} packets")
    time.sleep(0.1)  # more than there should be
    got = listener.stream.got(listener.pt)
    units = listener.clock * listener.ms // 1000
    check(all((n2 - n) & 0xFFFF == 1 and (ts2 - ts) & 0xFFFFFFFF == units
              for (n, ts, _), (n2, ts2, _) in zip(got, got[1:])),
          f"{listener.codec}: numbers or times are not in order")
    got = [b"".join(p for _, _, p in got[i:i + each])
           for i in range(0, len(got), each)]
    lab = run([t.env.program("audio_lab"), "judge", speaker.codec,
               listener.codec], input="\n".join(p.hex() for p in got))
    check(lab.returncode == 0, lab.stderr)
    return {k: float(v) for k, v in
            re.findall(r"(\w+)=([\d.]+)", lab.stdout)}


def through(t, s, n, one, other):
    a = s.plain_agent(t, f"25{30 + n}")
    b, number = s.slot_agent(t)
    ends = End(t, a.wire.local, one), End(t, b.wire.local, other)
    for e in ends:
        e.load(t)
    da = a.invite(number, ends[0].sdp())
    req = b.request("INVITE")
    db = b.accept(req)
    address, port, _ = req.media()
    ends[1].stream.to(address, port)
    offered = [c.split() for c in req.sdp("a=rtpmap:")]
    ends[1].pt = next((int(pt) for pt, c in offered if c == other),
                      ends[1].pt)
    b.answer(req, 200, dialog=db, body=ends[1].sdp())
    r = a.final(da)
    check(r.status == 200, f"{one} to {other}: answered {r}")
    b.request("ACK", dialog=db)
    address, port, _ = r.media()
    ends[0].stream.to(address, port)
    both = [threading.Thread(target=e.talk) for e in ends]
    for x in both:
        x.start()
    for x in both:
        x.join()
    for speaker, listener in (ends, ends[::-1]):
        j = judged(t, speaker, listener)
        what = f"{speaker.codec} to {listener.codec}: {j}"
        if "44100" in one + other:  # resampled
            check(j["distance"] <= j["own"] + SLACK, what)
        else:
            check(j["packets"] == j["same"] == 100, what)
            check(j["distance"] <= j["own"] + 2, what)
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


def name_of(one, other):
    return re.sub(r"\W", "_", f"{one}_and_{other}".lower().replace(
        "/8000", "").replace("/48000/2", "").replace("/", ""))


for i, pair in enumerate(PAIRS):
    def whole(t, s, i=i, pair=pair):
        through(t, s, i, *pair)
    whole.__name__ = name_of(*pair)
    test("transcode")(whole)


# ---- clicks ----

def sine(seconds, hz, phase=0.0, peak=8000):
    return [peak * math.sin(2 * math.pi * hz * i / tones.RATE + phase)
            for i in range(int(seconds * tones.RATE))]


def coded(samples):
    """As G.711 has it."""
    return tones.ulaw_samples([bytes(ulaw(x) for x in samples)])


@test(None)
def the_detector_hears(t):
    """What tests of clicks go by finds each that is planted, where it is, and
    none in tones that begin, end and swell as they should."""
    a, odd = sine(1, 500), sine(1, 510)
    spike = list(a)
    spike[4000] += 4000
    planted = {
        "the wave turns round": a[:4000] + sine(.5, 500, math.pi),
        "its phase jumps": a[:4000] + sine(.5, 500, 0.5),
        "three samples are missing": a[:4000] + a[4003:],
        "a packet is missing": odd[:4000] + odd[4160:],
        "a packet comes twice": odd[:4000] + odd[3840:],
        "a hole of 5 ms": a[:4000] + [0] * 40 + a[4040:],
        "a spike of one sample": spike}
    for what, samples in planted.items():
        found = tones.clicks(coded(samples))
        check(found and abs(found[0] - 0.5) < 0.01, f"{what}: {found}")
    fine = {"500 Hz": a, "a faint one": sine(1, 800, peak=1000),
            "1 kHz, loud": sine(1, 1000, peak=15000),
            "it stops for 100 ms": a[:4005] + [0] * 800 + a[:4000],
            "another follows": a[:4000] + [0] * 200 + sine(.5, 800)}
    for what, samples in fine.items():
        found = tones.clicks(coded(samples))
        check(not found, f"{what}: {found}")
    swell = [x * min(1, i / 160, (4000 - i) / 160)
             for i, x in enumerate(sine(.5, 1000))]
    for what, samples, count in (("it swells", swell, 0),
                                 ("it does not", sine(.5, 1000, 1), 2)):
        found = tones.clicks(coded([0] * 400 + samples + [0] * 400), True)
        check(len(found) == count, f"{what}: {found}")


TONE = 500


def talking(t, stream, seconds, hz=TONE, pt=0):
    """A thread in which the stream says a tone; phases run on."""
    x = threading.Thread(target=stream.say, args=(sound(seconds, hz), pt))
    x.start()
    t.at_end(x.join)
    return x


def wave(stream):
    """What came, as it came, with silence where nothing did."""
    out, last = [], None
    with stream.guard:
        packets = list(stream.packets)
    for at, p in packets:
        if last is not None and at - last > 0.1:
            out += [0] * 400
        out += tones.SAMPLES[p[1] & 0x7F](p[12:])
        last = at
    return out


def smooth(stream, seconds, what, edges=False):
    heard = wave(stream)
    check(len(heard) > seconds * tones.RATE,
          f"{what}: only {len(heard) / tones.RATE:.2f} s")
    found = tones.clicks(heard, edges)
    check(not found, f"{what}: clicks at {found}")


def call(t, s, user):
    """A plain caller and an agent inside, who both speak G.711; the caller
    talks: (agents, dialogs, streams)."""
    a = s.plain_agent(t, user)
    b, number = s.slot_agent(t)
    sa, sb = Sound(t, a.wire.local), Sound(t, b.wire.local)
    da = a.invite(number, sip.sdp(sa.host, sa.port))
    req = b.request("INVITE")
    db = b.accept(req)
    sb.to(*req.media()[:2])
    b.answer(req, 200, dialog=db, body=sip.sdp(sb.host, sb.port))
    r = a.final(da)
    b.request("ACK", dialog=db)
    sa.to(*r.media()[:2])
    return (a, b), (da, db), (sa, sb), number


def offered(agents, dialogs, streams, direction, version, codecs=None,
            answer=None):
    """The first offers anew, the second agrees."""
    (a, b), (da, db), (sa, sb) = agents, dialogs, streams
    codecs = codecs or ["0 PCMU/8000"]
    a.invite(None, sip.sdp(sa.host, sa.port, version=version, codecs=codecs,
                           direction=direction), dialog=da)
    req = b.request("INVITE", dialog=db)
    b.answer(req, 200, dialog=db, body=sip.sdp(
        sb.host, sb.port, version=version, direction=answer or {
            "inactive": "recvonly", "sendonly": "recvonly"}.get(direction)))
    b.request("ACK", dialog=db)
    r = a.final(da)
    check(r.status == 200, f"answered {r}")


@test("transcode")
def music_begins_and_ends_softly(t, s):
    """Hold and resume, twice: the music swells and fades, the voice before and
    after it is whole."""
    agents, dialogs, streams, number = call(t, s, "2560")
    for n in range(2):
        streams[1].clear()
        talking(t, streams[0], 0.4).join()
        smooth(streams[1], 0.38, "the voice")
        streams[1].clear()
        offered(agents, dialogs, streams, "inactive", 2 + 2 * n)
        wait_for(lambda: len(streams[1].got(0)) > 30, 5, "music")
        offered(agents, dialogs, streams, "sendrecv", 3 + 2 * n)
        count = len(streams[1].got(0))
        time.sleep(0.2)  # more of it would come
        check(len(streams[1].got(0)) <= count + 2, "the music goes on")
        smooth(streams[1], 0.6, "the music", edges=True)
        last = tones.ulaw_samples([streams[1].got(0)[-1][2]])
        check(max(map(abs, last[-20:])) < 2000 < max(map(abs, last[:40])),
              f"the music does not fade: {last}")
    agents[0].bye(dialogs[0])
    agents[1].await_bye(dialogs[1])
    s.no_call(number)


@test("transcode")
def the_transcoder_steps_in_unheard(t, s):
    """While the caller talks the far end changes between codecs; nothing is
    lost or doubled when the transcoder comes and goes."""
    agents, dialogs, streams, number = call(t, s, "2561")
    (a, b), (da, db) = agents, dialogs
    talks = talking(t, streams[0], 3.0)
    for n in range(4):
        time.sleep(0.5)  # it talks
        codec = ["8 PCMA/8000", "0 PCMU/8000"][n % 2]
        b.invite(None, sip.sdp(streams[1].host, streams[1].port,
                               version=2 + n, codecs=[codec]), dialog=db)
        a.answer(a.request("INVITE", dialog=da), 200, dialog=da,
                 body=sip.sdp(streams[0].host, streams[0].port))
        r = b.final(db)
        check(r.status == 200, f"answered {r}")
    talks.join()
    time.sleep(0.1)  # the last packet
    kinds = {p[1] & 0x7F for _, p in streams[1].packets}
    check(kinds == {0, 8}, f"payload types {kinds}")
    check(len(streams[1].packets) == 150,
          f"{len(streams[1].packets)} packets of 150")
    smooth(streams[1], 2.9, "the voice")
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


@test("transcode")
def new_keys_unheard(t, s):
    """The far end talks; the phone changes its keys, and makes us change
    ours, five times: all of it is heard, by SRTP that is not ours."""
    suite = SUITES[0]
    a = s.secure_agent(t, "2048")
    b, number = s.slot_agent(t)
    sa, sb = Sound(t, a.wire.local), Sound(t, b.wire.local)
    ours, media = [], Media(t)

    def keyed(version):
        return sip.sdp(sa.host, sa.port, [(suite, sip.new_key(suite))],
                       version=version)
    da = a.invite(number, keyed(1))
    req = b.request("INVITE")
    db = b.accept(req)
    sb.to(*req.media()[:2])
    b.answer(req, 200, dialog=db, body=sip.sdp(sb.host, sb.port))
    ours += a.final(da).crypto()
    b.request("ACK", dialog=db)
    talks = talking(t, sb, 3.0)
    for n in range(5):
        time.sleep(0.4)  # it talks
        a.invite(None, keyed(2 + n), dialog=da)
        again = b.request("INVITE", dialog=db)
        b.answer(again, 200, dialog=db, body=sip.sdp(sb.host, sb.port))
        ours += a.final(da).crypto()
        b.request("ACK", dialog=db)
    talks.join()
    wait_for(lambda: len(sa.packets) == 150, 5, "150 packets")
    check(len(set(ours)) == 6, f"{len(set(ours))} keys of ours")
    heard, at = [], 0
    for _, p in sa.packets:  # keys follow each other, and none comes back
        clear = media.unprotect(*ours[at], p)
        while clear is None and at + 1 < len(ours):
            at += 1
            clear = media.unprotect(*ours[at], p)
        check(clear is not None, f"packet {len(heard)} does not open")
        heard.append(clear[12:])
    check(at == 5, f"only {at + 1} keys were used")
    found = tones.clicks(tones.ulaw_samples(heard))
    check(not found, f"clicks at {found}")
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


@test("transfers")
def transferred_unheard(t, s):
    """The caller sends the far end on to a third one: it hears the caller,
    then the third, each whole."""
    agents, dialogs, streams, number = call(t, s, "2562")
    (a, b), (da, db) = agents, dialogs
    c, third = s.slot_agent(t)
    sc = Sound(t, c.wire.local)
    talks = talking(t, streams[0], 1.0)
    time.sleep(0.5)  # it talks
    r = a.ask("REFER", da, [f"Refer-To: <sip:{third}@{s.access}>"])
    check(r.status == 202, f"REFER: {r}")
    req = c.request("INVITE")
    dc = c.accept(req)
    sc.to(*req.media()[:2])
    c.answer(req, 200, dialog=dc, body=sip.sdp(sc.host, sc.port))
    again = b.request("INVITE", dialog=db)
    b.answer(again, 200, dialog=db, body=sip.sdp(
        streams[1].host, streams[1].port, version=2))
    c.request("ACK", dialog=dc)
    b.request("ACK", dialog=db)
    talks.join()
    talking(t, sc, 1.0, 800).join()
    end = a.request("NOTIFY", dialog=da)
    a.answer(end, 200, dialog=da)
    heard = wave(streams[1])
    found = tones.clicks(heard)
    check(not found, f"clicks at {found}")
    said = [p[12:] for _, p in streams[1].packets]
    for hz in (TONE, 800):
        check(tones.in_payload(said, hz) > 0.3, f"{hz} Hz is not heard")
    c.bye(dc)
    b.await_bye(db)
    s.no_call(number)


# ---- what we say ourselves ----

RING, BUSY = 440, 700
RING_FILE, NOBODY, LATE = 600, 560, 1200


@test("transcode")
def a_phone_hears_it_ring(t, s):
    """baresip with SRTP calls one that rings without a sound: it hears
    ringback of ours, in its rhythm, and the far end once that has answered."""
    a = s.secure_phone(t, "2065", TONE)
    b, number = s.slot_agent(t)
    stream = Sound(t, t.addr())
    a.mark()
    a.dial("86" + number[1:])
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 180, "Ringing", dialog=db)
    a.event("CALL_PROGRESS")
    time.sleep(4.0)  # 1.5 s of it, then silence
    leg = leg_of(s.legs("86" + number[1:]), "A")
    check(leg["srtp"], "in clear")
    b.answer(req, 200, dialog=db, body=sip.sdp(stream.host, stream.port))
    b.request("ACK", dialog=db)
    a.event("CALL_ESTABLISHED")
    stream.to(*req.media()[:2])
    talking(t, stream, 1.5, 800).join()
    b.bye(db)
    a.event("CALL_CLOSED")
    heard = a.hears(RING)
    check(1.2 < heard < 1.8, f"ringback was heard for {heard:.2f} s")
    check(a.hears(800) > 1.0, f"the far end: {a.hears(800):.2f} s")
    s.no_call("86" + number[1:])


@test("transcode")
def a_phone_hears_why(t, s):
    """The called side is busy: baresip hears the announcement, and only then
    is refused."""
    a = s.secure_phone(t, "2066", TONE)
    b, number = s.slot_agent(t)
    a.mark()
    a.dial(number)
    req = b.request("INVITE")
    begin = time.monotonic()
    b.answer(req, 486, "Busy Here", dialog=b.accept(req))
    closed = a.event("CALL_CLOSED", 15)
    check(time.monotonic() - begin > 0.9, "refused before it was over")
    check("486" in closed["param"], closed)
    check(a.hears(BUSY) > 0.7, f"heard for {a.hears(BUSY):.2f} s")
    s.no_call(number)


@test("transcode")
def a_phone_hears_why_by_cause(t, s):
    """503 says little, its Reason more: there is nobody of that number."""
    a = s.secure_phone(t, "2067", TONE)
    b, number = s.slot_agent(t)
    a.mark()
    a.dial(number)
    req = b.request("INVITE")
    b.answer(req, 503, "Service Unavailable", dialog=b.accept(req),
             headers=["Reason: Q.850;cause=1"])
    check("503" in a.event("CALL_CLOSED", 15)["param"], "the refusal")
    check(a.hears(NOBODY) > 0.7, f"heard for {a.hears(NOBODY):.2f} s")
    check(a.hears(BUSY) == 0, "another announcement as well")
    s.no_call(number)


@test("transcode")
def a_phone_hears_a_file_ring(t, s):
    """Ringback from a file, without a pause, encrypted as the leg is; nobody
    answers: the called side is cancelled, and the phone hears why."""
    a = s.secure_phone(t, "2068", TONE)
    b, number = s.slot_agent(t)
    number = "84" + number[1:]
    a.mark()
    a.dial(number)
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 180, "Ringing", dialog=db)
    a.event("CALL_PROGRESS")
    check(leg_of(s.legs(number), "A")["srtp"], "in clear")
    cancel = b.request("CANCEL", 10)
    b.answer(cancel, 200, dialog=db)
    b.answer(req, 487, "Request Terminated", dialog=db)
    b.request("ACK", dialog=db)
    check("408" in a.event("CALL_CLOSED", 15)["param"], "the refusal")
    heard = a.hears(RING_FILE)
    check(4.0 < heard < 5.5, f"the file was heard for {heard:.2f} s")
    gap = tones.longest_gap(a.recordings(), RING_FILE)
    check(gap < tones.STALL, f"nothing was heard for {gap:.2f} s")
    check(a.hears(LATE) > 0.7, f"why: {a.hears(LATE):.2f} s")
    s.no_call(number)


@test("transcode", alone=True)
def an_announcement_that_is_none(t, s):
    """Refused at the reload, with its reason; the old ones are kept."""
    good = open(s.lineside.file).read()
    bad = t.write("letter.wav", "this is no sound\n")
    s.lineside.config(good + f"voice class announcement 2\n"
                             f" refusal default {bad}\n!\n")
    done = s.lineside.reload()
    s.lineside.config(good)
    check("announcement 2 cannot play" in str(done) and
          "it is no sound" in str(done), f"{done}")


@test("transcode")
def a_pause_is_no_dead_line(t, s):
    """The caller stops sending in silence, as RFC 3389 has it; the far end's
    codec knows nothing of that, and hears noise as loud as was told, packet by
    packet, until there is a voice again."""
    a = s.plain_agent(t, "2563")
    b, number = s.slot_agent(t)
    sa, sb = Sound(t, b.wire.local), Sound(t, a.wire.local)
    da = a.invite(number, sip.sdp(
        sb.host, sb.port, codecs=["0 PCMU/8000", "13 CN/8000"]))
    req = b.request("INVITE")
    db = b.accept(req)
    sa.to(*req.media()[:2])
    b.answer(req, 200, dialog=db, body=sip.sdp(sa.host, sa.port,
                                               codecs=["8 PCMA/8000"]))
    r = a.final(da)
    b.request("ACK", dialog=db)
    check("13" in r.sdp("m=audio ")[0].split(), f"answered {r.body}")
    sb.to(*r.media()[:2])
    talking(t, sb, 0.5).join()
    sb.play([bytes([40])], pt=13, units=0)
    before = len(sa.packets)
    time.sleep(1.5)  # it is silent
    made = [p for _, p in sa.packets[before:]]
    sb.ts += 12000
    talking(t, sb, 0.5).join()
    check(65 <= len(made) <= 80, f"{len(made)} packets in 1.5 s of silence")
    noise = [x for p in made[2:] for x in tones.SAMPLES[8](p[12:])]
    rms = math.sqrt(sum(x * x for x in noise) / len(noise))
    level = 20 * math.log10(rms / 32768)
    check(-42 < level < -38, f"noise of {level:.1f} dBov, told was -40")
    got = sa.got(8)
    check(all((n2 - n) & 0xFFFF == 1 and (ts2 - ts) & 0xFFFFFFFF == 160
              for (n, ts, _), (n2, ts2, _) in zip(got, got[1:])),
          "what leaves has holes")
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)
