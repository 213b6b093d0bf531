"""Certificates that renew themselves while calls are up."""

import os
import re
import threading
import time

from kit import sites
from kit.env import check, run, wait_for
from kit.est import Est
from kit.media import Media
from kit.site import Site
from kit.suite import test
from test_reload import nothing_lost, served, talking

# A hundred seconds are the whole story; a run of all tests tells it faster.
LIFETIME = int(os.environ.get("LINESIDE_RENEWAL_LIFETIME", "25"))


class Renewing(Site):
    """EDGE's certificate comes from an EST service."""

    def __init__(self, ctx):
        super().__init__(ctx)
        self.est = Est(ctx, self.pki, "servers", ctx.addr(), LIFETIME)
        self.state = ctx.path("state", "x")[:-2]

    def text(self, more=""):
        edge = f"""crypto pki trustpoint EDGE
 enrollment url {self.est.url} profile est
 subject-name CN=edge.example.com
 fqdn edge.example.com
 ip-address {self.access}
 subject-alt-name ip:::1
 eckeypair EDGE
 auto-enroll 80 regenerate
 ca-bundle file {self.pki.path("phones.pem")}
"""
        text = re.sub(r"crypto pki trustpoint EDGE\n( .*\n)*", edge,
                      super().text(more))
        return f"state directory {self.state}\n{text}"

    def start(self, more=""):
        """The daemon enrols by itself once the authority is believed."""
        before = self.ctx.write("before.conf", self.text())
        done = run(["openssl", "x509", "-in", self.pki.path("servers.pem"),
                    "-noout", "-fingerprint", "-sha256"], 10)
        done = run([self.ctx.env.program("lineside"), "-f", before, "pki",
                    "authenticate", "EDGE", "--fingerprint",
                    done.stdout.split("=")[1].strip()], 20)
        check(done.returncode == 0, done.stdout + done.stderr)
        super().start(more)
        wait_for(lambda: self.status().get("subject"), 15, "a certificate")
        return self

    def status(self):
        rows = self.lineside.json("crypto", "pki", "trustpoints", "status")
        return next(r for r in rows["trustpoints"] if r["name"] == "EDGE")


sites.SITES["renewal"] = lambda ctx: Renewing(ctx).start()


class Phones(threading.Thread):
    """Phones that register again and again, on connections that are up."""

    def __init__(self, agents):
        super().__init__(daemon=True)
        self.agents, self.stopping, self.error, self.n = agents, False, "", 0

    def run(self):
        try:
            while not self.stopping:
                for a in self.agents:
                    r = a.register()
                    check(r.status == 200, f"REGISTER: {r}")
                    self.n += 1
                time.sleep(0.2)
        except Exception as e:
            self.error = repr(e)

    def end(self):
        self.stopping = True
        self.join(20)
        check(not self.error, self.error)
        return self.n


@test("renewal", serial=True)
def renewed_at_its_percentage_during_calls(t, s):
    """20 secure calls are up and phones keep registering: the certificate is
    renewed at 80 % of its life; no call is lost, no packet, and new handshakes
    show the new certificate."""
    media = Media(t)
    # The next renewal shall be far enough away for the calls to be set up.
    count = len(s.est.issued)
    wait_for(lambda: len(s.est.issued) > count, LIFETIME + 10, "a renewal")
    begun, _ = s.est.issued[-1]
    wait_for(lambda: s.status()["renewal"] == "waiting", 5, "rest")
    old, _ = served(s, t)
    a = s.secure_agent(t, "2050")
    phones = Phones([s.secure_agent(t, f"20{n}") for n in range(51, 56)])
    calls = talking(t, s, a, media)
    phones.start()
    count = len(s.est.issued)
    wait_for(lambda: len(s.est.issued) > count, LIFETIME + 10, "the renewal")
    at, proof = s.est.issued[-1]
    check(proof, "the old certificate did not vouch for the request")
    part = (at - begun) / LIFETIME
    # the server's times, each late by what it was kept from doing
    check(0.8 - 1.5 / LIFETIME <= part <= 0.81 + 2.5 / LIFETIME,
          f"renewed at {part:.2%}")
    wait_for(lambda: served(s, t)[0] != old, 5, "the new certificate")
    time.sleep(1)  # packets under the new one
    check(phones.end() > 10, "phones did not register")
    nothing_lost(calls)
    check(len({x["call"] for x in s.legs()}) == 20, "calls are missing")
    for b, number, _, _, da, db in calls:
        a.bye(da)
        b.await_bye(db)
    check("%PKI-5-RENEWED" in s.lineside.log(), "not logged")
    horizon = s.lineside.json("crypto", "pki", "horizon")["horizon"]
    check({"own", "authority", "peer"} <= {r["kind"] for r in horizon},
          f"{horizon}")


@test("renewal", serial=True)
def failed_attempts_are_told_and_repeated(t, s):
    """The authority is out of order twice: warnings with the days left, then
    it works; the configuration file meanwhile broken does not matter."""
    text = s.text()
    s.lineside.config(text + "frobnicate\n")
    count = len(s.est.issued)
    with s.est.guard:
        s.est.refuse = 2
    wait_for(lambda: s.status().get("renewal_failures"), LIFETIME + 10,
             "a failure", every=0.1)
    check("%PKI-4-RENEW_FAILED" in s.lineside.log(), "not logged")
    wait_for(lambda: len(s.est.issued) > count, LIFETIME + 10, "the renewal")
    wait_for(lambda: s.status()["renewal"] == "waiting", 5, "rest")
    check(s.status()["renewal_failures"] == 0, f"{s.status()}")
    s.lineside.config(text)


@test("renewal", serial=True)
def renewed_by_command(t, s):
    """`lineside pki enroll` now; the daemon takes it into use."""
    old, _ = served(s, t)
    done = run([t.env.program("lineside"), "-f", s.lineside.file, "-s",
                s.lineside.socket, "pki", "enroll", "EDGE"], 30)
    check(done.returncode == 0, done.stdout + done.stderr)
    check("uses it from now on" in done.stderr, done.stderr)
    check(served(s, t)[0] != old, "still the old certificate")
