"""The groups of tests that share one daemon, by name."""

import os

from . import tones
from .site import Site

# Every codec that a phone of ours has, and a transcoder for all of them; a
# call of 23xx to 21xx wants the second, which has one session.
CODECS = ["g711ulaw", "g711alaw", "g722-64", "g729r8", "g726r32", "gsmfr",
          "opus", "l16-16k"]
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
    """Who is put on hold by the other side hears 1000 Hz."""
    music = tones.make(os.path.join(ctx.env.root, "1000.wav"), 1000, 3)
    site = Site(ctx, kamailio=False)
    return site.start(
        TRANSCODE + f"voice moh-group 1\n moh {music}\n!\n" +
        "".join(f"dial-peer voice {500 + n} voip\n moh-group 1\n!\n"
                for n in range(len(site.slots))))


SITES = {
    "main": lambda ctx: Site(ctx).start(),
    "reload": lambda ctx: Site(ctx).start(),
    "transcode": transcode,
    # Itself the registrar; limits are small enough to be met: eight calls,
    # three seconds without media.
    "embedded": lambda ctx: Site(ctx, kamailio=False, inactivity=3,
                                 rtp_max=16384 + 2 * 8 - 2).start(),
}
