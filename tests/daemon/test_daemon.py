#!/usr/bin/env python3
"""linesided and lineside as processes: arguments, exit codes, signals, limits,
systemd's notifications. Usage: test_daemon.py LINESIDED LINESIDE SOURCE_ROOT
"""
import json
import os
import pty
import pwd
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

LINESIDED, LINESIDE, ROOT = map(os.path.abspath, sys.argv[1:4])

CONF = """\
hostname edge1
control-socket {dir}/control
logging file {dir}/log
sip-listener OUT
 side access
 address ipv4 {addr} port 5060
 transport udp
sip-listener IN
 side core
 address ipv4 {addr} port 5062
 transport udp
sip-ua
 registrar ipv4:{addr}:5070
dial-peer voice 1 voip
 session target registrar
 incoming listener OUT
 destination-pattern .T
 no srtp
"""


def run(*args, text=None, seconds=60, **kwargs):
    return subprocess.run(args, input=text, capture_output=True, text=True,
                          timeout=seconds, check=False, **kwargs)


class Offline(unittest.TestCase):
    """What needs no running daemon."""

    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.addCleanup(self.tmp.cleanup)

    def file(self, text):
        path = f'{self.tmp.name}/test.conf'
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        return path

    def test_check_good(self):
        path = self.file(CONF.format(dir='/run', addr='127.0.0.1'))
        for command in ([LINESIDED, '--check'], [LINESIDE, 'check']):
            done = run(*command, path)
            self.assertEqual((done.returncode, done.stdout), (0, ''),
                             done.stderr)

    def test_file_before_or_after(self):
        """-f is taken on either side of the words, and for all commands."""
        good = self.file(CONF.format(dir='/run', addr='127.0.0.1'))
        for words in (['check'], ['doctor', '--no-connect'],
                      ['explain', 'call', '1', '2'], ['ctl', 'show', 'X']):
            before = run(LINESIDE, '-f', good, *words)
            after = run(LINESIDE, *words, '-f', good)
            self.assertEqual((before.returncode, before.stdout,
                              before.stderr),
                             (after.returncode, after.stdout, after.stderr))
            self.assertNotIn('/etc/lineside', after.stdout + after.stderr)
            self.assertNotEqual(after.returncode, 3, after.stderr)
        for args in (['--check', '-f', good], ['-f', good, '--check']):
            done = run(LINESIDED, *args)
            self.assertEqual((done.returncode, done.stderr), (0, ''))
        for command in ([LINESIDED, '--check'], [LINESIDE, 'check']):
            done = run(*command)
            if not os.path.exists('/etc/lineside/lineside.conf'):
                self.assertEqual(done.returncode, 1)
                self.assertIn('/etc/lineside/lineside.conf: cannot be opened',
                              done.stderr)
        done = run(LINESIDE, 'check', '-f')
        self.assertEqual(done.returncode, 2)
        self.assertIn('usage:', done.stderr)

    def test_check_bad(self):
        path = self.file('hostname a\nhostnme b\n'
                         'dial-peer voice 1 voip\n  destination-patern 1\n')
        for command in ([LINESIDED, '--check'], [LINESIDE, 'check']):
            done = run(*command, path)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f'{path}:2:1: ', done.stderr)
            self.assertRegex(
                done.stderr, re.escape(path) + r":4:3: .*, did you mean "
                "'destination-pattern'")

    def test_check_samples(self):
        folder = f'{ROOT}/conf/examples'
        for name in os.listdir(folder):
            done = run(LINESIDED, '--check', f'{folder}/{name}')
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_no_such_file(self):
        for args in (['--check', '/nonexistent'], ['-f', '/nonexistent']):
            done = run(LINESIDED, *args)
            self.assertEqual(done.returncode, 1)
            self.assertIn('/nonexistent', done.stderr)

    def test_syntax(self):
        done = run(LINESIDE, 'syntax', 'dial-peer voice 1 voip', 'session ?')
        self.assertEqual(done.returncode, 0)
        self.assertIn('target', done.stdout)
        self.assertNotIn('hostname', done.stdout)
        self.assertIn('hostname', run(LINESIDE, 'syntax').stdout)

    def test_usage(self):
        for args in (['--frob'], ['word'], ['--check', 'a', 'b'],
                     ['--manual', 'frob']):
            done = run(LINESIDED, *args)
            self.assertEqual(done.returncode, 2, args)
            self.assertIn('usage:', done.stderr)
        self.assertEqual(run(LINESIDE, '--frob').returncode, 2)
        self.assertEqual(run(LINESIDE, text='').returncode, 2)
        for program in (LINESIDED, LINESIDE):
            done = run(program, '--help')
            self.assertEqual(done.returncode, 0)
            self.assertIn('usage:', done.stdout)

    def test_version(self):
        done = run(LINESIDED, '--version')
        self.assertEqual(done.returncode, 0)
        for library in ('sofia-sip', 'gnutls', 'nettle', 'libsrtp',
                        'libevent'):
            self.assertRegex(done.stdout, library + r'\s+.*\d+\.\d')
        self.assertEqual(run(LINESIDE, '--version').returncode, 0)

    def test_not_running(self):
        done = run(LINESIDE, '-s', f'{self.tmp.name}/none', 'show', 'version')
        self.assertEqual(done.returncode, 3)
        self.assertIn('not running', done.stderr)

    def test_unit_shows_the_host(self):
        """Thresholds by processors and memory read /proc/stat and meminfo."""
        with open(f'{ROOT}/contrib/linesided.service.in',
                  encoding='utf-8') as f:
            self.assertNotIn('\nProcSubset=pid', f.read())

    def test_man_page_has_every_command(self):
        """As far as its words are fixed: what may be left out is in brackets."""
        with open(f'{ROOT}/docs/man/lineside.1', encoding='utf-8') as f:
            page = re.sub(r'\\f.|"|^\.[A-Z]+ ', '', f.read(), flags=re.M)
        page = page.replace('\\-', '-')
        with open(f'{ROOT}/src/commands.c', encoding='utf-8') as f:
            known = re.findall(r'(\w+)\("((?:show|clear|capture|test|explain|'
                               r'metrics|reload|pki server)[^"]*)"', f.read())
        self.assertGreater(len(known), 80)
        for macro, command in known:
            words = ' '.join(command.split(' <')[0].split()[:3])
            if macro != 'TOPIC':
                self.assertIn(words, page)

    def test_manuals_are_fresh(self):
        """Mended by `meson compile -C build manuals`."""
        for name, words in (('reference', []), ('messages', ['messages']),
                            ('counters', ['counters']),
                            ('call-records', ['records']),
                            ('refusals', ['refusals'])):
            done = run(LINESIDED, '--manual', *words)
            self.assertEqual(done.returncode, 0)
            with open(f'{ROOT}/docs/{name}.md', encoding='utf-8') as f:
                self.assertTrue(f.read() == done.stdout,
                                f'docs/{name}.md is not up to date: '
                                'meson compile -C BUILD manuals')


