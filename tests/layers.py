#!/usr/bin/env python3
"""Checks #include "dir/..." lines against the layers of the house, and that
answers to requests leave by their one door.

Dependencies point down only: a directory may include from itself and from
those named for it below. Usage: layers.py SOURCE_ROOT
"""
import pathlib
import re
import sys



def under(folder, *parts):
    return {f'{folder}/{part}' for part in parts}


# Whose certificates, and how they come.
CERTS = {'certs'} | under('certs', 'x509', 'judge', 'store', 'revoke', 'tls',
                          'enrol', 'ca')
# What call logic is of. Its parts know each other through the core.
CALLS = under('b2bua', 'core', 'call', 'dtmf', 'line', 'trunk', 'record')
SIP = {'base', 'conf', 'b2bua/sip'} | CERTS
OF_CALLS = SIP | CALLS | {'media', 'b2bua/route', 'b2bua/offer'}
# What phones ask for.
DOORS = {'base', 'conf'} | CERTS | under('phoneproxy', 'signed', 'config',
                                         'serve')
PHONES = DOORS | {'phoneproxy'} | under('phoneproxy', 'boxes', 'capf', 'tvs')
# What may be seen and asked of the daemon, from both its sides.
SEEN = OF_CALLS | PHONES | {'b2bua', 'b2bua/names', 'src/show',
                            'src/explain', 'src/control'}
# Where a directory's files are, and what each may include. Headers of
# src/base are named "base/...", the others of src/ without "src/".
MAY_USE = {
    'src/base': {'base'},
    'conf': {'base', 'conf'},
    'certs/x509': {'base', 'conf', 'certs/x509'},
    'certs/judge': {'base', 'conf'} | under('certs', 'x509', 'judge'),
    'certs/store': {'base', 'conf'} | under('certs', 'x509', 'judge', 'store'),
    'certs': {'base', 'conf', 'certs', 'certs/store'},
    'certs/revoke': {'base', 'conf', 'certs'} | under(
        'certs', 'x509', 'judge', 'store', 'revoke'),
    'certs/tls': {'base', 'conf'} | under(
        'certs', 'x509', 'judge', 'store', 'revoke', 'tls'),
    'certs/enrol': {'base', 'conf'} | CERTS,
    'certs/ca': {'base', 'conf'} | CERTS,
    'media': {'base', 'conf', 'media'} | CERTS,
    'b2bua/sip': SIP,
    'b2bua/route': SIP | {'b2bua/route'},
    'b2bua/offer': SIP | {'media', 'b2bua/offer'},
    'b2bua/names': SIP | {'b2bua/route', 'b2bua/names'},
    'b2bua/sofia': SIP | {'b2bua/route', 'b2bua/names', 'b2bua/sofia'},
    **{part: OF_CALLS for part in CALLS},
    'b2bua': OF_CALLS | {'b2bua/names', 'b2bua/sofia', 'b2bua'},
    'phoneproxy/signed': {'base', 'conf', 'phoneproxy/signed'} | CERTS,
    'phoneproxy/config': DOORS - {'phoneproxy/serve'},
    'phoneproxy/serve': DOORS,
    'phoneproxy/boxes': DOORS | {'phoneproxy/boxes'},
    'phoneproxy/capf': DOORS | {'phoneproxy/capf'},
    'phoneproxy/tvs': DOORS | {'phoneproxy/tvs'},
    'phoneproxy': PHONES,
    'src/show': SEEN | {'src', 'src/ca', 'src/pki'},
    'src/control': SEEN - {'src/explain'},
    'src/explain': SEEN,
    'src/doctor': SEEN | {'src/doctor'},
    'src/pki': SEEN | {'src/pki'},
    'src/ctl': SEEN | {'src/ctl'},
    'src/ca': SEEN | {'src/ca'},
    'src': SEEN | {'src'} | under('src', 'doctor', 'pki', 'ctl', 'ca'),
}
# Sofia's headers have one door, so that its "magic" types are set once.
SOFIA_DOOR = 'b2bua/sofia/sofia.h'
# Answers to requests leave call logic here, where refusals get their cause.
ANSWER_DOORS = {'b2bua/core/core_answer.c', 'b2bua/call/leg.c'}
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
        layer = target.rpartition('/')[0]
        if name.parts[0] == 'src' and f'src/{layer}'.rstrip('/') in MAY_USE \
                and layer != 'base':
            layer = f'src/{layer}'.rstrip('/')
        if target == 'version.h':
            continue  # generated
        if layer == '':
            yield f'{where}: "{target}" names no directory'
            continue
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
