"""Peers of our TFTP server that do not mean well, or cannot do better."""

import os
import random
import select
import socket
import struct
import time

from kit.boot import MAC, Boot, RawTftp
from kit.env import check, wait_for
from kit.suite import test

DATA, ACK, ERROR, OACK = 3, 4, 5, 6


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
    """150 phones of two sites that stop at their first block: another gets
    its file at once, and who wakes up goes on."""
    b = Boot(t)
    b.put("some.bin", bytes(3000))
    sites = t.addr(), t.addr()
    slow = [RawTftp(b, sites[n % 2]).ask("some.bin") for n in range(150)]
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
def a_source_has_half(t):
    """Who asks from 150 ports has a hundred transfers, and no more; phones
    elsewhere get their files."""
    b = Boot(t)
    b.put("some.bin", bytes(3000))
    greedy = t.addr()
    many = [RawTftp(b, greedy).ask("some.bin") for _ in range(150)]
    ops = [c.answer()[0] for c in many]
    check(ops.count(DATA) == 100 and ops.count(ERROR) == 50, f"{ops}")
    check(len(b.tftp_hpa(f"{MAC}.cnf.xml.sgn")) > 3000, "the configuration")
    check("it has half of all that there may be" in b.lineside.log(),
          "it is not said")
    b.lineside.judge()


@test(None)
def forged_addresses_make_room(t):
    """Two hundred requests whose answers nobody wanted: for two seconds
    nothing more is begun, then they make room, and a phone that took a block
    keeps its transfer."""
    b = Boot(t)
    b.put("some.bin", bytes(3000))
    sites = [t.addr() for _ in range(4)]
    phone = RawTftp(b).ask("some.bin")
    check(phone.answer()[1] == 1, "the first block")
    ack(phone, 1)
    check(phone.answer()[1] == 2, "the second block")
    forged = [RawTftp(b, sites[n % 4]).ask("some.bin") for n in range(210)]
    wait_for(lambda: b.lineside.counters()
             ["lineside_tftp_refused_busy_total"] > 0, 5, "the limit")
    time.sleep(2.5)
    check(len(b.tftp_hpa(f"{MAC}.cnf.xml.sgn")) > 3000, "the configuration")
    ack(phone, 2)
    while (number := phone.answer()[1]) != 3:
        check(number == 2, f"{number}")  # repeated
    check(len(forged) == 210, "they stayed open")
    b.lineside.judge()


@test(None)
def a_forged_source_gets_little(t):
    """An attacker asks in the name of another and acknowledges what he has
    never seen: each packet of his brings one block there, and 3,000 transfers
    in a minute are all that begin."""
    b = Boot(t)
    b.put("some.bin", bytes(300000))
    victim = RawTftp(b, t.addr())
    victim.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    victim.ask("some.bin", mode=b"octet\0windowsize\x0064\0blksize\x001428")
    op, begins, rest, _ = victim.answer()
    options = struct.pack(">H", begins) + rest
    check(op == OACK and b"windowsize\x001\0" in options, f"{options}")
    ack(victim, 0)
    check(victim.answer()[:2] == (DATA, 1), "the first block")
    quiet(victim, 0.5)
    begun = 0
    for n in range(3200):  # each supersedes the one before
        victim.ask("some.bin", mode=b"octet\0blksize\x00%d" % (512 + n % 2))
        begun += victim.answer()[0] == OACK
    check(2900 < begun <= 3000, f"{begun} transfers in a minute")
    b.lineside.judge()


@test(None)
def errors_are_not_answered(t):
    """Two servers that answer an error with an error never stop: at a
    transfer's own port a stranger's error gets none, other packets do."""
    b = Boot(t, more="port-range 40000 40100")
    b.put("some.bin", bytes(3000))
    phone, stranger = RawTftp(b), RawTftp(b)
    _, number, _, own = phone.ask("some.bin").answer()
    check(number == 1 and own[1] != b.tftp, f"{number} from {own}")
    stranger.to = own
    stranger.s.sendto(struct.pack(">HH", ERROR, 5) + b"Unknown\0", own)
    quiet(stranger, 0.5)
    ack(stranger, 1)
    check(stranger.answer()[:2] == (ERROR, 5), "a stranger is not told")
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
