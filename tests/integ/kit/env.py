"""Addresses, folders and processes of one run, all given back at its end.

A run owns one network 127.N.0.0/16, held by a bound socket, so that every
program of every test has an address of its own and the usual ports are free.
Processes are ended by their own pid only.
"""

import itertools
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time


class Failure(AssertionError):
    """A test's expectation that does not hold."""


class Skip(Exception):
    """The test cannot be had here, and why."""


def check(ok, text):
    if not ok:
        raise Failure(text)


def wait_for(condition, seconds, what, every=0.05):
    """The first true value of condition(), or Failure saying `what`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"waited {seconds} s in vain: {what}")
        time.sleep(every)


class Proc:
    """A program in the background, its output in a file."""

    def __init__(self, argv, log, cwd=None, env=None, stdin=None):
        self.argv, self.log = [str(a) for a in argv], log
        with open(log, "ab") as out:
            self.p = subprocess.Popen(
                self.argv, stdin=stdin or subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, cwd=cwd, env=env,
                start_new_session=True)

    @property
    def pid(self):
        return self.p.pid

    def alive(self):
        return self.p.poll() is None

    def text(self):
        with open(self.log, "rb") as f:
            return f.read().decode("utf-8", "replace")

    def wait(self, seconds):
        """Exit status; Failure when it goes on for longer."""
        try:
            return self.p.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.argv[0]} still runs after {seconds} s"
                          f" (see {self.log})") from None

    def stop(self, seconds=10, sig=signal.SIGTERM):
        if not self.alive():
            return self.p.returncode
        self.p.send_signal(sig)
        try:
            return self.p.wait(seconds)
        except subprocess.TimeoutExpired:
            self.p.kill()
            return self.p.wait()


class Env:
    """One run: its network, its folder."""

    def __init__(self, build, keep=False, root=None):
        self.build = os.path.abspath(build)
        self.source = os.path.abspath(
            os.path.join(os.path.dirname(__file__), "../../.."))
        self.keep = keep or root is not None
        self.root = root or tempfile.mkdtemp(prefix="lineside-integ-")
        os.makedirs(self.root, exist_ok=True)
        os.chmod(self.root, 0o755)
        self.lock = None
        self._number = itertools.count(1)
        self._port = itertools.count(random.randrange(5000))
        self._guard = threading.Lock()
        nets = list(range(16, 250))
        random.shuffle(nets)
        for n in nets:
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                s.bind((f"127.{n}.255.254", 65000))
            except OSError:
                s.close()
                continue
            self.net, self.lock = n, s
            break
        check(self.lock, "no free network in 127.0.0.0/8")

    def addr(self):
        """An address nobody else of this run has."""
        with self._guard:
            n = next(self._number)
        return f"127.{self.net}.{n // 250}.{n % 250 + 1}"

    def port_pair(self, host):
        """A port below the ephemeral ones that is free there, with the one
        above; never the same one twice in a run."""
        while True:
            with self._guard:
                port = 6000 + 2 * (next(self._port) % 5000)
            if all(_free(host, port + n, kind) for n in (0, 1)
                   for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
                return port

    def program(self, name):
        """Path of a program that the build made."""
        for d in ("src", "tests/integ/tools", "tests/bench", "."):
            path = os.path.join(self.build, d, name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
        raise Failure(f"{name} is not in {self.build}: build it first")

    def close(self):
        if self.lock:
            self.lock.close()
        if not self.keep:
            shutil.rmtree(self.root, ignore_errors=True)


class Ctx:
    """One test or one group: a folder, and what to end when it is over."""

    def __init__(self, env, name):
        self.env, self.name = env, name
        self.dir = os.path.join(env.root, name)
        os.makedirs(self.dir, exist_ok=True)
        self._last = []

    def addr(self):
        return self.env.addr()

    def path(self, *names):
        path = os.path.join(self.dir, *names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, name, text):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def at_end(self, function):
        self._last.append(function)

    def spawn(self, argv, log, **kw):
        proc = Proc(argv, self.path(log), **kw)
        self.at_end(proc.stop)
        return proc

    def close(self):
        while self._last:
            function = self._last.pop()
            try:
                function()
            except Exception as e:  # the next ones must be ended as well
                print(f"# {self.name}: {function}: {e}")


def _free(host, port, kind):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as s:
        try:
            s.bind((host, port))
            return True
        except OSError:
            return False


def free_port(host, kind=socket.SOCK_STREAM):
    """A port that is free there now (for ::1, which has but one address)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as s:
        s.bind((host, 0))
        return s.getsockname()[1]


def listening(host, port):
    try:
        socket.create_connection((host, port), 1).close()
        return True
    except OSError:
        return False


def run(argv, seconds=60, **kw):
    """Runs to the end; the result with its output as text."""
    if "input" not in kw:
        kw.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(
        [str(a) for a in argv],
        capture_output=True, text=True, timeout=seconds, check=False, **kw)
