"""A phone at home, from nothing to a call, and the story that is told."""

import os
import time

from kit.boot import MAC
from kit.deskphone import (CAPF, CCM_TFTP, SAST, DeskPhone, Head, Refused,
                           TrustList, decrypt)
from kit.env import Failure, check, run, wait_for
from kit.home import ACCESS, MANAGER, Home
from kit.lineside import Lineside
from kit.pki import Pki
from kit.suite import test


def call(h, soft, during=lambda: None):
    """From home and to there; each hears the other's tone."""
    desk = h.desk.registered()
    for caller, callee, number in ((soft, desk, "3001"), (desk, soft, "2001")):
        for x in (soft, desk):
            x.mark()
        caller.dial(number)
        caller.event("CALL_ESTABLISHED")
        callee.event("CALL_ESTABLISHED")
        time.sleep(2)  # of tone
        legs = h.lineside.json("call", "active", "voice")["legs"]
        check(sorted(leg["srtp"] for leg in legs) == [False, True],
              f"{legs}")
        if caller is soft:
            during()
        caller.hangup()
        callee.event("CALL_CLOSED")
        wait_for(lambda: not h.lineside.json("call", "active", "voice")
                 ["legs"], 10, "the call to be gone")
    for x, hz in ((soft, desk.tone), (desk, soft.tone)):
        check(x.hears(hz) > 3, f"{x.name} heard {x.hears(hz)} s of {hz} Hz")


def in_order(story, wanted):
    """Each of these is in an event, and they come in this order."""
    rest = list(story)
    for w in wanted:
        while rest and w not in rest[0]:
            rest.pop(0)
        check(rest, f"'{w}' is not there, or not in order: {story}")


def story(h):
    return [e["text"] for e in
            h.lineside.json("phone", MAC, "timeline")["timeline"]]


def digits(h):
    """What the operator tells the user at home."""
    return h.type(
        f"lineside capf-server auth-string generate {MAC}").split()[-1]


def registered(h, phone):
    """With its certificate, where its configuration says."""
    agent, r = phone.register()
    check(r.status == 200, f"REGISTER: {r}")
    agent.close()


@test(None)
def the_guide_as_it_stands(t):
    """A stranger types what the guide says; the phone boots by TFTP behind a
    home router, enrols, gets its configuration encrypted, registers, calls;
    the story is told."""
    h = Home(t)
    h.type(h.guide.authority)
    h.type(h.guide.enrolment)
    h.shown("lineside doctor")
    h.start()
    digits = h.shown(f"lineside capf-server auth-string generate {MAC}")
    phone = h.phone(how="tftp", digits=digits.split()[-1])
    with h.home:
        phone.boot()
        check(phone.enrolled == 1, f"CAPF: {phone.enrolled}")
        check(phone.file("Ringlist.xml") == b"<CiscoIPPhoneRingList/>\n",
              "the ring list was changed")
        registered(h, phone)
    lists, config = [f"CTL{MAC}.tlv", f"ITL{MAC}.tlv"], f"{MAC}.cnf.xml"
    check(phone.asked == [
        *lists, f"{config}.sgn",
        # With its certificate: told by the short form that it is encrypted.
        *lists, f"{config}.sgn", f"{config}.enc.sgn", "Ringlist.xml.sgn"],
        f"{phone.asked}")
    soft = h.soft(phone, 500)
    h.type("lineside doctor")  # with the daemon there
    h.shown(f"lineside show phone {MAC} timeline")
    call(h, soft, lambda: h.shown("lineside show call active voice brief"))
    in_order(story(h), [
        f"CTL{MAC}.tlv by TFTP", f"CTL{MAC}.tlv received whole",
        f"ITL{MAC}.tlv by TFTP", "rewritten: 1 call managers",
        f"{MAC}.cnf.xml.sgn by TFTP: signed", "upgrade: The operation succ",
        f"CTL{MAC}.tlv by TFTP", f"{MAC}.cnf.xml.sgn received whole",
        f"{MAC}.cnf.xml.enc.sgn by TFTP: encrypted",
        "Ringlist.xml.sgn by TFTP: signed",
        f"{MAC} registered line 2001 from"])
    with h.home:  # on another day
        phone.asked.clear()
        phone.boot()
    check(phone.asked == [*lists, f"{config}.enc.sgn"], f"{phone.asked}")
    h.lineside.judge()


