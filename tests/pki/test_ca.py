#!/usr/bin/env python3
"""The CA and the RA inside linesided, as processes: HTTP, the operator's
commands, other people's clients, a reload.
Usage: test_ca.py LINESIDED LINESIDE
"""
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

LINESIDED, LINESIDE = (os.path.abspath(p) for p in sys.argv[1:3])

CA = """\
ip http server
ip http port {port}
ip http address ipv4 127.0.0.1
crypto pki server VOICE
 issuer-name CN=Voice CA,O=Example
 modulus 2048
 database level complete
 cdp-url http://127.0.0.1:{port}/crl
 ocsp-url http://127.0.0.1:{port}/ocsp
{more}
 no shutdown
"""

# others on this machine may have the SIP port of 127.0.0.1
OWN = '127.%d.%d.%d' % tuple(1 + random.randrange(250) for _ in range(3))
CLIENT = """\
crypto pki trustpoint EDGE
 enrollment url http://127.0.0.1:{port}/scep
 subject-name CN={name}
 rsakeypair EDGE 2048
sip-listener A
 side access
 address ipv4 OWN port 5060
sip-ua
 registrar embedded
""".replace('OWN', OWN)


def run(*args, cwd=None, data=None):
    return subprocess.run([str(a) for a in args], input=data, cwd=cwd,
                          capture_output=True, timeout=60, check=False)


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Box:
    """A directory with a configuration; linesided in it when started."""

    def __init__(self, test, text):
        tmp = tempfile.TemporaryDirectory()
        test.addCleanup(tmp.cleanup)
        self.test, self.dir, self.proc = test, tmp.name, None
        self.write(text)

    def write(self, text):
        with open(f'{self.dir}/l.conf', 'w', encoding='utf-8') as f:
            f.write(f'hostname box.example\ncontrol-socket {self.dir}/c\n'
                    f'state directory {self.dir}/state\n{text}')

    def start(self, *answers):
        """Until `show …` answers: the CA, unless told otherwise."""
        log = open(f'{self.dir}/log', 'ab')
        self.proc = subprocess.Popen(
            [LINESIDED, '-f', f'{self.dir}/l.conf'], stdout=log, stderr=log)
        log.close()
        self.test.addCleanup(self.stop)
        self.wait_for(lambda: self.command(
            'show', *(answers or ('crypto', 'pki', 'server'))
        ).returncode == 0, 'the CA' if not answers else answers[0])

    def stop(self):
        if self.proc and self.proc.poll() is None:
            self.proc.terminate()
            self.test.assertEqual(self.proc.wait(30), 0, self.log())

    def log(self):
        with open(f'{self.dir}/log', encoding='utf-8') as f:
            return f.read()

    def wait_for(self, condition, what):
        end = time.monotonic() + 30
        while not condition():
            if time.monotonic() > end or self.proc.poll() is not None:
                self.test.fail(f'no {what}: {self.log()}')
            time.sleep(0.05)

    def command(self, *words):
        return run(LINESIDE, '-s', f'{self.dir}/c', *words)

    def do(self, *words):
        """Output of a command that must succeed."""
        done = self.command(*words)
        text = (done.stdout + done.stderr).decode()
        self.test.assertEqual(done.returncode, 0, f'{words}: {text}')
        return text

    def pki(self, *words):
        """`lineside pki …` without the daemon."""
        return run(LINESIDE, '-f', f'{self.dir}/l.conf', 'pki', *words)

    def pki_ok(self, *words):
        done = self.pki(*words)
        text = (done.stdout + done.stderr).decode()
        self.test.assertEqual(done.returncode, 0, f'{words}: {text}')
        return text

    def path(self, name):
        return f'{self.dir}/{name}'


