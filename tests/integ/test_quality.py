"""How legs sound: what Lineside says of loss, jitter and round trip agrees
with what is known, with tshark and with baresip; audio that goes one way is
told of by its cause."""

import re
import socket
import struct
import threading
import time

from kit import sip
from kit.capture import Capture
from kit.env import check, wait_for
from kit.media import Media
from kit.rtp import Sound
from kit.site import SUITES
from kit.suite import test
from test_calls import answered, exchange, offer, rtcp_of, rtcp_socket, streams
from test_phones import A_TONE, leg_of
from test_transcode import to_agent

MS = 0.001


def leg(s, number, letter):
    return leg_of(s.legs(number), letter)


def send_badly(sock, to, count, lose, early):
    """50 packets a second from now; every `lose`th is left out, every fourth
    comes `early` seconds before its time."""
    begin = time.monotonic() + 0.1
    for n in range(count):
        if n % lose == lose - 1:
            continue
        due = begin + n * 0.02 - (early if n % 4 == 2 else 0)
        time.sleep(max(0, due - time.monotonic()))
        sock.sendto(struct.pack(">BBHII", 0x80, 0, n, n * 160, 77)
                    + b"\xff" * 160, to)


@test("quality", alone=True)
def agrees_with_tshark(t, s):
    """Packets of which some are lost and some early: loss to the packet, and
    jitter as tshark computes it from the same wire."""
    a = s.plain_agent(t, "2530")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    a_sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    t.at_end(a_sock.close)
    a_sock.bind((ms.host, 0))
    port = a_sock.getsockname()[1]
    da = a.invite(number, sip.sdp(ms.host, port))
    req = b.request("INVITE")
    db = b.accept(req)
    b.answer(req, 200, dialog=db, body=offer(bs))
    address, to, _ = a.final(da).media()
    b.request("ACK", dialog=db)
    wire = Capture(t, [ms.host])
    send_badly(a_sock, (address, to), 400, 20, 0.008)
    wait_for(lambda: leg(s, number, "A")["rx_packets"] == 380, 5,
             "the packets to be counted")
    seen = leg(s, number, "A")
    wire.stop()
    # sent are 0 … 398: the last one that is missing cannot be known of
    check(seen["lost"] == 19, f"lost {seen['lost']}, not 19")
    check(460 <= seen["rx_loss_permyriad"] <= 510, f"{seen}")
    said = wire.tshark("-d", f"udp.port=={to},rtp", "-q", "-z",
                       "rtp,streams")
    row = next(line for line in said.splitlines()
               if f" {port} " in line and "0x0000004D" in line)
    lost = int(re.search(r"(\d+) \(-?[\d.]+%\)", row).group(1))
    check(lost == seen["lost"], f"tshark lost {lost}: {row}")
    jitters = [float(x) for x in wire.tshark(
        "-d", f"udp.port=={to},rtp", "-Y", f"udp.srcport=={port}", "-T",
        "fields", "-e", "frame.time_epoch", "-e", "rtp.seq").split()]
    times, seqs = jitters[::2], jitters[1::2]
    jitter = 0.0
    for (t1, s1), (t2, s2) in zip(zip(times, seqs),
                                  list(zip(times, seqs))[1:]):
        d = abs((t2 - t1) - (s2 - s1) * 0.02)
        jitter += (d - jitter) / 16
    ours = seen["jitter_us"] / 1e6
    check(abs(ours - jitter) < 1.5 * MS,
          f"jitter {ours * 1e3:.2f} ms, by the wire {jitter * 1e3:.2f} ms")
    check(2 * MS < ours < 9 * MS, f"jitter {ours * 1e3:.2f} ms")
    mean = float(row.split("%)")[1].split()[4])
    check(abs(mean / 1e3 - ours) < 3 * MS, f"tshark's mean is {mean} ms")
    # G.107: 5 % of G.711 with concealment, no delay to speak of
    check(370 <= seen["rx_mos_hundredths"] <= 400, f"{seen}")
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)
    metrics = s.lineside.command("metrics").stdout
    check(re.search(r'^lineside_media_mos_received_bucket\{le="4"\} [1-9]',
                    metrics, re.M), "no MOS in the metrics")


def reports(t, s, number, letter, stream, hold, dlsr):
    """RTCP of the far end: answers each sender report after `hold` seconds,
    and says it took `dlsr`."""
    mine = rtcp_socket(t, stream)
    to = rtcp_of(s, number, letter)

    def serve():
        while True:
            try:
                got = mine.recv(2000)
            except OSError:
                return  # the test is over
            if got[1] != 200:
                continue
            time.sleep(hold)
            mine.sendto(struct.pack(
                ">BBHIIIIIII", 0x81, 201, 7, 0x5678, struct.unpack_from(
                    ">I", got, 4)[0], 0, 99, 16,
                struct.unpack_from(">I", got, 10)[0],
                int(dlsr * 65536)), to)
    threading.Thread(target=serve, daemon=True).start()
    return mine


