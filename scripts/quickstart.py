#!/usr/bin/env python3
"""The second half of ./quickstart: certificates, configuration, the daemon,
and with --call the phones. Run that one."""

import argparse
import os
import shutil
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TOP, "tests/integ"))

from kit.baresip import Baresip  # noqa: E402
from kit.env import Ctx, Env, Failure, listening  # noqa: E402
from kit.lineside import Lineside  # noqa: E402
from kit.pki import Pki  # noqa: E402

FOLDER = os.path.join(TOP, ".quickstart")
HOST = "127.0.0.1"
DOMAIN = "demo.lineside"
TONES = {"2001": 500, "2002": 800}  # Hz that each phone plays
TALK = 5.0

CONFIG = """! Made by ./quickstart: Lineside on loopback, itself the registrar.
! Change what you like, then:  lineside -s {socket} reload
!
hostname quickstart
control-socket {socket}
logging level informational
logging file {log}
!
! What Lineside shows to phones, and whose phones it accepts.
crypto pki trustpoint DEMO
 certificate file {pki}/proxy-chain.pem
 key file {pki}/proxy.key
 ca-bundle file {pki}/demo-ca.pem
!
voice class codec 1
 codec preference 1 g711ulaw
 codec preference 2 g711alaw
 codec preference 3 g722-64
!
voice class srtp-crypto 1
 crypto 1 AEAD_AES_256_GCM
 crypto 2 AEAD_AES_128_GCM
 crypto 3 AES_CM_128_HMAC_SHA1_80
!
! The certificate of phone-2001.demo.lineside may register 2001, no other.
voice class phone-identity 1
 rule 10 san-dns ^phone-([0-9]+)\\.demo\\.lineside$ line \\1
!
! The outside: TLS, a client certificate is demanded.
sip-listener PHONES
 side access
 address ipv4 {host} port {port}
 transport tcp tls
 trustpoint DEMO
 phone-identity 1
!
voice service voip
 allow-connections sip to sip
 rtp-port range 16384 19998
!
! No call manager behind: Lineside keeps the registrations itself.
sip-ua
 registrar embedded
!
! Calls to 2xxx go to the phone that registered that number, with SRTP only.
dial-peer voice 100 voip
 description phones
 session protocol sipv2
 session target registrar
 session transport tcp tls
 incoming listener PHONES
 destination-pattern 2...
 voice-class codec 1
 voice-class srtp-crypto 1
 srtp
!
end
"""

POINT = """
Lineside runs. To use a softphone of yours:
  account        2001 (or 2002), domain {domain}, no password
  outbound proxy {host}:{port}, transport TLS
  SRTP           mandatory, keys by SDES
  trust          {pki}/demo-ca.pem
  certificate    {pki}/phone-2001.both.pem (with its key; 2002: phone-2002.both.pem)
baresip, for one:
  config         sip_certificate and sip_cafile with those two files,
                 module g711.so, module srtp.so
  accounts       <sip:2001@{domain};transport=tls>;auth_pass=none;\
outbound="sip:{host}:{port};transport=tls";mediaenc=srtp-mand
Look inside:     {lineside} -s {socket} show registrations
                 without words it is a shell; ? helps
Configuration:   {conf}
Log:             {log}
Ctrl-C ends it.
"""


class Steps:
    def __init__(self, elapsed, now, total):
        self.begin = time.monotonic() - elapsed
        self.now, self.total = now, total

    def __call__(self, text):
        self.now += 1
        s = int(time.monotonic() - self.begin)
        print(f"\n[step {self.now} of {self.total}, {s // 60}:{s % 60:02d}]"
              f" {text}", flush=True)


def certificates(folder):
    """The demonstration CA, kept from run to run while it is whole."""
    pki = Pki(folder)
    wanted = ["demo-ca.pem", "proxy-chain.pem", "proxy.key", "phone-2001.both.pem",
              "phone-2002.both.pem"]
    if all(os.path.exists(pki.path(x)) for x in wanted):
        return pki
    pki.ca("demo-ca", "/O=Lineside demonstration/CN=Demonstration CA")
    pki.leaf("proxy", "demo-ca", "/CN=proxy.demo.lineside",
             f"DNS:proxy.{DOMAIN},DNS:{DOMAIN},DNS:localhost,IP:{HOST}")
    os.rename(pki.bundle("chain.new", "proxy", "demo-ca"),
              pki.path("proxy-chain.pem"))
    for line in TONES:
        pki.leaf(f"phone-{line}", "demo-ca",
                 f"/O=Lineside demonstration/CN=phone {line}",
                 f"DNS:phone-{line}.{DOMAIN}")
    return pki


def start(ctx, pki, port):
    if listening(HOST, port):
        raise Failure(f"something listens on {HOST}:{port} already."
                      f" What to do: end it (`ss -ltnp` names it), or"
                      f" ./quickstart --port N")
    lineside = Lineside(ctx, "", "lineside")
    lineside.log_file = os.path.join(FOLDER, "lineside.log")
    lineside.config(CONFIG.format(
        socket=lineside.socket, log=lineside.log_file, pki=pki.dir,
        host=HOST, port=port))
    try:
        return lineside.start()
    except Failure:
        raise Failure(f"linesided did not start: {last_line(lineside)}."
                      f" What to do: read {lineside.proc.log}") from None