class Base(unittest.TestCase):
    def setUp(self):
        self.port = free_port()

    def ca(self, more=''):
        box = Box(self, CA.format(port=self.port, more=more))
        box.start()
        return box

    def client(self, name, port=None):
        return Box(self, CLIENT.format(name=name, port=port or self.port))

    def get(self, path, port=None):
        with urllib.request.urlopen(
                f'http://127.0.0.1:{port or self.port}{path}',
                timeout=20) as r:
            return r.read()

    def enrolled(self, box):
        return box.pki('export', 'EDGE').stdout.decode()

    def verifies(self, box, chain):
        """The own certificate of `box` under the root of `chain`."""
        with open(box.path('all.pem'), 'w', encoding='ascii') as f:
            f.write(chain)
        done = run('openssl', 'verify', '-CAfile', box.path('all.pem'),
                   box.path('all.pem'))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Operator(Base):
    def test_enrolled_by_hand(self):
        ca, box = self.ca(), self.client('edge.example')
        box.pki_ok('authenticate', 'EDGE', '--accept')
        box.pki('enroll', 'EDGE')  # waits for a person
        rows = ca.do('pki', 'server', 'VOICE', 'info', 'requests')
        number = re.search(r'^ *(\d+) +pending .* 127\.0\.0\.1 .*CN=edge.example',
                           rows, re.M).group(1)
        self.assertIn('granted', ca.do('pki', 'server', 'VOICE', 'grant',
                                       number))
        box.pki_ok('enroll', 'EDGE')
        self.verifies(box, self.enrolled(box))
        self.assertIn('Certificates issued: 1',
                      ca.do('show', 'crypto', 'pki', 'server'))

    def test_a_url_without_a_path_is_as_on_ios(self):
        self.ca()
        for path in ('', '/'):
            box = Box(self, CLIENT.format(name='edge.example', port=self.port)
                      .replace('/scep', path))
            box.pki_ok('authenticate', 'EDGE', '--accept')

    def test_the_doctor_says_how_to_believe(self):
        box = Box(self, CLIENT.format(name='edge.example', port=self.port)
                  .replace(' side access', ' side access\n transport tcp tls'
                           '\n trustpoint EDGE\n phone-identity 1') +
                  'voice class phone-identity 1\n rule 1 subject-cn x\n')
        said = run(LINESIDE, 'doctor', '--no-connect', '-f',
                   f'{box.dir}/l.conf').stdout.decode()
        self.assertIn('trusts no CA', said)
        self.assertIn('lineside pki authenticate', said)

    def test_passwords_are_shown_sealed(self):
        """Type 6: what show prints works in the file, and only there."""
        master, clear = Box(self, '').path('master'), 'open Sesame'
        with open(master, 'w', encoding='ascii') as f:
            f.write('%064x\n' % 0x5ea1)
        head = f'pki master-key file {master}\n'
        ca = self.ca(f' challenge-password "{clear}"')
        hidden = ca.do('show', 'running-config')
        self.assertIn(' challenge-password <hidden>', hidden)
        ca.write(hidden)
        done = ca.command('reload')
        self.assertEqual(done.returncode, 1)
        self.assertIn('prints in its place', done.stdout.decode())
        text = CA.format(port=self.port,
                         more=f' grant auto\n challenge-password "{clear}"')
        ca.write(f'{head}password encryption aes\n{text}')
        ca.do('reload')
        sealed = ca.do('show', 'running-config')
        word = re.search(r'challenge-password (6 \S+)', sealed).group(1)
        self.assertNotIn('Sesame', sealed + ca.log())
        ca.write(sealed)
        ca.do('reload')
        box = self.client('sealed.example')
        with open(box.path('clear'), 'w', encoding='ascii') as f:
            f.write(f'{clear}\n')
        box.write(head + CLIENT.format(name='sealed.example', port=self.port))
        typed = box.pki_ok('password', 'encrypt', '--password-file',
                           box.path('clear')).strip()
        self.assertEqual(typed, word)
        box.write(head + CLIENT.format(
            name='sealed.example', port=self.port).replace(
                ' rsakeypair', f' password {typed}\n rsakeypair'))
        box.pki_ok('authenticate', 'EDGE', '--accept')
        self.assertIn('installed', box.pki_ok('enroll', 'EDGE'))
        with open(master, 'w', encoding='ascii') as f:
            f.write('%064x\n' % 1)
        done = ca.command('reload')
        self.assertEqual(done.returncode, 1)
        self.assertIn('sealed with another master key', done.stdout.decode())
        ca.do('show', 'crypto', 'pki', 'server')

    def test_refusals_say_why(self):
        ca = self.ca()
        for words, text in (
                (('grant', '7'), 'info requests'),
                (('revoke', 'xyz'), 'no serial number'),
                (('revoke', '12', 'boredom'), 'keyCompromise'),
                (('revoke', '12'), 'no certificate')):
            done = ca.command('pki', 'server', 'VOICE', *words)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn(text, done.stdout.decode())
        done = ca.command('pki', 'server', 'OTHER', 'info')
        self.assertIn('no crypto pki server OTHER', done.stdout.decode())

    def test_reload_moves_it(self):
        ca, other = self.ca(), free_port()
        before = self.get('/scep?operation=GetCACert')
        ca.write(CA.format(port=other, more=''))
        ca.do('reload')
        ca.wait_for(lambda: self.get('/scep?operation=GetCACert', other) ==
                    before, 'CA at its new port')
        with self.assertRaises(urllib.error.URLError):
            self.get('/scep?operation=GetCACaps')
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            ca.write(CA.format(port=taken.getsockname()[1], more=''))
            done = ca.command('reload')
        self.assertEqual(done.returncode, 1)
        self.assertIn('ip http server cannot listen', done.stdout.decode())
        self.assertEqual(self.get('/scep?operation=GetCACert', other), before)
        ca.write('sip-ua\n registrar embedded\nsip-listener A\n side access\n'
                 f' address ipv4 127.0.0.1 port {free_port()}\n')
        ca.do('reload')
        with self.assertRaises(urllib.error.URLError):
            self.get('/scep?operation=GetCACaps', other)


