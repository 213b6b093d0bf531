"""What phones and their call manager say to each other beside calls."""

from kit import sip
from kit.env import check, wait_for
from kit.kamailio import REALM
from kit.suite import test
from test_phones import A_TONE, B_TONE


def begin(agent, uri, to=None):
    d = sip.Dialog()
    d.local_uri = f"sip:{agent.user}@{agent.domain}"
    d.target, d.remote_uri = uri, to or uri
    return d


def watching(s):
    return s.lineside.json("sip-ua", "status")["user_agent"]["subscriptions"]


@test()
def presence_between_phones(t, s):
    """baresip outside watches baresip inside, through Kamailio: SUBSCRIBE
    with digest, NOTIFY, a change, the end."""
    modules = ("contact.so", "presence.so")
    b = s.core_phone(t, "3070", B_TONE, modules=modules)
    a = s.secure_phone(t, "2070", A_TONE, modules=modules, contacts=[
        f'"Bob" <sip:3070@{REALM}>;presence=p2p'])
    def told():
        return a.log().count("</presence>")
    wait_for(told, 20, "the first NOTIFY")
    check(watching(s) >= 1, "no subscription is counted")
    rows = [r for r in s.lineside.json("sip-ua", "subscriptions")
            ["subscriptions"] if r["who"] == "2070"]
    check(len(rows) == 1, f"{rows}")
    row = rows[0]
    check(row["event"] == "presence" and row["of"] == "3070" and
          row["state"] in ("active", "pending") and row["notifies"] >= 1 and
          row["dialog_a"] == row["dialog_b"] == "confirmed" and
          row["side_a"] == "access" and row["expires_s"] > 0, f"{row}")
    before = told()
    b.command("presence_online")
    wait_for(lambda: told() > before and "<basic>open" in a.log(), 10,
             "the change to be told")
    a.stop()  # it ends its subscription on its way out
    wait_for(lambda: "terminated" in b.log() or
             "Expires: 0" in b.log(), 10, "the subscription to end")


@test()
def lamps_and_resets(t, s):
    """Message waiting: the phone subscribes, a call manager of ours notifies
    before it answers; then a reset by NOTIFY outside dialogs."""
    a = s.secure_agent(t, "2071")
    core, uri = s.call_in(t, "2071")
    body = "action=check-version\n"
    d = begin(core, uri)
    cseq = core.send("NOTIFY", d, ["Event: service-control",
                                   "Subscription-State: active"], body,
                     "text/plain")
    got = a.request("NOTIFY")
    check(got.h("event") == "service-control", got.h("event"))
    check(got.body == body and got.h("content-type") == "text/plain", "body")
    check(s.core not in got.h("from") + got.h("to") + got.h("via"),
          "the inside is seen outside")
    a.answer(got, 200)
    r = core.response(d.call_id, cseq)
    check(r.status == 200, f"{r}")
    # the call manager watches the keys of the phone
    d = begin(core, uri)
    cseq = core.send("SUBSCRIBE", d, ["Event: kpml", "Expires: 30"],
                     "<kpml-request/>", "application/kpml-request+xml")
    got = a.request("SUBSCRIBE")
    check(got.h("expires") == "30" and got.body == "<kpml-request/>", "KPML")
    near = a.accept(got)
    # the first NOTIFY overtakes the answer (RFC 6665 4.1.2.4)
    near.cseq += 1
    early = (near.cseq, "NOTIFY")
    a.wire.send(a.build("NOTIFY", near.target, near, [
        "Event: kpml", "Subscription-State: active;expires=30"]))
    told = core.request("NOTIFY")
    check(told.h("event") == "kpml", told.h("event"))
    core.answer(told, 200)
    check(a.response(near.call_id, early).status == 200, "NOTIFY")
    a.answer(got, 200, dialog=near, headers=["Expires: 30"])
    r = core.response(d.call_id, cseq)
    check(r.status == 200 and r.h("expires") == "30", f"{r}")
    core.learn(d, r)
    cseq = a.send("NOTIFY", near, [
        "Event: kpml", "Subscription-State: terminated;reason=timeout"],
        "<digit/>", "application/kpml-response+xml")
    told = core.request("NOTIFY", dialog=d)
    check(told.body == "<digit/>", "the digit")
    core.answer(told, 200)
    check(a.response(near.call_id, cseq).status == 200, "NOTIFY")
    r = a.ask("NOTIFY", near, ["Event: kpml", "Subscription-State: active"])
    check(r.status == 481, f"the subscription lives on: {r}")


@test()
def messages(t, s):
    """MESSAGE from a phone to one inside, challenged on its way, and back."""
    a = s.secure_agent(t, "2072")
    wire = sip.Wire("udp", t.addr(), (s.kamailio.host, 5060), 5060)
    t.at_end(wire.close)
    b = sip.Agent(wire, "3072", REALM, s.kamailio.password)
    check(b.register().status == 200, "REGISTER inside")
    for frm, to, number in ((a, b, "3072"), (b, a, "2072")):
        d = begin(frm, f"sip:{number}@{REALM}")
        r = frm.ask("MESSAGE", d, [], "ding", "text/plain")
        check(r.status in (401, 407), f"not challenged: {r}")
        ask = r.h("proxy-authenticate") or r.h("www-authenticate")
        name = "Proxy-Authorization" if r.status == 407 else "Authorization"
        line = f"{name}: {frm._digest(ask, 'MESSAGE', d.target)}"
        cseq = frm.send("MESSAGE", d, [line], "ding", "text/plain")
        got = to.request("MESSAGE")
        check(got.body == "ding", got.body)
        to.answer(got, 200)
        r = frm.response(d.call_id, cseq)
        check(r.status == 200, f"{r}")
