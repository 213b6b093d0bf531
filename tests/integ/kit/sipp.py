"""Runs SIPp with a scenario of tests/integ/sipp."""

import os

from . import flow
from .env import check

FOLDER = os.path.join(os.path.dirname(__file__), "../sipp")


class Sipp:
    """One scenario in the background; ok() tells how it ended."""

    def __init__(self, ctx, scenario, host, remote=None, *, port=5060,
                 calls=1, keys=(), transport="u1", service="3000",
                 user="sipp", rate=10, seconds=40, name=None, extra=(),
                 steps=None):
        """`steps`: the scenario itself, in the words of flow.py."""
        self.name = name or scenario
        self.folder = os.path.dirname(ctx.path(f"sipp-{self.name}", "x"))
        path = os.path.join(FOLDER, f"{scenario}.xml")
        if steps is not None:
            os.makedirs(self.folder, exist_ok=True)
            path = flow.write(self.folder, scenario, steps)
        argv = ["sipp", "-sf", path,
                "-i", host, "-p", port, "-m", calls, "-r", rate, "-nostdin",
                "-t", transport, "-s", service, "-key", "user", user,
                "-mi", host, "-mp", 30000, "-timeout", seconds,
                "-timeout_error", "-trace_err", "-trace_msg",
                "-error_file", f"{self.folder}/errors",
                "-message_file", f"{self.folder}/messages"]
        for key, value in keys:
            argv += ["-key", key, value]
        argv += list(extra)
        argv.append(remote or host)
        self.seconds = seconds
        env = dict(os.environ, TERM="dumb")
        self.proc = ctx.spawn(argv, f"sipp-{self.name}/log", env=env,
                              cwd=self.folder)

    def messages(self):
        try:
            with open(f"{self.folder}/messages", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def ok(self):
        status = self.proc.wait(self.seconds + 10)
        if status != 0:
            errors = ""
            path = f"{self.folder}/errors"
            if os.path.exists(path):
                with open(path, errors="replace") as f:
                    errors = f.read()[:1500]
            check(False, f"sipp {self.name} ended with {status}: {errors}"
                         f" (see {self.folder})")
