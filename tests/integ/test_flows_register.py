"""The registrations of RFC 3665 2: SIPp is the phone, Kamailio the registrar,
and Lineside passes what they say. docs/call-flows.md names these tests."""

from kit.env import check
from kit.sipp import Sipp
from kit.suite import test

OURS = "Contact: <sip:[user]@[local_ip]:[local_port]>"
OTHER = "Contact: <sip:[user]@[local_ip]:5090>"
NONE = "!Contact:"


def challenged(*headers, then):
    """A REGISTER with these headers, its challenge, and the same signed."""
    lines = "".join(f"  {h}\n" for h in headers)
    return (f"> REGISTER\n{lines}"
            "< 401 WWW-Authenticate: Digest realm=\"pbx.test\"\n"
            f"> REGISTER\n{lines}  [authentication]\n{then}")


NEW = challenged(OURS, "Expires: 300", then="< 200 Contact:.*;expires=(300|29.)\n")
ASK = challenged(then="< 200 ")


def says(t, s, name, user, steps, password=None):
    """SIPp as that user says this on UDP; the contacts that Kamailio has in
    the end, and those that Lineside shows."""
    Sipp(t, f"register_{name}", t.addr(), f"{s.access}:5060", user=user,
         steps=steps, extra=["-au", user, "-auth_uri", "pbx.test", "-ap",
                             password or s.kamailio.password]).ok()
    rows = [r for r in s.lineside.json("registrations")["registrations"]
            if r["line"].startswith(f"{user}@")]
    core = s.kamailio.contacts(user)
    ours = [f"sip:{r['token']}@{s.core}" for r in rows]
    check(all(c.rpartition(":")[0] in ours or c in ours for c in core) and
          len(core) == len(rows),
          f"Kamailio has {core}, Lineside {ours} of {user}")
    return core, [r["contact"] for r in rows]


@test("shared_core")
def new_registration(t, s):
    """RFC 3665 2.1: a challenge, an answer, a contact; the phone gets its own
    back, and the core one that leads through here."""
    core, ours = says(t, s, "new", "2561", NEW)
    check(len(ours) == 1 and ours[0].startswith("sip:2561@"), f"{ours}")
    check(ours[0] not in core, f"the core was told of {core}")


@test("shared_core")
def contact_added(t, s):
    """RFC 3665 2.2: a second contact beside the first, and the answer has
    both."""
    _, ours = says(t, s, "added", "2562", NEW + challenged(
        OTHER, "Expires: 200", then="< 200 2562@[^>]*:5090>;expires=(200|19.)\n"
                                    "  Contact:.*;expires=(300|29.)\n"))
    check(len(ours) == 2 and sum(c.endswith(":5090") for c in ours) == 1,
          f"{ours}")


@test("shared_core")
def mail_is_no_contact(t, s):
    """The second contact of RFC 3665 2.2 itself is one that no call can be
    sent to from here: 400, and the first one stays."""
    core, ours = says(t, s, "mail", "2566", NEW + """> REGISTER
  Contact: <mailto:bob@pbx.test>
  Expires: 200
< 400 Warning:.*Contact
""")
    check(len(core) == len(ours) == 1, f"{core} {ours}")


@test("shared_core")
def contacts_asked_for(t, s):
    """RFC 3665 2.3: a REGISTER without a Contact is answered with what there
    is, and changes nothing."""
    _, ours = says(t, s, "asked", "2563", ASK + NONE + "\n" + NEW + ASK +
                   "Contact: <sip:2563@[^>]*>;expires=(300|29.)\n")
    check(len(ours) == 1, f"{ours}")


@test("shared_core")
def registration_cancelled(t, s):
    """RFC 3665 2.4: "*" with Expires 0 takes all contacts back."""
    core, ours = says(t, s, "cancelled", "2564", NEW + challenged(
        OTHER, "Expires: 300", then="< 200\n") + challenged(
        "Contact: *", "Expires: 0", then=f"< 200 {NONE}\n") +
        ASK + NONE + "\n")
    check(not core and not ours, f"{core} {ours}")


@test("shared_core")
def registration_refused(t, s):
    """RFC 3665 2.5: with a wrong password there is another challenge, and no
    registration."""
    core, ours = says(t, s, "refused", "2565", challenged(
        OURS, "Expires: 300", then="< 401 WWW-Authenticate: Digest\n"),
        password="wrong")
    check(not core and not ours, f"{core} {ours}")
