#!/usr/bin/env python3
"""kill -9 before each change that a command makes to its files, and in the
middle of each write: what is there afterwards is the old or the new state,
whole, and the same command ends what it began.
Usage: test_killed.py LINESIDE KILL_AT.so
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import test_est

LINESIDE, KILL_AT = (os.path.abspath(p) for p in sys.argv[1:3])

CONF = """\
hostname box.example
control-socket {dir}/c
state directory {dir}/state
crypto pki trustpoint OWN
 enrollment selfsigned
 subject-name CN=own.example
 eckeypair OWN
 auto-enroll 80 regenerate
crypto pki trustpoint SAST
 enrollment selfsigned
 subject-name CN=sast.example
 rsakeypair SAST 2048
crypto pki trustpoint BOSS
 enrollment terminal
 subject-name CN=boss.example
 eckeypair BOSS
voice-ctl-file HOME
 record-entry selfsigned trustpoint SAST
 record-entry cucm-tftp trustpoint SAST
 complete
sip-listener A
 side access
 address ipv4 127.0.0.1 port 5060
sip-ua
 registrar embedded
"""


def run(*args, data=None, env=None):
    return subprocess.run([str(a) for a in args], input=data, env=env,
                          capture_output=True, timeout=120, check=False)


def openssl(cwd, *args, data=None):
    done = subprocess.run(['openssl', *args], input=data, cwd=cwd,
                          capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(f'openssl {args}: {done.stderr.decode()}')
    return done.stdout


class Steps:
    """Of a test that has self.dir, with l.conf, and self.state."""

    def lineside(self, *words, **more):
        env = dict(os.environ, **more)
        return run(LINESIDE, '-f', f'{self.dir}/l.conf', *words, env=env)

    def ok(self, *words):
        done = self.lineside(*words)
        self.assertEqual(done.returncode, 0,
                         f'{words}: {done.stdout + done.stderr}')
        return done.stdout

    def preloaded(self, *words, **more):
        asan = os.environ.get('ASAN_OPTIONS', '')
        return self.lineside(
            *words, LD_PRELOAD=KILL_AT, LINESIDE_KILL_BELOW=self.state,
            ASAN_OPTIONS=f'{asan}:verify_asan_link_order=0:detect_leaks=0',
            **more)

    def at_each_step(self, words, look):
        """`look` tells what there is; it fails on what is neither. It is
        asked before, after, and whenever the command was killed; then the
        command is given again, and it is asked again."""
        saved = f'{self.dir}/saved'
        shutil.copytree(self.state, saved)
        old = look()
        done = self.preloaded(*words,
                              LINESIDE_KILL_LOG=f'{self.dir}/steps')
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        look()
        with open(f'{self.dir}/steps', encoding='ascii') as f:
            steps = f.read().split()
        self.assertGreater(len(steps), 3, steps)
        seen = set()
        for n, step in enumerate(steps, 1):
            shutil.rmtree(self.state)
            shutil.copytree(saved, self.state)
            with self.subTest(step=f'{n} of {len(steps)}, {step}'):
                done = self.preloaded(*words, LINESIDE_KILL_AT=str(n))
                if done.returncode != -signal.SIGKILL:
                    continue  # random numbers decide of some steps
                seen.add(look() == old)
                again = self.lineside(*words)
                self.assertEqual(again.returncode, 0,
                                 f'again: {again.stdout + again.stderr}')
                look()
                self.assertEqual(self.left(), [])
        self.assertIn(True, seen)
        return steps

    def left(self):
        return [name for _, _, names in os.walk(self.state) for name in names
                if '.new' in name or name.endswith('.gone')]

    def own(self, name):
        """The certificate that is there, and its key signs for it."""
        done = self.lineside('pki', 'export', name, '--own')
        if done.returncode != 0:
            return (done.stdout + done.stderr).decode()
        shown = self.ok('pki', 'key', 'list').decode()
        self.assertNotIn('damaged', shown)
        self.assertNotIn('cannot', shown)
        pem = f'{self.dir}/own.p12'
        with open(f'{self.dir}/pw', 'w', encoding='ascii') as f:
            f.write('sesame-sesame\n')
        del pem
        return done.stdout


class Tests(Steps, unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.dir = tmp.name
        self.state = f'{self.dir}/state'
        os.mkdir(self.state)
        self.conf()

    def conf(self):
        with open(f'{self.dir}/l.conf', 'w', encoding='utf-8') as f:
            f.write(CONF.format(dir=self.dir))

    def test_certified_anew(self):
        """A renewal with another key."""
        self.ok('pki', 'enroll', 'OWN')
        first = self.own('OWN')
        self.at_each_step(('pki', 'enroll', 'OWN'),
                          lambda: self.own('OWN'))
        self.assertNotEqual(self.own('OWN'), first)

    def test_imported(self):
        """A certificate that somebody else made, and then his next one."""
        openssl(self.dir, 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key',
                '-subj', '/CN=CA', '-days', '30', '-out', 'ca.pem')
        self.ok('pki', 'authenticate', 'BOSS', f'{self.dir}/ca.pem',
                '--accept')
        csr = self.ok('pki', 'request', 'BOSS')
        for days, name in (('10', 'one.pem'), ('20', 'two.pem')):
            openssl(self.dir, 'x509', '-req', '-CA', 'ca.pem', '-CAkey',
                    'ca.key', '-days', days, '-out', name, data=csr)
        self.ok('pki', 'import', 'BOSS', f'{self.dir}/one.pem')

        def look():
            pem = self.own('BOSS').decode().split('-----BEGIN')[1]
            for name in ('one', 'two'):
                with open(f'{self.dir}/{name}.pem', encoding='ascii') as f:
                    if f.read().split('-----BEGIN')[1].strip() == pem.strip():
                        return name
            self.fail(f'neither: {pem}')
            return None

        saved = f'{self.dir}/before'
        shutil.copytree(self.state, saved)
        steps = None
        for n in range(1, 100):
            shutil.rmtree(self.state)
            shutil.copytree(saved, self.state)
            words = ('pki', 'import', 'BOSS', f'{self.dir}/two.pem')
            done = self.preloaded(*words, LINESIDE_KILL_AT=str(n))
            with self.subTest(step=n):
                if done.returncode != -signal.SIGKILL:
                    steps = n
                    self.assertEqual(done.returncode, 0, done.stderr)
                    break
                if look() == 'one':
                    self.ok(*words)
                self.assertEqual(look(), 'two')
        self.assertGreater(steps, 4)

    def test_key_is_zeroed(self):
        self.ok('pki', 'enroll', 'OWN')

        def look():
            shown = self.lineside('pki', 'key', 'list')
            text = (shown.stdout + shown.stderr).decode()
            self.assertEqual(shown.returncode, 0, text)
            for word in ('damaged', 'cannot', 'not whole'):
                self.assertNotIn(word, text)
            done = self.lineside('pki', 'enroll', 'OWN')
            self.assertEqual(done.returncode, 0, done.stderr)
            return True

        saved = f'{self.dir}/before'
        shutil.copytree(self.state, saved)
        for n in range(1, 100):
            shutil.rmtree(self.state)
            shutil.copytree(saved, self.state)
            done = self.preloaded('pki', 'key', 'zeroize', 'OWN', '--accept',
                                  LINESIDE_KILL_AT=str(n))
            with self.subTest(step=n):
                self.ok('pki', 'key', 'seal')
                look()
            if done.returncode != -signal.SIGKILL:
                self.assertEqual(done.returncode, 0, done.stderr)
                break
        self.assertGreater(n, 3)

    def test_trust_list(self):
        """Signed anew, since a certificate in it was renewed."""
        self.ok('pki', 'enroll', 'SAST')
        self.ok('ctl', 'regenerate', 'HOME')
        old = self.trust_list()
        self.ok('pki', 'enroll', 'SAST')
        steps = self.at_each_step(('ctl', 'regenerate', 'HOME', '--force'),
                                  self.trust_list)
        self.assertEqual(steps.count('rename'), 2)  # CTL and ITL
        self.assertNotEqual(self.trust_list(), old)

    def trust_list(self):
        for name in ('ctl', 'itl'):
            self.ok('ctl', 'verify', f'{self.state}/ctl/HOME.{name}.tlv')
        return self.ok('ctl', 'show', 'HOME')


class Enrolled(Steps, test_est.Base):
    """By an authority that is asked over the network."""

    def test_renewal(self):
        self.state = f'{self.dir}/state'
        self.pki_ok('authenticate', 'EDGE', '--accept')
        self.pki_ok('enroll', 'EDGE')
        first = self.own('EDGE')
        self.at_each_step(('pki', 'enroll', 'EDGE'), lambda: self.own('EDGE'))
        self.assertNotEqual(self.own('EDGE'), first)

    def test_first(self):
        self.state = f'{self.dir}/state'
        self.pki_ok('authenticate', 'EDGE', '--accept')
        self.at_each_step(('pki', 'enroll', 'EDGE'), lambda: self.own('EDGE'))
        self.assertIn(b'BEGIN', self.own('EDGE'))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