class Others(Base):
    @unittest.skipUnless(shutil.which('scepclient'), 'no scepclient')
    def test_scepclient_ocsp_crl(self):
        ca = self.ca(' legacy')  # it knows single DES only
        once = ca.do('pki', 'server', 'VOICE', 'password', 'generate')
        once = re.search(r'password ([0-9a-f]{16})', once).group(1)
        done = run('scepclient', '-private-key', 'k.pem', '-certificate',
                   'c.pem', '-server-url',
                   f'http://127.0.0.1:{self.port}/cgi-bin/pkiclient.exe',
                   '-challenge', once, '-cn', 'theirs', cwd=ca.dir)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(ca.path('ca.der'), 'wb') as f:
            f.write(self.get('/scep?operation=GetCACert'))
        run('openssl', 'x509', '-inform', 'der', '-in', 'ca.der', '-out',
            'ca.pem', cwd=ca.dir)
        ocsp = ('openssl', 'ocsp', '-issuer', 'ca.pem', '-CAfile', 'ca.pem',
                '-cert', 'c.pem', '-url',
                f'http://127.0.0.1:{self.port}/ocsp')
        self.assertIn(b'c.pem: good', run(*ocsp, cwd=ca.dir).stdout)
        serial = run('openssl', 'x509', '-in', 'c.pem', '-noout', '-serial',
                     cwd=ca.dir).stdout.decode().strip().split('=')[1]
        ca.do('pki', 'server', 'VOICE', 'revoke', serial, 'superseded')
        done = run(*ocsp, cwd=ca.dir)
        self.assertIn(b'c.pem: revoked', done.stdout)
        self.assertIn(b'Response verify OK', done.stdout + done.stderr)
        with open(ca.path('crl.der'), 'wb') as f:
            f.write(self.get('/crl'))
        done = run('openssl', 'crl', '-inform', 'der', '-in', 'crl.der',
                   '-CAfile', 'ca.pem', '-noout', '-text', cwd=ca.dir)
        self.assertIn(b'verify OK', done.stdout + done.stderr)
        self.assertIn(serial.encode(), done.stdout)

    @unittest.skipUnless(shutil.which('getcert') and
                         shutil.which('dbus-run-session'), 'no certmonger')
    def test_certmonger(self):
        """Enrols and renews, on a bus of its own."""
        ca = self.ca(' grant auto\n challenge-password sesame')
        with open(ca.path('ca.pem'), 'wb') as f:
            f.write(run('openssl', 'x509', '-inform', 'der', data=self.get(
                '/scep?operation=GetCACert')).stdout)
        os.mkdir(ca.path('home'))
        with open(ca.path('monger'), 'w', encoding='ascii') as f:
            f.write(f"""set -e
getcert add-scep-ca -s -c ours -u http://127.0.0.1:{self.port}/scep \\
    -R {ca.dir}/ca.pem -N {ca.dir}/ca.pem
until getcert list-cas -s -c ours | grep -q thumbprint; do sleep 0.1; done
getcert request -s -c ours -I first -k {ca.dir}/k.pem -f {ca.dir}/c.pem \\
    -N CN=theirs.example -D theirs.example -L sesame -w
cp {ca.dir}/c.pem {ca.dir}/first.pem
getcert resubmit -s -i first -w
until ! cmp -s {ca.dir}/c.pem {ca.dir}/first.pem; do sleep 0.1; done
""")
        # The bus starts certmonger, which ends with it.
        done = run('env', f'HOME={ca.dir}/home', 'timeout', '50',
                   'dbus-run-session', '--', 'sh', ca.path('monger'))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for name in ('first.pem', 'c.pem'):
            done = run('openssl', 'verify', '-CAfile', ca.path('ca.pem'),
                       ca.path(name))
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('Certificates issued: 2',
                      ca.do('show', 'crypto', 'pki', 'server'))

    def test_many_at_once(self):
        """More requests than are served at a time: all are answered."""
        self.ca()
        socks = []
        for _ in range(60):
            s = socket.create_connection(('127.0.0.1', self.port), 20)
            s.sendall(b'GET /scep?operation=GetCACert HTTP/1.1\r\n'
                      b'Host: x\r\nConnection: close\r\n\r\n')
            socks.append(s)
        half = socket.create_connection(('127.0.0.1', self.port), 20)
        half.sendall(b'POST /scep?operation=PKIOperation HTTP/1.1\r\n'
                     b'Host: x\r\nContent-Length: 100\r\n\r\nabc')
        for s in socks[:5]:
            s.close()  # gone before the answer
        for s in socks[5:]:
            head = s.makefile('rb').readline()
            self.assertRegex(head, rb'^HTTP/1.1 (200|503) ')
            s.close()
        half.close()
        self.assertTrue(self.get('/scep?operation=GetCACaps'))

    def test_nothing_else_is_served(self):
        self.ca()
        for path in ('/', '/../etc/passwd', '/%2e%2e/', '/crl/x', '/ca.db'):
            with self.assertRaises(urllib.error.HTTPError) as e:
                self.get(path)
            self.assertEqual(e.exception.code, 404, path)
        with self.assertRaises(urllib.error.HTTPError) as e:
            urllib.request.urlopen(urllib.request.Request(
                f'http://127.0.0.1:{self.port}/scep?operation=PKIOperation',
                data=b'garbage', method='POST'), timeout=20)
        self.assertEqual(e.exception.code, 400)


