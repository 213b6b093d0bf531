#!/usr/bin/env python3
"""The SIP port against plain sockets, openssl's TLS and SIPp.

    test_port.py PORT_ECHO [NAME-PART]

Every test starts a port_echo of its own and judges how it ends: exit code,
nothing left over, counters.
"""
import shutil
import subprocess
import sys

import port_calls  # noqa: F401: their tests
import port_streams  # noqa: F401
from port_kit import ONLY, TESTS, TMP, Failed, make_certificates


def main():
    bad = 0
    make_certificates()
    try:
        for f in TESTS:
            if ONLY not in f.__name__:
                continue
            try:
                f()
                print(f"ok   {f.__name__}", flush=True)
            except (Failed, OSError, subprocess.SubprocessError) as err:
                bad += 1
                print(f"FAIL {f.__name__}: {err!r}", flush=True)
    finally:
        shutil.rmtree(TMP, ignore_errors=True)
    return 1 if bad else 0


sys.exit(main())
