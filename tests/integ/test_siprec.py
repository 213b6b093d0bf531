"""Calls recorded by SIPREC (RFC 7866): what recorders are told and hear."""

import json
import re
import socket
import ssl
import threading
import xml.etree.ElementTree as ET

from kit import sip, tones
from kit.env import check, wait_for
from kit.media import Media
from kit.rtp import Sound
from kit.sipp import Sipp
from kit.suite import test
from test_phones import hang_up, talk
from test_sipp import udp_bound

A_TONE, B_TONE = 500, 800
NS = "{urn:ietf:params:xml:ns:recording:1}"


def parts(message):
    """Content-Type and body of each part of a multipart message."""
    kind = message.h("content-type")
    boundary = re.search(r"boundary=(\w+)", kind).group(1)
    found = {}
    for part in message.body.split(f"--{boundary}")[1:-1]:
        head, _, body = part.lstrip("\r\n").partition("\r\n\r\n")
        name = re.search(r"(?i)content-type: *(\S+)", head).group(1)
        found[name] = body.removesuffix("\r\n")
    return found


class Offer:
    """An INVITE of a recording client, judged as RFC 7866 has it."""

    def __init__(self, message):
        check("siprec" in message.h("require"), "no Require: siprec")
        check("+sip.src" in message.h("contact"), message.h("contact"))
        both = parts(message)
        self.sdp = both["application/sdp"]
        self.xml = ET.fromstring(both["application/rs-metadata+xml"])
        check(self.xml.tag == f"{NS}recording", self.xml.tag)
        sections = self.sdp.split("\r\nm=")[1:]
        check(len(sections) == 2, f"{len(sections)} streams")
        self.streams = {}
        for text in sections:
            label = re.search(r"a=label:(\S+)", text).group(1)
            key = re.search(r"a=crypto:\d+ (\S+) inline:(\S+)", text)
            self.streams[label] = {
                "port": int(text.split()[1]), "proto": text.split()[2],
                "key": key.groups() if key else None,
                "dir": re.search(r"a=(sendonly|inactive|sendrecv)",
                                 text).group(1)}

    def all(self, name):
        return list(self.xml.iter(NS + name))

    def aor_of(self, label):
        """Whose words a stream brings, by the metadata."""
        stream = next(s.get("stream_id") for s in self.all("stream")
                      if s.findtext(f"{NS}label") == label)
        who = next(a.get("participant_id")
                   for a in self.all("participantstreamassoc")
                   if a.findtext(f"{NS}send") == stream)
        return next(p.find(f"{NS}nameID").get("aor")
                    for p in self.all("participant")
                    if p.get("participant_id") == who)


class Recorder:
    """A recorder on TLS, with SRTP by libsrtp2."""

    def __init__(self, t, s):
        self.t, self.s = t, s
        cert = s.pki.leaf("recorder", "core", "/CN=recorder",
                          f"IP:{s.recorder}")
        self.ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ctx.load_cert_chain(*cert[:2])
        self.ctx.load_verify_locations(s.pki.path("core.pem"))
        self.ctx.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server((s.recorder, 5061))
        t.at_end(self.listener.close)
        self.media = Media(t)
        self.sound = {n: Sound(t, t.addr()) for n in "12"}
        self.wire = None
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        sock, _ = self.listener.accept()
        sock = self.ctx.wrap_socket(sock, server_side=True)
        self.wire = sip.Wire("tls", self.s.recorder, sock=sock)

    def agent(self):
        wait_for(lambda: self.wire, 10, "a connection to the recorder")
        return sip.Agent(self.wire, "8500", "recorder.test",
                         params=";+sip.srs")

    def answer(self, agent, request, dialog, offer):
        lines = ["v=0", f"o=- 1 1 IN IP4 {self.s.recorder}", "s=-",
                 "t=0 0"]
        for label, stream in offer.streams.items():
            sound = self.sound[label]
            suite = stream["key"][0]
            direction = "recvonly" if stream["dir"] == "sendonly" \
                else "inactive"
            lines += [f"m=audio {sound.port} RTP/SAVP 0",
                      f"c=IN IP4 {sound.host}", "a=rtpmap:0 PCMU/8000",
                      f"a=crypto:1 {suite} inline:{sip.new_key(suite)}",
                      f"a=label:{label}", f"a={direction}"]
        agent.answer(request, 200, dialog=dialog,
                     body="\r\n".join(lines) + "\r\n")
        agent.request("ACK", dialog=dialog)

    def heard(self, label, offer):
        """Payloads of a stream, opened with its key; nothing may fail."""
        sound = self.sound[label]
        with sound.guard:
            packets = [p for _, p in sound.packets if p[1] & 0x7F == 0]
        out = []
        for p in packets:
            clear = self.media.unprotect(*offer.streams[label]["key"], p)
            check(clear, "a packet that does not authenticate")
            out.append(clear[12:])
        return out


def has_tone(payloads, hz, what):
    check(len(payloads) > 50, f"{what}: {len(payloads)} packets")
    share = tones.in_payload(payloads, hz)
    check(share > 0.9, f"{what}: {hz} Hz in {share:.2f} of it")