class Stop(Base):
    def test_a_hanging_authority_delays_no_stop(self):
        """Enrolment, an RA's CA and a revocation list that never answer."""
        ca = self.ca()
        ca.stop()
        with socket.socket() as silent:
            silent.bind(('127.0.0.1', 0))
            silent.listen()
            port = silent.getsockname()[1]
            box = self.client('slow.example', port)
            with open(ca.path('root.pem'), 'wb') as f:
                f.write(run('openssl', 'req', '-x509', '-newkey', 'rsa:2048',
                            '-nodes', '-keyout', '/dev/null', '-subj',
                            '/CN=Silent CA', '-days', '9').stdout)
            box.write(CLIENT.format(name='slow.example', port=port).replace(
                ' rsakeypair', ' auto-enroll\n rsakeypair'))
            box.pki_ok('authenticate', 'EDGE', '--accept',
                       ca.path('root.pem'))
            box.start('version')
            silent.settimeout(20)
            asked, _ = silent.accept()  # now it waits for an answer
            begun = time.monotonic()
            box.proc.terminate()
            box.proc.wait(30)
            took = time.monotonic() - begun
            asked.close()
        self.assertLess(took, 4, 'of which two belong to the sanitizers')
        self.assertNotIn('ENROLL_FAILED', box.log())


