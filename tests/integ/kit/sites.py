"""The groups of tests that share one daemon, by name."""

import os

from . import tones
from .kamailio import Kamailio
from .site import Site, dial_peer

# Every codec that a phone of ours has, and a transcoder for all of them; a
# call of 23xx to 21xx wants the second, which has one session.
CODECS = ["g711ulaw", "g711alaw", "g722-64", "g729r8", "g726r32", "gsmfr",
          "opus", "l16-16k", "aal2-g726r32", "g726r16", "g726r24",
          "aal2-g726r16", "aal2-g726r24", "l16-8k", "l16-44k"]
TRANSCODE = ("voice class codec 1\n"
             + "".join(f" codec preference {n} {c}\n"
                       for n, c in enumerate(CODECS, 1))
             + """!
dspfarm profile 1 transcode universal security
 description joins what the phones speak
""" + "".join(f" codec {c}\n" for c in CODECS)
             + """ maximum sessions 20
 associate application CUBE
 no shutdown
!
dial-peer voice 100 voip
 dtmf-relay rtp-nte
 moh-group 1
!
""")


def transcode(ctx):
    """Who is put on hold by the other side hears 1000 Hz; who calls 86NN hears
    it ring (440 Hz), 84NN a file of 600 Hz; a phone that is refused with 486
    hears 700 Hz before, for cause 1 560 Hz, after 84NN has rung for 5 s
    without an answer 1200 Hz."""
    music = tones.make(ctx.env.root, 1000, 3)
    busy = tones.make(ctx.env.root, 700, 1)
    ring = tones.make(ctx.env.root, 600, 2)
    nobody = tones.make(ctx.env.root, 560, 1)
    late = tones.make(ctx.env.root, 1200, 1)
    site = Site(ctx, kamailio=False)
    return site.start(
        TRANSCODE + f"voice moh-group 1\n moh {music}\n!\n" +
        f"voice class announcement 1\n refusal 486 {busy}\n"
        f" refusal cause 1 {nobody}\n refusal 408 {late}\n!\n"
        "dial-peer voice 100 voip\n voice-class announcement 1\n!\n"
        "voice service voip\n cptone fr\n!\n" + "".join(
            dial_peer(8600 + n, f"86{n:02d}", f"ipv4:{addr}:5060", "udp",
                      more=["tone ringback alert-no-pi"])
            for n, addr in enumerate(site.slots)) + "".join(
            dial_peer(8400 + n, f"84{n:02d}", f"ipv4:{addr}:5060", "udp",
                      more=[f"tone ringback file {ring}", "timeout ring 5"])
            for n, addr in enumerate(site.slots)) +
        "".join(f"dial-peer voice {500 + n} voip\n moh-group 1\n!\n"
                for n in range(len(site.slots))))


def inband(ctx):
    """Phones of 21xx have no events and no KPML, which is all that their
    dial-peer lets them have: their keys are sound. Slots 87NN are told by
    INFO, in whatever codec."""
    site = Site(ctx, kamailio=False)
    return site.start(
        TRANSCODE.replace("rtp-nte", "sip-kpml").replace(
            "voice 100 voip", "voice 101 voip").replace(
            " moh-group 1\n", "") + "".join(
            dial_peer(8700 + n, f"87{n:02d}", f"ipv4:{addr}:5060", "udp",
                      more=["dtmf-relay sip-info"])
            for n, addr in enumerate(site.slots)))