def relayed(text, pem):
    """The guide's last section: the call manager's CAPF; its TVS; HTTPS."""
    text = text.replace(" complete\n", " record-entry tvs trustpoint TVS\n"
                        " complete\n", 1)
    text = text.replace(" access-secure\n", f""" access-secure
 https-port 6971 trustpoint WEB
 service-map server-addr ipv4 {MANAGER} port 2445 acc-addr ipv4 {ACCESS} port 2445
""") + f"""
crypto pki trustpoint TVS
 ca-bundle file {pem}
crypto pki trustpoint WEB
 enrollment selfsigned
 subject-name CN=files.example.com,O=Example
 eckeypair WEB 384
"""
    begin = text.index("capf-server\n")
    text = text[:begin] + text[text.index("! Certificates are"):]
    return "\n".join(
        line.replace("certificate file", "ca-bundle file")
        for line in text.split("\n") if "capf.key" not in line)


@test(None)
def by_http_and_the_call_managers_capf(t):
    """The same by HTTP and HTTPS, and the certificate from a second daemon
    inside that stands for the call manager's CAPF and TVS, through relays."""
    pki = Pki(t.path("tvs"))
    pki.ca("ca", "/CN=Call Manager")
    tvs = pki.leaf("tvs", "ca", "/O=Example/CN=tvs", kind="rsa")
    h = Home(t, lambda text: relayed(text, tvs[0]), capf_mode=2)
    h.type(h.guide.authority)
    h.type("lineside pki enroll WEB\n" + h.guide.enrolment)
    inside = Lineside(t, f"""hostname inside
state directory {os.path.dirname(t.path("inside-state", "x"))}
crypto pki trustpoint CAPF
 certificate file {h.etc}/capf.pem
 key file {h.etc}/capf.key
 ca-bundle file {h.etc}/capf.pem
sip-listener UNUSED
 side access
 address ipv4 {MANAGER} port 5062
 transport tcp tls
 trustpoint CAPF
sip-ua
 registrar embedded
capf-server
 source-addr {MANAGER}
 trustpoint-label CAPF
 cert-enroll-trustpoint CAPF
 auth-mode null-string
 cert-oper upgrade all
crypto pki trustpoint TVS
 certificate file {tvs[0]}
 key file {tvs[1]}
tvs-server
 source-addr {MANAGER}
 trustpoint-label TVS
 answer trustpoint CAPF role capf
""", "inside")
    with h.inside:
        inside.start()
    h.start()
    phone = h.phone()
    with h.home:
        phone.boot()
        check(phone.enrolled == 1, f"CAPF: {phone.enrolled}")
        registered(h, phone)
        known, = phone.ctl.certificates(CAPF)
        check(phone.ask_tvs(known)[:2] == (0, [CAPF]), "the TVS inside")
        check(phone.ask_tvs(phone.lsc.cert)[0] == 1, "a stranger to TVS")
    # A newer phone: the list says 1.1, its files come by HTTPS, unsigned.
    check(f"https:{MAC}.cnf.xml.sgn" in phone.asked and
          f"{MAC}.cnf.xml.sgn" not in phone.asked, f"{phone.asked}")
    done = inside.json("capf-server", "sessions")["sessions"]
    check([d["device"] for d in done] == [MAC], f"{done}")
    rows = {r["access"]: r["dialled"] for r in
            h.lineside.json("service-map")["relays"]}
    check(rows == {f"{ACCESS}:3804": 1, f"{ACCESS}:2445": 2}, f"{rows}")
    call(h, h.soft(phone, 500))
    lists = [f"CTL{MAC}.tlv by HTTP", f"ITL{MAC}.tlv by HTTP",
             f"{MAC}.cnf.xml.sgn by HTTPS: "]
    in_order(story(h), [*lists, *lists, f"relayed to {MANAGER}:2445"])
    # noted at its end, when the phone may be asking for files again
    in_order(story(h), [*lists, f"relayed to {MANAGER}:3804",
                        f"relayed to {MANAGER}:2445"])
    check(not any("TFTP" in s for s in story(h)), f"{story(h)}")
    inside.judge()
    h.lineside.judge()


