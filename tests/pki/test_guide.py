#!/usr/bin/env python3
"""What docs/guides/certificates.md and doctor.md promise a stranger, with the
commands that stand there: an authority, the proxy and a second box; a chain
delivered as one .p7b; a chain broken on purpose.
Usage: test_guide.py LINESIDED LINESIDE
"""
import json
import re
import sys
import unittest

from test_ca import LINESIDE, Base, Box, free_port, run

PHONES = """\
sip-listener PHONES
 side access
 address ipv4 127.0.0.1 port {port}
 transport tcp tls
 trustpoint EDGE
 phone-identity 1
voice class phone-identity 1
 rule 10 subject-cn ^SEP.*
sip-ua
 registrar embedded
"""


def openssl(cwd, *args):
    done = run('openssl', *args, cwd=cwd)
    if done.returncode != 0:
        raise AssertionError(f'openssl {args}: {done.stderr.decode()}')
    return done.stdout.decode()


class Guide(Base):
    def test_an_authority_of_your_own(self):
        """Section 3: CA and proxy in one, a second box, PEM for the call
        manager."""
        edge = Box(self, f"""\
ip http server
ip http port {self.port}
crypto pki server VOICECA
 issuer-name CN=Voice CA,O=Example
 modulus 2048
 database level complete
 lifetime certificate 365
 no shutdown
crypto pki trustpoint EDGE
 enrollment url http://127.0.0.1:{self.port}/scep
 subject-name CN=edge.example.com,O=Example
 rsakeypair EDGE 2048
 auto-enroll 80
""" + PHONES.format(port=free_port()))
        edge.start()
        shown = edge.do('show', 'crypto', 'pki', 'server')
        sha256 = re.search(r'SHA256\)\s*:\s*(\S+)', shown).group(1)
        edge.pki_ok('authenticate', 'EDGE', '--fingerprint', sha256)
        edge.pki('enroll', 'EDGE')
        rows = edge.do('pki', 'server', 'VOICECA', 'info', 'requests')
        self.assertIn('edge.example.com', rows)
        edge.do('pki', 'server', 'VOICECA', 'grant', 'all')
        edge.pki_ok('enroll', 'EDGE')
        once = edge.do('pki', 'server', 'VOICECA', 'password', 'generate')
        second = self.client('second.example.com')
        with open(second.path('once'), 'w', encoding='ascii') as f:
            f.write(re.search(r'password ([0-9a-f]{16})', once).group(1))
        with open(second.path('l.conf'), encoding='utf-8') as f:
            text = f.read()
        with open(second.path('l.conf'), 'w', encoding='utf-8') as f:
            f.write(text.replace(' rsakeypair', f' password file '
                                 f'{second.path("once")}\n rsakeypair'))
        second.pki_ok('authenticate', 'EDGE', '--fingerprint', sha256)
        self.assertIn('installed', second.pki_ok('enroll', 'EDGE'))
        edge.pki_ok('export', 'EDGE', '--ca', '--out',
                    edge.path('voice-ca.pem'))
        for box in (edge, second):
            box.pki_ok('export', 'EDGE', '--own', '--out',
                       box.path('own.pem'))
            self.assertIn('OK', openssl(
                edge.dir, 'verify', '-CAfile', 'voice-ca.pem',
                box.path('own.pem')))
            with open(box.path('own.pem'), encoding='ascii') as f:
                self.assertNotIn('PRIVATE', f.read())

    def authority(self, box):
        """A company's root and issuing CA."""
        ca = 'basicConstraints=critical,CA:TRUE'
        openssl(box.dir, 'req', '-x509', '-newkey', 'rsa:2048', '-nodes',
                '-keyout', 'root.key', '-subj', '/CN=Company Root', '-days',
                '900', '-out', 'root.pem')
        openssl(box.dir, 'req', '-newkey', 'rsa:2048', '-nodes', '-keyout',
                'sub.key', '-subj', '/CN=Issuing CA', '-addext', ca, '-out',
                'sub.csr')
        openssl(box.dir, 'x509', '-req', '-in', 'sub.csr', '-CA', 'root.pem',
                '-CAkey', 'root.key', '-days', '800', '-copy_extensions',
                'copyall', '-out', 'sub.pem')

    def issued(self, box):
        with open(box.path('edge.csr'), 'wb') as f:
            f.write(box.pki('request', 'EDGE').stdout)
        openssl(box.dir, 'x509', '-req', '-in', 'edge.csr', '-CA', 'sub.pem',
                '-CAkey', 'sub.key', '-days', '300', '-copy_extensions',
                'copyall', '-out', 'edge.pem')

    def test_one_p7b(self):
        """Section 1: authorities and our certificate out of one file."""
        box = Box(self, 'crypto pki trustpoint EDGE\n enrollment terminal\n'
                  ' subject-name CN=edge.example.com,O=Example\n'
                  ' subject-alt-name dns:sip.example.com\n'
                  ' rsakeypair EDGE 2048\n' + PHONES.format(port=free_port()))
        self.authority(box)
        self.issued(box)
        openssl(box.dir, 'crl2pkcs7', '-nocrl', '-certfile', 'root.pem',
                '-certfile', 'edge.pem', '-certfile', 'sub.pem', '-outform',
                'der', '-out', 'chain.p7b')
        root = openssl(box.dir, 'x509', '-in', 'root.pem', '-noout',
                       '-fingerprint', '-sha256').strip().split('=')[1]
        box.pki_ok('authenticate', 'EDGE', box.path('chain.p7b'),
                   '--fingerprint', root)
        box.pki_ok('import', 'EDGE', box.path('chain.p7b'))
        own = box.pki('export', 'EDGE', '--own').stdout.decode()
        self.assertEqual(own.count('BEGIN CERTIFICATE'), 2)
        with open(box.path('own.pem'), 'w', encoding='ascii') as f:
            f.write(own)
        self.assertIn('OK', openssl(
            box.dir, 'verify', '-CAfile', 'root.pem', '-untrusted', 'own.pem',
            'own.pem'))

    def doctor(self, box):
        done = run(LINESIDE, 'doctor', '-f', box.path('l.conf'),
                   '--no-connect', '--json')
        return done.returncode, json.loads(done.stdout)['findings']

    def test_a_chain_broken_on_purpose(self):
        """doctor.md, "Try it": without its intermediate, and out of order."""
        box = Box(self, '')
        self.authority(box)
        openssl(box.dir, 'req', '-newkey', 'rsa:2048', '-nodes', '-keyout',
                'edge.key', '-subj', '/CN=box.example', '-addext',
                'subjectAltName=DNS:box.example', '-out', 'edge.csr')
        openssl(box.dir, 'x509', '-req', '-in', 'edge.csr', '-CA', 'sub.pem',
                '-CAkey', 'sub.key', '-days', '300', '-copy_extensions',
                'copyall', '-out', 'edge.pem')
        box.write('crypto pki trustpoint EDGE\n'
                  f' certificate file {box.path("file.pem")}\n'
                  f' key file {box.path("edge.key")}\n'
                  f' ca-bundle file {box.path("root.pem")}\n' +
                  PHONES.format(port=free_port()))

        def put(*names):
            with open(box.path('file.pem'), 'w', encoding='ascii') as out:
                for name in names:
                    with open(box.path(name), encoding='ascii') as f:
                        out.write(f.read())
            return self.doctor(box)

        code, all_ = put('edge.pem', 'sub.pem')
        self.assertEqual(code, 0, all_)
        code, all_ = put('edge.pem')
        self.assertEqual(code, 2, all_)
        broken = [f for f in all_ if f['check'] == 'chain' and
                  f['severity'] == 'error']
        self.assertIn('"CN=Issuing CA" is missing', broken[0]['what'])
        self.assertIn(box.path('file.pem'), broken[0]['mend'])
        self.assertGreater(broken[0]['line'], 0)
        code, all_ = put('sub.pem', 'edge.pem')
        self.assertEqual(code, 1, all_)
        self.assertTrue(any('not in order' in f['what'] for f in all_), all_)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
