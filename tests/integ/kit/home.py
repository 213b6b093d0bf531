"""What docs/guides/phones-at-home.md tells, in networks of its own: a phone
at home behind a router that translates addresses, Lineside, a call manager
inside. The configuration and the commands are those of the guide, as they
stand there; only the folders are others.
"""

import os
import re

from .baresip import Baresip
from .boot import MAC, needs
from .deskphone import DeskPhone
from .env import Failure, Skip, check, listening, run, wait_for
from .kamailio import REALM, Kamailio
from .lineside import Lineside
from .netns import Net

ACCESS, CORE, MANAGER = "198.51.100.7", "192.0.2.2", "192.0.2.11"
PHONE, DESK = "192.168.1.10", "192.0.2.31"
GUIDE = "docs/guides/phones-at-home.md"


class Guide:
    """Its blocks: ```lineside is the configuration, ```sh what is typed,
    ```console what is typed and answered."""

    def __init__(self, source, path=GUIDE):
        self.path = os.path.join(source, path)
        with open(self.path, encoding="utf-8") as f:
            self.text = f.read()
        self.configuration = self._blocks("lineside")[0]
        self.authority, self.enrolment = (self._blocks("sh") + ["", ""])[:2]

    def _blocks(self, kind):
        return re.findall(rf"^```{kind}\n(.*?)^```$", self.text, re.S | re.M)

    def compare(self, command, answer):
        """What is answered looks as the guide says; GUIDE_WRITE=1 in the
        environment puts into the guide what is answered now."""
        block = next((b for b in self._blocks("console")
                      if b.startswith(f"$ {command}\n")), None)
        check(block is not None, f"the guide has no answer to {command}")
        new = f"$ {command}\n{answer.rstrip()}\n"
        if os.environ.get("GUIDE_WRITE"):
            self.text = self.text.replace(block, new)
            with open(self.path, "w", encoding="utf-8") as f:
                f.write(self.text)
        elif shape(block) != shape(new):
            raise Failure(f"the guide is out of date (GUIDE_WRITE=1 renews"
                          f" it):\n{shape(block)}\nbut it is\n{shape(new)}")


def shape(text):
    """A command's answer without what differs from run to run."""
    for what, name in (
            (r"\d\d:\d\d:\d\d\.\d+ \S+ \w+ \w+ +\d+ \d+", "TIME"),
            (r"\d{4}-\d\d-\d\dT\S+Z", "TIME"),
            (r"tx:(-|\d\.\d\d) far", "tx:MOS far"),
            (r"sip-call-id=\S+", "sip-call-id=ID"),
            (r"(\d+\.\d+\.\d+\.\d+):\d{5}\b", r"\1:PORT"),
            (r"\b[0-9a-f]{32}\b", "HASH"), (r"\b\d{10}\b", "DIGITS"), (r"\d+", "N"), (r"-+", "-"),
            (r"[ \t]+", " "), (r" $", "")):
        text = re.sub(what, name, text, flags=re.M)
    return text


