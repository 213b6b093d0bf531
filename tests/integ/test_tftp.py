"""Peers of our TFTP server that do not mean well, or cannot do better."""

import os
import random
import select
import struct
import time

from kit.boot import MAC, Boot, RawTftp
from kit.env import check, wait_for
from kit.suite import test

DATA, ACK, ERROR = 3, 4, 5


def ack(c, number, times=1):
    for _ in range(times):
        c.s.sendto(struct.pack(">HH", ACK, number), c.to)


def quiet(c, seconds):
    """That nothing comes for so long."""
    ready, _, _ = select.select([c.s], [], [], seconds)
    check(not ready, f"{ready and c.s.recv(600)[:4]} came")


@test(None)
def no_sorcerers_apprentice(t):
    """Each acknowledgement comes five times and old ones again: every block
    is sent once (RFC 1123, 4.2.3.1)."""
    b = Boot(t)
    b.put("some.bin", os.urandom(20 * 512 + 100))
    c = RawTftp(b).ask("some.bin")
    for want in range(1, 22):
        op, number, rest, _ = c.answer()
        check((op, number) == (DATA, want), f"{op} {number}, not {want}")
        if want < 21:
            ack(c, max(1, want - 3), 3)
            ack(c, want, 5)
    ack(c, 21, 5)
    check(len(rest) == 100, f"{len(rest)} at the end")
    quiet(c, 1.5)  # its repetition would come after one
    row = b.lineside.json("voice-phone-proxy")["phone_proxies"][0]
    check(row["tftp_done"] == 1 and row["tftp_sessions"] == 0, f"{row}")
    b.lineside.judge()


@test(None)
def other_ports_do_not_count(t):
    """On the one port that all use: acknowledgements and errors of another
    port of the same host neither further a transfer nor end it."""
    b = Boot(t)
    b.put("two.bin", bytes(600))
    c, stranger = RawTftp(b), RawTftp(b)
    op, number, _, _ = c.ask("two.bin").answer()
    check((op, number) == (DATA, 1), f"{op} {number}")
    ack(stranger, 1)
    stranger.s.sendto(struct.pack(">HH", ERROR, 0) + b"stop\0", stranger.to)
    ack(c, 7)  # never sent
    quiet(stranger, 0.3)
    ack(c, 1)
    while True:
        op, number, rest, _ = c.answer()
        if number == 2:
            break
        check((op, number) == (DATA, 1), f"{op} {number}")  # repeated
    check(len(rest) == 88, f"{len(rest)}")
    ack(c, 2)
    wait_for(lambda: b.lineside.json("voice-phone-proxy")["phone_proxies"][0]
             ["tftp_done"] == 1, 5, "the transfer to be done")
    b.lineside.judge()


@test(None)
def block_numbers_wrap(t):
    """atftp fetches 70,000 blocks: 65535 is followed by 0."""
    b = Boot(t)
    big = os.urandom(70000 * 8 + 3)
    b.put("wraps.bin", big)
    check(b.atftp("wraps.bin", "blksize 8", "windowsize 16") == big,
          "not what was sent")
    b.lineside.judge()


@test(None)
def slow_readers_hold_up_nobody(t):
    """150 phones that stop at their first block: another gets its file at
    once, and who wakes up goes on."""
    b = Boot(t)
    b.put("some.bin", bytes(3000))
    slow = [RawTftp(b).ask("some.bin") for _ in range(150)]
    for c in slow:
        op, number, _, _ = c.answer()
        check((op, number) == (DATA, 1), f"{op} {number}")
    begin = time.monotonic()
    check(len(b.tftp_hpa(f"{MAC}.cnf.xml.sgn")) > 3000, "the configuration")
    check(time.monotonic() - begin < 3, "it was slow")
    ack(slow[77], 1)
    while slow[77].answer()[1] != 2:  # repetitions of the first
        pass
    b.lineside.judge()


@test(None)
def noise(t):
    """20,000 packets that are no requests get no answer, and are counted; a
    phone among them gets its file."""
    b = Boot(t)
    c, rng = RawTftp(b), random.Random(4711)
    heads = [b"\0\1", b"\0\2", b"\0\3", b"\0\4", b"\0\5", b"\0\6", b"\xff", b""]
    for n in range(20000):
        packet = rng.choice(heads) + rng.randbytes(rng.choice((0, 1, 30, 600)))
        c.s.sendto(packet.replace(b"\0octet\0", b""), c.to)
        if n % 200 == 0:
            check(b.lineside.proc.alive(), "linesided ended")
            select.select([], [], [], 0.005)
    check(len(b.tftp_hpa(f"{MAC}.cnf.xml.sgn")) > 3000, "the configuration")
    counted = b.lineside.counters()["lineside_tftp_bad_packets_total"]
    check(counted > 10000, f"{counted} counted")
    select.select([], [], [], 0.2)
    c.s.setblocking(False)
    answers = 0
    try:
        while True:
            op = c.s.recv(9000)[:2]
            check(op == b"\0\5", f"{op} came")
            answers += 1
    except BlockingIOError:
        pass
    check(answers < counted / 4, f"{answers} answers to {counted}")
    b.lineside.judge()
