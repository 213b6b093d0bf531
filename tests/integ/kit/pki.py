"""Certificates made for one run with the openssl command."""

import os
import threading

from .env import check, run


class Pki:
    """Several authorities with keys in `folder`; leaves on demand."""

    def __init__(self, folder):
        self.dir = folder
        self.guard = threading.Lock()  # around an authority's database
        os.makedirs(folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def _openssl(self, *args):
        done = run(["openssl", *args], cwd=self.dir)
        check(done.returncode == 0, f"openssl {args[0]}: {done.stderr}")

    def _key(self, name, kind):
        if kind == "rsa":
            self._openssl("genrsa", "-out", f"{name}.key", "2048")
        else:
            self._openssl("ecparam", "-name", "prime256v1", "-genkey",
                          "-noout", "-out", f"{name}.key")
        os.chmod(self.path(f"{name}.key"), 0o600)

    def ca(self, name, subject, kind="ec"):
        """An authority; its certificate's path."""
        self._key(name, kind)
        self._openssl(
            "req", "-x509", "-new", "-key", f"{name}.key", "-sha256",
            "-days", "3650", "-subj", subject, "-out", f"{name}.pem",
            "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        for suffix, text in (("idx", ""), ("srl", "1000\n")):
            with open(self.path(f"{name}.{suffix}"), "w") as f:
                f.write(text)
        return self.path(f"{name}.pem")

    def leaf(self, name, ca, subject, san="", usage="serverAuth,clientAuth",
             begin="20240101000000Z", end="20440101000000Z", kind="ec"):
        """A certificate with its key: (certificate, key, both in one)."""
        self._key(name, kind)
        with open(self.path(f"{name}.cnf"), "w") as f:
            f.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={ca}.idx\n"
                    f"serial={ca}.srl\nnew_certs_dir=.\ndefault_md=sha256\n"
                    f"policy=p\nunique_subject=no\nx509_extensions=x\n"
                    f"[p]\ncommonName=optional\norganizationName=optional\n"
                    f"[x]\nbasicConstraints=CA:FALSE\n"
                    f"keyUsage=digitalSignature\n")
            if usage:
                f.write(f"extendedKeyUsage={usage}\n")
            if san:
                f.write(f"subjectAltName={san}\n")
        self._openssl("req", "-new", "-key", f"{name}.key", "-subj", subject,
                      "-out", f"{name}.csr")
        with self.guard:
            self._openssl(
                "ca", "-batch", "-notext", "-config", f"{name}.cnf",
                "-cert", f"{ca}.pem", "-keyfile", f"{ca}.key",
                "-in", f"{name}.csr", "-out", f"{name}.pem",
                "-startdate", begin, "-enddate", end)
        both = self.path(f"{name}.both.pem")
        with open(both, "w") as out:
            for part in (f"{name}.pem", f"{name}.key"):
                with open(self.path(part)) as f:
                    out.write(f.read())
        os.chmod(both, 0o600)
        return (self.path(f"{name}.pem"), self.path(f"{name}.key"), both)

    def bundle(self, name, *cas):
        path = self.path(name)
        with open(path, "w") as out:
            for ca in cas:
                with open(self.path(f"{ca}.pem")) as f:
                    out.write(f.read())
        return path