class Rollover(Base):
    """The CA makes its next certificate; a running client hears of it."""

    def test_a_client_learns_and_believes_both(self):
        ca = self.ca(' grant auto\n lifetime certificate 0 0 1')
        box = self.client('edge.example')
        box.write(CLIENT.format(name='edge.example', port=self.port).replace(
            ' rsakeypair', ' auto-enroll 5\n rsakeypair'))
        box.pki_ok('authenticate', 'EDGE', '--accept')
        box.start('version')
        box.wait_for(lambda: '%PKI-5-RENEWED' in box.log(), 'certificate')
        status = ('show', 'crypto', 'pki', 'trustpoints', 'status')
        self.assertNotIn('Next CA', box.do(*status))
        ca.do('pki', 'server', 'VOICE', 'rollover')
        box.wait_for(lambda: '%PKI-5-NEXT_CA' in box.log(), 'next CA')
        box.wait_for(lambda: 'Next CA' in box.do(*status), 'next CA in use')
        text = box.do(*status)
        self.assertIn('CA certificates           : 2', text)
        finger = re.search(r'SHA-256 ([0-9a-f]{64})', box.log()).group(1)
        self.assertIn(finger, text.split('Next CA')[1].lower())
        self.assertRegex(box.do('metrics'),
                         r'certificates_next_ca_total(\{.*\})? 1')
        done = box.log().count('%PKI-5-RENEWED')
        box.wait_for(lambda: box.log().count('%PKI-5-RENEWED') > done,
                     'a further renewal')
        self.assertEqual(box.log().count('%PKI-5-NEXT_CA'), 1)


