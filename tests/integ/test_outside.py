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


def own_dialog(d, told):
    """What a NOTIFY makes beside the others of one SUBSCRIBE."""
    own = sip.Dialog(d.call_id)
    own.local_tag, own.remote_tag = d.local_tag, told.tag("from")
    own.local_uri, own.remote_uri = d.local_uri, d.remote_uri
    own.target, own.cseq = told.contact(), d.cseq
    return own


@test("shared_core")
def several_take_a_subscription(t, s):
    """Kamailio forks a SUBSCRIBE to two baresips of one line, who both take
    it: two dialogs, refreshed and ended one by one (RFC 6665 4.4.1)."""
    inside = [s.core_phone(t, "3062", tone, modules=("presence.so",),
                           name=f"phone-3062-{tone}")
              for tone in (A_TONE, B_TONE)]
    a = s.secure_agent(t, "2052")
    event = "Event: presence"
    counter = "lineside_subscriptions_forked_total"
    before = s.lineside.counters()[counter]
    d = begin(a, f"sip:3062@{REALM}")
    r = a.ask("SUBSCRIBE", d, [event, "Expires: 600"])
    check(r.status == 407 or r.status == 401, f"not challenged: {r}")
    name = "Proxy-Authorization" if r.status == 407 else "Authorization"
    ask = r.h("proxy-authenticate") or r.h("www-authenticate")
    cseq = a.send("SUBSCRIBE", d, [event, "Expires: 600", f"{name}: " +
                                   a._digest(ask, "SUBSCRIBE", d.target)])
    told = []
    while len({m.tag("from") for m in told}) < 2:
        told.append(a.request("NOTIFY", dialog=d))
        check(told[-1].h("event") == "presence", told[-1].h("event"))
        a.answer(told[-1], 200)
    r = a.response(d.call_id, cseq)
    check(r.status in (200, 202), f"{r}")
    check(r.tag("to") in {m.tag("from") for m in told},
          "the answer is of a third")
    check(s.lineside.counters()[counter] == before + 1, "not counted")
    both = list({m.tag("from"): own_dialog(d, m) for m in told}.values())

    def rows():
        return [x for x in s.lineside.json("sip-ua", "subscriptions")
                ["subscriptions"] if x["of"] == "3062"]

    check(len(rows()) == 2, f"{rows()}")
    # baresip is asked straight (its NOTIFY has no Record-Route), and notifies
    # through Kamailio all the same
    for left, own in ((1, both[0]), (0, both[1])):
        for expires in (600, 0):  # what baresip grants
            r = a.ask("SUBSCRIBE", own, [event, f"Expires: {expires}"])
            check(r.status in (200, 202) and r.h("expires") == str(expires),
                  f"{r} {r.h('expires')}")
            a.answer(a._match(10, lambda m: m.method == "NOTIFY" and
                              m.tag("from") == own.remote_tag and
                              ("terminated" in m.h("subscription-state")) ==
                              (expires == 0), f"NOTIFY after {expires}"), 200)
        wait_for(lambda n=left: len(rows()) == n, 10, f"{left} to be left")
    for phone in inside:
        check(phone.log().count("Expires: 0") >= 1,
              f"{phone.name} was not told of the end")


@test()
def forked_before_the_answer(t, s):
    """Two notify before one of them answers the SUBSCRIBE: the answer does not
    take the other's dialog away; what follows finds its own."""
    a = s.secure_agent(t, "2073")
    core, uri = s.call_in(t, "2073")
    d = begin(core, uri)
    cseq = core.send("SUBSCRIBE", d, ["Event: kpml", "Expires: 60"])
    got = a.request("SUBSCRIBE")
    far, told = [a.accept(got), a.accept(got)], []
    for x, a.user in zip(far, ("2073", "one-more")):
        a.send("NOTIFY", x, ["Event: kpml",
                             "Subscription-State: active;expires=60"])
        told.append(core.request("NOTIFY", dialog=d))
    near = [own_dialog(d, m) for m in told]
    check(near[0].remote_tag != near[1].remote_tag, "one dialog")
    a.answer(got, 200, dialog=far[1], headers=["Expires: 60"])
    r = core.response(d.call_id, cseq)
    check(r.status == 200 and r.tag("to") == near[0].remote_tag, f"{r}")
    for x, m in zip(far, told):
        core.answer(m, 200)
        check(a.response(x.call_id, (101, "NOTIFY")).status == 200, "NOTIFY")
    for x, n, user in zip(far, near, ("2073@", "one-more@")):
        n.cseq = d.cseq
        cseq = core.send("SUBSCRIBE", n, ["Event: kpml", "Expires: 50"])
        got = a.request("SUBSCRIBE")
        check(got.tag("to") == x.local_tag and user in got.uri,
              f"it went to the other one: {got}")
        a.answer(got, 200, dialog=x, headers=["Expires: 50"])
        check(core.response(d.call_id, cseq).status == 200, "refresh")
    for x, n in zip(far, near):
        sent = a.send("NOTIFY", x, ["Event: kpml",
                                    "Subscription-State: terminated"])
        told = core.request("NOTIFY", dialog=d)
        check(told.tag("from") == n.remote_tag, "NOTIFY of the other one")
        core.answer(told, 200)
        check(a.response(x.call_id, sent).status == 200, "the last NOTIFY")
    r = a.ask("NOTIFY", far[1], ["Event: kpml", "Subscription-State: active"])
    check(r.status == 481, f"it lives on: {r}")
