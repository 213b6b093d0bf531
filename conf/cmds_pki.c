/* crypto pki: trustpoints, as files or enrolled. */
#include <stdlib.h>

#include "conf/cmds_pki.h"

#define METHOD "crl|ocsp|none"

/* clang-format off */
const struct cmd pki_cmds[] = {
	{ "pki master-key {file PATH|credential NAME}", K_FN,
	  .set = pki_set_master_key, .show = pki_show_master_key,
	  .help = "Encrypts the private keys in the state directory",
	  .more = "A file of 32 bytes, or of 64 hexadecimal digits, that only "
		  "the daemon's user can read, or the name of a systemd "
		  "credential. Keys are sealed with AES-256-GCM when they are "
		  "written: `lineside pki key seal` does it for those that "
		  "are there. With `password encryption aes`, passwords are "
		  "shown encrypted under it, too." },
	{ "key config-key password-encrypt {file PATH|credential NAME}", K_FN,
	  .flags = C_HIDDEN, .set = pki_set_master_key,
	  .help = "IOS's spelling of pki master-key" },
	{ "password encryption aes", K_FLAG, F(conf, password_encryption),
	  .set = pki_note_encryption,
	  .help = "Passwords are shown encrypted under the master key",
	  .more = "As `6` and a word, which can be put into the file in place "
		  "of the password; `lineside pki password encrypt` makes it, "
		  "too. Without this line, `show running-config` prints "
		  "`<hidden>`." },
	{ "password-policy cme", K_FLAG, F(conf, password_policy),
	  .help = "Passwords are refused unless they are as CME wants them",
	  .more = "6 to 15 letters and digits, nothing else, among them a "
		  "capital letter, a small one and a digit: for sites whose "
		  "other boxes are CMEs and take no others. It is judged "
		  "when the configuration is checked; a password written "
		  "as `6 WORD` when it is loaded, since the master key opens "
		  "it. Passwords in files, one-time passwords, secrets of "
		  "type 8 and phones' authentication strings are not "
		  "judged." },
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
	{ "key url PKCS11", K_STR, F_PTR(conf_trustpoint, key_url),
	  .help = "The private key on a token",
	  .more = "An RFC 7512 URL: `pkcs11:token=edge;object=sip`. The key "
		  "never leaves the token." },
	{ "key pin-file PATH", K_STR, F_PTR(conf_trustpoint, key_pin_file),
	  .help = "Where the token's PIN is" },
	{ "key", K_FN, .flags = C_HIDDEN | C_NO_ONLY, .set = pki_reset_key,
	  .help = "No key", .more = "write 'key file PATH'" },
	{ "ca-bundle", K_FN, .flags = C_HIDDEN | C_NO_ONLY,
	  .set = pki_reset_anchors, .help = "No authorities",
	  .more = "write 'ca-bundle file PATH'" },
	{ "ca-bundle file PATH", K_STR, F_PTR(conf_trustpoint, ca_file),
	  .help = "The authorities whose peers are accepted, PEM" },
	{ "ca-bundle trustpoint NAME", K_REF,
	  F_PTR(conf_trustpoint, ca_trustpoint), .enter = M_TRUSTPOINT,
	  .help = "The authorities of another trustpoint are accepted, too",
	  .more = "For a client certificate of one authority and servers of "
		  "another." },
	{ "enrollment {terminal|selfsigned}", K_FN, .set = pki_set_enrollment,
	  .show = pki_show_enrollment,
	  .help = "How the certificate is come by",
	  .more = "`terminal`: by the operator, with `lineside pki import`. "
		  "`selfsigned`: made with `lineside pki enroll`. Key and "
		  "certificates then lie in the state directory; where "
		  "`certificate file` is given, that counts." },
	{ "enrollment {terminal pem|pkcs12}", K_FN, .set = pki_set_enrollment,
	  .show = show_with_above, .flags = C_HIDDEN,
	  .help = "CUBE's spelling of `enrollment terminal`" },
	{ "enrollment url URL [profile {scep|est}]", K_FN,
	  .set = pki_set_url, .show = pki_show_url,
	  .help = "Certificates are asked of an authority",
	  .more = "SCEP (RFC 8894) unless `profile est` (RFC 7030) is said; "
		  "of a URL without a path at `/cgi-bin/pkiclient.exe`, as on "
		  "IOS. "
		  "First `lineside pki authenticate`, then `lineside pki "
		  "enroll`." },
	{ "enrollment", K_FN, .flags = C_HIDDEN | C_NO_ONLY,
	  .set = pki_set_enrollment, .help = "Files of the operator's",
	  .more = "write 'enrollment url URL'" },
	{ "enrollment identifier WORD", K_STR,
	  F_PTR(conf_trustpoint, ca_identifier),
	  .help = "Which CA of a SCEP server that has several" },
	{ "enrollment username WORD", K_STR, F_PTR(conf_trustpoint, username),
	  .help = "User for EST's HTTP authentication" },
	{ "enrollment retry count <1-100>", K_UINT,
	  F(conf_trustpoint, retry_count), .def = 10,
	  .help = "How often a granted request is asked after" },
	{ "enrollment retry period <1-60>", K_UINT,
	  F(conf_trustpoint, retry_minutes), .def = 1,
	  .help = "Minutes between those" },
	{ "enrollment mode ra", K_NONE,
	  .help = "A registration authority is in between",
	  .more = "Accepted for CUBE's sake; it is found out anyway." },
	{ "password [0|6|7] WORD", K_FN, F_PTR(conf_trustpoint, password),
	  .set = set_secret, .show = show_secret,
	  .help = "Challenge password (SCEP), or that of the user (EST)",
	  .more = "In clear, or after `6` as `lineside pki password encrypt` "
		  "prints it. It is never shown in clear." },
	{ "password file PATH", K_STR, F_PTR(conf_trustpoint, password_file),
	  .help = "A file that holds that password in its first line" },
	{ "source {ipv4 A.B.C.D|ipv6 X:X::X}", K_FN, .set = pki_set_source,
	  .show = pki_show_source,
	  .help = "Address that the authority is asked from",
	  .more = "CRLs and OCSP responders, too." },
	{ "source interface NAME", K_FN, .set = pki_set_source_interface,
	  .show = pki_show_source_interface,
	  .help = "Interface of the host that it is asked from",
	  .more = "As in `ip link`: `eth0`. Instead of an address." },
	{ "subject-name LINE", K_FN, .set = pki_set_subject,
	  .show = pki_show_subject, .help = "Subject of the request",
	  .more = "As in RFC 4514: `CN=edge.example.com,O=Example`. Default: "
		  "CN with the fqdn or, without one, the hostname." },
	{ "fqdn {none|HOST}", K_FN, .set = pki_set_fqdn, .show = pki_show_fqdn,
	  .help = "DNS name in the request",
	  .more = "Default: the `hostname` when it has a dot." },
	{ "ip-address {none|A.B.C.D|X:X::X}", K_FN, .set = pki_set_ip,
	  .show = pki_show_ip, .help = "IP address in the request" },
	{ "serial-number {none|WORD}", K_FN, .set = pki_set_serial,
	  .show = pki_show_serial, .help = "Serial number in the subject" },
	{ "serial {none|WORD}", K_FN, .flags = C_HIDDEN,
	  .set = pki_set_serial, .help = "Another spelling of serial-number" },
	{ "subject-alt-name WORD", K_FN, .set = pki_set_san,
	  .show = pki_show_san, .help = "A further name in the request",
	  .more = "`dns:NAME` (or just the name), `ip:ADDRESS`, `uri:URI`, "
		  "`email:ADDRESS`; as many lines as needed." },
	{ "rsakeypair NAME [<512-8192>] [<512-8192>]", K_FN,
	  .set = pki_set_rsa, .show = pki_show_rsa,
	  .help = "The RSA key by its label, and its size",
	  .more = "Trustpoints that name the same label share the key. "
		  "Default: a key of its own, RSA 2048." },
	{ "eckeypair NAME [256|384]", K_FN, .set = pki_set_ec,
	  .show = pki_show_ec,
	  .help = "The ECDSA key by its label, and its curve" },
	{ "hash {sha256|sha384|sha512}", K_CHOICE, F(conf_trustpoint, hash),
	  .help = "Digest that requests are signed with" },
	{ "hash {md5|sha1}", K_REFUSED, .more = "write 'hash sha256'" },
	{ "usage {both|client|server}", K_CHOICE, F(conf_trustpoint, usage),
	  .help = "What the certificate is for",
	  .more = "`client`: for dial-peers and the registrar, `server`: for "
		  "a sip-listener. Public authorities no longer issue "
		  "certificates that are both." },
	{ "revocation-check {" METHOD "} [" METHOD "] [" METHOD "]", K_FN,
	  .set = pki_set_revocation, .show = pki_show_revocation,
	  .help = "Whether a peer's certificate was revoked",
	  .more = "In the order given; the next method counts only when the "
		  "one before cannot be carried out. `none` at the end "
		  "accepts then. Default: `none`." },
	{ "auto-enroll [<1-99>] [regenerate]", K_FN, .set = pki_set_auto,
	  .show = pki_show_auto,
	  .help = "Renewed by itself at this percentage of its lifetime",
	  .more = "80 when no number is given. `regenerate`: with a new key." },
	{ "chain-validation {stop|continue}", K_CHOICE,
	  F(conf_trustpoint, chain_continue),
	  .help = "Where a peer's chain must end",
	  .more = "`stop`: at any authority of this trustpoint. `continue`: "
		  "at one that is self-signed; others only help to get "
		  "there." },
	{ "legacy until WORD [md5] [sha1] [short-keys] [expired-anchors]",
	  K_FN, .set = pki_set_legacy, .show = pki_show_legacy,
	  .help = "An exception for old authorities and phones, for a time",
	  .more = "The day is written 2027-06-30. Without further words all "
		  "four are excepted. Each use is logged." },
	{ NULL },
};
/* clang-format on */
