#!/usr/bin/env python3
"""Integration tests: real software against the built daemon.

    run.py [-k PATTERN] [--build DIR] [-j N] [--list] [--keep]

Prints PASS or FAIL per test and the counts at the end. A failure leaves the
folder with every program's output.
"""

import argparse
import glob
import importlib
import os
import re
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from kit import sites  # noqa: E402
from kit.env import Ctx, Env, Failure, Skip  # noqa: E402
from kit.suite import TESTS  # noqa: E402


class Runner:
    def __init__(self, env):
        self.env = env
        self.guard = threading.Lock()
        self.sites, self.locks = {}, {}
        self.passed, self.failed, self.skipped = [], [], []

    def site(self, name):
        """The group's daemon, started by the first test that wants it."""
        with self.guard:
            lock = self.locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self.sites:
                ctx = Ctx(self.env, name)
                try:
                    self.sites[name] = (ctx, sites.SITES[name](ctx))
                except Exception as e:
                    self.sites[name] = (ctx, e)
            site = self.sites[name][1]
        if isinstance(site, Exception):
            raise Failure(f"site {name} did not start: {site}")
        return site

    def report(self, name, begin, error=None):
        seconds = time.monotonic() - begin
        with self.guard:
            if error is None:
                self.passed.append(name)
                print(f"PASS {name} ({seconds:.1f} s)", flush=True)
            elif isinstance(error, Skip):
                self.skipped.append(name)
                print(f"SKIP {name}: {error}", flush=True)
            else:
                self.failed.append(name)
                print(f"FAIL {name} ({seconds:.1f} s): {error}", flush=True)
                if not isinstance(error, Failure):
                    traceback.print_exception(error)

    def run(self, test):
        begin, error = time.monotonic(), None
        ctx = Ctx(self.env, test.name)
        try:
            if test.site:
                test.function(ctx, self.site(test.site))
            else:
                test.function(ctx)
        except Exception as e:
            error = e
        ctx.close()
        self.report(test.name, begin, error)

    def run_all(self, tests):
        for test in tests:
            self.run(test)

    def finish(self):
        """Each daemon must end cleanly, with no finding of a sanitizer."""
        for name, (ctx, site) in self.sites.items():
            if not isinstance(site, Exception):
                begin, error = time.monotonic(), None
                try:
                    site.lineside.judge()
                except Exception as e:
                    error = e
                self.report(f"{name}.ends_cleanly", begin, error)
            ctx.close()


def phases(tests):
    """What may run side by side, one phase after the other; each job is tests
    one after the other."""
    beside = [[t] for t in tests if not t.serial and not t.alone]
    by_site = {}
    for t in tests:
        if t.serial and not t.alone:
            by_site.setdefault(t.site or t.name, []).append(t)
    return beside, list(by_site.values()), [[t for t in tests if t.alone]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", default="", help="only names that match")
    parser.add_argument("--build", default=os.path.join(HERE, "../../build"))
    parser.add_argument("-j", type=int, default=4)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--debug", action="store_true",
                        help="SIP messages in the daemon's log")
    parser.add_argument("--keep", action="store_true",
                        help="keep the folder of a good run too")
    args = parser.parse_args()

    for path in sorted(glob.glob(os.path.join(HERE, "test_*.py"))):
        importlib.import_module(os.path.basename(path)[:-3])
    tests = [t for t in TESTS if re.search(args.k, t.name)]
    if args.list:
        for t in tests:
            print(t.name)
        return 0
    if args.debug:
        os.environ["LINESIDE_DEBUG"] = "yes"
    env = Env(args.build, args.keep)
    runner = Runner(env)
    try:
        for jobs in phases(tests):
            with ThreadPoolExecutor(args.j) as pool:
                list(pool.map(runner.run_all, jobs))
    finally:
        runner.finish()
        env.keep = env.keep or bool(runner.failed)
        env.close()
    if runner.failed:
        print(f"# what the programs said is in {env.root}")
    print(f"{len(runner.passed)} passed, {len(runner.failed)} failed" +
          (f", {len(runner.skipped)} skipped" if runner.skipped else ""))
    return 1 if runner.failed or not runner.passed else 0


if __name__ == "__main__":
    sys.exit(main())
