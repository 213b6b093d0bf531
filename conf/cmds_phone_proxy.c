/* voice-phone-proxy: what phones boot from. */
#include "conf/cmds_phone_proxy.h"

#include "conf/cmds_ctl.h"

/* clang-format off */
#define IP "{ipv4 A.B.C.D|ipv6 X:X::X}"

const struct cmd phone_proxy_global_cmds[] = {
	{ "voice-phone-proxy NAME", K_ENTER, .enter = M_PHONE_PROXY,
	  .help = "What phones boot from" },
	{ NULL },
};

const struct cmd phone_proxy_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_phone_proxy, description),
	  .help = "What this is for" },
	{ "tftp-server address {ipv4 A.B.C.D|ipv6 X:X::X|dns HOST} local-addr "
	  IP " acc-addr " IP, K_FN, .set = pp_set_tftp, .show = pp_show_tftp,
	  .help = "Where the call manager's files come from, and where "
		  "phones ask",
	  .more = "The first server that has a file, or says that it has "
		  "not, counts; those below it are asked when it is silent. "
		  "`dns` names are looked up when the configuration is read." },
	{ "ctl-file NAME", K_REF, F_PTR(conf_phone_proxy, ctl_file),
	  .enter = M_CTL_FILE, .help = "The trust list that is served",
	  .more = "Without it, neither trust lists nor signed files are." },
	{ "hash {sha1|sha512}", K_CHOICE, F(conf_phone_proxy, hash),
	  .def = CONF_FILE_HASH_OF_LIST,
	  .help = "The digest that files are signed with",
	  .more = "Default: as the trust list has it." },
	{ "hash {sha256|sha384}", K_REFUSED, .more = CTL_HASH_HINT },
	{ "tie-lines", K_FLAG, F(conf_phone_proxy, tie_lines), .def = true,
	  .help = "A phone registers the lines of its configuration only",
	  .more = "By its certificate's device name, once it has fetched its "
		  "configuration here; other lines are refused. So by default; "
		  "`no tie-lines` leaves it to phone-identity and the call "
		  "manager." },
	{ "access-secure", K_FLAG, F(conf_phone_proxy, access_secure),
	  .help = "Phones are told to use TLS and SRTP",
	  .more = "Default: non-secure." },
	{ "disable service-settings", K_FLAG,
	  F(conf_phone_proxy, disable_settings),
	  .help = "Phones turn off what helps an attacker near them",
	  .more = "PC port, gratuitous ARP, voice VLAN access, web access, "
		  "span to PC port. Default: as the call manager has it." },
	{ "capf-address " IP " acc-addr " IP, K_FN, .set = pp_set_capf,
	  .show = pp_show_capf, .help = "The CAPF server, and where phones "
		  "find it",
	  .more = "Port 3804. A CAPF server that is not named is removed from "
		  "configuration files; with a `capf-server` of ours, that of "
		  "a call manager is replaced by it." },
	{ "capf-addr " IP " acc-addr " IP, K_FN, .flags = C_HIDDEN,
	  .set = pp_set_capf, .help = "Another spelling of capf-address" },
	{ "service-map server-addr " IP " port <1-65535> acc-addr " IP
	  " port <1-65535>", K_FN, .set = pp_set_service,
	  .show = pp_show_service,
	  .help = "A TCP service inside, and where phones find it",
	  .more = "URLs and TVS servers in configuration files are rewritten "
		  "accordingly; those of servers inside that are not named go." },
	{ "session-timeout <60-6000>", K_UINT,
	  F(conf_phone_proxy, session_seconds), .def = 180,
	  .help = "Seconds for a TFTP transfer" },
	{ "session-timer <60-6000>", K_UINT,
	  F(conf_phone_proxy, session_seconds), .def = 180, .flags = C_HIDDEN,
	  .help = "Another spelling of session-timeout" },
	{ "max-concurrent-sessions <0-500>", K_UINT,
	  F(conf_phone_proxy, max_sessions), .def = 200,
	  .help = "TFTP transfers at a time",
	  .more = "More are refused at once, for phones to ask again. One "
		  "source has half of them, and begins fifteen times as many a "
		  "minute." },
	{ "port-range <1024-65535> <1024-65535>", K_FN, .set = pp_set_range,
	  .show = pp_show_range,
	  .help = "Ports that TFTP transfers are sent from",
	  .more = "Without it, from the port that phones ask, as they need "
		  "behind home routers." },
	{ "tftp-port <1-65535>", K_UINT, F(conf_phone_proxy, tftp_port),
	  .def = 69, .off = 0, .flags = C_NO_IS_OFF,
	  .help = "UDP port for TFTP on every acc-addr",
	  .more = "`no tftp-port`: not served." },
	{ "http-port <1-65535>", K_UINT, F(conf_phone_proxy, http_port),
	  .def = 6970, .off = 0, .flags = C_NO_IS_OFF,
	  .help = "TCP port for HTTP on every acc-addr",
	  .more = "`no http-port`: not served." },
	{ "https-port <1-65535> trustpoint NAME", K_FN, .set = pp_set_https,
	  .show = pp_show_https, .help = "TCP port for HTTPS on every acc-addr",
	  .more = "Usually 6971; not served by default. The trustpoint has an "
		  "EC key; with it in the trust list, newer phones ask here "
		  "first, and want files unsigned. Those without need "
		  "nothing of it." },
	{ "https-port <1-65535> trustpoint NAME client-verify [phone-identity "
	  "<1-10000>]", K_FN, .set = pp_set_mutual, .show = pp_show_mutual,
	  .help = "TCP port for HTTPS with the phones' certificates",
	  .more = "Usually 6972, beside the other one. Who shows no good "
		  "certificate gets nothing, and nobody another phone's "
		  "files: the certificate's device, by the rules of `voice "
		  "class phone-identity` (default: the CN, else the first "
		  "SAN), must be the one that the file's name has. The "
		  "trustpoint's authorities are those of the phones." },
	{ "fetch {tftp|http} [port <1-65535>]", K_FN, .set = pp_set_fetch,
	  .show = pp_show_fetch,
	  .help = "How files are asked of the call manager",
	  .more = "Default: `tftp`, port 69; `http` has port 6970." },
	{ "load-cfg-file PATH alias NAME [sign] [create]", K_FN,
	  .set = pp_set_file, .show = pp_show_files,
	  .help = "A file of this machine for phones",
	  .more = "Read when the configuration is. `sign`: also as NAME.sgn, "
		  "made at that moment; `create` says so again and is not "
		  "kept." },
	{ "complete", K_FLAG, F(conf_phone_proxy, complete),
	  .help = "All is said: use it",
	  .more = "Without it, nothing is served." },
	{ NULL },
};
/* clang-format on */