@test(None)
def a_range_of_ports_is_lost_behind_a_router(t):
    """Why TFTP answers from the port that was asked: from others nothing
    comes home. HTTP does not care; here with the phone as a command."""
    h = Home(t, lambda text: text.replace(
        " access-secure\n", " access-secure\n port-range 30000 30100\n"))
    h.type(h.guide.authority)
    h.type(h.guide.enrolment)
    h.start()
    with h.home:
        try:
            h.phone(how="tftp")._tftp("CTLFile.tlv", tries=2)
            raise Failure("an answer from another port came home")
        except Failure as e:
            check("nothing comes by TFTP" in str(e), str(e))
        done = run([f"{t.env.source}/tests/integ/deskphone", ACCESS, MAC,
                    "--auth-string", digits(h)])
    check(done.returncode == 0 and "REGISTER 2001" in done.stdout and
          f"{MAC}.cnf.xml.enc.sgn" in done.stdout,
          f"{done.stdout}{done.stderr}")
    in_order(story(h), ["upgrade: The operation succeeded",
                        f"{MAC}.cnf.xml.enc.sgn by HTTP: encrypted"])
    h.lineside.judge()


# ---- the phone itself: it must be able to refuse ----

def vectors(t, *names):
    with open(os.path.join(t.env.source, "tests/vectors", *names), "rb") as f:
        return f.read()


def refused(what, function, *args):
    try:
        function(*args)
    except Refused:
        return
    raise Failure(f"{what} was believed")


@test(None)
def the_phone_believes_only_what_verifies(t):
    """The script is held against the vectors: good, damaged, encrypted."""
    folder = os.path.join(t.env.source, "tests/vectors")
    flash = os.path.dirname(t.path("flash", "x"))
    seen = {"good": 0, "bad": 0}
    for kind, ending in (("trust-list", ".tlv"), ("signed", ".sgn")):
        for name in sorted(os.listdir(os.path.join(folder, kind))):
            if not name.endswith(ending):
                continue
            data = vectors(t, kind, name)
            if kind == "trust-list":
                def read(data=data):
                    return TrustList(data, flash)
            else:
                signer = "ccmtftp"
                if name[:2] in ("03", "05", "06") or name.startswith("pads"):
                    signer = "tftp"
                elif name[:2] in ("07", "08"):
                    signer = {"07": "sast-rsa1024",
                              "08": "sast-rsa4096"}[name[:2]]
                der = vectors(t, "pki", f"{signer}.der")

                def read(data=data, der=der):
                    Head(data).verify(flash, der)
            if name.startswith("bad"):
                refused(name, read)
                seen["bad"] += 1
            else:
                read()
                seen["good"] += 1
    check(seen["good"] >= 20 and seen["bad"] == 21, f"{seen}")
    for n, (where, key) in enumerate((
            ("01-sha1", "phone-lsc-rsa"), ("02-sha512-exact-block",
                                           "phone-lsc-rsa"),
            ("03-sha512-one-pad", "phone-mic")), 1):
        head = Head(vectors(t, "encrypted", where, f"{MAC}.cnf.xml.enc.sgn"))
        pem = os.path.join(folder, "pki", f"{key}.pem")
        check(decrypt(head, pem, flash) ==
              vectors(t, "encrypted", f"plain-0{n}.cnf.xml"), where)
        refused("another phone's", decrypt, head,
                os.path.join(folder, "pki", "sast1.pem"), flash)


@test(None)
def the_phone_keeps_to_its_list(t):
    """A successor of its list is taken; a stranger's list, a stranger's file
    and a server that no list names are refused."""
    lists = {n: vectors(t, "trust-list", f"ctl-{n}.tlv") for n in
             ("01-sha1-v10", "03-signed-by-sast2", "04-signed-by-stranger")}
    phone = DeskPhone(t.path("flash"), MAC, "192.0.2.1")

    def offered(data):
        phone.fetch = lambda name: data if name.startswith("CTL") else None
        phone._lists()
    offered(lists["01-sha1-v10"])
    offered(lists["03-signed-by-sast2"])
    refused("a stranger's list", offered, lists["04-signed-by-stranger"])
    check(phone.secure() and len(phone.ctl.certificates(SAST)) == 2, "kept")
    good = vectors(t, "signed", "01-sha1.sgn")
    phone.verified(f"{MAC}.cnf.xml.sgn", good)
    refused("another name", phone.verified, "Ringlist.xml.sgn", good)
    refused("a signer that is in no list", phone.verified,
            f"{MAC}.cnf.xml.sgn", vectors(t, "signed", "03-sha512-tftp.sgn"))
    check(phone.trusts(vectors(t, "pki", "ccmtftp.der"), CCM_TFTP) and
          not phone.trusts(vectors(t, "pki", "ccmtftp.der"), CAPF) and
          not phone.trusts(vectors(t, "pki", "ccm.der"), CCM_TFTP), "roles")