@test("quality", alone=True)
def round_trip(t, s):
    """A far end that answers sender reports after 120 ms and says that it
    kept them for 70: 50 ms are the network's."""
    a = s.plain_agent(t, "2531")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    da, db = answered(t, s, a, b, number, ms, bs)
    exchange(ms, bs, 50, 50)
    reports(t, s, number, "B", bs, 0.12, 0.07)
    mine = rtcp_socket(t, ms)
    ssrc = leg(s, number, "A")["ssrc"]
    best = 1e6
    for n in range(8):
        mine.sendto(struct.pack(">BBHIIIIII", 0x80, 200, 6, ssrc, 0x12345,
                                n << 24, 8000, 50, 8000),
                    rtcp_of(s, number, "A"))
        before = leg(s, number, "B")["rx_rtcp"]
        wait_for(lambda: leg(s, number, "B")["rx_rtcp"] > before, 5,
                 "the report")
        best = min(best, leg(s, number, "B")["rtt_us"])
    check(48000 <= best <= 65000, f"round trip {best} µs")
    seen = leg(s, number, "B")
    check(seen["jitter_reported_us"] == 2000, f"{seen}")
    check("tx_mos_hundredths" in seen, f"no MOS of the far end: {seen}")
    text = s.lineside.show("call", "active", "voice", "stats")
    check(re.search(r"tx \(far end\) PK:\d+ LO:0/0.00% JT:2.0ms", text), text)
    a.bye(da)
    b.await_bye(db)


@test("quality", serial=True)
def baresip_reports(t, s):
    """What baresip says of a stream that it hears with one packet in ten
    missing, by its own RTCP, on a leg with SRTP."""
    phone = s.secure_phone(t, "2031", A_TONE)
    b, db, stream, number = to_agent(t, s, phone)
    stop = threading.Event()
    mine = rtcp_socket(t, stream)

    def talk():
        n, begin = 0, time.monotonic()
        while not stop.is_set():
            if n % 10 != 5:
                stream.sock.sendto(struct.pack(
                    ">BBHII", 0x80, 0, n & 0xFFFF, n * 160, stream.ssrc)
                    + b"\x55" * 160, stream.far)
            if n % 50 == 0:
                mine.sendto(struct.pack(
                    ">BBHIIIIII", 0x80, 200, 6, stream.ssrc, 1000 + n, n << 16,
                    n * 160, n, n * 160), rtcp_of(s, number, "B"))
            n += 1
            time.sleep(max(0, begin + n * 0.02 - time.monotonic()))

    talker = threading.Thread(target=talk, daemon=True)
    talker.start()
    t.at_end(stop.set)
    wait_for(lambda: leg(s, number, "A")["reported_of"] > 150 and
             leg(s, number, "A")["rtt_us"] > 0, 40,
             "baresip to report")
    seen = leg(s, number, "A")
    check(800 <= seen["tx_loss_permyriad"] <= 1200, f"{seen}")
    check(seen["rtt_us"] < 200000, f"{seen}")
    check(280 <= seen["tx_mos_hundredths"] <= 360, f"{seen}")
    there = leg(s, number, "B")
    check(800 <= there["rx_loss_permyriad"] <= 1200, f"{there}")
    check("MOS rx:" in s.lineside.show("call", "active", "voice", "brief"),
          "no MOS in brief")
    stop.set()
    talker.join()
    b.bye(db)
    s.no_call(number)


# ---- audio that goes one way ----

def one_way(s, number, letter):
    return leg(s, number, letter)["one_way"] or ""


def told(s, number, letter, text, counter, before):
    """%MEDIA-4-ONEWAY of this leg, with its cause; counted once."""
    wait_for(lambda: text in one_way(s, number, letter), 10,
             f"leg {letter} to be told of as '{text}'; it is "
             f"'{one_way(s, number, letter)}'")
    name = f"lineside_media_oneway_{counter}_total"
    time.sleep(2.5)  # the limit passes once more: nothing new may be told
    now = s.lineside.counters()[name]
    check(now == before[name] + 1, f"{name} rose by {now - before[name]}")
    lines = [x for x in s.lineside.log().splitlines()
             if "%MEDIA-4-ONEWAY:" in x and text in x]
    check(lines, f"no %MEDIA-4-ONEWAY with '{text}'")
    check("ONE-WAY: " in s.lineside.show("call", "active", "voice", "brief"),
          "not in brief")


def heard_again(s, number, letter):
    wait_for(lambda: not one_way(s, number, letter), 10,
             "it to be over")
    check("%MEDIA-6-ONEWAY_OVER" in s.lineside.log(), "not told to be over")


