"""A soft phone: Debian's linphonec, with files instead of a sound card. What it
is told is typed into it; what it says of itself is read again.

It speaks of calls by numbers of its own, 1 for the first one.
"""

import os
import re
import subprocess

from . import tones
from .env import check, wait_for

CONFIG = """[sip]
bind_address={host}
sip_port=0
sip_tcp_port=0
sip_tls_port={port}
root_ca={cafile}
verify_server_certs=1
verify_server_cn=1
client_cert_chain={cert}
client_cert_key={key}
media_encryption=srtp
media_encryption_mandatory=1
srtp_crypto_suites={suites}
use_ipv6=0
guess_hostname=0
register_only_when_network_is_up=0
default_proxy=0
inc_timeout=60

[rtp]
audio_rtp_port=20000-29998
nortp_timeout=60

[sound]
echocancellation=0
ec_filter=

[auth_info_0]
username={user}
userid={user}
passwd={password}
realm={domain}

[proxy_0]
reg_proxy=<{proxy}>
reg_route=<{proxy}>
reg_identity=sip:{user}@{domain}
reg_expires=60
reg_sendregister=1
publish=0

[storage]
uri={dir}/linphone.db
"""


class Linphone:
    """A phone that plays one tone and records what it hears, on TLS with its
    certificate (cert: certificate and key, files), and SRTP or nothing."""

    def __init__(self, ctx, user, tone, *, domain, server, cert, cafile,
                 password=None, auto=True, name=None,
                 suites="AES_CM_128_HMAC_SHA1_80"):
        self.ctx, self.user, self.tone = ctx, user, tone
        self.domain, self.cert = domain, cert
        self.server = server
        self.cafile, self.password, self.auto = cafile, password, auto
        self.name = name or f"linphone-{user}"
        self.suites = suites
        self.dir = os.path.dirname(ctx.path(self.name, "log"))
        self.seen = 0

    def start(self):
        os.makedirs(self.dir, exist_ok=True)
        config = self.ctx.write(f"{self.name}/linphonerc", CONFIG.format(
            host="127.0.0.1", port=self.ctx.env.port_pair("127.0.0.1"),
            cafile=self.cafile, cert=self.cert[0], key=self.cert[1],
            user=self.user, domain=self.domain,
            proxy=f"sip:{self.server}:5061;transport=tls",
            password=self.password or "", suites=self.suites, dir=self.dir))
        self.proc = self.ctx.spawn(
            ["linphonec", "-c", config, "-d", "5",
             "-l", f"{self.dir}/debug"] + (["-a"] if self.auto else []),
            f"{self.name}/log", env=os.environ | {"HOME": self.dir},
            stdin=subprocess.PIPE)
        wait_for(lambda: "linphonec>" in self.proc.text() or
                 not self.proc.alive(), 20, f"{self.name} to start")
        check(self.proc.alive(), f"linphonec: {self.proc.text()[-500:]}")
        self.type("soundcard use files")
        self.play()
        self.type(f"record {self.dir}/heard.wav")
        return self

    def play(self):
        """Its tone, from now on; it forgets it when it holds a call."""
        wav = tones.make(self.ctx.env.root, self.tone)
        self.type(f"play {wav}")

    def type(self, line):
        self.proc.p.stdin.write(line.encode() + b"\n")
        self.proc.p.stdin.flush()

    def mark(self):
        """What happened before this moment is of no interest any more."""
        self.seen = len(self.log())

    def state(self, name, seconds=15):
        """Waits for a call, or the registration, to come to that state."""
        wait_for(lambda: re.search(rf"state \S+ to \[?Linphone{name}\b|"
                                   rf"\] to \[Linphone{name}\]",
                                   self.log()[self.seen:]),
                 seconds, f"{self.name}: {name}; see {self.dir}/debug")

    def registered(self):
        self.state("RegistrationOk")
        return self

    def dial(self, number):
        self.type(f"call sip:{number}@{self.domain}")

    def up(self):
        self.state("CallStreamsRunning")

    def ended(self):
        self.state("CallReleased")

    def hears(self, hz):
        """Seconds of that tone in all that was received."""
        return tones.heard([f"{self.dir}/heard.wav"], hz)

    def log(self):
        """With its signalling."""
        with open(f"{self.dir}/debug", "rb") as f:
            return f.read().decode("utf-8", "replace")

    def stop(self):
        self.proc.stop(3)
