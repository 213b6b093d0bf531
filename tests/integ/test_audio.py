"""What is heard, sample by sample: each codec through the daemon, compared
with the codec alone."""

import re
import threading
import time

from kit import sip
from kit.env import check, run, wait_for
from kit.rtp import Sound
from kit.suite import test

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
