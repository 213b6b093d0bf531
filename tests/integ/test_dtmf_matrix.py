"""Keys between every two ways of telling them, all sixteen, in both directions
of a call: each arrives once, in its order, and in no other way as well."""

import struct
import threading
import time

from kit import sip
from kit.env import check, wait_for
from kit.rtp import DTMF, Sound, keys_heard, sound
from kit.suite import test
from test_dtmf import KPML, event, report

WAYS = ["rtp-nte", "sip-info", "sip-kpml", "sip-notify", "inband"]
KEYS = "0123456789*#ABCD"
EVENTS = 101
CALL_INFO = ('Call-Info: <sip:far>;method="NOTIFY;Event=telephone-event;'
             'Duration=1000"')


class End:
    """One end of a call that tells its keys, and is told, in one way."""

    def __init__(self, t, s, way):
        self.way, self.agent = way, s.slot_agent(t)[0]
        self.number = self.agent.user[1:]
        self.sound = Sound(t, t.addr())
        self.told, self.guard = "", threading.Lock()
        self.stopping = False

    def describe(self):
        codecs = ["0 PCMU/8000"]
        if self.way == "rtp-nte":
            codecs.append(f"{EVENTS} telephone-event/8000")
        return sip.sdp(self.sound.host, self.sound.port, codecs=codecs)

    def headers(self):
        return {"sip-kpml": ["Allow-Events: kpml"],
                "sip-notify": [CALL_INFO]}.get(self.way, []) + [
            "Allow: INVITE, ACK, BYE, CANCEL, INFO, NOTIFY, SUBSCRIBE"]

    def hears_at(self, message):
        address, port, _ = message.media()
        self.sound.to(address, port)

    def subscribe(self):
        """KPML: it is asked for its keys, and asks for those of the other."""
        if self.way != "sip-kpml":
            return
        ask = self.agent.request("SUBSCRIBE", dialog=self.dialog)
        self.agent.answer(ask, 200, dialog=self.dialog,
                          headers=["Expires: 7200"])
        body = "".join(line.strip()[2:] for line in KPML.strip().splitlines())
        r = self.agent.ask("SUBSCRIBE", self.dialog,
                           ["Event: kpml", "Expires: 7200"], body,
                           "application/kpml-request+xml")
        check(r.status == 200, f"SUBSCRIBE was answered {r}")
        self.agent.answer(self.agent.request(
            "NOTIFY", dialog=self.dialog), 200, dialog=self.dialog)

    # Told

    def serve(self):
        """Answers what comes until stopped, and notes its keys."""
        while not self.stopping:
            m = self.agent.wire.recv(0.1)
            if not m or not m.method:
                continue
            self.agent.answer(m, 200, dialog=self.dialog)
            with self.guard:
                if m.method == "INFO":
                    self.told += m.body.split("Signal=")[1][0]
                elif m.h("event") == "kpml" and "digits=" in m.body:
                    self.told += m.body.split('digits="')[1][0]
                elif m.method == "NOTIFY" and len(m.raw) == 4 and \
                        m.raw[1] & 0x80:
                    self.told += KEYS[m.raw[0]]

    def events(self):
        """Keys that came as events: a beginning each, by its time."""
        found = {ts: KEYS[p[0]] for _, ts, p in self.sound.got(EVENTS)}
        ends = {ts for _, ts, p in self.sound.got(EVENTS) if p[1] & 0x80}
        check(len(found) - len(ends) < 2, "events without an end")
        return "".join(found.values())

    def heard(self):
        """What was told in each way."""
        with self.guard:
            told = self.told
        return {"sip": told, "rtp-nte": self.events(),
                "inband": keys_heard(p for _, _, p in self.sound.got(0)
                                     if len(p) == 160)}

    # Telling

    def press(self, key, quietly):
        """It lasts as long as it takes; `quietly`: no sound is sent beside."""
        if self.way == "inband":
            self.sound.say(sound(0.1, *DTMF[key]) + sound(0.1))
            return
        if self.way == "rtp-nte":
            self.say_event(KEYS.index(key))
            return
        if self.way == "sip-notify":
            event(self.agent, self.dialog,
                  struct.pack(">BBH", KEYS.index(key), 0x0a, 1000))
            event(self.agent, self.dialog,
                  struct.pack(">BBH", KEYS.index(key), 0x8a, 120))
        else:
            method, headers, ctype, body = {
                "sip-info": ("INFO", [], "application/dtmf-relay",
                             f"Signal={key}\r\nDuration=120\r\n"),
                "sip-kpml": ("NOTIFY", ["Event: kpml", "Subscription-State:"
                                        " active;expires=7000"],
                             "application/kpml-response+xml",
                             report(key).split("| ", 1)[1].replace(
                                 "\n  | ", " ").split("\n< ")[0]),
            }[self.way]
            r = self.agent.ask(method, self.dialog, headers, body, ctype)
            check(r.status == 200, f"{method} was answered {r}")
        if not quietly:
            self.sound.say(sound(0.2))

    def say_event(self, key):
        at = self.sound.ts & 0xFFFFFFFF
        for n in range(1, 8):
            end = n > 5
            head = struct.pack(">BBHII", 0x80, EVENTS | (n == 1) << 7,
                               self.sound.seq & 0xFFFF, at, self.sound.ssrc)
            self.sound.sock.sendto(head + struct.pack(
                ">BBH", key, 0x80 * end | 10, 160 * min(n, 5)),
                self.sound.far)
            self.sound.seq += 1
            time.sleep(0 if end else 0.02)  # the repeated ends at once
        self.sound.ts += 800
        self.sound.say(sound(0.1))


