"""A call written to a file in clear, read by tshark."""

import os
import re
import stat
import time

from kit import tones
from kit.env import check, run, wait_for
from kit.suite import test
from test_phones import A_TONE, leg_of
from test_quality import leg
from test_transcode import to_agent
from kit.rtp import sound


def tshark(file, *args):
    done = run(["tshark", "-n", "-r", file, *args])
    check(done.returncode == 0, f"tshark: {done.stderr}")
    return done.stdout


def captured(s, call):
    """JSON row of show capture."""
    return next((row for row in s.lineside.json("capture")["captures"]
                 if row["call"] == call), None)


def begin(s, call, *words):
    done = s.lineside.command("capture", "call", str(call), *words)
    check(done.returncode == 0, f"{done.stdout}{done.stderr}")
    return captured(s, call)["file"]


@test("quality", alone=True)
def call_in_clear(t, s):
    """SRTP outside, RTP inside: both legs' RTP, telephone-events, RTCP and
    SIP, hold and the BYE included; no key, for nobody else to read."""
    phone = s.secure_phone(t, "2041", A_TONE)
    b, db, stream, number = to_agent(
        t, s, phone, "0 PCMU/8000")
    row = leg(s, number, "A")
    file = begin(s, row["call"], "seconds", "30", "file", "one.pcapng")
    check(stat.S_IMODE(os.stat(file).st_mode) == 0o600, "others may read it")
    stream.say(sound(1.0, 800))
    phone.command("sndcode", "5")
    stream.say(sound(0.2))
    phone.command("sndcode", "\x04")
    stream.say(sound(0.2))
    wait_for(lambda: captured(s, row["call"])["packets"] > 100, 10, "packets")
    b.bye(db)
    s.no_call(number)
    wait_for(lambda: captured(s, row["call"])["state"] == "the call ended",
             5, "the capture to end")
    seen = captured(s, row["call"])
    check(seen["dropped"] == 0, f"{seen}")
    # RTP of both legs, both ways: four streams, none with a packet missing
    streams = tshark(file, "-q", "-z", "rtp,streams")
    rows = re.findall(r"g711U\s+(\d+)\s+(-?\d+) \(", streams)
    check(len(rows) == 4, f"{len(rows)} streams:\n{streams}")
    check(all(lost == "0" for _, lost in rows), streams)
    # SIP of both legs, over what it came, with its comment
    sip = tshark(file, "-Y", "sip.Method == BYE", "-T", "fields",
                 "-e", "frame.comment", "-e", "frame.interface_name",
                 "-e", "sip.CSeq.method")
    check("leg A sent, SIP over tls" in sip, f"BYE to the phone: {sip}")
    check("leg B received, SIP over udp" in sip, f"BYE inside: {sip}")
    check("leg A" in sip and "leg B" in sip, sip)
    # what the phone said, decrypted: its own tone
    local = row["media_local"]
    payload = tshark(file, "-Y", f"rtp.p_type == 0 && udp.dstport == "
                     f"{local.rpartition(':')[2]}", "-T", "fields",
                     "-e", "rtp.payload")
    data = bytes.fromhex("".join(payload.split()).replace(":", ""))
    share = tones.shares(data[8000:8800], {A_TONE, 800})
    check(share[A_TONE] > 0.7, f"the tone is not there: {share}")
    # no key, no crypto line
    with open(file, "rb") as f:
        raw = f.read()
    keys = phone.crypto()
    check(keys, "the phone used no keys")
    for _, key in keys:
        check(key.encode() not in raw, "a key stands in the file")
    check(b"a=crypto" not in raw, "a crypto line stands in the file")
    log = s.lineside.log()
    check(f"%MEDIA-5-CAPTURE: user {os.getuid()} (process" in log and
          f"captures call {row['call']} from 2041 to {number}" in log,
          "not announced in the log")
    check("%MEDIA-5-CAPTURE_ENDED" in log, "its end is not told")
    malformed = tshark(file, "-Y", "_ws.malformed || udp.checksum.status == 0"
                       " || ip.checksum.status == 0")
    check(malformed == "", malformed)


@test("quality", alone=True)
def events_are_seen(t, s):
    """Keys pressed at the phone, as tshark reads them."""
    a = s.secure_phone(t, "2042", A_TONE)
    b, db, stream, number = to_agent(t, s, a, "0 PCMU/8000")
    b.bye(db)
    s.no_call(number)
    other = s.secure_phone(t, "2043", 800)
    a.mark()
    a.dial("2043")
    other.event("CALL_ESTABLISHED")
    a.event("CALL_ESTABLISHED")
    call = leg_of(s.legs("2043"), "A")["call"]
    file = begin(s, call)
    a.command("sndcode", "7")
    time.sleep(0.3)  # it is held down
    a.command("sndcode", "\x04")
    wait_for(lambda: other.seen("CALL_DTMF_END"), 5, "the key to arrive")
    done = s.lineside.command("capture", "stop", str(call))
    check(done.returncode == 0, done.stderr)
    wait_for(lambda: captured(s, call)["state"] == "stopped", 5, "its end")
    seen = tshark(file, "-Y", "rtpevent.event_id == 7", "-T", "fields",
                  "-e", "frame.interface_name", "-e", "frame.comment")
    check("leg A received, in clear" in seen and "leg B sent" in seen, seen)
    a.hangup()
    s.no_call("2043")


@test("quality", alone=True)
def bounds_of_captures(t, s):
    """Time ends one; no call, no name, a file that is there: refused."""
    phone = s.secure_phone(t, "2044", A_TONE)
    b, db, stream, number = to_agent(t, s, phone)
    call = leg(s, number, "A")["call"]
    begin(s, call, "seconds", "1")
    wait_for(lambda: captured(s, call)["state"] == "time is up", 5, "its end")
    for words, say in (
            (("999999",), "There is no call 999999: calls have the numbers"),
            ((str(call), "seconds", "0"), "seconds: 1 to 3600"),
            ((str(call), "seconds", "3601"), "seconds: 1 to 3600"),
            ((str(call), "file", "../x"), "is no name of a file"),
            ((str(call), "file", ".hidden"), "is no name of a file")):
        done = s.lineside.command("capture", "call", *words)
        check(done.returncode == 1 and say in done.stdout + done.stderr,
              f"{words}: {done.returncode} {done.stdout}{done.stderr}")
    begin(s, call, "file", "twice")
    done = s.lineside.command("capture", "call", str(call), "file", "twice")
    check(done.returncode == 1 and "File exists" in
          done.stdout + done.stderr, done.stdout + done.stderr)
    begin(s, call, "file", "instead")  # takes the place of "twice"
    wait_for(lambda: [r["file"].rpartition("/")[2] for r in
                      s.lineside.json("capture")["captures"]
                      if r["state"] == "running"] == ["instead"], 5,
             "one capture to run")
    b.bye(db)
    s.no_call(number)
    wait_for(lambda: all(r["state"] != "running" for r in
                         s.lineside.json("capture")["captures"]), 5,
             "all to end with the call")
