/*
 * What this is and what it stands on: the versions of the libraries as they
 * are at run time, and what their builds bring along.
 */
#include <event2/event.h>
#include <gnutls/gnutls.h>
#include <jansson.h>
#include <nettle/version.h>
#include <opus/opus.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <sndfile.h>
#include <srtp2/srtp.h>

#include <string.h>

#include "show/show_int.h"
#include "version.h"

static const struct table_col cols[] = {
	{ "name", "Library", false },
	{ "version", "Version", false },
	{ "use", "For", false },
};

/* "libopus 1.3.1" without its name. */
static const char *opus_version(void)
{
	const char *v = opus_get_version_string();
	const char *blank = strchr(v, ' ');

	return blank != NULL ? blank + 1 : v;
}

static void row(
	struct table *t, const char *name, const char *version, const char *use)
{
	table_str(t, name);
	table_str(t, version);
	table_str(t, use);
}

void version_table(struct table *t)
{
	char pcre[64];

	if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) > (int)sizeof(pcre) ||
		pcre2_config(PCRE2_CONFIG_VERSION, pcre) < 0)
		pcre[0] = '\0';
	table_block(t, "version", NULL);
	table_pair(t, "version", NULL, LINESIDE_VERSION);
	table_pair(t, "built_with", NULL, LINESIDE_COMPILER);
	table_note(t, "Lineside %s, built with %s", LINESIDE_VERSION,
		LINESIDE_COMPILER);
	table_rows(t, "libraries", NULL, cols, ARRAY_SIZE(cols));
	row(t, "sofia-sip", LINESIDE_SOFIA, "SIP messages and transactions");
	row(t, "gnutls", gnutls_check_version(NULL), "TLS, certificates");
	row(t, "nettle", LINESIDE_NETTLE, "SRTP: AES-CM, AES-GCM, HMAC-SHA1");
	row(t, "libsrtp", srtp_get_version_string(),
		"SRTP reference, rare suites");
	row(t, "spandsp", LINESIDE_SPANDSP, "G.711, G.722, G.726, GSM, tones");
	row(t, "bcg729", LINESIDE_BCG729, "G.729");
	row(t, "opus", opus_version(), "Opus");
	row(t, "sndfile", sf_version_string(), "files of hold music");
	row(t, "speexdsp", LINESIDE_SPEEXDSP, "sampling rates");
	row(t, "libevent", event_get_version(), "event loops");
	row(t, "pcre2", pcre, "phone identity rules");
	row(t, "jansson", jansson_version_str(), "JSON output");
}
