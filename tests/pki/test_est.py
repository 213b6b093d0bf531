#!/usr/bin/env python3
"""Enrolment by EST (RFC 7030) against a small server on openssl(1): a first
certificate by user and password, a renewal by the old certificate, a person
who grants later, refusals.
Usage: test_est.py LINESIDE
"""
import base64
import http.server
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

LINESIDE = os.path.abspath(sys.argv[1])

CONF = """\
hostname box.example
control-socket {dir}/c
state directory {dir}/state
crypto pki trustpoint EDGE
 enrollment url https://127.0.0.1:{port} profile est
 enrollment username me
 password {password}
 subject-name CN=edge.example
 {key}
sip-listener A
 side access
 address ipv4 127.0.0.1 port 5060
sip-ua
 registrar embedded
"""


def run(*args, cwd=None, data=None):
    return subprocess.run([str(a) for a in args], input=data, cwd=cwd,
                          capture_output=True, timeout=60, check=False)


def openssl(cwd, *args, data=None):
    done = run('openssl', *args, cwd=cwd, data=data)
    if done.returncode != 0:
        raise AssertionError(f'openssl {args}: {done.stderr.decode()}')
    return done.stdout


class Est(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def reply(self, status, body=b'', kind='application/pkcs7-mime', **more):
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        for name, value in more.items():
            self.send_header(name.replace('_', '-'), value)
        self.end_headers()
        self.wfile.write(body)

    def box(self, *pems):
        args = [x for pem in pems for x in ('-certfile', pem)]
        der = openssl(self.server.dir, 'crl2pkcs7', '-nocrl', *args,
                      '-outform', 'der')
        return base64.encodebytes(der)

    def do_GET(self):
        if self.path == '/.well-known/est/cacerts':
            self.reply(200, self.box('ca.pem'))
        else:
            self.reply(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        kind = self.path.removeprefix('/.well-known/est/')
        self.server.seen.append(kind)
        login = base64.b64encode(b'me:sesame').decode()
        certificate = self.connection.getpeercert()
        if kind == 'simplereenroll' and not certificate:
            self.reply(403, b'show the old certificate', 'text/plain')
        elif (kind == 'simpleenroll' and
              self.headers['Authorization'] != f'Basic {login}'):
            self.reply(401, WWW_Authenticate='Basic realm="est"')
        elif self.server.lie:
            self.server.lie(self, base64.b64decode(body))
        elif self.server.later > 0:
            self.server.later -= 1
            self.reply(202, Retry_After='7')
        else:
            self.issue(base64.b64decode(body))

    def issue(self, csr):
        cwd = self.server.dir
        if self.server.lifetime:
            self.reply(200, self.box(self.issue_for(csr)))
            return
        openssl(cwd, 'x509', '-req', '-inform', 'der', '-CA', 'ca.pem',
                '-CAkey', 'ca.key', '-days', '30', '-out', 'out.pem',
                '-copy_extensions', 'copyall', data=csr)
        self.reply(200, self.box('out.pem'))

    def issue_for(self, csr):
        """A certificate that ends after some seconds."""
        cwd = self.server.dir
        with open(f'{cwd}/ca.cnf', 'w', encoding='utf-8') as f:
            f.write('[ca]\ndefault_ca=d\n[d]\ndatabase=ca.idx\n'
                    'new_certs_dir=.\nrand_serial=yes\npolicy=p\n'
                    'copy_extensions=copyall\nunique_subject=no\n'
                    '[p]\ncommonName=optional\n')
        open(f'{cwd}/ca.idx', 'w', encoding='utf-8').close()
        ends = time.gmtime(time.time() + self.server.lifetime)
        openssl(cwd, 'req', '-inform', 'der', '-out', 'in.csr', data=csr)
        openssl(cwd, 'ca', '-batch', '-config', 'ca.cnf', '-cert', 'ca.pem',
                '-keyfile', 'ca.key', '-md', 'sha256', '-in', 'in.csr',
                '-out', 'out.pem', '-notext',
                '-enddate', time.strftime('%Y%m%d%H%M%SZ', ends))
        return 'out.pem'


class Base(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.dir = tmp.name
        openssl(self.dir, 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key',
                '-subj', '/CN=EST CA', '-days', '30', '-out', 'ca.pem')
        openssl(self.dir, 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'srv.key',
                '-subj', '/CN=127.0.0.1', '-addext',
                'subjectAltName=IP:127.0.0.1', '-addext',
                'basicConstraints=critical,CA:FALSE', '-CA', 'ca.pem',
                '-CAkey', 'ca.key', '-days', '30', '-out', 'srv.pem')
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f'{self.dir}/srv.pem', f'{self.dir}/srv.key')
        context.load_verify_locations(f'{self.dir}/ca.pem')
        context.verify_mode = ssl.CERT_OPTIONAL
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Est)
        self.server.socket = context.wrap_socket(self.server.socket,
                                                 server_side=True)
        self.server.dir, self.server.later = self.dir, 0
        self.server.seen, self.server.lifetime = [], 0
        self.server.lie = None
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.conf()

    def conf(self, password='sesame', key='eckeypair EDGE'):
        with open(f'{self.dir}/l.conf', 'w', encoding='utf-8') as f:
            f.write(CONF.format(dir=self.dir, password=password, key=key,
                                port=self.server.server_address[1]))

    def pki(self, *words):
        return run(LINESIDE, '-f', f'{self.dir}/l.conf', 'pki', *words)

    def pki_ok(self, *words):
        done = self.pki(*words)
        text = (done.stdout + done.stderr).decode()
        self.assertEqual(done.returncode, 0, f'{words}: {text}')
        return text

    def own(self):
        pem = self.pki_ok('export', 'EDGE', '--own')
        return openssl(self.dir, 'x509', '-noout', '-serial', '-subject',
                       data=pem.encode()).decode()


class Tests(Base):
    def test_first_and_renewal(self):
        self.pki_ok('authenticate', 'EDGE', '--accept')
        self.pki_ok('enroll', 'EDGE')
        first = self.own()
        self.assertIn('edge.example', first)
        self.pki_ok('enroll', 'EDGE')
        self.assertEqual(self.server.seen,
                         ['simpleenroll', 'simplereenroll'])
        self.assertNotEqual(self.own(), first)

    def test_renewal_comes_too_late(self):
        """Its certificate has ended: it enrols by password again."""
        self.server.lifetime = 4
        self.pki_ok('authenticate', 'EDGE', '--accept')
        self.pki_ok('enroll', 'EDGE')
        ended = time.time() + self.server.lifetime + 1
        first = self.own()
        self.server.lifetime = 0
        while time.time() < ended:
            time.sleep(0.1)
        self.pki_ok('enroll', 'EDGE')
        self.assertEqual(self.server.seen, ['simpleenroll', 'simpleenroll'])
        self.assertNotEqual(self.own(), first)

    def test_rsa_key(self):
        self.conf(key='rsakeypair EDGE 2048')
        self.pki_ok('authenticate', 'EDGE', '--accept')
        self.pki_ok('enroll', 'EDGE')
        self.assertIn('edge.example', self.own())

    def test_granted_later(self):
        self.pki_ok('authenticate', 'EDGE', '--accept')
        self.server.later = 1
        done = self.pki('enroll', 'EDGE')
        self.assertIn('has to grant', (done.stdout + done.stderr).decode())
        self.pki_ok('enroll', 'EDGE')
        self.assertIn('edge.example', self.own())

    def test_wrong_password(self):
        self.conf(password='wrong')
        self.pki_ok('authenticate', 'EDGE', '--accept')
        done = self.pki('enroll', 'EDGE')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('another user name or password',
                      (done.stdout + done.stderr).decode())

    def test_another_server(self):
        """It shows a certificate that the authenticated CA did not issue."""
        self.pki_ok('authenticate', 'EDGE', '--accept')
        openssl(self.dir, 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'o.key',
                '-subj', '/CN=other', '-addext',
                'subjectAltName=IP:127.0.0.1', '-days', '3', '-out', 'o.pem')
        self.server.socket.context.load_cert_chain(f'{self.dir}/o.pem',
                                                   f'{self.dir}/o.key')
        done = self.pki('enroll', 'EDGE')
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.server.seen, [])


