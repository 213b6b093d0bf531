"""A phone's certificate, its device name, its configuration's lines: tied
together, and the whole story in its timeline."""

from kit import sip
from kit.boot import MAC, Boot
from kit.env import check, wait_for
from kit.suite import test

LINE = "2001"


def boot(t, more=""):
    b = Boot(t, start=False, more=more)
    b.lineside.config(b.text().replace(f"registrar ipv4:{b.server}",
                                       "registrar embedded"))
    b.pki.leaf("phone", "capf", f"/CN={MAC}")
    b.pki.leaf("stranger", "servers", f"/CN={MAC}")
    b.lineside.start()
    return b


def connect(b, name, user):
    tls = sip.client_tls(b.pki.path("servers.pem"),
                         b.pki.path(f"{name}.pem"),
                         b.pki.path(f"{name}.key"), check_name=False)
    wire = sip.Wire("tls", b.t.addr(), (b.access, b.sip), tls=tls)
    b.t.at_end(wire.close)
    return sip.Agent(wire, user, "example.com")


def story(b):
    return [(e["what"], e["text"]) for e in b.timeline()]


def told(b, what, words):
    wait_for(lambda: any(w == what and words in text
                         for w, text in story(b)), 10,
             f"{what}: {words} in the timeline: {story(b)}")


@test(None)
def lines_of_its_own_configuration(t):
    """Fetched here, the configuration decides which line the certificate may
    register; the timeline tells file, registration, refusals in order."""
    b = boot(t)
    check(b.curl(f"{MAC}.cnf.xml.sgn")[0] == 200, "no configuration")
    a = connect(b, "phone", LINE)
    r = a.register()
    check(r.status == 200, f"its own line: {r}")
    row = b.lineside.json("registrations")["registrations"][0]
    check(row["tied"] == "configuration" and row["device"] == MAC, f"{row}")
    a.user = "2999"
    r = a.register()
    check(r.status == 403 and "not in this phone's configuration" in
          r.h("warning"), f"another's line: {r}")
    told(b, "sip", f"registered line {LINE}")
    told(b, "sip", f"certificate: CN={MAC}, serial ")
    told(b, "sip", "may not use line 2999")
    texts = [text for _, text in story(b)]
    order = [next(i for i, s in enumerate(texts) if words in s) for words in
             ("cnf.xml.sgn", f"registered line {LINE}", "line 2999")]
    check(order == sorted(order), f"{order} {texts}")
    # somebody else with that name in a certificate of another authority
    try:
        connect(b, "stranger", LINE).register(seconds=2)
        check(False, "the stranger was let in")
    except (OSError, sip.Failure):
        pass
    told(b, "tls", "is not among the trusted certificates")
    a.wire.close()
    told(b, "sip", "lost its connection")
    text = b.lineside.show("phone", MAC, "timeline")
    check("registered line" in text and "may not use line 2999" in text, text)
    b.lineside.judge()


@test(None)
def not_tied_is_shown(t):
    """Without a configuration from here, or with `no tie-lines`, any line is
    taken and marked."""
    b = boot(t)
    a = connect(b, "phone", "2999")
    check(a.register().status == 200, "no configuration, so no tie")
    row = b.lineside.json("registrations")["registrations"][0]
    check(row["tied"] == "no", f"{row}")
    a.register(0)
    b.lineside.config(b.text(more=" no tie-lines\n").replace(
        f"registrar ipv4:{b.server}", "registrar embedded"))
    check(b.lineside.reload()["ok"], "reload")
    check(b.curl(f"{MAC}.cnf.xml.sgn")[0] == 200, "no configuration")
    check(a.register().status == 200, "no tie-lines")
    b.lineside.judge()


@test(None)
def strangers_write_no_timelines(t):
    """Who claims a phone's name without its certificate does not make it
    known."""
    b = boot(t)
    try:
        connect(b, "stranger", LINE).register(seconds=2)
        check(False, "the stranger was let in")
    except (OSError, sip.Failure):
        pass
    wait_for(lambda: "%TLS-4-PEER_REFUSED" in b.lineside.log(), 10,
             "the refusal")
    check(b.lineside.json("phone", "summary")["phones"] == [],
          "a phone was made up")
    b.lineside.judge()