def last_line(lineside):
    lines = lineside.proc.text().strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def ended(_number, _frame):
    """A signal is as good as Ctrl-C: what was started is ended."""
    raise KeyboardInterrupt


def status_line(lineside):
    legs = lineside.json("call", "active", "voice")["legs"]
    phones = lineside.json("registrations")["registrations"]
    calls = {leg["call"] for leg in legs}
    srtp = sum(leg["srtp"] for leg in legs)
    packets = sum(leg["rx_packets"] for leg in legs)
    lost = sum(leg["lost"] for leg in legs)
    text = (f"{time.strftime('%H:%M:%S')}  phones {len(phones)}"
            f"  calls {len(calls)}")
    if legs:
        text += (f"  legs with SRTP {srtp} of {len(legs)}"
                 f"  packets {packets}  lost {lost}")
    return text


def watch(lineside):
    """A line each second until Ctrl-C; on a terminal always the same."""
    last = ""
    while lineside.proc.alive():
        try:
            text = status_line(lineside)
        except Failure:
            break  # it ended meanwhile
        if sys.stdout.isatty():
            print(f"\r{text:<78}", end="", flush=True)
        elif text[10:] != last:
            print(text, flush=True)
            last = text[10:]
        time.sleep(1)  # the refresh of the display
    raise Failure("linesided ended by itself. What to do: read "
                  f"{lineside.proc.log} and {lineside.log_file}")


def phone(ctx, pki, line, port):
    # What an earlier call recorded must not count for this one.
    shutil.rmtree(os.path.join(ctx.dir, f"phone-{line}"), ignore_errors=True)
    return Baresip(
        ctx, line, TONES[line], domain=DOMAIN, transport="tls",
        outbound=f"sip:{HOST}:{port};transport=tls", mediaenc="srtp-mand",
        cert=pki.path(f"phone-{line}.both.pem"),
        cafile=pki.path("demo-ca.pem")).start()


def print_leg(leg, line):
    print(f"  Leg {leg['leg']}: phone {line}, {leg['signalling']}\n"
          f"    TLS      {leg['tls_version']}, {leg['tls_cipher']}\n"
          f"    peer     {leg['identity']}\n"
          f"    SRTP     {'on' if leg['srtp'] else 'OFF'},"
          f" {leg['suite_local']} sent, {leg['suite_remote']} received\n"
          f"    packets  {leg['rx_packets']} received,"
          f" {leg['tx_packets']} sent\n"
          f"    loss     {leg['lost']} packets,"
          f" {leg['auth_failed']} not authentic")


def call(ctx, lineside, pki, port, step):
    step(f"A secure call: 2001 calls 2002, {TALK:.0f} s")
    a, b = (phone(ctx, pki, line, port).registered() for line in TONES)
    print("  both phones registered over mutual TLS", flush=True)
    a.dial("2002")
    b.event("CALL_ESTABLISHED")
    a.event("CALL_ESTABLISHED")
    time.sleep(TALK)  # the call itself
    legs = lineside.json("call", "active", "voice")["legs"]
    a.hangup()
    b.event("CALL_CLOSED")
    a.event("CALL_CLOSED")
    for leg, line in zip(sorted(legs, key=lambda x: x["leg"]), TONES):
        print_leg(leg, line)
    good = len(legs) == 2 and all(leg["srtp"] for leg in legs)
    for me, other in ((a, b), (b, a)):
        heard = me.hears(other.tone)
        print(f"  {me.user} heard the {other.tone} Hz of {other.user} for"
              f" {heard:.1f} s")
        good = good and heard > TALK * 0.8
    if not good:
        raise Failure("the call was not secure, or not heard. What to do:"
                      f" read {lineside.log_file} and {ctx.dir}/phone-*/log")
    print("\nquickstart: a secure call, heard by both ends."
          " ./quickstart alone leaves Lineside running for phones of yours.",
          flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--call", action="store_true")
    parser.add_argument("--port", default="5061")
    parser.add_argument("--elapsed", type=int, default=0)
    args = parser.parse_args()
    args.port = int(args.port)  # ./quickstart has looked at it
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ended)
    step = Steps(args.elapsed, 2, 5 if args.call else 4)
    env = Env(os.path.join(TOP, "build-quickstart"), root=FOLDER)
    ctx = Ctx(env, "run")
    try:
        step("Demonstration CA: proxy, phone 2001, phone 2002")
        pki = certificates(os.path.join(FOLDER, "pki"))
        print(f"  in {pki.dir}")
        step(f"Start linesided on {HOST}:{args.port}, embedded registrar")
        lineside = start(ctx, pki, args.port)
        print(f"  configuration: {lineside.file}", flush=True)
        if args.call:
            call(ctx, lineside, pki, args.port, step)
        else:
            print(POINT.format(
                domain=DOMAIN, host=HOST, port=args.port, pki=pki.dir,
                lineside=env.program("lineside"), socket=lineside.socket,
                conf=lineside.file, log=lineside.log_file), flush=True)
            watch(lineside)
        return 0
    except KeyboardInterrupt:
        print("\nquickstart: ended")
        return 0
    except Failure as e:
        text = str(e)
        if "What to do:" not in text:
            text += f". What to do: read the logs in {FOLDER}"
        print(f"quickstart: failed: {text}", file=sys.stderr)
        return 1
    finally:
        ctx.close()
        env.close()


if __name__ == "__main__":
    sys.exit(main())
