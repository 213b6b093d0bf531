"""Pages through calls: fax machines by spandsp, T.38 over UDPTL relayed."""

import subprocess

from kit import sip
from kit.env import check
from kit.suite import test
from test_streams import fax_agents, image, image_port


class Machine:
    """One end of UDPTL, with a page to send or a file for one."""

    def __init__(self, t, how, host, file, loss):
        self.proc = subprocess.Popen(
            [t.env.program("fax"), how, host, file, str(loss)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        t.at_end(self.proc.kill)
        self.port = int(self.proc.stdout.readline().split()[1])

    def start(self, to):
        self.proc.stdin.write(f"{to[0]} {to[1]}\n")
        self.proc.stdin.flush()

    def done(self):
        """{"done": T.30's code, "pages", "lost", "repaired"}."""
        words = self.proc.communicate(timeout=150)[0].split()
        return {k: int(v) for k, v in zip(words[::2], words[1::2])}


def page(t, s, user, loss):
    """From outside to inside, without error correction of T.30: what does
    not come through is missing in the page."""
    fax = t.env.program("fax")
    sent, came = t.path("sent.tif"), t.path("came.tif")
    subprocess.run([fax, "make", sent], check=True)
    a = s.plain_agent(t, user)
    b, number = s.slot_agent(t)
    da, db = fax_agents(t, s, a, number, b, sip.sdp(a.wire.local, 30000))
    ma = Machine(t, "send", a.wire.local, sent, loss)
    mb = Machine(t, "receive", b.wire.local, came, loss)
    b.invite(None, dialog=db, body=image(b.wire.local, mb.port))
    req = a.request("INVITE")
    mb_at = image_port(req)
    a.answer(req, 200, dialog=da, body=image(a.wire.local, ma.port))
    r = b.final(db)
    check(r.status == 200, f"answered {r}")
    a.request("ACK", dialog=da)
    ma.start(mb_at)
    mb.start(image_port(r))
    for told in (ma.done(), mb.done()):
        check(told["done"] == 0 and told["pages"] == 1, f"{told}")
    if loss:
        check(told["repaired"] > 0, f"nothing was lost: {told}")
    same = subprocess.run([fax, "same", sent, came], text=True,
                          capture_output=True)
    check(same.returncode == 0, f"the page is not whole: {same.stdout}")
    for leg in s.legs(number):
        check(leg["rx_packets"] > 10, f"{leg['leg']}: {leg['rx_packets']}")
    a.bye(da)
    b.await_bye(db)
    s.no_call(number)


@test()
def a_page_comes_whole(t, s):
    page(t, s, "2530", 0)


@test()
def a_page_comes_whole_in_spite_of_loss(t, s):
    page(t, s, "2531", 40)
