"""Network namespaces of one test: networks of their own, joined by wires,
that are gone when the test is, whatever becomes of the run.

`with net:` puts this thread, and the programs that it starts, into one. A
namespace has no name on the machine: this process holds it by a descriptor.
"""

import ctypes
import itertools
import os
import threading

from .env import Skip, check, run

CLONE_NEWNET = 0x40000000
SELF = "/proc/thread-self/ns/net"

_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(1)
_depth = threading.local()


def _call(function, *args):
    if function(*args) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{function.__name__}: {os.strerror(error)}")


class Net:
    """`t`: the test. Its loopback is up; what else there is, wire() makes."""

    def __init__(self, t):
        if os.geteuid() != 0:
            raise Skip("network namespaces are made by root")
        home = os.open(SELF, os.O_RDONLY | os.O_CLOEXEC)
        try:
            try:
                _call(_libc.unshare, CLONE_NEWNET)
            except OSError as e:
                raise Skip(f"no network namespaces here: {e}") from None
            try:
                self.fd = os.open(SELF, os.O_RDONLY | os.O_CLOEXEC)
            finally:
                _call(_libc.setns, home, CLONE_NEWNET)
        finally:
            os.close(home)
        t.at_end(lambda: os.close(self.fd))
        self.ip("link", "set", "lo", "up")

    def __enter__(self):
        stack = _depth.__dict__.setdefault("stack", [])
        stack.append(os.open(SELF, os.O_RDONLY | os.O_CLOEXEC))
        _call(_libc.setns, self.fd, CLONE_NEWNET)
        return self

    def __exit__(self, *_):
        before = _depth.stack.pop()
        try:
            _call(_libc.setns, before, CLONE_NEWNET)
        finally:
            os.close(before)

    def run(self, *argv, **kw):
        """A command in it that must succeed; its output."""
        with self:
            done = run(argv, **kw)
        check(done.returncode == 0,
              f"{' '.join(argv)}: {done.stderr or done.stdout}")
        return done.stdout

    def ip(self, *words):
        return self.run("ip", *words)

    def wire(self, mine, other, theirs):
        """A wire between two: addresses with their prefixes, or several of
        an end with commas between; the first is where packets come from."""
        n = next(_numbers)
        a, b = f"w{n}a", f"w{n}b"
        self.ip("link", "add", a, "type", "veth", "peer", "name", b,
                "netns", f"/proc/{os.getpid()}/fd/{other.fd}")
        for net, name, addresses in ((self, a, mine), (other, b, theirs)):
            for address in addresses.split(","):
                net.ip("address", "add", address, "dev", name)
            net.ip("link", "set", name, "up")
        return a, b

    def masquerade(self, device):
        """Makes it a home router: who is behind shares one address, and only
        answers from where something was sent come back."""
        rules = (f'table ip nat {{ chain out {{ type nat hook postrouting'
                 f' priority srcnat; oifname "{device}" masquerade; }}; }}')
        with self:
            try:
                with open("/proc/sys/net/ipv4/ip_forward", "w") as f:
                    f.write("1\n")
            except OSError as e:
                raise Skip(f"no forwarding in namespaces here: {e}") from None
            done = run(["nft", rules])
        if done.returncode != 0:
            raise Skip(f"no address translation here: {done.stderr}")