def connected(t, s, one, other):
    """A call from an end of one way to an end of the other."""
    a, b = End(t, s, one), End(t, s, other)
    a.agent.user = f"77{WAYS.index(one)}{a.number}"
    b.agent.user = f"78{WAYS.index(other)}{b.number}"
    a.dialog = a.agent.invite(b.agent.user, a.describe(), a.headers())
    req = b.agent.request("INVITE")
    b.dialog = b.agent.accept(req)
    b.hears_at(req)
    b.agent.answer(req, 200, dialog=b.dialog, headers=b.headers(),
                   body=b.describe())
    r = a.agent.final(a.dialog)
    check(r.status == 200, f"INVITE was answered {r}")
    a.hears_at(r)
    b.agent.request("ACK", dialog=b.dialog)
    a.subscribe()
    b.subscribe()
    legs = {leg["leg"]: leg["dtmf_relay"] for leg in s.legs(b.agent.user)}
    check(legs == {"A": one, "B": other}, f"{one} to {other}: {legs}")
    return a, b


def told(teller, other, quietly):
    """All keys from one end to the other; what is wrong, or "ok"."""
    want = {"sip": "", "rtp-nte": "", "inband": ""}
    want[other.way if other.way in want else "sip"] = KEYS
    teller.sound.clear()
    other.sound.clear()
    other.stopping = False
    server = threading.Thread(target=other.serve)
    server.start()
    try:
        teller.sound.say(sound(0.1))
        for key in KEYS:
            teller.press(key, quietly)
        teller.sound.say(sound(0.2))
        end = time.monotonic() + 10
        while other.heard() != want and time.monotonic() < end:
            time.sleep(0.2)
        time.sleep(0.5)  # what comes late, or twice
    finally:
        other.stopping = True
        server.join()
    got = other.heard()
    return "ok" if got == want else ", ".join(
        f"{way} '{keys}'" for way, keys in got.items() if keys) or "nothing"


def both_ways(t, s, one, other, found):
    try:
        a, b = connected(t, s, one, other)
        found[one, other] = told(a, b, quietly=False)
        back = told(b, a, quietly=True)
        found[other, one] = back if one != other or \
            found[one, other] == "ok" else found[one, other]
        a.agent.bye(a.dialog)
        b.agent.await_bye(b.dialog)
    except Exception as e:
        found[one, other] = f"{e}"


def print_matrix(found):
    print(f"{'from, to':12}" + "".join(f"{w:>12}" for w in WAYS))
    for one in WAYS:
        row = [found.get((one, other), "?") for other in WAYS]
        print(f"{one:12}" + "".join(
            f"{r if r == 'ok' else 'WRONG':>12}" for r in row))


@test("dtmf_matrix", alone=True)
def every_way_to_every_other(t, s):
    found = {}
    pairs = [(one, other) for n, one in enumerate(WAYS)
             for other in WAYS[n:]]
    for at in range(0, len(pairs), 5):
        batch = [threading.Thread(target=both_ways, args=(t, s, *p, found))
                 for p in pairs[at:at + 5]]
        for thread in batch:
            thread.start()
        for thread in batch:
            thread.join()
    print_matrix(found)
    wrong = {p: f for p, f in found.items() if f != "ok"}
    check(len(found) == len(WAYS) ** 2 and not wrong, f"{wrong}")
    wait_for(lambda: not s.legs(), 10, "the calls to end")