class Subordinate(Base):
    """A CA below another: what it issues is good to who knows the root."""

    SUB = """\
ip http server
ip http port {port}
ip http address ipv4 127.0.0.1
crypto pki trustpoint SUB
 {enrollment}
 subject-name CN=Branch CA,O=Example
 rsakeypair SUB 2048
crypto pki server SUB
 mode sub-cs
 database level complete
 grant auto
 challenge-password x
 cdp-url http://127.0.0.1:{port}/crl
 no shutdown
"""

    def box_below(self, port, root):
        """A client's certificate, verified with the root alone."""
        box = self.client('below.example', port)
        box.write(CLIENT.format(name='below.example', port=port).replace(
            ' rsakeypair', ' password x\n rsakeypair'))
        box.pki_ok('authenticate', 'EDGE', '--accept')
        box.pki_ok('enroll', 'EDGE')
        chain = box.pki('export', 'EDGE', '--own').stdout.decode()
        with open(box.path('chain.pem'), 'w', encoding='ascii') as f:
            f.write(chain)
        with open(box.path('root.pem'), 'w', encoding='ascii') as f:
            f.write(root)
        done = run('openssl', 'verify', '-x509_strict', '-purpose',
                   'sslserver', '-CAfile', box.path('root.pem'),
                   '-untrusted', box.path('chain.pem'), box.path('chain.pem'))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return box

    def revoked_is_told(self, sub, box, port, root):
        """CRL by the subordinate, checked along the whole chain."""
        serial = run('openssl', 'x509', '-in', box.path('chain.pem'),
                     '-noout', '-serial').stdout.decode().strip()
        sub.do('pki', 'server', 'SUB', 'revoke', serial.split('=')[1])
        with open(box.path('crl.pem'), 'wb') as f:
            f.write(run('openssl', 'crl', '-inform', 'der',
                        data=self.get('/crl', port)).stdout)
        done = run('openssl', 'verify', '-crl_check', '-CRLfile',
                   box.path('crl.pem'), '-CAfile', box.path('root.pem'),
                   '-untrusted', box.path('chain.pem'), box.path('chain.pem'))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b'certificate revoked', done.stdout + done.stderr)

    def test_below_another_of_ours(self):
        ca, port = self.ca(), free_port()
        sub = Box(self, self.SUB.format(
            port=port,
            enrollment=f'enrollment url http://127.0.0.1:{self.port}/scep'))
        sub.pki_ok('authenticate', 'SUB', '--accept')
        sub.pki('enroll', 'SUB')
        rows = ca.do('pki', 'server', 'VOICE', 'info', 'requests')
        number = re.search(r'^ *(\d+) +pending +CA', rows, re.M).group(1)
        ca.do('pki', 'server', 'VOICE', 'grant', number)
        sub.pki_ok('enroll', 'SUB')
        sub.start()
        self.assertIn('subordinate', sub.do('show', 'crypto', 'pki', 'server'))
        root = run('openssl', 'x509', '-inform', 'der',
                   data=self.get('/scep?operation=GetCACert')).stdout.decode()
        box = self.box_below(port, root)
        self.revoked_is_told(sub, box, port, root)
        # Below a subordinate there is no further one (pathlen).
        deeper = Box(self, self.SUB.format(
            port=free_port(),
            enrollment=f'enrollment url http://127.0.0.1:{port}/scep'))
        deeper.pki_ok('authenticate', 'SUB', '--accept')
        done = deeper.pki('enroll', 'SUB')
        self.assertEqual(done.returncode, 1)
        self.assertIn('its path length is 0', done.stderr.decode())

    def test_below_openssl(self):
        """Request and certificate are files that a person carries."""
        port = free_port()
        sub = Box(self, self.SUB.format(port=port,
                                        enrollment='enrollment terminal'))
        with open(sub.path('sub.csr'), 'wb') as f:
            f.write(sub.pki('request', 'SUB').stdout)
        for args in (
                ('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout',
                 'root.key', '-subj', '/CN=Paper Root', '-days', '900',
                 '-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-out',
                 'root.pem'),
                ('x509', '-req', '-in', 'sub.csr', '-CA', 'root.pem',
                 '-CAkey', 'root.key', '-days', '600', '-copy_extensions',
                 'copyall', '-out', 'sub.pem')):
            done = run('openssl', *args, cwd=sub.dir)
            self.assertEqual(done.returncode, 0, done.stderr)
        sub.pki_ok('authenticate', 'SUB', '--accept', sub.path('root.pem'))
        sub.pki_ok('import', 'SUB', sub.path('sub.pem'))
        sub.start()
        with open(sub.path('root.pem'), encoding='ascii') as f:
            root = f.read()
        box = self.box_below(port, root)
        self.revoked_is_told(sub, box, port, root)


class Held(Base):
    def refused(self, ca):
        rows = json.loads(ca.do('show', 'counters', '--json'))['counters']
        return {row['name']: row['value'] for row in rows}[
            'lineside_pki_http_connections_refused_total']

    def closed(self, conn):
        conn.settimeout(20)
        try:
            return conn.recv(1) == b''
        except ConnectionResetError:
            return True

    def test_a_source_has_its_share(self):
        """64 connections that say nothing; no more, and others are served."""
        ca, at = self.ca(), ('127.0.0.1', self.port)
        held = [socket.create_connection(at) for _ in range(64)]
        for conn in held:
            self.addCleanup(conn.close)
        for _ in range(3):
            with socket.create_connection(at) as more:
                self.assertTrue(self.closed(more))
        self.assertEqual(self.refused(ca), 3)
        self.assertIn('%SYS-4-HTTP_REFUSED', ca.log())
        with socket.create_connection(at, 10, ('127.0.0.2', 0)) as other:
            other.sendall(b'GET /scep?operation=GetCACaps HTTP/1.0\r\n\r\n')
            self.assertIn(b' 200 ', other.recv(100))
        # idle ones are left after ten seconds
        self.assertTrue(all(self.closed(conn) for conn in held[:1]))
        for conn in held:
            conn.close()
        self.assertIn(b'AES', self.get('/scep?operation=GetCACaps'))
        self.assertEqual(self.refused(ca), 3)


