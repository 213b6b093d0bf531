"""RFC 3665 3.3: two proxies on the way, each asks for credentials of its own
realm, and the phone has them for both."""

import re

from kit.baresip import Baresip
from kit.env import check
from kit.suite import test
from test_phones import A_TONE, B_TONE, both_heard, hang_up, talk


@test("proxies")
def two_realms(t, s):
    a = s.secure_phone(t, "2069", A_TONE)
    b = Baresip(t, "3800", B_TONE, domain=s.far.realm,
                outbound=f"sip:{s.far.host}:5060",
                password=s.far.password).start().registered()
    talk(a, b, "3800")
    hang_up(a, b)
    both_heard(a, b)
    asked = re.findall(r'^Proxy-Authenticate: Digest realm="([^"]+)"', a.log(),
                       re.M)
    check(asked[-2:] == [s.kamailio.realm, s.far.realm], f"asked for {asked}")
    last = re.findall(r"^INVITE [^\n]*\r?\n(?:[^\r\n]+\r?\n)*", a.log(), re.M)[-1]
    for realm in (s.kamailio.realm, s.far.realm):
        check(f'realm="{realm}"' in last, f"no credentials for {realm}: {last}")
    s.no_call("3800")
