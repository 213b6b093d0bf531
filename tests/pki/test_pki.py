#!/usr/bin/env python3
"""`lineside pki` against what openssl and certtool write and read.
Usage: test_pki.py LINESIDE
"""
import base64
import glob
import os
import resource
import shutil
import signal
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
{more}
crypto pki trustpoint EDGE
 enrollment terminal
 subject-name CN=edge.example.com,O=Example
 subject-alt-name dns:sip.example.com
 eckeypair EDGE
{tp}
sip-listener A
 side access
 address ipv4 127.0.0.1 port 5060
sip-ua
 registrar embedded
"""


def run(*args, data=None, **kwargs):
    return subprocess.run(args, input=data, capture_output=True, timeout=60,
                          check=False, **kwargs)


def openssl(*args, cwd, data=None):
    done = run('openssl', *args, cwd=cwd, data=data)
    if done.returncode != 0:
        raise AssertionError(f'openssl {args}: {done.stderr.decode()}')
    return done.stdout


class Base(unittest.TestCase):
    """A state directory, a root, an issuing CA."""

    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.dir = tmp.name
        self.conf()
        self.ca('root', 'Root')
        self.ca('sub', 'Issuing', 'root')

    def conf(self, more='', tp=''):
        with open(f'{self.dir}/l.conf', 'w', encoding='utf-8') as f:
            f.write(CONF.format(dir=self.dir, more=more, tp=tp))

    def path(self, name):
        return f'{self.dir}/{name}'

    def read(self, name):
        with open(self.path(name), 'rb') as f:
            return f.read()

    def write(self, name, data):
        with open(self.path(name), 'wb') as f:
            f.write(data)
        return self.path(name)

    def openssl(self, *args, data=None):
        return openssl(*args, cwd=self.dir, data=data)

    def ca(self, name, cn, issuer=None):
        key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
               '-nodes', '-keyout', f'{name}.key']
        ext = ['-addext', 'basicConstraints=critical,CA:TRUE',
               '-addext', 'keyUsage=critical,keyCertSign,cRLSign']
        sign = [] if issuer is None else [
            '-CA', f'{issuer}.pem', '-CAkey', f'{issuer}.key']
        self.openssl('req', '-x509', '-new', *key, *ext, *sign, '-days',
                     '3650', '-subj', f'/CN={cn}', '-out', f'{name}.pem')

    def sign(self, csr, out, issuer='sub', days='365'):
        """The certificate that an authority makes of a request."""
        self.openssl('x509', '-req', '-in', csr, '-CA', f'{issuer}.pem',
                     '-CAkey', f'{issuer}.key', '-CAcreateserial', '-days',
                     days, '-copy_extensions', 'copyall', '-out', out)

    def pki(self, *words, data=None, code=0, fds=()):
        done = run(LINESIDE, '-f', self.path('l.conf'), 'pki', *words,
                   data=data, pass_fds=fds, start_new_session=True)
        said = (done.stdout + done.stderr).decode(errors='replace')
        self.assertEqual(done.returncode, code, said)
        self.out = done.stdout
        return said

    def request(self, out='edge.csr'):
        self.pki('request', 'EDGE')
        self.write(out, self.out)
        return out

    def issued(self):
        self.sign(self.request(), 'edge.pem')

    def installed(self):
        self.pki('export', 'EDGE', '--own')
        return self.out.count(b'BEGIN CERTIFICATE')

    def files(self, what='*'):
        return sorted(glob.glob(self.path(f'state/pki/{what}/*')))


class Requests(Base):
    def test_openssl_and_certtool_read_it(self):
        self.request()
        text = self.openssl('req', '-in', 'edge.csr', '-noout', '-text',
                            '-verify').decode()
        self.assertIn('O = Example, CN = edge.example.com', text)
        self.assertIn('DNS:edge.example.com, DNS:sip.example.com', text)
        self.assertIn('TLS Web Server Authentication, TLS Web Client', text)
        done = run('certtool', '--crq-info', '--infile',
                   self.path('edge.csr'))
        self.assertIn(b'self signature: verified', done.stdout.lower())
        # the same key again
        first = self.read('edge.csr')
        self.request()
        public = [self.openssl('req', '-noout', '-pubkey', data=d)
                  for d in (first, self.read('edge.csr'))]
        self.assertEqual(public[0], public[1])

    def test_keys_are_private(self):
        self.request()
        for key in self.files('keys'):
            self.assertEqual(os.stat(key).st_mode & 0o777, 0o600, key)
        self.assertEqual(os.stat(self.path('state/pki')).st_mode & 0o777,
                         0o700)


class Forms(Base):
    """One certificate and its issuers, in everything they are sent as."""

    def forms(self):
        edge, sub, root = (self.read(f'{n}.pem')
                           for n in ('edge', 'sub', 'root'))
        der = [self.openssl('x509', '-outform', 'DER', data=p)
               for p in (edge, sub, root)]
        yield 'PEM, any order', root + edge + sub
        yield 'PEM, CRLF', (edge + sub).replace(b'\n', b'\r\n')
        yield 'DER one after the other', der[1] + der[0]
        yield 'text of openssl', self.openssl(
            'x509', '-text', data=edge) + self.openssl(
                'x509', '-text', data=sub)
        certs = ['-certfile', 'edge.pem', '-certfile', 'sub.pem',
                 '-certfile', 'root.pem']
        for form in ('PEM', 'DER'):
            yield f'p7b {form}', self.openssl(
                'crl2pkcs7', '-nocrl', '-outform', form, *certs)
        signer = ['-signer', 'sub.pem', '-inkey', 'sub.key', '-certfile',
                  'edge.pem', '-nodetach', '-binary', '-outform', 'DER']
        for kind in ('smime', 'cms'):  # as it streams: indefinite length
            ber = self.openssl(kind, '-sign', '-indef', *signer, data=b'x')
            self.assertEqual(ber[:2], b'0\x80')
            yield f'p7b BER of {kind}', ber
            yield f'p7b BER of {kind}, base64', base64.encodebytes(ber)
        bare = b''.join(line for line in (edge + sub).splitlines(True)
                        if not line.startswith(b'---'))
        yield 'base64 without armour', bare
        yield 'pasted', (b'% Enter the certificate.\n' + bare + b'quit\n'
                         b'---End - This line not part of the certificate '
                         b'request---\n')
        hexed = b''
        for d in der[:2]:
            digits = d.hex().upper()
            words = [digits[i:i + 8] for i in range(0, len(digits), 8)]
            hexed += b' certificate 01\n'
            for i in range(0, len(words), 8):
                hexed += b'  ' + ' '.join(words[i:i + 8]).encode() + b'\n'
            hexed += b'  \tquit\n'
        yield 'as IOS shows it', hexed
        yield 'UTF-16', b'\xff\xfe' + (edge + sub).decode().encode('utf-16le')

    def test_every_form(self):
        self.issued()
        for name, data in self.forms():
            with self.subTest(name):
                self.pki('import', 'EDGE', self.write('in.cer', data))
                self.assertEqual(self.installed(), 2)
                self.pki('import', 'EDGE', data=data, code=1)
                self.pki('forget', 'EDGE', '--accept')

    def test_p7b_for_both(self):
        """Guide: a CA-signed certificate delivered as one .p7b."""
        self.issued()
        self.openssl('crl2pkcs7', '-nocrl', '-certfile', 'edge.pem',
                     '-certfile', 'sub.pem', '-certfile', 'root.pem',
                     '-out', 'all.p7b')
        print_of = self.openssl('x509', '-in', 'root.pem', '-noout',
                                '-fingerprint', '-sha256').decode()
        said = self.pki('authenticate', 'EDGE', self.path('all.p7b'),
                        '--fingerprint', print_of.split('=')[1].strip())
        self.assertIn('is no authority', said)
        self.assertIn('Fingerprint MD5', said)
        self.pki('import', 'EDGE', self.path('all.p7b'))
        self.pki('export', 'EDGE')
        self.assertEqual(self.out.count(b'BEGIN'), 4)
        self.write('all.pem', self.out)
        self.openssl('verify', '-CAfile', 'root.pem', '-untrusted', 'all.pem',
                     'edge.pem')

    def p12(self, *more):
        self.openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes',
                     '-keyout', 'o.key', '-subj', '/CN=other', '-out',
                     'o.csr')
        self.sign('o.csr', 'o.pem')
        self.openssl('pkcs12', '-export', '-in', 'o.pem', '-inkey', 'o.key',
                     '-certfile', 'sub.pem', '-passout', 'pass:s3cret',
                     '-out', 'o.p12', *more)
        self.write('pass', b's3cret\n')

    def test_pkcs12(self):
        for more in ((), ('-certpbe', 'PBE-SHA1-3DES', '-keypbe',
                          'PBE-SHA1-3DES', '-macalg', 'sha1')):
            self.p12(*more)
            said = self.pki('import', 'EDGE', self.path('o.p12'), code=1)
            self.assertIn('--password-file', said)
            self.write('wrong', b'no\n')
            said = self.pki('import', 'EDGE', self.path('o.p12'),
                            '--password-file', self.path('wrong'), code=1)
            self.assertIn('password does not open', said)
            self.pki('import', 'EDGE', 'pkcs12', self.path('o.p12'),
                     '--password-file', self.path('pass'))
            self.assertEqual(self.installed(), 2)
            said = self.pki('export', 'EDGE', 'pkcs12', '--password-file',
                            self.path('pass'), code=1)
            self.assertIn('not exportable', said)
            self.pki('forget', 'EDGE', '--accept')

    def test_pkcs12_of_certtool(self):
        self.p12()
        done = run('certtool', '--to-p12', '--load-privkey',
                   self.path('o.key'), '--load-certificate',
                   self.path('o.pem'), '--load-ca-certificate',
                   self.path('sub.pem'), '--password', 's3cret', '--p12-name',
                   'x', '--outder', '--outfile', self.path('g.p12'))
        self.assertEqual(done.returncode, 0, done.stderr)
        reading, writing = os.pipe()
        os.write(writing, b's3cret\n')
        os.close(writing)
        self.pki('import', 'EDGE', self.path('g.p12'), '--password-fd',
                 str(reading), '--exportable', fds=(reading,))
        os.close(reading)
        self.assertEqual(self.installed(), 2)
        self.pki('export', 'EDGE', 'pkcs12', '--password-file',
                 self.path('pass'), '--out', self.path('back.p12'))
        self.assertEqual(os.stat(self.path('back.p12')).st_mode & 0o777,
                         0o600)
        text = self.openssl('pkcs12', '-in', 'back.p12', '-passin',
                            'file:pass', '-nodes').decode()
        self.assertEqual(text.count('BEGIN CERTIFICATE'), 2)
        self.assertIn('BEGIN PRIVATE KEY', text)
        done = run('certtool', '--p12-info', '--inder', '--infile',
                   self.path('back.p12'), '--password', 's3cret')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.pki('export', 'EDGE', '--key', '--password-file',
                 self.path('pass'), '--out', self.path('k.pem'))
        same = [self.openssl('pkey', '-in', name, '-passin', 'file:pass',
                             '-pubout') for name in ('k.pem', 'o.key')]
        self.assertEqual(same[0], same[1])


class Refused(Base):
    """Said, and nothing stored."""

    def refuse(self, data, expected, verb='import', more=()):
        before = [(f, os.stat(f).st_mtime_ns)
                  for f in self.files('trustpoints')]
        said = self.pki(verb, 'EDGE', *more, data=data, code=1)
        self.assertRegex(said, expected)
        self.assertEqual(before, [(f, os.stat(f).st_mtime_ns)
                                  for f in self.files('trustpoints')])

    def test_import(self):
        self.issued()
        edge = self.read('edge.pem')
        self.refuse(b'', 'holds no certificate')
        self.refuse(edge, 'issued by "CN=Issuing", whose certificate')
        self.refuse(edge[:300] + self.read('sub.pem'), 'cut off')
        self.refuse(self.read('edge.csr'), 'request was passed over')
        self.refuse(self.read('sub.pem'), 'only authorities')
        self.sign('edge.csr', 'future.pem')
        self.openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes',
                     '-keyout', 'x.key', '-subj', '/CN=other', '-out',
                     'x.csr')
        self.sign('x.csr', 'x.pem')
        self.refuse(self.read('x.pem') + self.read('sub.pem'),
                    '"CN=other" does not belong')
        self.sign('edge.csr', 'old.pem', days='-1')
        self.refuse(self.read('old.pem') + self.read('sub.pem'),
                    'expired on .*: renew it')
        self.pki('import', 'EDGE', data=edge + self.read('sub.pem'))
        self.refuse(edge + self.read('sub.pem'), 'there already')

    def test_authenticate(self):
        root = self.read('root.pem')
        self.refuse(root, 'unattended: --fingerprint', 'authenticate')
        self.refuse(root, 'no certificate has the fingerprint',
                    'authenticate', ('--fingerprint', '00' * 32))
        self.refuse(root, 'is no fingerprint', 'authenticate',
                    ('--fingerprint', '0011'))
        der = bytearray(self.openssl('x509', '-in', 'root.pem', '-outform',
                                     'DER'))
        der[-1] ^= 1
        self.refuse(bytes(der), 'signature of itself does not verify',
                    'authenticate', ('--accept',))
        self.pki('authenticate', 'EDGE', '--accept', data=root)
        self.refuse(root, 'there already', 'authenticate', ('--accept',))
        said = self.pki('authenticate', 'EDGE', '--accept',
                        data=self.read('sub.pem'))
        self.assertIn('issued by CN=Root', said)
        self.pki('export', 'EDGE', '--ca')
        self.assertEqual(self.out.count(b'BEGIN'), 2)

    def test_names(self):
        self.assertIn('no trustpoint EGDE', self.pki('request', 'EGDE',
                                                     code=1))
        for words in ((), ('enrol',), ('request',),
                      ('request', 'EDGE', '--what')):
            self.assertIn('usage:', self.pki(*words, code=2))
        self.conf(tp=' certificate file c\n key file k')
        self.assertIn('in files', self.pki('request', 'EDGE', code=1))

    def test_disk_full(self):
        """A write that the disk does not take changes nothing."""
        self.issued()
        whole = self.read('edge.pem') + self.read('sub.pem')
        self.pki('import', 'EDGE', data=whole)
        self.sign('edge.csr', 'again.pem')
        before = self.read('state/pki/trustpoints/EDGE.own.pem')

        def full():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
        done = run(LINESIDE, '-f', self.path('l.conf'), 'pki', 'import',
                   'EDGE', data=self.read('again.pem') + self.read('sub.pem'),
                   preexec_fn=full)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'EDGE.own.pem cannot be written', done.stderr)
        self.assertEqual(before,
                         self.read('state/pki/trustpoints/EDGE.own.pem'))
        self.assertFalse(glob.glob(self.path('state/pki/*/*.new')))

    @unittest.skipUnless(shutil.which('faketime'), 'faketime is missing')
    def test_clock(self):
        if run('faketime', '2030-01-01', LINESIDE, '--version').returncode:
            self.skipTest('faketime does not go with sanitizers')
        done = run('faketime', '2001-01-01', LINESIDE, '-f',
                   self.path('l.conf'), 'pki', 'request', 'EDGE')
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'the clock of this machine says 2001', done.stderr)
        self.issued()
        whole = self.read('edge.pem') + self.read('sub.pem')
        for when, said in (('2021-01-01', b'is not valid before'),
                           ('2099-01-01', b'expired on')):
            done = run('faketime', when, LINESIDE, '-f',
                       self.path('l.conf'), 'pki', 'import', 'EDGE',
                       data=whole)
            self.assertEqual(done.returncode, 1)
            self.assertIn(said, done.stderr)

    def test_killed_at_any_instant(self):
        """The certificate is the old one or the new one, with its key."""
        self.issued()
        whole = self.read('edge.pem') + self.read('sub.pem')
        self.pki('import', 'EDGE', data=whole)
        for n in range(20):
            self.sign('edge.csr', 'again.pem')
            proc = subprocess.Popen(
                [LINESIDE, '-f', self.path('l.conf'), 'pki', 'import', 'EDGE',
                 self.write('new.pem', self.read('again.pem') +
                            self.read('sub.pem'))],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(n * 0.001)
            proc.kill()
            proc.wait()
            self.assertEqual(self.installed(), 2)
        self.assertIn('current', self.pki('key', 'list'))

    def test_directory(self):
        self.conf()
        with open(self.path('l.conf'), 'r+', encoding='utf-8') as f:
            text = f.read().replace(self.path('state'), '/proc/state')
            f.seek(0)
            f.truncate()
            f.write(text)
        self.assertIn('/proc/state', self.pki('request', 'EDGE', code=1))


class Keys(Base):
    def test_generate(self):
        said = self.pki('key', 'generate', 'rsa', 'general-keys', 'label',
                        'L', 'modulus', '2048', 'exportable')
        self.assertIn('Key L: RSA 2048, exportable', said)
        self.assertIn('a key L already',
                      self.pki('key', 'generate', 'ec', 'label', 'L', code=1))
        self.pki('key', 'generate', 'ec', 'label', 'M', 'keysize', '384')
        said = self.pki('key', 'list')
        self.assertRegex(said, r'L +RSA 2048 +current +exportable')
        self.assertRegex(said, r'M +EC P-384 +current')
        self.pki('key', 'generate', 'rsa', 'modulus', '1024', code=1)
        self.pki('key', 'zeroize', 'L', code=1)
        self.pki('key', 'zeroize', 'L', '--accept')
        self.assertNotIn('RSA', self.pki('key', 'list'))

    def test_sealed(self):
        self.request()
        key = next(f for f in self.files('keys') if f.endswith('.key'))
        plain = self.read(key[len(self.dir) + 1:])
        self.assertIn(b'PRIVATE KEY', plain)
        self.write('master', b'5a' * 32)
        self.conf(more=f'pki master-key file {self.dir}/master')
        self.assertIn('1 keys are sealed', self.pki('key', 'seal'))
        for key in self.files('keys'):
            with open(key, 'rb') as f:
                self.assertNotIn(b'PRIVATE', f.read())
        before = self.read('edge.csr')
        self.request()
        public = [self.openssl('req', '-noout', '-pubkey', data=d)
                  for d in (before, self.read('edge.csr'))]
        self.assertEqual(public[0], public[1])
        self.write('master', b'00' * 32)
        self.assertIn('another master key',
                      self.pki('request', 'EDGE', code=1))
        os.unlink(self.path('master'))
        self.assertIn('master key cannot be read',
                      self.pki('request', 'EDGE', code=1))
        self.write('master', b'short')
        self.assertIn('is no master key',
                      self.pki('request', 'EDGE', code=1))

    def test_selfsigned(self):
        self.conf(tp=' enrollment selfsigned\n ip-address 192.0.2.1')
        said = self.pki('enroll', 'EDGE')
        self.assertIn('self-signed certificate made', said)
        self.pki('export', 'EDGE', '--own')
        self.write('self.pem', self.out)
        text = self.openssl('x509', '-in', 'self.pem', '-noout',
                            '-text').decode()
        self.assertIn('IP Address:192.0.2.1', text)
        self.assertIn('CN = edge.example.com', text)
        self.openssl('verify', '-CAfile', 'self.pem', 'self.pem')
        done = run('certtool', '--certificate-info', '--infile',
                   self.path('self.pem'))
        self.assertEqual(done.returncode, 0, done.stderr)
        # again: a new certificate of the same key
        self.pki('enroll', 'EDGE')
        self.assertEqual(len(self.files('keys')), 2)

    def test_killed_writes_leave_the_old(self):
        """What a kill leaves aside is not in the way."""
        self.issued()
        whole = self.read('edge.pem') + self.read('sub.pem')
        self.write('state/pki/trustpoints/EDGE.own.pem.new', b'half')
        self.pki('import', 'EDGE', data=whole)
        self.assertEqual(self.installed(), 2)
        self.assertFalse(glob.glob(self.path('state/pki/*/*.new')))


@unittest.skipUnless(os.path.exists('/usr/lib/softhsm/libsofthsm2.so'),
                     'softhsm2 is not installed')
class Token(Base):
    """The key is on a PKCS#11 token and never leaves it."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.path('tokens'))
        self.write('hsm.conf', b'directories.tokendir = %s\n'
                   b'objectstore.backend = file\nlog.level = ERROR\n' %
                   self.path('tokens').encode())
        self.write('pin', b'1234\n')
        os.environ['SOFTHSM2_CONF'] = self.path('hsm.conf')
        self.addCleanup(os.environ.pop, 'SOFTHSM2_CONF')
        self.check('softhsm2-util', '--init-token', '--free', '--label',
                   'edge', '--so-pin', '5678', '--pin', '1234')
        self.write('k8.pem', self.openssl(
            'genpkey', '-algorithm', 'EC', '-pkeyopt',
            'ec_paramgen_curve:P-256'))
        self.check('softhsm2-util', '--import', self.path('k8.pem'),
                   '--token', 'edge', '--label', 'sip', '--id', 'A1',
                   '--pin', '1234')
        self.conf(tp=' key url pkcs11:token=edge;object=sip;type=private\n'
                     f' key pin-file {self.dir}/pin\n no eckeypair')

    def check(self, *args):
        done = run(*args)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)

    def test_enrolment(self):
        self.issued()
        public = [self.openssl('req', '-in', 'edge.csr', '-noout', '-pubkey'),
                  self.openssl('pkey', '-in', 'k8.pem', '-pubout')]
        self.assertEqual(public[0], public[1])
        self.pki('import', 'EDGE', data=self.read('edge.pem') +
                 self.read('sub.pem'))
        self.assertEqual(self.files('keys'), [])
        said = self.pki('export', 'EDGE', '--key', '--password-file',
                        self.path('pin'), code=1)
        self.assertIn('stays there', said)
        self.write('pin', b'9999\n')
        said = self.pki('request', 'EDGE', code=1)
        self.assertIn('on the token cannot be used', said)


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
