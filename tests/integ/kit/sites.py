"""The groups of tests that share one daemon, by name."""

from .site import Site

SITES = {
    "main": lambda ctx: Site(ctx).start(),
    "reload": lambda ctx: Site(ctx).start(),
    # Itself the registrar; limits are small enough to be met: eight calls,
    # three seconds without media.
    "embedded": lambda ctx: Site(ctx, kamailio=False, inactivity=3,
                                 rtp_max=16384 + 2 * 8 - 2).start(),
}