def forms(ctx):
    """Slots by UDP, with keys in clear: 91NN are offered opportunistic SRTP,
    92NN SRTP that may be answered with RTP, as Cisco has it, 93NN both in two
    lines. Phones on the
    listener FALLBACK are offered opportunistic SRTP as well, and RTCP on RTP's
    port, as 94NN are."""
    site = Site(ctx)
    keys = ["srtp insecure-sdes"]
    more = ["srtp offer opportunistic"] + keys
    return site.start(
        "voice class srtp-crypto 9\n crypto 1 AES_256_CM_HMAC_SHA1_80\n!\n"
        "dial-peer voice 101 voip\n voice-class srtp-crypto 9\n!\n"
        "dial-peer voice 106 voip\n srtp offer opportunistic\n rtcp-mux\n!\n"
        "voice service voip\n sip\n  srtp negotiate cisco\n!\n" + "".join(
            dial_peer(9100 + n, f"91{n:02d}", f"ipv4:{addr}:5060", "udp",
                      None, "srtp fallback", more=more) +
            dial_peer(9200 + n, f"92{n:02d}", f"ipv4:{addr}:5060", "udp",
                      None, "srtp fallback", more=keys) +
            dial_peer(9300 + n, f"93{n:02d}", f"ipv4:{addr}:5060", "udp",
                      None, "srtp fallback",
                      more=["srtp offer two-lines"] + keys) +
            dial_peer(9400 + n, f"94{n:02d}", f"ipv4:{addr}:5060", "udp",
                      more=["rtcp-mux"])
            for n, addr in enumerate(site.slots)))


def dtmf(ctx):
    """How slots are told of keys: 5NN by INFO, 85NN by NOTIFY, 95NN by KPML
    or, until they have asked for them, by events, 96NN by INFO or events."""
    site = Site(ctx, kamailio=False)
    more = ""
    for n, addr in enumerate(site.slots):
        more += f"dial-peer voice {500 + n} voip\n dtmf-relay sip-info\n!\n"
        more += f"dial-peer voice {8500 + n} voip\n dtmf-relay sip-notify\n!\n"
        more += dial_peer(9500 + n, f"95{n:02d}", f"ipv4:{addr}:5060", "udp",
                          more=["dtmf-relay sip-kpml rtp-nte"])
        more += dial_peer(9600 + n, f"96{n:02d}", f"ipv4:{addr}:5060", "udp",
                          more=["dtmf-relay sip-info rtp-nte"])
    more += "dial-peer voice 105 voip\n dtmf-relay sip-info\n!\n"
    more += "dial-peer voice 101 voip\n dtmf-relay sip-info\n!\n"
    return site.start(more)


def dtmf_matrix(ctx):
    """Slots call each other, as 77WNN those of 78WNN, in the ways W that
    keys are told in; the last is none."""
    site = Site(ctx, kamailio=False)
    more = ("dspfarm profile 1 transcode\n maximum sessions 20\n"
            " no shutdown\n!\n")
    for w, way in enumerate(["rtp-nte", "sip-info", "sip-kpml", "sip-notify",
                             None]):
        keys = [f"dtmf-relay {way}"] if way else []
        more += dial_peer(7700 + w, f"76{w}..", f"ipv4:{site.nobody}:5060",
                          "udp", more=[f"answer-address 77{w}.."] + keys)
        for n, addr in enumerate(site.slots):
            more += dial_peer(78000 + w * 100 + n, f"78{w}{n:02d}",
                              f"ipv4:{addr}:5060", "udp", more=keys)
    return site.start(more)


def records(ctx):
    site = Site(ctx, kamailio=False)
    site.records = ctx.path("records.json")
    return site.start(
        f"gw-accounting file\n primary ifs {site.records}\n!\n")


def pass_thru(ctx):
    """Itself the registrar. Keys of 20xx and 22xx are their own from end to
    end, those of 21xx (listener 5071) are ours."""
    site = Site(ctx, kamailio=False)
    return site.start(
        "dial-peer voice 100 voip\n srtp pass-thru\n!\n"
        "dial-peer voice 102 voip\n srtp pass-thru\n!\n")


def transfers(ctx):
    """Itself the registrar, and transfers end here. 36NN are phones inside
    that register nowhere: trunk_phone(). What comes from their address comes
    in by the last one's dial-peer."""
    site = Site(ctx, kamailio=False)
    site.ports = [ctx.env.port_pair("127.0.0.1") for _ in range(12)]
    return site.start(
        "voice service voip\n no supplementary-service sip refer\n!\n" +
        "dial-peer voice 300 voip\n destination-pattern 39..\n!\n"
        "voice class uri 36 sip\n host ipv4:127.0.0.1\n!\n" +
        "".join(dial_peer(3600 + n, f"{3600 + n}", f"ipv4:127.0.0.1:{port}",
                          "udp", more=["incoming uri via 36",
                                        "incoming listener INSIDE"] if n == 11
                          else ()) for n, port in enumerate(site.ports)))