class Home:
    """`change`: what becomes of the guide's configuration; `capf_mode`: what
    the call manager writes as capfAuthMode."""

    def __init__(self, t, change=lambda text: text, capf_mode=1):
        needs("nft", "ip", "in.tftpd", "kamailio", "baresip")
        self.t, self.guide = t, Guide(t.env.source)
        self.networks()
        self.lineside = Lineside(t, "")
        self.etc = self.lineside.dir
        self.var = os.path.dirname(t.path("var", "x"))
        self.command_dir = self._command()
        self.lineside.config(change(self.here(self.guide.configuration)))
        self.manager(capf_mode)

    def networks(self):
        t = self.t
        self.home, self.router = Net(t), Net(t)
        self.edge, self.inside = Net(t), Net(t)
        self.home.wire(f"{PHONE}/24", self.router, "192.168.1.1/24")
        wan, ext = self.router.wire("203.0.113.9/24", self.edge,
                                    f"{ACCESS}/24")
        self.edge.wire(f"{CORE}/24", self.inside, f"{DESK}/24,{MANAGER}/24")
        self.home.ip("route", "add", "default", "via", "192.168.1.1")
        self.router.ip("route", "add", "default", "dev", wan)
        self.edge.ip("route", "add", "203.0.113.0/24", "dev", ext)
        self.router.masquerade(wan)

    # The guide's words

    def here(self, text):
        return (text.replace("/etc/lineside", self.etc)
                .replace("/var/lib/lineside", self.var)
                .replace("chown lineside", "chown root"))

    def _command(self):
        """`lineside` as it is typed, with this test's files."""
        path = self.t.write("bin/lineside", f"""#!/bin/sh
program={self.t.env.program('lineside')}
case $1 in
doctor) shift; exec $program doctor -f {self.lineside.file} "$@" ;;
esac
exec $program -f {self.lineside.file} -s {self.lineside.socket} "$@"
""")
        os.chmod(path, 0o755)
        return os.path.dirname(path)

    def type(self, text, status=0):
        """What the operator types on Lineside's machine; what is answered,
        with the guide's folders in it."""
        path = f"{self.command_dir}:{os.environ['PATH']}"
        with self.edge:
            done = run(["sh", "-e", "-c", self.here(text)], 60,
                       env=dict(os.environ, PATH=path))
        check(done.returncode == status,
              f"{text.strip()}: {done.returncode}\n{done.stdout}"
              f"{done.stderr[-2000:]}")
        return (done.stdout.replace(self.etc, "/etc/lineside")
                .replace(self.var, "/var/lib/lineside"))

    def shown(self, command, more=""):
        """Types it and compares with what the guide shows; `more` is not
        in the guide."""
        answer = self.type(command + more)
        self.guide.compare(command, answer)
        return answer

    # The call manager

    def manager(self, capf_mode):
        t = self.t
        self.files = os.path.dirname(t.path("files", "x"))
        os.chmod(self.files, 0o755)
        self.kamailio = Kamailio(t)
        self.kamailio.host = MANAGER
        with open(f"{t.env.source}/tests/vectors/boot/"
                  "config-from-call-manager.xml", encoding="utf-8") as f:
            text = f.read()
        text = re.sub("<authPassword>.*?</authPassword>",
                      f"<authPassword>{Kamailio.password}</authPassword>",
                      text)
        self.put(f"{MAC}.cnf.xml", text.replace(
            "<capfAuthMode>0<", f"<capfAuthMode>{capf_mode}<"))
        self.put("Ringlist.xml", "<CiscoIPPhoneRingList/>\n")
        if os.geteuid() != 0:
            raise Skip("tftpd-hpa changes its root directory: not root")
        with self.inside:
            self.kamailio.start()
            self.tftpd = t.spawn(["in.tftpd", "-L", "-a", f"{MANAGER}:69",
                                  "-s", self.files], "tftpd.log")
            self.desk = Baresip(
                t, "3001", 700, domain=REALM, host=DESK,
                outbound=f"sip:{MANAGER}:5060",
                password=Kamailio.password).start()

    def put(self, name, text):
        path = os.path.join(self.files, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o644)

    def start(self):
        with self.edge:
            self.lineside.start()
            wait_for(lambda: listening(ACCESS, 6970), 10, "HTTP to listen")
        return self

    # The phone

    def phone(self, **kw):
        return DeskPhone(self.t.path("flash", MAC), MAC, ACCESS, **kw)

    def soft(self, phone, tone):
        """baresip in the desk phone's place: its certificate, its line, and
        the servers that its trust lists name."""
        address, port = phone.members()[0]
        name, _, password = phone.line()
        with self.home:
            return Baresip(
                self.t, name, tone, domain=address, transport="tls",
                host=PHONE, mediaenc="srtp-mand", cert=phone.lsc.pem(),
                cafile=phone.trusted_servers(), password=password,
                outbound=f"sip:{address}:{port};transport=tls",
                name="at-home").start().registered()
