#!/usr/bin/env python3
"""Adds up the results of every suite and prints `N passed, N failed`.

    tally.py FILE…    meson's testlog.json, or the output of tests/integ/run.py

A program that tells of its tests (cmocka's, TAP, PASS and FAIL) counts by
them, any other as one.
"""

import json
import re
import sys

BAD = {"FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS"}


def of_program(row):
    """(passed, failed) of one row of testlog.json."""
    text = row.get("stdout", "") + row.get("stderr", "")
    good = sum(map(int, re.findall(r"\[  PASSED  \] (\d+) test", text)))
    bad = sum(map(int, re.findall(r"\[  FAILED  \] (\d+) test", text)))
    good += len(re.findall(r"^(?:PASS|ok) ", text, re.M))
    bad += len(re.findall(r"^(?:FAIL|not ok) ", text, re.M))
    failed = row["result"] in BAD
    if row["result"] == "SKIP":
        return 0, 0
    if not good and not bad:
        return (0, 1) if failed else (1, 0)
    return good, max(bad, 1 if failed else 0)


def of_file(path):
    good = bad = 0
    with open(path, encoding="utf-8", errors="replace") as f:
        text = f.read()
    if path.endswith(".json"):
        for line in text.splitlines():
            row = json.loads(line)
            g, b = of_program(row)
            good, bad = good + g, bad + b
            if row["result"] in BAD:
                print(f"  failed: {row['name']} (see"
                      f" {path.replace('.json', '.txt')})")
    else:
        good = len(re.findall(r"^PASS ", text, re.M))
        bad = len(re.findall(r"^FAIL ", text, re.M))
        for line in re.findall(r"^FAIL .*", text, re.M):
            print(f"  {line[:200]}")
        if not good and not bad:
            bad = 1  # it ended before any test did
            print(f"  failed: {path} holds no result")
    return good, bad


def main():
    good = bad = 0
    for path in sys.argv[1:]:
        try:
            g, b = of_file(path)
        except OSError as e:
            print(f"  failed: {e}")
            g, b = 0, 1
        good, bad = good + g, bad + b
    print(f"{good} passed, {bad} failed")
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
