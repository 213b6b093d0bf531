"""A call manager that we did not write: Kamailio as registrar with digest
authentication, on UDP, TCP and TLS of one address."""

import json
import os
import socket

from .env import check, listening, wait_for

REALM = "pbx.test"

CONFIG = """#!KAMAILIO
debug=2
log_stderror=yes
memdbg=5
memlog=5
children=2
tcp_children=2
auto_aliases=no
alias="{realm}"
dns=no
rev_dns=no
dns_cache_init=off
use_dst_blocklist=off
tcp_connection_lifetime=3605
enable_tls={tls_on}
listen=udp:{host}:5060
listen=tcp:{host}:5060
{tls_listen}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
{tls_module}
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "xlog.so"
loadmodule "jsonrpcs.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "fifo_name", "")
modparam("jsonrpcs", "dgram_socket", "{dir}/rpc.sock")
modparam("tm", "fr_timer", 10000)
modparam("tm", "fr_inv_timer", 60000)
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_contacts", {max_contacts})
modparam("registrar", "min_expires", 1)
modparam("registrar", "max_expires", 3600)
modparam("auth", "nonce_expire", 300)

request_route {{
    if (!mf_process_maxfwd_header("20")) {{
        sl_send_reply("483", "Too Many Hops");
        exit;
    }}
    if (has_totag()) {{
        if (loose_route()) {{
            t_relay();
            exit;
        }}
        if (is_method("ACK")) {{
            if (t_check_trans()) t_relay();
            exit;
        }}
        sl_send_reply("404", "Not here");
        exit;
    }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    if (is_method("OPTIONS")) {{
        sl_send_reply("200", "OK");
        exit;
    }}
    if (is_method("ACK")) exit;
    if (!pv_auth_check("{realm}", "{password}", "0", "0")) {{
        auth_challenge("{realm}", "0");
        exit;
    }}
    if ($au != $fU) {{
        sl_send_reply("403", "Not your number");
        exit;
    }}
    consume_credentials();
    if (is_method("REGISTER")) {{
        if (!save("location"{save_flags})) sl_reply_error();
        exit;
    }}
    record_route();
{beyond}    if (!lookup("location")) {{
        sl_send_reply("404", "No such number");
        exit;
    }}
    t_on_failure("BUSY");
    t_relay();
}}

failure_route[BUSY] {{
    if (t_is_canceled() || !t_check_status("486") || $tU != "{busy}") exit;
    $ru = "sip:{forward}@{realm}";
    if (lookup("location")) t_relay();
}}
"""
# when this one is busy, who is called instead
BUSY, FORWARD = "2037", "2039"

BEYOND = """    if ($rU =~ "^38") {{
        $du = "sip:{}:5060";
        t_relay();
        exit;
    }}
"""


class Kamailio:
    """`tls`: (certificate, key, CA bundle) when it shall speak TLS."""

    password = "integ-s3cret-phrase"

    def __init__(self, ctx, tls=None, name="kamailio", max_contacts=1,
                 realm=REALM, beyond=None):
        """`beyond`: the address of another one, which has 38.."""
        self.ctx, self.tls, self.name = ctx, tls, name
        self.max_contacts, self.realm = max_contacts, realm
        self.beyond = beyond
        self.host = ctx.addr()

    def start(self):
        folder = os.path.dirname(self.ctx.path(self.name, "log"))
        listen = module = ""
        if self.tls:
            listen = f"listen=tls:{self.host}:5061"
            tls_cfg = self.ctx.write(f"{self.name}/tls.cfg", f"""
[server:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
certificate = {self.tls[0]}
private_key = {self.tls[1]}
ca_list = {self.tls[2]}
[client:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
certificate = {self.tls[0]}
private_key = {self.tls[1]}
ca_list = {self.tls[2]}
""")
            module = 'loadmodule "tls.so"\n' \
                f'modparam("tls", "config", "{tls_cfg}")'
        config = self.ctx.write(f"{self.name}/kamailio.cfg", CONFIG.format(
            realm=self.realm, busy=BUSY, forward=FORWARD,
            host=self.host, dir=folder, password=self.password,
            tls_on="yes" if self.tls else "no", tls_listen=listen,
            tls_module=module, max_contacts=self.max_contacts,
            # a line has one phone: the next one takes its place
            save_flags=', "0x04"' if self.max_contacts == 1 else "",
            beyond=BEYOND.format(self.beyond) if self.beyond else ""))
        self.proc = self.ctx.spawn(
            ["kamailio", "-f", config, "-DD", "-E", "-m", "32", "-M", "4",
             "-w", folder, "-Y", folder, "-P", f"{folder}/pid"],
            f"{self.name}/log")
        wait_for(lambda: listening(self.host, 5060) or not self.proc.alive(),
                 15, "kamailio to listen")
        check(self.proc.alive(), f"kamailio ended: {self.proc.text()[-800:]}")
        return self

    def contacts(self, user):
        """The URIs that this line is registered with."""
        folder = os.path.dirname(self.ctx.path(self.name, "log"))
        own = f"{folder}/ask-{user}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind(own)
            try:
                s.settimeout(10)
                s.sendto(json.dumps(
                    {"jsonrpc": "2.0", "id": 1, "method": "ul.lookup",
                     "params": ["location", user]}).encode(),
                    f"{folder}/rpc.sock")
                told = json.loads(s.recv(65536))
            finally:
                os.unlink(own)
        if "error" in told:  # 404: it has none
            return []
        return [c["Contact"]["Address"] for c in told["result"]["Contacts"]]