class Daemon:
    """One linesided with systemd's socket of ours."""
    count = 0

    def __init__(self, more='', user=None):
        Daemon.count += 1
        self.tmp = tempfile.TemporaryDirectory()
        self.dir = self.tmp.name
        os.chmod(self.dir, 0o755)
        self.addr = f'127.{os.getpid() % 250 + 2}.' \
            f'{os.getpid() // 250 % 250}.{Daemon.count}'
        self.file = f'{self.dir}/lineside.conf'
        if user is not None:
            os.chown(self.dir, pwd.getpwnam(user).pw_uid, -1)
            more += f'user {user}\n'
        self.write(more)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(f'{self.dir}/notify')
        self.said = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()
        os.chmod(f'{self.dir}/notify', 0o666)
        self.process = None

    def listen(self):
        """As systemd does: whatever is said is taken at once."""
        with self.notify:
            while said := self.notify.recv(4096):
                self.said.put(said.decode())

    def write(self, more='', text=None):
        with open(self.file, 'w', encoding='utf-8') as f:
            f.write((text or CONF).format(dir=self.dir, addr=self.addr))
            f.write(more)

    def start(self, *args):
        env = dict(os.environ, NOTIFY_SOCKET=f'{self.dir}/notify')
        # Standard error to a file: nobody has to read it while it runs.
        self.errors = open(f'{self.dir}/stderr', 'w+', encoding='utf-8')
        self.process = subprocess.Popen(
            [LINESIDED, '-f', self.file, *args], env=env,
            stderr=self.errors)
        self.until('READY=1')
        return self

    def until(self, word):
        """Waits for a notification with that word; all of it."""
        while True:
            said = self.said.get(timeout=60)
            if word in said:
                return said

    def ask(self, *words, **kwargs):
        return run(LINESIDE, '-s', f'{self.dir}/control', *words, **kwargs)

    def log(self):
        with open(f'{self.dir}/log', encoding='utf-8') as f:
            return f.read()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(60)

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process:
            self.errors.close()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(b'', f'{self.dir}/notify')  # ends listen()
        self.tmp.cleanup()


