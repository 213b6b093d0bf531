"""The certificate's key on a PKCS#11 token: SoftHSM, while phones register."""

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor

from kit import sites
from kit.env import Skip, check, run
from kit.site import Site
from kit.suite import test

MODULE = "/usr/lib/softhsm/libsofthsm2.so"


class Token(Site):
    """EDGE's key is on the token; its file is gone."""

    def start(self, more=""):
        if not os.path.exists(MODULE) or not shutil.which("softhsm2-util"):
            raise Skip("softhsm2 is not installed")
        folder = os.path.dirname(self.ctx.path("tokens", "x"))
        os.environ["SOFTHSM2_CONF"] = self.ctx.write(
            "hsm.conf", f"directories.tokendir = {folder}\n"
                        "objectstore.backend = file\nlog.level = ERROR\n")
        self.pin = self.ctx.write("pin", "1234\n")
        pkcs8 = self.ctx.path("edge.p8")
        for argv in (
                ["softhsm2-util", "--init-token", "--free", "--label", "edge",
                 "--so-pin", "5678", "--pin", "1234"],
                ["openssl", "pkcs8", "-topk8", "-nocrypt", "-in",
                 self.edge[1], "-out", pkcs8],
                ["softhsm2-util", "--import", pkcs8, "--token", "edge",
                 "--label", "sip", "--id", "A1", "--pin", "1234"]):
            done = run(argv)
            check(done.returncode == 0, f"{argv}: {done.stderr}")
        os.unlink(self.edge[1])
        os.unlink(pkcs8)
        return super().start(more)

    def text(self, more=""):
        return re.sub(r" key file .*edge\.key\n",
                      " key url pkcs11:token=edge;object=sip;type=private\n"
                      f" key pin-file {self.pin}\n", super().text(more))


sites.SITES["token"] = lambda ctx: Token(ctx).start()


@test("token", serial=True)
def phones_register(t, s):
    """Many handshakes at a time, on several threads, one token."""
    def one(n):
        return s.secure_agent(t, f"20{n}").register().status

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(one, range(50, 74)))
    check(found == [200] * 24, f"{found}")


@test("token", serial=True)
def reload_opens_it_again(t, s):
    for n in range(80, 85):
        check(s.lineside.reload()["ok"], "refused")
        s.secure_agent(t, f"20{n}")
    before = s.lineside.fds()
    for _ in range(10):
        s.lineside.reload()
    check(s.lineside.fds() <= before + 2, "descriptors are lost")


@test("token", serial=True)
def wrong_object(t, s):
    """Refused when it is prepared; what runs goes on."""
    s.lineside.config(s.text().replace("object=sip;", "object=sap;"))
    row = s.lineside.reload()
    check(not row["ok"], "accepted")
    check("on the token cannot be used" in row["complaints"], f"{row}")
    s.secure_agent(t, "2090")
    s.lineside.config(s.text())
    check(s.lineside.reload()["ok"], "refused")
    s.secure_agent(t, "2091")
