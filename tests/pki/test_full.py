#!/usr/bin/env python3
"""A full disk: what was asked fails with the remedy, nothing is half applied,
and it goes on when there is room again. The state directory is a small tmpfs in
a mount namespace of the test's own.
Usage: test_full.py LINESIDED LINESIDE
"""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import unittest

from test_ca import CA, CLIENT, LINESIDE, LINESIDED, Base, Box, run


def namespaces():
    """How a namespace with a mount can be had here, or None."""
    for how in (['unshare', '-m'], ['unshare', '-rm']):
        if run(*how, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt').returncode == 0:
            return how
    return None


UNSHARE = namespaces()


class SmallBox(Box):
    """The state directory has `size`; programs run inside."""

    def __init__(self, test, text, size):
        super().__init__(test, text)
        os.mkdir(f'{self.dir}/state')
        self.inside = subprocess.Popen(
            [*UNSHARE, 'sh', '-c',
             f'mount -t tmpfs -o size={size} tmpfs {self.dir}/state && '
             'echo mounted && exec sleep 600'], stdout=subprocess.PIPE)
        test.addCleanup(self.inside.wait)
        test.addCleanup(self.inside.kill)
        test.addCleanup(self.inside.stdout.close)
        test.assertEqual(self.inside.stdout.readline(), b'mounted\n')

    def enter(self, *args):
        how = ['nsenter', '-t', str(self.inside.pid), '-m']
        if UNSHARE == ['unshare', '-rm']:
            how += ['-U', '--preserve-credentials']
        return [*how, *args]

    def start(self, *answers):
        with open(f'{self.dir}/log', 'ab') as log:
            self.proc = subprocess.Popen(
                self.enter(LINESIDED, '-f', f'{self.dir}/l.conf'),
                stdout=log, stderr=log)
        self.test.addCleanup(self.stop)
        self.wait_for(lambda: self.command(
            'show', 'crypto', 'pki', 'server').returncode == 0, 'the CA')

    def pki(self, *words):
        return run(*self.enter(LINESIDE, '-f', f'{self.dir}/l.conf', 'pki'),
                   *words)

    def seen(self, name=''):
        """The state directory, as it is inside."""
        return f'/proc/{self.inside.pid}/root{self.dir}/state/{name}'

    def files(self):
        found = {}
        for folder, _, names in os.walk(self.seen()):
            for name in names:
                if name != 'fill':
                    with open(f'{folder}/{name}', 'rb') as f:
                        found[name] = f.read()
        return found

    def fill(self):
        with open(self.seen('fill'), 'wb', buffering=0) as f:
            for size in (65536, 4096, 512):
                try:
                    while f.write(bytes(size)) == size:
                        pass
                except OSError:
                    pass

    def make_room(self):
        os.unlink(self.seen('fill'))


@unittest.skipUnless(UNSHARE, 'no mount namespaces here')
class Full(Base):
    def test_store(self):
        """request, authenticate, import: the old ones stay whole."""
        box = SmallBox(self, CLIENT.format(name='edge.example', port=9)
                       .replace('enrollment url http://127.0.0.1:9/scep',
                                'enrollment terminal'), '256k')
        for name in ('one', 'two'):
            run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
                '-keyout', f'{name}.key', '-subj', f'/CN={name}', '-days',
                '9', '-out', f'{name}.pem', cwd=box.dir)
        box.fill()
        before = box.files()
        done = box.pki('request', 'EDGE')
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'No space left on device; make room, nothing was '
                      b'changed', done.stderr)
        self.assertEqual(box.files().keys() - before.keys() - {'lock'}, set())
        box.make_room()
        csr = box.pki('request', 'EDGE').stdout
        self.assertIn(b'BEGIN CERTIFICATE REQUEST', csr)
        box.pki_ok('authenticate', 'EDGE', '--accept', box.path('one.pem'))
        box.fill()
        before = box.files()
        done = box.pki('authenticate', 'EDGE', '--accept', '--replace',
                       box.path('two.pem'))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'make room, nothing was changed', done.stderr)
        self.assertEqual(box.files(), before)
        with open(box.path('edge.csr'), 'wb') as f:
            f.write(csr)
        done = run('openssl', 'x509', '-req', '-in', 'edge.csr', '-CA',
                   'one.pem', '-CAkey', 'one.key', '-days', '5', '-out',
                   'edge.pem', cwd=box.dir)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = box.pki('import', 'EDGE', box.path('edge.pem'))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'make room, nothing was changed', done.stderr)
        self.assertEqual(box.files(), before)
        box.make_room()
        box.pki_ok('import', 'EDGE', box.path('edge.pem'))

    def test_ca(self):
        """Neither a certificate nor a serial number is lost or doubled."""
        ca = SmallBox(self, CA.format(
            port=self.port, more=' grant auto\n challenge-password x'), '2m')
        ca.start()
        boxes = []
        for n in range(3):
            box = self.client(f'box{n}.example')
            box.write(CLIENT.format(name=f'box{n}.example', port=self.port)
                      .replace(' rsakeypair', ' password x\n rsakeypair'))
            box.pki_ok('authenticate', 'EDGE', '--accept')
            boxes.append(box)
        boxes[0].pki_ok('enroll', 'EDGE')
        ca.fill()
        done = boxes[1].pki('enroll', 'EDGE')
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'make room', done.stderr)
        done = ca.command('pki', 'server', 'VOICE', 'password', 'generate')
        self.assertEqual(done.returncode, 1)
        self.assertIn('make room', done.stdout.decode())
        # What it has it still gives.
        self.assertTrue(self.get('/scep?operation=GetCACert'))
        ca.do('show', 'crypto', 'pki', 'server')
        ca.make_room()
        for box in boxes[1:]:
            box.pki_ok('enroll', 'EDGE')
        serials = set()
        for box in boxes:
            self.verifies(box, self.enrolled(box))
            own = box.pki('export', 'EDGE', '--own').stdout
            serials.add(run('openssl', 'x509', '-noout', '-serial', data=own)
                        .stdout.decode().strip().split('=')[1].lower())
        self.assertEqual(len(serials), 3)
        ca.stop()
        shutil.copytree(ca.seen('server/VOICE'), ca.path('copy'))
        db = sqlite3.connect(ca.path('copy/ca.db'))
        self.assertEqual(db.execute('PRAGMA integrity_check').fetchone()[0],
                         'ok')
        kept = {s.hex() for s, in db.execute(
            'SELECT serial FROM cert WHERE state = 1')}
        db.close()
        self.assertEqual(kept, serials)

    def test_no_room_for_a_new_ca(self):
        """Nothing is made but what can be made whole."""
        ca = SmallBox(self, CA.format(port=self.port, more=''), '64k')
        ca.fill()
        with open(f'{ca.dir}/log', 'ab') as log:
            ca.proc = subprocess.Popen(
                ca.enter(LINESIDED, '-f', f'{ca.dir}/l.conf'),
                stdout=log, stderr=log)
        self.addCleanup(ca.stop)
        ca.wait_for(lambda: 'CA_DOWN' in ca.log(), 'word of it')
        self.assertRegex(ca.log(), r'make room')
        ca.make_room()
        end = time.monotonic() + 10
        subprocess.run(ca.enter('mount', '-o', 'remount,size=4m',
                                f'{ca.dir}/state'), check=True)
        while time.monotonic() < end:
            ca.command('reload')
            done = ca.command('show', 'crypto', 'pki', 'server')
            if done.returncode == 0:
                break
        self.assertIn('Voice CA', done.stdout.decode())
        keys = [k for k in ca.files() if re.match(r'ca-.*\.key$', k)]
        self.assertEqual(len(keys), 1)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
