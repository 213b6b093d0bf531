"""Streams beside the sound: in captures, in what is told of one-way media, and
as a sign that a call is alive."""

import re
import threading
import time

from kit import sip
from kit.env import check, wait_for
from kit.rtp import Sound
from kit.suite import test
from test_capture import begin, captured, tshark
from test_phones import A_TONE, leg_of
from test_quality import heard_again, one_way


def video(eye, pt=96):
    """A section of SDP."""
    return (f"m=video {eye.port} RTP/AVP {pt}\r\nc=IN IP4 {eye.host}\r\n"
            f"a=rtpmap:{pt} VP8/90000\r\n")


def port_of(message, kind):
    return (message.sdp("c=IN IP4 ")[-1].strip(),
            int(message.sdp(f"m={kind} ")[0].split()[0]))


class Talk:
    """Packets of any content in time, until stop()."""

    def __init__(self, t, sound, pt):
        self.sound, self.pt, self.done = sound, pt, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        t.at_end(self.stop)
        self.thread.start()

    def run(self):
        while not self.done.wait(0.02):
            self.sound.play([b"\x10\x02\x00" + bytes(60)], self.pt)

    def stop(self):
        self.done.set()
        self.thread.join()


@test("quality", serial=True)
def two_streams_in_a_capture(t, s):
    """Two baresips with a picture, SRTP outside: tshark finds sound and
    picture of both legs both ways, in clear, and reads both."""
    a = s.secure_phone(t, "2045", A_TONE, video="vp8")
    b = s.secure_phone(t, "2046", 800, video="vp8")
    a.mark()
    b.mark()
    a.dial("2046")
    b.event("CALL_ESTABLISHED", 15)
    a.event("CALL_ESTABLISHED", 15)
    call = leg_of(s.legs("2046"), "A")["call"]
    file = begin(s, call, "seconds", "30", "file", "two.pcapng")
    wait_for(lambda: captured(s, call)["packets"] > 600, 20, "packets")
    a.hangup()
    s.no_call("2046")
    wait_for(lambda: captured(s, call)["state"] == "the call ended", 5, "end")
    streams = tshark(file, "-q", "-z", "rtp,streams")
    for codec in ("g711U", "VP8"):
        rows = [x for x in streams.splitlines() if codec in x]
        check(len(rows) == 4, f"{len(rows)} streams of {codec}:\n{streams}")
    comments = tshark(file, "-Y", "vp8", "-T", "fields", "-e",
                      "frame.comment").splitlines()
    check(len(comments) > 50, "tshark reads no VP8")
    check({c for c in comments} == {
        f"leg {x} {way}, in clear" for x in "AB" for way in
        ("sent", "received")}, f"{set(comments)}")
    wrong = tshark(file, "-Y", "udp.checksum.status == 0 || rtp.version != 2")
    check(wrong == "", wrong)


@test("quality", serial=True)
def a_picture_that_goes_one_way(t, s):
    """A phone shows a picture to who shows none, and then does."""
    phone = s.secure_phone(t, "2047", A_TONE, video="vp8")
    b, number = s.slot_agent(t)
    voice, eye = Sound(t, t.addr()), Sound(t, t.addr())
    phone.dial(number)
    req = b.request("INVITE")
    db = b.accept(req)
    pt = next(int(x.split()[0]) for x in req.sdp("a=rtpmap:") if "VP8" in x)
    voice.to(*port_of(req, "audio"))
    eye.to(*port_of(req, "video"))
    b.answer(req, 200, dialog=db, body=sip.sdp(
        voice.host, voice.port, extra=video(eye, pt)))
    b.request("ACK", dialog=db)
    Talk(t, voice, 0)
    before = s.lineside.counters()["lineside_media_oneway_never_total"]
    wait_for(lambda: one_way(s, number, "B") == "video: no packet ever came",
             15, f"video to be told of: '{one_way(s, number, 'B')}'")
    check(s.lineside.counters()["lineside_media_oneway_never_total"] ==
          before + 1, "not counted, or twice")
    check(re.search(r"%MEDIA-4-ONEWAY: .*video: no packet ever came",
                    s.lineside.log()), "not in the log")
    Talk(t, eye, pt)
    heard_again(s, number, "B")
    b.bye(db)
    s.no_call(number)


@test("embedded", serial=True)
def a_picture_keeps_a_call(t, s):
    """Three seconds without a packet end a call (media inactivity): not while
    a picture comes, but when that stops, too."""
    a = s.plain_agent(t, "2546")
    b, number = s.slot_agent(t)
    eyes = Sound(t, a.wire.local), Sound(t, b.wire.local)
    bodies = [sip.sdp(x.host, x.port + 2, extra=video(x))
              for x in eyes]
    da = a.invite(number, bodies[0])
    req = b.request("INVITE")
    db = b.accept(req)
    eyes[1].to(*port_of(req, "video"))
    b.answer(req, 200, dialog=db, body=bodies[1])
    r = a.final(da)
    check(r.status == 200, f"{r}")
    b.request("ACK", dialog=db)
    eyes[0].to(*port_of(r, "video"))
    talks = [Talk(t, x, 96) for x in eyes]
    end = time.monotonic() + 7  # twice the limit: this is the thing measured
    while time.monotonic() < end:
        check(s.legs(number), "ended although a picture comes")
        time.sleep(0.5)
    check(all(len(x.packets) > 50 for x in eyes), "no picture is relayed")
    for x in talks:
        x.stop()
    a.await_bye(da)
    b.await_bye(db)
    s.no_call(number)
    check(s.lineside.counters()["lineside_calls_media_inactive_total"] > 0,
          "not counted")