class Ra(Base):
    def test_ra_between(self):
        ca, ra_port = self.ca(), free_port()
        ra = Box(self, f"""\
ip http server
ip http port {ra_port}
ip http address ipv4 127.0.0.1
crypto pki trustpoint FRONT
 enrollment url http://127.0.0.1:{self.port}/scep
 subject-name CN=Front RA
 rsakeypair FRONT 2048
crypto pki server FRONT
 mode ra
 no shutdown
""")
        ra.pki_ok('authenticate', 'FRONT', '--accept')
        ra.pki('enroll', 'FRONT')
        rows = ca.do('pki', 'server', 'VOICE', 'info', 'requests')
        number = re.search(r'^ *(\d+) +pending +RA', rows, re.M).group(1)
        self.assertIn('0 requests', ca.do('pki', 'server', 'VOICE', 'grant',
                                          'all'))
        ca.do('pki', 'server', 'VOICE', 'grant', number)
        ra.pki_ok('enroll', 'FRONT')
        self.ra_renews_itself(ca, ra)
        ra.start()
        self.assertIn('registration authority',
                      ra.do('show', 'crypto', 'pki', 'server'))
        caps, offered = '/scep?operation=GetCACaps', b'GetNextCACert'
        self.assertIn(offered, self.get(caps))
        self.assertNotIn(offered, self.get(caps, ra_port))
        box = self.client('phone.example', ra_port)
        box.pki_ok('authenticate', 'EDGE', '--accept')
        box.pki('enroll', 'EDGE')
        ra.do('pki', 'server', 'FRONT', 'grant', 'all')
        box.pki_ok('enroll', 'EDGE')
        self.verifies(box, self.enrolled(box))
        self.assertIn('Certificates issued: 3',
                      ca.do('show', 'crypto', 'pki', 'server'))
        self.hanging_upstream(ca, ra, ra_port)

    def hanging_upstream(self, ca, ra, ra_port):
        """What waits for the CA does not keep the RA from ending."""
        ca.stop()
        box = self.client('late.example', ra_port)
        with socket.socket() as silent:
            silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            silent.bind(('127.0.0.1', self.port))
            silent.listen()
            silent.settimeout(20)
            box.pki_ok('authenticate', 'EDGE', '--accept')
            box.pki('enroll', 'EDGE')
            grant = subprocess.Popen(
                [LINESIDE, '-s', ra.path('c'), 'pki', 'server', 'FRONT',
                 'grant', 'all'], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            asked, _ = silent.accept()
            begin = time.monotonic()
            ra.stop()
            took = time.monotonic() - begin
            asked.close()
            grant.wait(10)
        self.assertLess(took, 2)

    def ra_renews_itself(self, ca, ra):
        """Only where the CA says so does no person look at it."""
        def own():
            return ra.pki('export', 'FRONT', '--own').stdout

        first = own()
        ca.write(CA.format(port=self.port,
                           more=' grant auto rollover ra-cert'))
        ca.do('reload')
        self.assertIn('installed', ra.pki_ok('enroll', 'FRONT'))
        second = own()
        self.assertNotEqual(second, first)
        said = run('openssl', 'x509', '-noout', '-ext', 'extendedKeyUsage',
                   data=second).stdout
        self.assertRegex(said, b'CMC Registration Auth|1.3.6.1.5.5.7.3.28')
        ca.write(CA.format(port=self.port, more=''))
        ca.do('reload')
        ra.pki('enroll', 'FRONT')
        self.assertEqual(own(), second)
        ca.do('pki', 'server', 'VOICE', 'reject', 'all')


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
