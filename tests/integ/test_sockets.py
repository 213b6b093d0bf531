"""The sockets of a call that is over serve the next one: who is heard then, and
what somebody finds who looks for open ports meanwhile."""

import re
import socket
import time

from kit.env import check, wait_for
from kit.site import Site
from kit.suite import test
from test_phones import A_TONE, B_TONE, both_heard, hang_up, leg_of, talk
from test_sipp import udp_bound

REST = 5.2  # seconds; late packets of the old call end before


def metric(s, name):
    text = s.lineside.command("metrics").stdout
    return int(re.search(rf"^lineside_media_{name} (\d+)", text, re.M)[1])


def addresses(s, number):
    legs = s.legs(number)
    return {leg_of(legs, letter)["media_local"] for letter in "AB"}


@test(None, serial=True)
def sockets_serve_the_next_call(t):
    """Two phones with SRTP talk twice through the same ports. Who
    sends to a port that no call has closes it; a reload closes all."""
    s = Site(t, kamailio=False).start()  # no digest: one attempt a call
    a = s.secure_phone(t, "2001", A_TONE)
    b = s.secure_phone(t, "2002", B_TONE)
    talk(a, b, "2002")
    first = addresses(s, "2002")
    hang_up(a, b)
    wait_for(lambda: metric(s, "ports_kept") == 2, 5, "the sockets to be kept")
    check(metric(s, "ports_in_use") == 0, "ports in use without a call")
    time.sleep(REST)
    talk(b, a, "2001")
    second = addresses(s, "2001")
    check(second == first, f"{second}, not {first}")
    check(metric(s, "ports_kept") == 0, "kept and in use")
    hang_up(b, a)
    both_heard(a, b, 4.4)
    wait_for(lambda: metric(s, "ports_kept") == 2, 5, "the sockets to be kept")

    time.sleep(1.1)  # so long a far end may not know yet that the call is over
    late = metric(s, "late_total")
    host, port = first.pop().split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"\x80\x00" + bytes(170), (host, int(port)))
    wait_for(lambda: metric(s, "ports_kept") == 1, 5, "the port to be closed")
    check(metric(s, "late_total") == late + 1, "the packet is not counted")
    check(not udp_bound(host, int(port)), "still open")
    check(not udp_bound(host, int(port) + 1), "RTCP's is still open")
    host, port = first.pop().split(":")
    check(udp_bound(host, int(port)), "the other leg's was closed, too")
    s.lineside.reload()
    wait_for(lambda: metric(s, "ports_kept") == 0, 5, "the rest to be closed")
    check(not udp_bound(host, int(port)), "still open")
    s.lineside.judge()