class Lies(Base):
    """What a server answers that was taken over: one error each, which says
    what is wrong, and nothing is replaced."""

    def setUp(self):
        super().setUp()
        self.pki_ok('authenticate', 'EDGE', '--accept')
        self.pki_ok('enroll', 'EDGE')
        openssl(self.dir, 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'evil.key',
                '-subj', '/CN=EST CA', '-days', '30', '-out', 'evil.pem')

    def signed(self, csr, ca, *more):
        """The request's certificate by this CA; a file."""
        openssl(self.dir, 'x509', '-req', '-inform', 'der', '-CA',
                f'{ca}.pem', '-CAkey', f'{ca}.key', '-days', '30', '-out',
                'lie.pem', *more, data=csr)
        return 'lie.pem'

    def store(self):
        """All that is there but requests and new keys."""
        found = {}
        folder = f'{self.dir}/state/pki/trustpoints'
        for name in sorted(os.listdir(folder)):
            if not name.endswith('.pending'):
                with open(f'{folder}/{name}', 'rb') as f:
                    found[name] = f.read()
        return found

    def refused(self, lie, says):
        before, began = self.store(), time.monotonic()
        self.server.lie = lie
        done = self.pki('enroll', 'EDGE')
        text = (done.stdout + done.stderr).decode()
        self.assertNotEqual(done.returncode, 0, text)
        self.assertRegex(text, says)
        self.assertEqual(sum(line.startswith('%') or 'EDGE:' in line
                             for line in text.splitlines()), 1, text)
        self.assertEqual(self.store(), before)
        self.server.lie = None
        return time.monotonic() - began

    def test_of_another_key(self):
        other = openssl(self.dir, 'req', '-new', '-key', 'evil.key', '-subj',
                        '/CN=edge.example', '-outform', 'der')
        self.refused(lambda h, csr: h.reply(200, h.box(
            self.signed(other, 'ca'))), 'no certificate for our key')

    def test_of_another_authority(self):
        """With the name of ours."""
        self.refused(lambda h, csr: h.reply(200, h.box(
            self.signed(csr, 'evil'), 'evil.pem')),
            'was not issued by the CA that was authenticated')

    def test_of_yesterday(self):
        """What it said the last time; that is for the same key."""
        pem = self.pki_ok('export', 'EDGE', '--own')
        with open(f'{self.dir}/old.pem', 'w', encoding='ascii') as f:
            f.write(pem)
        self.refused(lambda h, csr: h.reply(200, h.box('old.pem')),
                     'is there already|no certificate for our key')

    def test_of_nothing(self):
        for body in (b'', b'MAA=', b'hello', base64.encodebytes(openssl(
                self.dir, 'crl2pkcs7', '-nocrl', '-outform', 'der',
                '-certfile', '/dev/null'))):
            with self.subTest(body=body):
                self.refused(lambda h, csr, b=body: h.reply(200, b),
                             'no certificate')

    def test_cut_off(self):
        def lie(h, csr):
            body = h.box(self.signed(csr, 'ca'))
            h.send_response(200)
            h.send_header('Content-Length', str(len(body)))
            h.end_headers()
            h.wfile.write(body[:len(body) // 2])
            h.close_connection = True

        self.refused(lie, '127.0.0.1')

    def test_without_an_end(self):
        def lie(h, csr):
            h.send_response(200)
            h.end_headers()
            h.close_connection = True
            try:
                for _ in range(1000):
                    h.wfile.write(b'MIIB' * 16384)
            except OSError:
                pass

        self.refused(lie, '127.0.0.1')

    def test_among_a_thousand(self):
        """There it is, behind so many that nobody looks for it."""
        def lie(h, csr):
            box = openssl(self.dir, 'crl2pkcs7', '-nocrl', '-outform', 'der',
                          *['-certfile', 'crowd.pem'], '-certfile',
                          self.signed(csr, 'ca'))
            h.reply(200, base64.encodebytes(box))

        with open(f'{self.dir}/evil.pem', encoding='ascii') as f:
            pem = f.read()
        with open(f'{self.dir}/crowd.pem', 'w', encoding='ascii') as f:
            f.write(pem * 300)
        self.refused(lie, 'no certificate for our key')

    def test_later_and_later(self):
        """It never grants: the daemon asks when it likes, not in a century;
        and what is used stays in use."""
        before = self.store()
        self.server.lie = lambda h, csr: h.reply(
            202, Retry_After='99999999999999999999')
        done = self.pki('enroll', 'EDGE')
        text = (done.stdout + done.stderr).decode()
        self.assertIn('has to grant', text)
        self.assertEqual(self.store(), before)
        self.server.lie = None
        self.pki_ok('enroll', 'EDGE')
        self.assertNotEqual(self.store(), before)

    def test_led_elsewhere(self):
        self.refused(lambda h, csr: h.reply(
            302, Location='http://127.0.0.1:9/'), '127.0.0.1')


@unittest.skipUnless(os.path.exists('/usr/lib/softhsm/libsofthsm2.so'),
                     'softhsm2 is not installed')
class Token(Tests):
    """The same with a key that never leaves its token, EC and RSA."""

    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.hsm = tmp.name
        os.mkdir(f'{self.hsm}/tokens')
        self.put('hsm.conf', f'directories.tokendir = {self.hsm}/tokens\n'
                 'objectstore.backend = file\nlog.level = ERROR\n')
        self.put('pin', '1234\n')
        os.environ['SOFTHSM2_CONF'] = f'{self.hsm}/hsm.conf'
        self.addCleanup(os.environ.pop, 'SOFTHSM2_CONF')
        self.tool('softhsm2-util', '--init-token', '--free', '--label',
                  'edge', '--so-pin', '5678', '--pin', '1234')
        for label, number, kind in (
                ('ec', 'A1', ('EC', '-pkeyopt', 'ec_paramgen_curve:P-256')),
                ('rsa', 'A2', ('RSA', '-pkeyopt', 'rsa_keygen_bits:2048'))):
            openssl(self.hsm, 'genpkey', '-algorithm', *kind, '-out', 'k8')
            self.tool('softhsm2-util', '--import', f'{self.hsm}/k8',
                      '--token', 'edge', '--label', label, '--id', number,
                      '--pin', '1234')
            os.unlink(f'{self.hsm}/k8')
        super().setUp()

    def put(self, name, text):
        with open(f'{self.hsm}/{name}', 'w', encoding='utf-8') as f:
            f.write(text)

    def tool(self, *args):
        done = run(*args)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)

    def conf(self, password='sesame', key='eckeypair EDGE'):
        label = 'rsa' if key.startswith('rsa') else 'ec'
        super().conf(password, f'key url pkcs11:token=edge;object={label};'
                     f'type=private\n key pin-file {self.hsm}/pin')

    def test_rsa_key(self):
        super().test_rsa_key()
        self.pki_ok('enroll', 'EDGE')
        self.assertEqual(self.server.seen,
                         ['simpleenroll', 'simplereenroll'])
        self.assertEqual(os.listdir(f'{self.dir}/state/pki/keys'), [])


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
