#!/usr/bin/env python3
"""What `meson install` lays out is whole: the unit names programs that are
there, documents lead to documents that are there, and what programs say of
documents can be read where they were installed.

installed.py SOURCE BUILD"""

import glob
import os
import re
import subprocess
import sys
import tempfile


def beyond(folder, name):
    """Links of one document that lead nowhere."""
    with open(name, encoding="utf-8") as f:
        text = re.sub(r"^```.*?^```", "", f.read(), flags=re.S | re.M)
    for to in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        path = os.path.normpath(os.path.join(os.path.dirname(name), to))
        if "://" not in to and not os.path.exists(path):
            yield f"{os.path.relpath(name, folder)}: {to} is not installed"


def counted(source):
    """Counters and gauges that documents name, and that there are none of."""
    with open(f"{source}/docs/counters.md", encoding="utf-8") as f:
        known = set(re.findall(r"^\| `(\w+)`", f.read(), re.M))
    for name in [f"{source}/README.md"] + glob.glob(
            f"{source}/docs/**/*.md", recursive=True):
        with open(name, encoding="utf-8") as f:
            for word in set(re.findall(r"\blineside_\w*[a-z]\b", f.read())):
                if re.sub(r"_(bucket|count|sum)$", "", word) not in known:
                    yield f"{os.path.relpath(name, source)}: {word} is none"


def named(source):
    """Documents that programs name."""
    for kind in ("*.c", "*.def"):
        for part in ("src", "conf", "b2bua", "certs", "media", "phoneproxy"):
            for name in glob.glob(f"{source}/{part}/**/{kind}", recursive=True):
                with open(name, encoding="utf-8") as f:
                    yield from re.findall(r"docs/[a-z/-]+\.md", f.read())


def wrong(source, root):
    unit, = glob.glob(f"{root}/**/systemd/system/linesided.service",
                      recursive=True)
    with open(unit, encoding="utf-8") as f:
        for program in re.findall(r"^Exec[A-Za-z]*=(\S+)", f.read(), re.M):
            if not os.access(root + program, os.X_OK):
                yield f"{program} of the unit is not installed"
    yield from counted(source)
    doc, = glob.glob(f"{root}/**/share/doc/lineside", recursive=True)
    for name in glob.glob(f"{doc}/**/*.md", recursive=True):
        yield from beyond(doc, name)
    for name in sorted(set(named(source))):
        if not os.path.exists(f"{doc}/{name}"):
            yield f"{name} is named by a program, and not installed"
    for name in os.listdir(f"{source}/docs"):
        if name.endswith(".md") and not os.path.exists(f"{doc}/docs/{name}"):
            yield f"docs/{name} is not installed: docs/meson.build"


def main():
    source, build = sys.argv[1:]
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["meson", "install", "-C", build, "--no-rebuild",
                        "--quiet", "--destdir", root], check=True)
        said = list(wrong(source, root))
    print("\n".join(said))
    return 1 if said else 0


sys.exit(main())
