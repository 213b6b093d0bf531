"""The groups of tests that share one daemon, by name."""

from .site import Site

SITES = {
    "main": lambda ctx: Site(ctx).start(),
    "reload": lambda ctx: Site(ctx).start(),
}