def recorded(s, state=None):
    rows = s.lineside.json("media-recording")["recordings"]
    return [r for r in rows if state is None or r["state"] == state]


@test("recording", serial=True)
def phones_over_srtp(t, s):
    """Two baresips on TLS and SRTP: each party's tone is on its own stream,
    SRTP with keys of the recording's own; hold, resume and the end are told;
    show, log and call record say so."""
    rec = Recorder(t, s)
    a = s.secure_phone(t, "2001", A_TONE)
    b = s.secure_phone(t, "2002", B_TONE)
    a.mark()
    a.dial("2002")
    b.event("CALL_ESTABLISHED")
    a.event("CALL_ESTABLISHED")
    agent = rec.agent()
    req = agent.request("INVITE")
    dialog = agent.accept(req)
    offer = Offer(req)
    check(req.uri.startswith(f"sip:8500@{s.recorder}"), req.uri)
    for label, user in (("1", "2001"), ("2", "2002")):
        check(offer.streams[label]["proto"] == "RTP/SAVP", offer.sdp)
        check(offer.streams[label]["dir"] == "sendonly", offer.sdp)
        check(f"sip:{user}@" in offer.aor_of(label), offer.aor_of(label))
    keys = {k for p in (a, b) for _, k in p.crypto()}
    check(not keys & {v["key"][1] for v in offer.streams.values()},
          "a key of the call is used for the recording")
    rec.answer(agent, req, dialog, offer)
    wait_for(lambda: all(len(rec.sound[n].packets) > 100 for n in "12"), 10,
             "sound at the recorder")
    row = recorded(s, "up")[0]
    check(row["srtp"] and row["dial_peer"] == 951, f"{row}")
    voice = s.lineside.show("call", "active", "voice")
    check(f"Recording=up RecordingSession={row['session']}" in voice, voice)
    has_tone(rec.heard("1", offer), A_TONE, "what the caller says")
    has_tone(rec.heard("2", offer), B_TONE, "what the called says")
    # hold: both streams rest, and nothing comes
    check(a.hold()["ok"], "hold")
    req = agent.request("INVITE", dialog=dialog)
    held = Offer(req)
    check("inactive" in {v["dir"] for v in held.streams.values()}, held.sdp)
    check({k: v["key"] for k, v in held.streams.items()} ==
          {k: v["key"] for k, v in offer.streams.items()},
          "keys have changed for no reason")
    check(held.all("session")[0].get("session_id") ==
          offer.all("session")[0].get("session_id"), "another session")
    rec.answer(agent, req, dialog, held)
    check(a.resume()["ok"], "resume")
    req = agent.request("INVITE", dialog=dialog)
    again = Offer(req)
    check({v["dir"] for v in again.streams.values()} == {"sendonly"},
          again.sdp)
    for n in "12":
        rec.sound[n].clear()
    rec.answer(agent, req, dialog, again)
    wait_for(lambda: all(len(rec.sound[n].packets) > 60 for n in "12"), 10,
             "sound after the hold")
    has_tone(rec.heard("1", again), A_TONE, "the caller after the hold")
    hang_up(a, b)
    agent.await_bye(dialog)
    s.no_call("2002")
    check(not recorded(s), "the recording is still shown")
    log = s.lineside.log()
    check(f"%REC-6-STARTED: the call from 2001 to 2002 is recorded by "
          f"{s.recorder} (dial-peer 951), SRTP" in log, "not logged")
    check("%REC-6-ENDED" in log, "its end is not logged")
    for stream in offer.streams.values():
        check(stream["key"][1] not in log, "a key stands in the log")

    def record():
        with open(s.records) as f:
            rows = [json.loads(line) for line in f]
        return [r for r in rows if r.get("recording") == row["session"]]
    wait_for(record, 5, "the call record")
    check(record()[0]["recorder"] == 951, f"{record()}")
    check("recording_failed" not in record()[0], f"{record()}")


@test("recording", serial=True)
def recorder_is_sipp(t, s):
    """SIPp as recorder, in clear, between plain phones: its SIP stack takes
    the multipart INVITE, re-INVITE and BYE; each tone on its own stream."""
    sound = {n: Sound(t, s.plain_recorder) for n in "12"}
    answer = f"""
  Content-Type: application/sdp
  | v=0
  | o=- 1 1 IN IP4 {s.plain_recorder}
  | s=-
  | c=IN IP4 {s.plain_recorder}
  | t=0 0
  | m=audio {sound["1"].port} RTP/AVP 0
  | a=recvonly
  | m=audio {sound["2"].port} RTP/AVP 0
  | a=recvonly"""
    srs = Sipp(t, "siprec", s.plain_recorder, seconds=30, steps=f"""
< INVITE Require: siprec
  multipart/mixed
  application/rs-metadata.xml
  a=label:1
  a=label:2
> 180 INVITE
> 200 INVITE{answer}
< ACK
< INVITE a=inactive
> 200 INVITE{answer}
< ACK
< INVITE a=sendonly
> 200 INVITE{answer}
< ACK
< BYE
> 200 BYE
""")
    wait_for(lambda: udp_bound(s.plain_recorder, 5060), 5, "sipp to listen")
    a = s.trunk_phone(t, "3600", A_TONE)
    b = s.trunk_phone(t, "3601", B_TONE)
    talk(a, b, "3601", 2.5)
    for label, hz in (("1", A_TONE), ("2", B_TONE)):
        has_tone([p for _, _, p in sound[label].got(0)], hz, label)
    check(recorded(s, "up")[0]["srtp"] is False, "in clear, and not told")
    check(a.hold()["ok"], "hold")
    wait_for(lambda: s.legs("3601")[0]["hold"], 5, "hold")
    wait_for(lambda: recorded(s, "up"), 5, "the recorder to have answered")
    check(a.resume()["ok"], "resume")
    wait_for(lambda: recorded(s, "up") and not s.legs("3601")[0]["hold"], 5,
             "resume")
    hang_up(a, b)
    srs.ok()


