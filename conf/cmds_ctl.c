/* voice-ctl-file, ctl-client and credentials: whom phones believe. */
#include "conf/cmds_ctl.h"

/* clang-format off */
const struct cmd ctl_global_cmds[] = {
	{ "voice-ctl-file NAME", K_ENTER, .enter = M_CTL_FILE,
	  .set = ctl_enter_file, .help = "Whom phones believe" },
	{ "ctl-client", K_ENTER, .enter = M_CTL_CLIENT,
	  .set = ctl_enter_client,
	  .help = "Whom phones believe that move between several boxes" },
	{ "credentials", K_ENTER, .enter = M_CREDENTIALS,
	  .set = ctl_set_credentials,
	  .help = "Our certificates for the box that makes the trust list" },
	{ NULL },
};

/* Of both kinds of trust list. */
const struct cmd ctl_common_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_ctl_file, description),
	  .help = "What this is for" },
	{ "import certificate <1-65535> WORD PATH", K_FN,
	  .set = ctl_set_import, .show = ctl_show_imports,
	  .help = "The certificate of an HTTPS server that phones use",
	  .more = "A tag, a word that describes it, a file in any form: PEM, "
		  "DER, PKCS#7. Every certificate in it becomes a record of "
		  "the role APP-SERVER; their keys are not needed. Read when "
		  "the list is made." },
	{ "hash {sha1|sha512}", K_CHOICE, F(conf_ctl_file, hash),
	  .help = "The digest that the lists are signed with",
	  .more = "And files, unless the phone proxy says otherwise. Default: "
		  "`sha1`, which all phones take; 79xx take no other." },
	{ "hash {sha256|sha384}", K_REFUSED, .more = CTL_HASH_HINT },
	{ NULL },
};

const struct cmd ctl_file_cmds[] = {
	{ "record-entry {capf|cucm-tftp|selfsigned|application|tvs} "
	  "trustpoint NAME", K_FN, .set = ctl_set_record, .show = ctl_show_records,
	  .help = "A certificate that phones believe",
	  .more = "`selfsigned`: ours, an RSA key that signs the list "
		  "(SAST); one or two, of which the first signs and the "
		  "second is for the day the first is lost. `cucm-tftp`: "
		  "ours, an RSA key; phones meet it on SIP over TLS, and it "
		  "signs their files. `capf`: the CAPF's, ours or (without a "
		  "key) the authorities of the trustpoint. `application`: "
		  "HTTPS servers. `tvs`: the call manager's trust "
		  "verification service, when `service-map` relays it; that "
		  "of a `tvs-server` of ours is in the list by itself." },
	{ "complete", K_FLAG, F(conf_ctl_file, complete),
	  .help = "All is said: use it" },
	{ NULL },
};

const struct cmd ctl_client_cmds[] = {
	{ "sast1 trustpoint NAME", K_FN, .set = ctl_set_sast,
	  .show = ctl_show_sasts, .help = "Signs the list: an RSA key of ours" },
	{ "sast2 trustpoint NAME", K_FN, .set = ctl_set_sast,
	  .show = ctl_show_sasts,
	  .help = "For the day that the first one's key is lost" },
	{ "server {capf|cucm-tftp|cme-tftp|tftp|application} "
	  "{A.B.C.D|X:X::X} trustpoint NAME", K_FN,
	  .set = ctl_set_server, .show = ctl_show_servers,
	  .help = "A server whose certificate is here",
	  .more = "As `record-entry` of a voice-ctl-file; `cme-tftp` and "
		  "`tftp` are other words for `cucm-tftp`. The address tells "
		  "people which server it is; phones are told certificates." },
	{ "server cme {A.B.C.D|X:X::X} [port <1-65535>] [peer-name HOST] "
	  "username WORD password {file PATH|[0|6|7] WORD}", K_FN,
	  .set = ctl_set_cme, .show = ctl_show_cmes,
	  .help = "Another Lineside, asked for its certificates",
	  .more = "Its `credentials` answer, port 2444 unless another is "
		  "given, when `lineside ctl regenerate` makes the list; what "
		  "it said stays until then. Its certificate must be good by "
		  "`trustpoint` and hold the address, or the peer-name. "
		  "The password as with a trustpoint's; `password file`: in "
		  "that file's first line." },
	{ "trustpoint NAME", K_REF, F_PTR(conf_ctl_file, trustpoint),
	  .enter = M_TRUSTPOINT,
	  .help = "Authorities that other boxes are judged by",
	  .more = "And the certificate that they are shown, when it has one." },
	{ "regenerate", K_NOTICE,
	  .more = "it makes the list at once on CME: here `lineside ctl "
		  "regenerate` asks the servers and does" },
	{ NULL },
};

const struct cmd credentials_cmds[] = {
	{ "ip source-address {A.B.C.D|X:X::X} [port <1-65535>]", K_FN,
	  .set = ctl_set_source, .show = ctl_show_source,
	  .help = "Where to listen",
	  .more = "An inside address; the port is 2444 if none is given." },
	{ "trustpoint NAME", K_REF, F_PTR(conf, credentials.trustpoint),
	  .enter = M_TRUSTPOINT,
	  .help = "Certificate to show",
	  .more = "When it has authorities, too, who asks must show a "
		  "certificate of theirs." },
	{ "ctl-service admin WORD secret [0|6|7|8] WORD", K_FN,
	  .set = ctl_set_service, .show = ctl_show_service,
	  .help = "Who may ask",
	  .more = "`8` and what `lineside ctl secret` makes of the secret "
		  "(PBKDF2 with SHA-256, as IOS has it), from which it cannot "
		  "be read back. In clear, or sealed after `6`, is taken, too." },
	{ NULL },
};
/* clang-format on */
