"""A soft phone: Debian's baresip, one folder and one pair of ports per phone.

It binds RTP to the any-address, so that on loopback its packets come from
127.0.0.1 whatever its SDP says. Phones therefore live on 127.0.0.1, but for
those that stand for a phone behind NAT.
"""

import glob
import json
import os
import re
import socket
import threading
import time

from . import tones
from .env import Failure, check, wait_for

MODULES = "/usr/lib/baresip/modules"


class Baresip:
    """A phone that plays one tone and records what it hears.

    transport "tls" with `outbound` = the proxy; `cert` is a file with
    certificate and key. `mediaenc`: None, "srtp", "srtp-mand".
    """

    def __init__(self, ctx, user, tone, *, domain, outbound=None,
                 transport="udp", mediaenc=None, cert=None, cafile=None,
                 password=None, answer="auto", host=None, regint=60,
                 codecs="PCMU", name=None, verify=True,
                 modules=(), contacts=(), video=None, port=None,
                 rtcp_mux=False, says=None, rate=8000):
        self.ctx, self.user, self.tone = ctx, user, tone
        self.host = host or "127.0.0.1"
        self.name = name or f"phone-{user}"
        self.dir = ctx.path(self.name, "rec")
        os.makedirs(self.dir, exist_ok=True)
        self.dir = os.path.dirname(self.dir)
        self.domain, self.outbound, self.transport = domain, outbound, transport
        self.mediaenc, self.cert, self.cafile = mediaenc, cert, cafile
        self.password, self.answer, self.codecs = password, answer, codecs
        self.regint, self.verify = regint, verify
        self.modules, self.contacts = modules, contacts
        self.video = video  # a codec: a picture that moves is sent
        self.port = port
        self.rtcp_mux = rtcp_mux  # offered, and taken
        self.says = says  # a file in place of the tone, of this rate
        self.rate = rate
        self.events, self.replies = [], {}
        self.changed = threading.Condition()
        self.tokens = 0
        self.proc = self.sock = None

    def start(self):
        wav = self.says or tones.make(self.ctx.env.root, self.tone)
        host6 = f"[{self.host}]" if ":" in self.host else self.host
        # baresip takes the next port for TLS
        self.ctl = (self.ctx.addr(), 4444)
        port = self.port or self.ctx.env.port_pair(self.host)
        tls = ""
        if self.cert:
            tls += f"sip_certificate {self.cert}\n"
        if self.cafile and self.verify:
            tls += f"sip_cafile {self.cafile}\n"
        more = "".join(f"module_app {m}\n" for m in self.modules)
        if self.video:
            more += f"""module {self.video}.so
module fakevideo.so
module swscale.so
video_source fakevideo,nil
video_display fakevideo,nil
video_size 176x144
video_bitrate 128000
video_fps 10
"""
        config = f"""poll_method epoll
sip_listen {host6}:{port}
{tls}audio_player aubridge,{self.name}
audio_source aufile,{wav}
audio_alert aubridge,{self.name}-alert
ausrc_srate {self.rate}
ausrc_channels 1
audio_level no
call_local_timeout 60
call_max_calls 4
rtp_ports 20000-29998
rtcp_mux {"yes" if self.rtcp_mux else "no"}
jitter_buffer_delay 1-4
rtp_stats yes
net_interface {self.host}
module_path {MODULES}
module g711.so
module g722.so
module g726.so
module gsm.so
module l16.so
module opus.so
module srtp.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
{more}module_app ctrl_tcp.so
ctrl_tcp_listen {self.ctl[0]}:{self.ctl[1]}
snd_path {self.dir}/rec
statmode_default off
ringback_disabled yes
"""
        uri = f"sip:{self.user}@{self.domain}"
        if self.transport != "udp":
            uri += f";transport={self.transport}"
        account = f"<{uri}>;regint={self.regint};answermode={self.answer}"
        account += f";audio_codecs={self.codecs};ptime=20"
        if self.outbound:
            account += f';outbound="{self.outbound}"'
        if self.video:
            account += f";video_codecs={self.video}"
        if self.mediaenc:
            account += f";mediaenc={self.mediaenc}"
        if self.password:
            account += f";auth_user={self.user};auth_pass={self.password}"
        self.ctx.write(f"{self.name}/config", config)
        self.ctx.write(f"{self.name}/accounts", account + "\n")
        self.ctx.write(f"{self.name}/contacts",
                       "".join(f"{c}\n" for c in self.contacts))
        self.proc = self.ctx.spawn(
            ["baresip", "-s", "-f", self.dir], f"{self.name}/log")
        wait_for(lambda: self._connect() or not self.proc.alive(), 10,
                 f"baresip {self.name} to listen")
        check(self.proc.alive(), f"baresip ended: {self.proc.text()[-500:]}")
        threading.Thread(target=self._reader, daemon=True).start()
        return self

    def _connect(self):
        """It serves one connection: there must be no other one to try it."""
        try:
            self.sock = socket.create_connection(self.ctl, 5)
        except OSError:
            return False
        self.sock.settimeout(None)
        return True

    def _reader(self):
        data = b""
        while True:
            try:
                more = self.sock.recv(65536)
            except OSError:
                more = b""
            if not more:
                with self.changed:
                    self.changed.notify_all()
                return
            data += more
            while b":" in data:
                head, rest = data.split(b":", 1)
                size = int(head)
                if len(rest) < size + 1:
                    break
                message = json.loads(rest[:size].decode("utf-8", "replace"))
                data = rest[size + 1:]
                with self.changed:
                    if message.get("event"):
                        self.events.append(message)
                    else:
                        self.replies[message.get("token")] = message
                    self.changed.notify_all()

    def command(self, name, params="", seconds=10):
        self.tokens += 1
        token = str(self.tokens)
        body = json.dumps({"command": name, "params": params,
                           "token": token}).encode()
        self.sock.sendall(b"%d:%s," % (len(body), body))
        end = time.monotonic() + seconds
        with self.changed:
            while token not in self.replies:
                left = end - time.monotonic()
                if left <= 0:
                    raise Failure(f"{self.name}: no reply to {name}")
                self.changed.wait(left)
            return self.replies.pop(token)

    def mark(self):
        """Events before this moment are of no interest any more."""
        with self.changed:
            self.events.clear()

    def event(self, kind, seconds=10):
        """Waits for an event of that type since the last mark()."""
        end = time.monotonic() + seconds
        with self.changed:
            while True:
                for e in self.events:
                    if e["type"] == kind:
                        return e
                left = end - time.monotonic()
                if left <= 0:
                    seen = [e["type"] + " " + str(e.get("param", ""))
                            for e in self.events]
                    raise Failure(f"{self.name}: no {kind} within"
                                  f" {seconds} s, but {seen}")
                self.changed.wait(left)

    def seen(self, kind):
        with self.changed:
            return [e for e in self.events if e["type"] == kind]

    def registered(self, seconds=10):
        """Waits for the first registration, which may precede start()."""
        wait_for(lambda: " binding" in self.proc.text(), seconds,
                 f"{self.name} to register; see {self.proc.log}")
        return self

    def dial(self, number):
        return self.command("dial", f"sip:{number}@{self.domain}")

    def press(self, key, after=0.15):
        """A key, down for 120 ms; and as long as a hand takes for the next."""
        self.command("sndcode", key)
        time.sleep(0.12)
        self.command("sndcode", "\x04")  # let go
        time.sleep(after)

    def hangup(self):
        return self.command("hangup")

    def hold(self):
        return self.command("hold")

    def resume(self):
        return self.command("resume")

    def recordings(self):
        return sorted(glob.glob(f"{self.dir}/rec/*-dec.wav"))

    def hears(self, hz):
        """Seconds of that tone in all that was received (after hang-up)."""
        return tones.heard(self.recordings(), hz)

    def crypto(self):
        """The a=crypto lines of its signalling: (suite, base64 key)."""
        return re.findall(r"a=crypto:\d+ (\S+) inline:([A-Za-z0-9+/=]+)",
                          self.proc.text())

    def dialog(self, number):
        """(Call-ID, own tag, far tag) of the latest call to that number."""
        found = None
        for m in re.finditer(
                rf"^SIP/2.0 200 [^\n]*\r?\n(?:[^\r\n]+\r?\n)*"
                rf"(?=\r?\n)", self.proc.text(), re.M):
            head = m.group()
            to = re.search(rf"^To: .*sip:{number}@.*;tag=(\S+)", head, re.M)
            if to and re.search(r"^CSeq: \d+ INVITE", head, re.M):
                found = (re.search(r"^Call-ID: (\S+)", head, re.M)[1],
                         re.search(r"^From: .*;tag=(\S+)", head, re.M)[1],
                         to[1])
        check(found, f"{self.name} called no {number}")
        return found

    def ringing(self):
        """(Call-ID, own tag, far tag) of the latest call that rings here."""
        found = re.findall(
            r"^SIP/2.0 180 [^\n]*\r?\n(?:[^\r\n]+\r?\n)*(?=\r?\n)",
            self.proc.text(), re.M)
        check(found, f"{self.name} does not ring")
        return tuple(re.search(rf"^{what}(\S+)", found[-1], re.M)[1]
                     for what in ("Call-ID: ", "To: .*;tag=", "From: .*;tag="))

    def log(self):
        return self.proc.text()

    def stop(self):
        if self.proc:
            self.proc.stop(3)
        if self.sock:
            self.sock.close()
