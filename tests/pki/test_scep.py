#!/usr/bin/env python3
"""Enrolment and renewal by SCEP, with somebody else's authority: micromdm's
scepserver (Debian package scep). Usage: test_scep.py LINESIDE
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

LINESIDE = os.path.abspath(sys.argv[1])

CONF = """\
hostname edge.example.com
control-socket {dir}/control
state directory {dir}/state
crypto pki trustpoint EDGE
 enrollment url http://127.0.0.1:{port}/scep
 password file {dir}/challenge
 rsakeypair EDGE 2048
 auto-enroll 80 {more}
 legacy until 2099-12-31 sha1
sip-listener A
 side access
 address ipv4 127.0.0.1 port 5060
sip-ua
 registrar embedded
"""


def run(*args, data=None, **kwargs):
    return subprocess.run(args, input=data, capture_output=True, timeout=60,
                          check=False, **kwargs)


@unittest.skipUnless(shutil.which('scepserver'), 'scep is not installed')
class Scep(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.dir = tmp.name
        with socket.create_server(('127.0.0.1', 0)) as s:
            self.port = s.getsockname()[1]
        done = run('scepserver', 'ca', '-init', '-depot', f'{self.dir}/depot',
                   '-keySize', '2048', '-organization', 'Org', '-country',
                   'DE')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.server = subprocess.Popen(
            ['scepserver', '-depot', f'{self.dir}/depot', '-port',
             str(self.port), '-challenge', 's3cret', '-allowrenew', '0'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        self.challenge('s3cret')
        self.conf()
        self.answers()

    def answers(self):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                socket.create_connection(('127.0.0.1', self.port)).close()
                return
            except OSError:
                time.sleep(0.02)
        self.fail('scepserver does not answer')

    def challenge(self, text):
        with open(f'{self.dir}/challenge', 'w', encoding='utf-8') as f:
            f.write(text + '\n')

    def conf(self, more=''):
        with open(f'{self.dir}/l.conf', 'w', encoding='utf-8') as f:
            f.write(CONF.format(dir=self.dir, port=self.port, more=more))

    def pki(self, *words, code=0):
        done = run(LINESIDE, '-f', f'{self.dir}/l.conf', 'pki', *words,
                   start_new_session=True)
        said = (done.stdout + done.stderr).decode()
        self.assertEqual(done.returncode, code, said)
        self.out = done.stdout
        return said

    def own(self, *what):
        self.pki('export', 'EDGE', '--own')
        done = run('openssl', 'x509', '-noout', *what, data=self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def test_enrolled_and_renewed(self):
        said = self.pki('authenticate', 'EDGE', code=1)
        self.assertIn('SCEP CA', said)
        self.assertIn('unattended: --fingerprint', said)
        sha1 = said.split('SHA1: ')[1].split('\n')[0]
        said = self.pki('enroll', 'EDGE', code=1)
        self.assertIn('authenticate EDGE', said)
        self.pki('authenticate', 'EDGE', '--fingerprint', sha1)
        self.assertIn('installed', self.pki('enroll', 'EDGE'))
        self.assertIn('edge.example.com', self.own('-subject'))
        self.assertIn('SCEP CA', self.own('-issuer'))
        serial, public = self.own('-serial'), self.own('-pubkey')
        self.pki('enroll', 'EDGE')  # with the certificate that is there
        self.assertNotEqual(serial, self.own('-serial'))
        self.assertEqual(public, self.own('-pubkey'))
        self.conf('regenerate')
        self.pki('enroll', 'EDGE')
        self.assertNotEqual(public, self.own('-pubkey'))
        self.assertEqual(len(os.listdir(f'{self.dir}/state/pki/keys')), 2)

    def test_refused_and_unreachable(self):
        self.pki('authenticate', 'EDGE', '--accept')
        self.challenge('wrong')
        before = os.listdir(f'{self.dir}/state/pki/trustpoints')
        self.pki('enroll', 'EDGE', code=1)
        self.assertNotIn('EDGE.own.pem',
                         os.listdir(f'{self.dir}/state/pki/trustpoints'))
        self.assertEqual(before, ['EDGE.ca.pem'])
        self.server.kill()
        self.server.wait()
        said = self.pki('enroll', 'EDGE', code=1)
        self.assertIn(f'127.0.0.1:{self.port}', said)
        said = self.pki('authenticate', 'EDGE', '--accept', code=1)
        self.assertIn('does not tell its certificates', said)


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
