/* crypto pki: trustpoints as files. */
#include <stdlib.h>

#include "conf/conf_int.h"

#define NO_ENROLMENT                                                           \
	"certificates are made elsewhere: name their files with "              \
	"'certificate file', 'key file' and 'ca-bundle file'"

/* clang-format off */
const struct cmd pki_cmds[] = {
	{ "crypto pki trustpoint NAME", K_ENTER, .enter = M_TRUSTPOINT,
	  .help = "Certificates that belong together" },
	{ NULL },
};

const struct cmd trustpoint_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_trustpoint, description),
	  .help = "What this is for" },
	{ "certificate file PATH", K_STR, F_PTR(conf_trustpoint, cert_file),
	  .help = "Our certificate with its intermediates, PEM" },
	{ "key file PATH", K_STR, F_PTR(conf_trustpoint, key_file),
	  .help = "The certificate's private key, PEM" },
	{ "ca-bundle file PATH", K_STR, F_PTR(conf_trustpoint, ca_file),
	  .help = "The authorities whose peers are accepted, PEM" },
	{ "enrollment terminal", K_NONE,
	  .help = "Certificates are brought by the operator",
	  .more = "Accepted for CUBE's sake; it is so anyway." },
	{ "revocation-check none", K_NONE,
	  .help = "Certificates are not asked about",
	  .more = "Accepted for CUBE's sake; it is so anyway." },
	{ "revocation-check {crl|ocsp} [LINE]", K_REFUSED,
	  .more = "write 'revocation-check none'" },
	{ "enrollment {url|selfsigned|mode|retry} [LINE]", K_REFUSED,
	  .more = NO_ENROLMENT },
	{ "auto-enroll [LINE]", K_REFUSED, .more = NO_ENROLMENT },
	{ "fqdn LINE", K_REFUSED, .more = NO_ENROLMENT },
	{ "hash LINE", K_REFUSED, .more = NO_ENROLMENT },
	{ "ip-address LINE", K_REFUSED, .more = NO_ENROLMENT },
	{ "password LINE", K_REFUSED, .more = NO_ENROLMENT },
	{ "rsakeypair LINE", K_REFUSED, .more = NO_ENROLMENT },
	{ "serial-number [LINE]", K_REFUSED, .more = NO_ENROLMENT },
	{ "source LINE", K_REFUSED, .more = NO_ENROLMENT },
	{ "subject-name LINE", K_REFUSED, .more = NO_ENROLMENT },
	{ NULL },
};
/* clang-format on */