@test("quality", serial=True)
def never_heard_stopped_and_held(t, s):
    """B never sends; then it does; then it stops. On hold nobody is missed."""
    a = s.plain_agent(t, "2532")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    before = s.lineside.counters()
    da, db = answered(t, s, a, b, number, ms, bs)
    ms.send(50)
    told(s, number, "B", "no packet ever came", "never", before)
    bs.send(50)
    heard_again(s, number, "B")
    bs.stop()
    told(s, number, "B", "its packets stopped", "stopped", before)
    a.invite(number, sip.sdp(ms.host, ms.port, direction="sendonly"),
             dialog=da)
    req = b.request("INVITE", dialog=db)
    b.answer(req, 200, dialog=db, body=sip.sdp(bs.host, bs.port,
                                               direction="recvonly"))
    check(a.final(da).status == 200, "hold is refused")
    b.request("ACK", dialog=db)
    wait_for(lambda: not one_way(s, number, "B"), 10, "hold")
    now = s.lineside.counters()
    time.sleep(4)  # twice the limit
    check(s.lineside.counters()["lineside_media_oneway_stopped_total"] ==
          now["lineside_media_oneway_stopped_total"], "told of on hold")
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


@test("quality", serial=True)
def rtcp_but_no_rtp(t, s):
    a = s.plain_agent(t, "2533")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    before = s.lineside.counters()
    da, db = answered(t, s, a, b, number, ms, bs)
    ms.send(50)
    mine, stop = rtcp_socket(t, bs), threading.Event()
    to = rtcp_of(s, number, "B")

    def report():
        while not stop.wait(0.5):
            mine.sendto(struct.pack(">BBHI", 0x80, 201, 1, 5), to)
    t.at_end(stop.set)
    threading.Thread(target=report, daemon=True).start()
    told(s, number, "B", "RTCP comes, but no RTP", "silent", before)
    stop.set()
    a.bye(da)
    b.await_bye(db)


@test("quality", serial=True)
def wrong_key(t, s):
    """The phone sends with another key than it said."""
    a = s.secure_agent(t, "2034")
    b, number = s.slot_agent(t)
    ms, bs = streams(t)
    suite = SUITES[0]
    before = s.lineside.counters()
    da, db = answered(t, s, a, b, number, ms, bs,
                      [(suite, sip.new_key(suite))])
    far = leg(s, number, "A")["media_local"].rpartition(":")
    ms.to(far[0], int(far[2]), (suite, sip.new_key(suite)), ms.keys[1])
    bs.send(50)
    ms.send(50)
    told(s, number, "A", "fail authentication", "auth_failed", before)
    a.bye(da)
    b.await_bye(db)


@test("quality", serial=True)
def wrong_address(t, s):
    """Plain RTP from another port than SDP says; then noise from the right
    one."""
    a = s.plain_agent(t, "2535")
    b, number = s.slot_agent(t)
    media = Media(t)
    ms, bs, other = (media.stream(t.addr()) for _ in range(3))
    before = s.lineside.counters()
    da, db = answered(t, s, a, b, number, ms, bs)
    far = leg(s, number, "A")["media_local"].rpartition(":")
    other.to(far[0], int(far[2]))
    bs.send(50)
    other.send(50)
    told(s, number, "A", "address not allowed", "wrong_source", before)
    check(f"{other.host}:{other.port}" in s.lineside.log(),
          "the source is not named")
    ms.send(50)
    heard_again(s, number, "A")
    a.bye(da)
    b.await_bye(db)


@test("quality", serial=True)
def not_rtp(t, s):
    """STUN requests and nothing else on the media port."""
    a = s.plain_agent(t, "2536")
    b, number = s.slot_agent(t)
    ms, _ = streams(t)
    noise = Sound(t, t.addr())
    before = s.lineside.counters()
    da = a.invite(number, offer(ms))
    req = b.request("INVITE")
    db = b.accept(req)
    address, port, _ = req.media()
    b.answer(req, 200, dialog=db, body=sip.sdp(noise.host, noise.port))
    r = a.final(da)
    b.request("ACK", dialog=db)
    ms.to(*r.media()[:2])
    ms.send(50)
    stop = threading.Event()

    def stun():
        while not stop.wait(0.2):
            noise.sock.sendto(struct.pack(">HHI12s", 1, 0, 0x2112A442,
                                          b"x" * 12), (address, port))
    t.at_end(stop.set)
    threading.Thread(target=stun, daemon=True).start()
    told(s, number, "B", "what comes is not RTP", "malformed", before)
    stop.set()
    a.bye(da)
    b.await_bye(db)


def described_from_home(a, b, number, bs):
    """A call of a phone whose description has a private address; the other
    end's sound goes there."""
    da = a.invite(number, sip.sdp("192.168.77.1", 40000))
    req = b.request("INVITE")
    db = b.accept(req)
    bs.to(*req.media()[:2])
    b.answer(req, 200, dialog=db, body=offer(bs))
    check(a.final(da).status == 200, "not answered")
    b.request("ACK", dialog=db)
    bs.send(50)
    return da, db


@test("quality", serial=True)
def behind_translation(t, s):
    """A phone that describes the address of its home."""
    a = s.plain_agent(t, "2537")
    b, number = s.slot_agent(t)
    _, bs = streams(t)
    before = s.lineside.counters()
    da, db = described_from_home(a, b, number, bs)
    told(s, number, "A", "private address (NAT)", "nat", before)
    a.bye(da)
    b.await_bye(db)
