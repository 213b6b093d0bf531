"""The daemon under test and its operator's command."""

import json
import os
import re
import signal

from .env import check, run, wait_for


class Lineside:
    """linesided in the foreground with a configuration file of ours."""

    def __init__(self, ctx, config, name="lineside", valgrind=None,
                 prefix=()):
        self.ctx, self.name = ctx, name
        self.prefix = prefix  # a command that runs it
        self.dir = os.path.dirname(ctx.path(name, "log"))
        self.socket = f"{self.dir}/control"
        self.file = f"{self.dir}/lineside.conf"
        self.config(config)

    def config(self, text):
        """Writes the file; what runs does not change before reload()."""
        if "control-socket" not in text:
            text = f"control-socket {self.socket}\n" + text
        with open(self.file, "w", encoding="utf-8") as f:
            f.write(text)

    def start(self, seconds=15):
        env = dict(os.environ)
        env.setdefault("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0")
        # What was freed must not look like growth.
        env["ASAN_OPTIONS"] += ":quarantine_size_mb=16"
        env.setdefault("UBSAN_OPTIONS",
                       "print_stacktrace=1:halt_on_error=1")
        self.proc = self.ctx.spawn(
            [*self.prefix, self.ctx.env.program("linesided"), "-f", self.file],
            f"{self.name}/log", env=env)
        wait_for(lambda: not self.proc.alive() or
                 self.command("show", "version").returncode == 0, seconds,
                 f"linesided to answer; see {self.proc.log}")
        check(self.proc.alive(),
              f"linesided ended: {self.proc.text()[-2000:]}")
        if os.environ.get("LINESIDE_DEBUG"):
            self.command("debug", "ccsip", "messages")
            self.command("debug", "ccsip", "calls")
        return self

    @property
    def pid(self):
        return self.proc.pid

    def command(self, *words, seconds=20):
        return run([self.ctx.env.program("lineside"), "-s", self.socket,
                    *words], seconds)

    def show(self, *words):
        """Text of `lineside show …`."""
        done = self.command("show", *words)
        check(done.returncode == 0,
              f"show {' '.join(words)}: {done.stderr or done.stdout}")
        return done.stdout

    def json(self, *words):
        return json.loads(self.show(*words, "--json"))

    def counters(self):
        """Every counter by its exposed name."""
        return {row["name"]: row["value"]
                for row in self.json("counters")["counters"]}

    def log(self):
        return self.proc.text()

    def reload(self, seconds=20):
        """SIGHUP; the row of `show reload` that tells of it."""
        before = self._last_reload()
        os.kill(self.pid, signal.SIGHUP)
        return wait_for(lambda: self._last_reload(other_than=before), seconds,
                        "the reload to be done", every=0.01)

    def _last_reload(self, other_than=None):
        row = max(self.json("reload")["reloads"], key=lambda r: r["number"])
        return row if row != other_than else None

    def rss(self):
        """Resident memory, KB."""
        with open(f"/proc/{self.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def heap(self):
        """What is allocated now, KB."""
        return self.json("memory", "statistics")["memory"]["heap_used_kb"]

    def sanitizer(self):
        """What the daemon was built with: "asan", "tsan" or "" (none)."""
        with open(f"/proc/{self.pid}/maps") as f:
            found = re.search(r"/lib([at]san)\.so", f.read())
        if found:
            return found.group(1)
        with open(f"/proc/{self.pid}/exe", "rb") as f:  # clang's is linked in
            program = f.read()
        return next((x for x in ("asan", "tsan")
                     if f"__{x}_init".encode() in program), "")

    def fds(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu(self):
        """User and system time so far, seconds."""
        with open(f"/proc/{self.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def judge(self):
        """Ends it; a crash or a sanitizer's finding is a failure."""
        alive = self.proc.alive()
        status = self.proc.stop(20)
        text = self.proc.text()
        found = re.search(r"(==\d+==ERROR: .*|.*runtime error: .*|"
                          r"WARNING: ThreadSanitizer: .*)", text)
        check(not found, f"{found and found.group(1)}; see {self.proc.log}")
        check(alive, f"linesided ended by itself ({status}):"
                     f" {text[-1500:]}")
        check(status == 0, f"linesided ended with {status}:"
                           f" {text[-800:]}")