class Running(unittest.TestCase):
    def daemon(self, *args, **kwargs):
        d = Daemon(**kwargs)
        self.addCleanup(d.close)
        return d.start(*args)

    def test_start_show_stop(self):
        d = self.daemon()
        done = d.ask('sh', 'ver')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('edge1 uptime is 00:00:', done.stdout)
        done = d.ask('show', 'version', '--json')
        self.assertEqual(json.loads(done.stdout)['system']['hostname'],
                         'edge1')
        self.assertEqual(d.ask('show', 'frob').returncode, 2)
        self.assertEqual(d.ask('clear', 'call', '9').returncode, 1)
        self.assertIn('running-config', d.ask('show', '?').stdout)
        # a line that a shell or ssh was given as one word
        self.assertIn('running-config', d.ask('show ?').stdout)
        self.assertIn('edge1 uptime is', d.ask('show version').stdout)
        self.assertEqual(d.stop(), 0)
        self.assertEqual(d.ask('show', 'version').returncode, 3)
        self.assertFalse(os.path.exists(f'{d.dir}/control'))
        self.assertIn('%SYS-5-STARTED', d.log())
        self.assertIn('%SYS-5-STOPPED', d.log())

    def test_shell(self):
        """On a terminal: prompt, help by ?, completion by tab."""
        d = self.daemon()
        master, slave = pty.openpty()
        shell = subprocess.Popen(
            [LINESIDE, '-s', f'{d.dir}/control'], stdin=slave, stdout=slave,
            stderr=slave, env=dict(os.environ, TERM='dumb'))
        os.close(slave)
        seen = b''

        def until(text):
            nonlocal seen
            while text not in seen:
                seen += os.read(master, 4096)
            seen = seen.split(text, 1)[1]

        until(b'edge1# ')
        os.write(master, b'show cal\t')
        until(b'call ')
        os.write(master, b'?')
        until(b'summary')
        os.write(master, b'sum\t\n')
        until(b'Total number of calls: 0')
        until(b'edge1# ')
        os.write(master, b'show frob\n')
        until(b'Invalid input')
        os.write(master, b'exit\n')
        self.assertEqual(shell.wait(60), 0)
        os.close(master)

    def test_interrupt(self):
        self.assertEqual(self.daemon().stop(signal.SIGINT), 0)

    def test_running_config_is_a_configuration(self):
        d = self.daemon()
        path = f'{d.dir}/again.conf'
        with open(path, 'w', encoding='utf-8') as f:
            f.write(d.ask('show', 'running-config').stdout)
        done = run(LINESIDE, 'check', path)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_reload_by_signal(self):
        d = self.daemon()
        d.write('dial-peer voice 7 voip\n shutdwn\n')
        d.process.send_signal(signal.SIGHUP)
        self.assertIn('MONOTONIC_USEC=', d.until('RELOADING=1'))
        self.assertIn('refused', d.until('READY=1'))
        last = json.loads(d.ask('show', 'reload', '--json').stdout)
        last = last['reloads'][-1]
        self.assertFalse(last['ok'])
        self.assertEqual(last['cause'], 'SIGHUP')
        self.assertIn(f'{d.file}:20:2: ', last['complaints'])
        self.assertIn('%CONF-3-RELOAD_FAILED', d.log())
        self.assertIn('shutdwn', d.log())
        d.write(text=CONF.replace('edge1', 'edge2'))
        d.process.send_signal(signal.SIGHUP)
        d.until('READY=1')
        self.assertIn('hostname edge2',
                      d.ask('show', 'running-config').stdout)

    def test_reload_by_command(self):
        d = self.daemon()
        done = d.ask('reload')
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn('in force', done.stdout)
        d.write('frobnicate\n')
        done = d.ask('reload')
        self.assertEqual(done.returncode, 1)
        self.assertIn('frobnicate', done.stdout)
        d.write()
        for _ in range(25):
            self.assertEqual(d.ask('reload').returncode, 0)
        kept = json.loads(d.ask('show', 'reload', '--json').stdout)['reloads']
        self.assertEqual((len(kept), kept[-1]['number']), (20, 28))
        self.assertRegex(d.log(), r'%SYS-5-COMMAND.*user \d+.*reload')

    def test_reopen_log(self):
        d = self.daemon()
        os.rename(f'{d.dir}/log', f'{d.dir}/log.1')
        d.process.send_signal(signal.SIGUSR1)
        self.assertEqual(d.ask('reload').returncode, 0)
        self.assertIn('%CONF-5-RELOADED', d.log())

    def test_second_daemon(self):
        d = self.daemon()
        done = run(LINESIDED, '-f', d.file)
        self.assertEqual(done.returncode, 1)
        self.assertIn('%SYS-3-START_FAILED', done.stderr)
        self.assertEqual(d.ask('show', 'version').returncode, 0)

    def test_wrong_configuration_does_not_start(self):
        d = Daemon('frobnicate\n')
        self.addCleanup(d.close)
        done = run(LINESIDED, '-f', d.file)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'{d.file}:19:1: ', done.stderr)

    def test_watchdog(self):
        os.environ['WATCHDOG_USEC'] = '600000'
        self.addCleanup(os.environ.pop, 'WATCHDOG_USEC')
        d = self.daemon()
        for _ in range(3):
            self.assertIn('0 phones, 0 calls', d.until('WATCHDOG=1'))

    def status(self, d, key):
        with open(f'/proc/{d.process.pid}/status', encoding='ascii') as f:
            return re.search(rf'^{key}:\s*(.*)$', f.read(), re.M).group(1)

    def limit(self, d, name):
        with open(f'/proc/{d.process.pid}/limits', encoding='ascii') as f:
            return re.search(rf'^{name}\s+(\S+)\s+(\S+)', f.read(),
                             re.M).groups()

    def test_limits(self):
        d = self.daemon()
        self.assertEqual(self.limit(d, 'Max core file size')[0], '0')
        soft, hard = self.limit(d, 'Max open files')
        self.assertEqual(soft, hard)
        self.assertEqual(self.status(d, 'NoNewPrivs'), '1')

    def test_core_dumps_by_name(self):
        d = self.daemon('--core-dumps')
        with open('/proc/self/limits', encoding='ascii') as f:
            mine = re.search(r'^Max core file size\s+(\S+)', f.read(), re.M)
        self.assertEqual(self.limit(d, 'Max core file size')[0],
                         mine.group(1))

    @unittest.skipUnless(os.geteuid() == 0, 'only root can change its user')
    def test_drops_privileges(self):
        d = self.daemon(user='nobody')
        uid = str(pwd.getpwnam('nobody').pw_uid)
        self.assertEqual(self.status(d, 'Uid').split(), [uid] * 4)
        for thread in os.listdir(f'/proc/{d.process.pid}/task'):
            with open(f'/proc/{d.process.pid}/task/{thread}/status',
                      encoding='ascii') as f:
                text = f.read()
            for caps in ('CapEff', 'CapPrm', 'CapAmb'):
                self.assertRegex(text, rf'{caps}:\s*0+\n')
            self.assertRegex(text, rf'Uid:\s*{uid}\s')
        # Not dumpable: its files in /proc belong to root all the same.
        self.assertEqual(os.stat(f'/proc/{d.process.pid}/environ').st_uid, 0)
        self.assertEqual(d.ask('reload').returncode, 0)
        self.assertEqual(d.stop(), 0)
        self.assertFalse(os.path.exists(f'{d.dir}/control'))

    @unittest.skipUnless(os.geteuid() == 0, 'needs another user')
    def test_not_allowed(self):
        d = self.daemon()
        # Where we are built may be closed to others: root's home is.
        with tempfile.TemporaryDirectory() as open_to_all:
            os.chmod(open_to_all, 0o755)
            copy = shutil.copy(LINESIDE, open_to_all)
            done = run(copy, '-s', f'{d.dir}/control', 'show', 'version',
                       user='nobody', group='nogroup', extra_groups=[],
                       cwd='/')
        self.assertEqual(done.returncode, 4, done.stderr)


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], '-v', *sys.argv[4:]])
