/*
 * Lines of CUBE and CME configurations that name what is not carried: said
 * clearly rather than "unknown command", with what to do instead.
 */
#include "conf/conf_int.h"

#define NO_SCCP "SCCP and DSP farms are not carried: remove the section"
#define NO_CME "phones register at the call manager: remove the section"
#define NO_PORTS "there are no voice ports"
#define NO_H323 "H.323 is not carried"
#define HOST_DOES "the host's operating system does this: remove the line"
#define KEY_FILES "that is a command: `lineside pki key generate`"

/* clang-format off */
const struct cmd foreign_cmds[] = {
	/* read with a notice */
	{ "h323-gateway [LINE]", K_NOTICE, .more = NO_H323 },
	{ "ras [LINE]", K_NOTICE, .more = NO_H323 },
	{ "gateway", K_NOTICE, .flags = C_SECTION, .more = NO_H323 },
	{ "gatekeeper", K_NOTICE, .flags = C_SECTION, .more = NO_H323 },
	{ "voice class h323 LINE", K_NOTICE, .flags = C_SECTION,
	  .more = NO_H323 },
	{ "controller [LINE]", K_NOTICE, .flags = C_SECTION, .more = NO_PORTS },
	{ "isdn [LINE]", K_NOTICE, .more = NO_PORTS },
	{ "voice-port [LINE]", K_NOTICE, .flags = C_SECTION, .more = NO_PORTS },
	{ "card type [LINE]", K_NOTICE, .more = NO_PORTS },
	{ "ip rsvp [LINE]", K_NOTICE, .more = "RSVP is not carried" },
	{ "webvpn [LINE]", K_NOTICE, .flags = C_SECTION,
	  .more = "VPNs are not carried" },
	{ "version LINE", K_NOTICE, .more = "remove the line" },
	{ "service LINE", K_NOTICE, .more = "remove the line" },
	{ "boot-start-marker", K_NOTICE, .more = "remove the line" },
	{ "boot-end-marker", K_NOTICE, .more = "remove the line" },
	/* refused */
	{ "ip http {secure-server|secure-port|authentication|path|access-class|"
	  "client|timeout-policy|max-connections|active-session-modules} "
	  "[LINE]", K_REFUSED,
	  .more = "the CA alone is served over HTTP: 'ip http server'" },
	{ "ip dhcp LINE", K_REFUSED, .flags = C_SECTION, .more = HOST_DOES },
	{ "tftp-server LINE", K_REFUSED,
	  .more = "write 'load-cfg-file PATH alias NAME' below "
		  "'voice-phone-proxy'" },
	{ "ntp LINE", K_REFUSED, .more = HOST_DOES },
	{ "username LINE", K_REFUSED,
	  .more = "operators are users of the host who may open the "
		  "control-socket" },
	{ "radius-server LINE", K_REFUSED, .more = "remove the line" },
	{ "aaa LINE", K_REFUSED, .more = "remove the line" },
	{ "crypto key [LINE]", K_REFUSED, .more = KEY_FILES },
	{ "crypto pki certificate LINE", K_REFUSED, .flags = C_SECTION,
	  .more = "put the certificates into a file and give it to "
		  "`lineside pki import`" },
	{ "crypto pki {authenticate|enroll|import|export} [LINE]", K_REFUSED,
	  .more = "that is a command: `lineside pki …`" },
	{ "key config-key password-encrypt [LINE]", K_REFUSED,
	  .more = "the master key stands in a file of its own: write 'pki "
		  "master-key file PATH'" },
	{ "service password-encryption", K_REFUSED,
	  .more = "type 7 hides nothing: write 'password encryption aes'" },
	{ "voice-card LINE", K_NOTICE, .flags = C_SECTION,
	  .more = "there are no cards: transcoders are software" },
	{ "dspfarm profile <1-65535> {conference|mtp} [LINE]", K_REFUSED,
	  .flags = C_SECTION,
	  .more = "profiles are of type 'transcode': remove the section" },
	{ "sccp [LINE]", K_REFUSED, .flags = C_SECTION, .more = NO_SCCP },
	{ "telephony-service [LINE]", K_REFUSED, .flags = C_SECTION,
	  .more = NO_CME },
	{ "ephone LINE", K_REFUSED, .flags = C_SECTION, .more = NO_CME },
	{ "ephone-dn LINE", K_REFUSED, .flags = C_SECTION, .more = NO_CME },
	{ "ephone-template LINE", K_REFUSED, .flags = C_SECTION,
	  .more = NO_CME },
	{ "voice register LINE", K_REFUSED, .flags = C_SECTION,
	  .more = NO_CME },
	{ "ctl-client", K_REFUSED, .flags = C_SECTION, .more = NO_CME },
	{ "credentials", K_REFUSED, .flags = C_SECTION, .more = NO_CME },
	{ NULL },
};
/* clang-format on */