@test("recording", serial=True)
def recorder_wants_password(t, s):
    """SIPp as a recorder that challenges each request: signed with the
    credentials of the tenant, whose suite and sip-profiles hold as well."""
    sound = {n: Sound(t, s.strict_recorder) for n in "12"}
    suite = "AES_CM_128_HMAC_SHA1_32"
    keys = {n: sip.new_key(suite) for n in "12"}
    answer = f"""
  Content-Type: application/sdp
  | v=0
  | o=- 1 1 IN IP4 {s.strict_recorder}
  | s=-
  | c=IN IP4 {s.strict_recorder}
  | t=0 0""" + "".join(f"""
  | m=audio {sound[n].port} RTP/SAVP 0
  | a=crypto:1 {suite} inline:{keys[n]}
  | a=recvonly""" for n in "12")
    ask = """
  WWW-Authenticate: Digest realm="rec.test", nonce="{}", qop="auth"
"""
    srs = Sipp(t, "siprec_strict", s.strict_recorder, seconds=30, steps=f"""
< INVITE X-Tenant: nine
  s=nine
  application/rs-metadata.xml
  a=crypto:1 {suite}
  !_80
> 401 INVITE{ask.format("n1")}
< ACK
< INVITE nonce="n1"
  X-Tenant: nine
  digest edge rec-s3cret
> 200 INVITE{answer}
< ACK nonce="n1"
< BYE
> 401 BYE{ask.format("n2")}
< BYE nonce="n2"
  digest edge rec-s3cret
> 200 BYE
""")
    wait_for(lambda: udp_bound(s.strict_recorder, 5060), 5, "sipp to listen")
    a = s.trunk_phone(t, "3604", A_TONE)
    b = s.trunk_phone(t, "3605", B_TONE)
    talk(a, b, "3605", 2)
    check(recorded(s, "up")[0]["srtp"] is True, f"{recorded(s)}")
    for n in "12":
        check(len(sound[n].packets) > 50, f"stream {n}: no packets")
    hang_up(a, b)
    srs.ok()
    check("rec-s3cret" not in s.lineside.log(), "the password is in the log")


@test("recording", serial=True)
def recorder_fails(t, s):
    """Nobody is at the recorder's address: the phones notice nothing, the
    log and the counters say that the call is not recorded."""
    a = s.trunk_phone(t, "3602", A_TONE)
    b = s.trunk_phone(t, "3603", B_TONE)
    before = s.lineside.counters()["lineside_recordings_failed_total"]
    talk(a, b, "3603", 2.0)
    wait_for(lambda: s.lineside.counters()["lineside_recordings_failed_total"] ==
             before + 1, 10, "the failure to be counted")
    row = recorded(s, "over")[0]
    check("recorder" in row["reason"], f"{row}")
    check("%REC-3-FAILED: the call from 3602 to 3603 is NOT recorded" in
          s.lineside.log(), "not logged")
    check(s.legs("3603"), "the call is gone")
    hang_up(a, b)
    s.no_call("3603")


@test("recording", serial=True)
def recorder_hangs_up(t, s):
    """In the middle of the call: what the phones hear goes on."""
    rec = Recorder(t, s)
    a = s.secure_phone(t, "2003", A_TONE)
    b = s.secure_phone(t, "2004", B_TONE)
    a.mark()
    a.dial("2004")
    b.event("CALL_ESTABLISHED")
    agent = rec.agent()
    req = agent.request("INVITE")
    dialog = agent.accept(req)
    rec.answer(agent, req, dialog, Offer(req))
    wait_for(lambda: len(rec.sound["1"].packets) > 20, 10, "sound")
    agent.bye(dialog)
    row = recorded(s, "over")[0]
    check(row["reason"] == "the recorder hung up", f"{row}")
    count = s.legs("2004")[0]["rx_packets"]
    wait_for(lambda: s.legs("2004")[0]["rx_packets"] > count + 50, 10,
             "sound to go on between the phones")
    hang_up(a, b)
    s.no_call("2004")
