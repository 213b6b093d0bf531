"""A crowd at the control socket while calls are up: those that look at all of
them without end, those that do not read, those that do not finish asking, and
those that go too early."""

import socket
import threading

from kit import sites
from kit.env import check, wait_for
from kit.media import Media
from kit.site import Site
from kit.suite import test
from test_reload import nothing_lost, talking

LOOKS = [b"text show call active voice brief", b"json show call active voice",
         b"json show sip-ua status", b"text metrics",
         b"json show messages", b"text show running-config"]

sites.SITES["crowd"] = lambda ctx: Site(ctx).start()


class Looker(threading.Thread):
    """Asks again and again, and hears each answer to its end."""

    def __init__(self, path, n):
        super().__init__(daemon=True)
        self.path, self.n = path, n
        self.stopping, self.error, self.answers = False, "", 0

    def run(self):
        try:
            while not self.stopping:
                words = LOOKS[(self.n + self.answers) % len(LOOKS)]
                self.answers += self.ask(words)
        except OSError as e:
            self.error = repr(e)

    def ask(self, words):
        with socket.socket(socket.AF_UNIX) as k:
            k.connect(self.path)  # waits while too many are at the door
            k.settimeout(30)
            try:
                k.sendall(b"lineside/1 " + words + b"\n")
            except BrokenPipeError:
                pass  # turned away; it is said why
            got = b""
            while data := k.recv(65536):
                got += data
        if b"Too many clients" in got:
            return False
        if not got.endswith(b"X 0\n"):
            self.error = f"{words}: ends with {got[-80:]}"
            self.stopping = True
        return True

    def end(self):
        self.stopping = True
        self.join(40)
        check(not self.error and not self.is_alive(), self.error or "stuck")
        return self.answers


def client(s, said):
    k = socket.socket(socket.AF_UNIX)
    k.connect(s.lineside.socket)
    k.settimeout(10)
    k.sendall(said)
    return k


@test("crowd", alone=True)
def a_crowd_at_the_control_socket(t, s):
    """20 calls with media; 20 who look at everything all the time, 10 who ask
    and do not read, 10 who do not finish their line, 100 who hang up at once.
    No packet is lost, a phone registers and calls as before, everybody who
    listens is answered, and what they had is given back."""
    media = Media(t)
    a = s.secure_agent(t, "2050")
    calls = talking(t, s, a, media)
    before = s.lineside.fds()
    crowd = [Looker(s.lineside.socket, n) for n in range(20)]
    deaf = [client(s, b"lineside/1 json show messages\n") for _ in range(10)]
    half = [client(s, b"lineside/1 text show ca") for _ in range(10)]
    for k in crowd:
        k.start()
    wait_for(lambda: all(k.answers or k.error for k in crowd), 30, "answers")
    for n in range(100):
        with client(s, b"lineside/1 " + LOOKS[n % 4] + b"\n"[:n % 2]):
            if n % 20 == 0:
                r = a.register()
                check(r.status == 200, f"REGISTER: {r}")
    answers = sum(k.end() for k in crowd)
    check(answers >= 20, f"{answers} answers")
    for k in deaf + half:
        k.close()
    check(len({x["call"] for x in s.legs()}) == 20, "calls are missing")
    nothing_lost(calls)
    wait_for(lambda: s.lineside.fds() <= before + 1, 10,
             "descriptors to be given back")
    for b, _, _, _, da, db in calls:
        a.bye(da)
        b.await_bye(db)
