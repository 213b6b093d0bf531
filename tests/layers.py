#!/usr/bin/env python3
"""Checks #include "dir/..." lines against the layers of the house, and that
answers to requests leave by their one door.

Dependencies point down only: a directory may include from itself and from
those named for it below. Usage: layers.py SOURCE_ROOT
"""
import pathlib
import re
import sys

# Where a directory's files are, and what each may include. Headers of
# src/base are named "base/...", those of src/ itself without a directory.
MAY_USE = {
    'src/base': {'base'},
    'conf': {'base', 'conf'},
    'certs': {'base', 'conf', 'certs'},
    'media': {'base', 'conf', 'certs', 'media'},
    'b2bua': {'base', 'conf', 'certs', 'media', 'b2bua'},
    'phoneproxy': {'base', 'conf', 'certs', 'phoneproxy'},
    'src': {'base', 'conf', 'certs', 'media', 'b2bua', 'phoneproxy', 'src'},
}
# Sofia's headers have one door, so that its "magic" types are set once.
SOFIA_DOOR = 'b2bua/sofia.h'
# Answers to requests leave call logic here, where refusals get their cause.
ANSWER_DOORS = {'b2bua/core_answer.c', 'b2bua/leg.c'}
ANSWER = re.compile(r'ops(\([a-z]+\))?->answer\(')
INCLUDE = re.compile(r'\s*#\s*include\s+(["<])([^">]+)[">]')


def errors_of(root, path, allowed):
    name = path.relative_to(root)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if ANSWER.search(line) and name.as_posix() not in ANSWER_DOORS:
            yield (f'{name}:{number}: an answer past core_answer.c: it may '
                   'leave without its cause')
        found = INCLUDE.match(line)
        if not found:
            continue
        quote, target = found.groups()
        where = f'{name}:{number}'
        if quote == '<':
            if (target.startswith('sofia-sip/')
                    and name.as_posix() != SOFIA_DOOR):
                yield f'{where}: <{target}>: only {SOFIA_DOOR} may'
            continue
        if '/' not in target:
            # main.c's neighbours live in src/ and need no directory.
            if name.parts[0] != 'src' or len(name.parts) != 2:
                yield f'{where}: "{target}" names no directory'
            continue
        layer = target.split('/')[0]
        if layer not in allowed:
            yield f'{where}: "{target}" is not below {name.parent}'


def main():
    root = pathlib.Path(sys.argv[1])
    count = 0
    errors = []
    for directory, allowed in MAY_USE.items():
        for path in sorted((root / directory).glob('*.[ch]')):
            count += 1
            errors += errors_of(root, path, allowed)
    for error in errors:
        print(error)
    print(f'{count} files, {len(errors)} wrong lines')
    return 1 if errors or count == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