def proxies(ctx):
    """Behind Kamailio another one, for 38.., with a realm of its own."""
    far = Kamailio(ctx, name="far", realm="biloxi.test").start()
    site = Site(ctx, beyond=far.host)
    site.far = far
    return site.start()


SHARED = "dial-peer voice 100 voip\n shared-line\n!\n"


def recording(ctx):
    """Calls to phones on TLS are recorded over TLS and SRTP, those to 36NN (see
    transfers) in clear, by recorders at addresses of their own; from 3604 on by
    one that asks for a password, by the words of its tenant."""
    site = Site(ctx, kamailio=False)
    site.recorder, site.plain_recorder = ctx.addr(), ctx.addr()
    site.strict_recorder = ctx.addr()
    site.ports = [ctx.env.port_pair("127.0.0.1") for _ in range(6)]
    site.records = ctx.path("records.json")
    return site.start(
        f"gw-accounting file\n primary ifs {site.records}\n!\n"
        "media profile recorder 1\n media-type audio\n media-recording 951\n!\n"
        "media profile recorder 2\n media-recording 952\n!\n"
        "media class 1\n recorder profile 1 siprec\n!\n"
        "media class 2\n recorder profile 2 siprec\n!\n"
        "media profile recorder 3\n media-recording 953\n!\n"
        "media class 3\n recorder profile 3 siprec\n!\n"
        "voice class srtp-crypto 9\n crypto 1 AES_CM_128_HMAC_SHA1_32\n!\n"
        "voice class sip-profiles 9\n"
        " request INVITE sip-header X-Tenant add \"X-Tenant: nine\"\n"
        " request INVITE sdp-header Session-Name modify \"s=.*\" \"s=nine\"\n"
        "!\n"
        "voice class tenant 9\n srtp-crypto 9\n sip-profiles 9\n"
        " authentication username edge password 0 rec-s3cret realm rec.test\n"
        "!\n"
        "dial-peer voice 100 voip\n media-class 1\n!\n" +
        "".join(dial_peer(3600 + n, f"{3600 + n}", f"ipv4:127.0.0.1:{port}",
                          "udp", more=[f"media-class {2 if n < 4 else 3}"])
                for n, port in enumerate(site.ports)) +
        dial_peer(951, "8500", f"ipv4:{site.recorder}", "tcp tls", None,
                  "srtp") +
        dial_peer(952, "8600", f"ipv4:{site.plain_recorder}", "udp",
                  more=["timeout ring 5"]) +
        dial_peer(953, "8700", f"ipv4:{site.strict_recorder}", "udp", None,
                  "srtp", more=["srtp insecure-sdes",
                                "voice-class sip tenant 9"]))


SITES = {
    # Lines of several phones: itself the registrar; or Kamailio is, who calls
    # each contact by itself.
    "proxies": proxies,
    "shared": lambda ctx: Site(ctx, kamailio=False).start(SHARED),
    "shared_core": lambda ctx: Site(ctx, contacts=4).start(SHARED),
    "recording": recording,
    "forms": forms,
    "records": records,
    "dtmf": dtmf,
    "inband": inband,
    "dtmf_matrix": dtmf_matrix,
    "pass-thru": pass_thru,
    "transfers": transfers,
    "main": lambda ctx: Site(ctx).start(),
    "reload": lambda ctx: Site(ctx).start(),
    "transcode": transcode,
    # Itself the registrar; who is not heard is told of soon.
    "quality": lambda ctx: Site(ctx, kamailio=False).start(
        "voice service voip\n media one-way 2\n!\n"
        f"state directory {os.path.dirname(ctx.path('state', 'x'))}\n!\n"),
    # Itself the registrar; limits are small enough to be met: eight calls,
    # three seconds without media.
    "embedded": lambda ctx: Site(ctx, kamailio=False, inactivity=3,
                                 rtp_max=16384 + 2 * 8 - 2).start(),
}
