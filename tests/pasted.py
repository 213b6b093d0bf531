#!/usr/bin/env python3
"""What documents show can be pasted: each line of each configuration is one of
the language, and each command one that the daemon or the client knows.

pasted.py LINESIDED LINESIDE SOURCE"""

import glob
import os
import re
import subprocess
import sys
import tempfile
import time

CONF = """state directory {d}/state
control-socket {d}/ctl
logging file {d}/log
sip-listener A
 side core
 address ipv4 127.0.7.91 port 5060
 transport udp
dial-peer voice 1 voip
 incoming listener A
 destination-pattern T
 session target ipv4:127.0.7.92
 session transport udp
 no srtp
"""
CONFIG = re.compile(r"(hostname|crypto pki|voice |voice-|dial-peer|sip-listener|"
                    r"sip-ua|dspfarm|media profile|media class|capf-server|"
                    r"interface )")
UNKNOWN = re.compile(r"unknown command|is not a command|'.*' is not |expected|"
                     r"takes no more|incomplete", re.I)


def blocks(name):
    with open(name, encoding="utf-8") as f:
        return re.findall(r"^```(\w*)\n(.*?)^```", f.read(), re.S | re.M)


def configuration(lineside, text):
    """Lines that are none of the language; '…' stands for others."""
    done = subprocess.run([lineside, "check", "/dev/stdin"], input=text,
                          capture_output=True, text=True, check=False)
    return [x for x in done.stderr.splitlines() if UNKNOWN.search(x) and
            "…" not in x and "warning: " not in x]


def commands(text):
    """Those that a daemon answers; words in capitals stand for others."""
    for line in text.splitlines():
        m = re.match(r"\s*(?:\$ )?lineside ((?:--json )?show [^#|>]*)", line)
        if m and not re.search(r"\b[A-Z]{2,}\b", m[1]):
            yield m[1].split()


def wrong(lineside, folder, source):
    found = shown = 0
    names = [f"{source}/README.md"] + sorted(
        glob.glob(f"{source}/docs/**/*.md", recursive=True))
    for name in names:
        short = os.path.relpath(name, source)
        for lang, text in blocks(name):
            if lang == "lineside" or (lang == "" and CONFIG.match(text)):
                found += 1
                yield from (f"{short}: {x}"
                            for x in configuration(lineside, text))
            for words in commands(text):
                shown += 1
                done = subprocess.run([lineside, "-s", f"{folder}/ctl", *words],
                                      capture_output=True, text=True,
                                      check=False)
                if done.returncode not in (0, 1):
                    yield f"{short}: lineside {' '.join(words)}: {done.stderr}"
    if found < 15 or shown < 15:
        yield f"only {found} configurations and {shown} commands were found"


def main():
    linesided, lineside, source = sys.argv[1:]
    with tempfile.TemporaryDirectory() as d:
        os.mkdir(f"{d}/state")
        with open(f"{d}/conf", "w", encoding="utf-8") as f:
            f.write(CONF.format(d=d))
        with subprocess.Popen([linesided, "-f", f"{d}/conf"],
                              stderr=subprocess.DEVNULL) as daemon:
            while not os.path.exists(f"{d}/ctl") and daemon.poll() is None:
                time.sleep(0.05)
            said = list(wrong(lineside, d, source))
            daemon.terminate()
    print("\n".join(said))
    return 1 if said else 0


sys.exit(main())
