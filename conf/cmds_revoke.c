/* Within crypto pki trustpoint: where revocation-check asks, how long. */
#include "conf/conf_int.h"

/* clang-format off */
const struct cmd revoke_cmds[] = {
	{ "crl query URL", K_STR, F_PTR(conf_trustpoint, crl_url),
	  .help = "Where the CRL is, instead of what certificates say" },
	{ "ocsp url URL", K_STR, F_PTR(conf_trustpoint, ocsp_url),
	  .help = "Where the responder is, instead of what certificates say" },
	{ "revocation timeout <1-30>", K_UINT,
	  F(conf_trustpoint, revocation_seconds), .def = 2,
	  .help = "Seconds that a handshake waits for an answer; default 2",
	  .more = "With both 'crl' and 'ocsp' each gets half of it. Answers are kept "
		  "as long as they are valid, so few handshakes wait." },
	{ NULL },
};
/* clang-format on */
