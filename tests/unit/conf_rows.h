/*
 * Rows about commands of the configuration: each as it is written in full,
 * shortened, taken back, and what show running-config then says.
 */
#ifndef LINESIDE_TESTS_UNIT_CONF_ROWS_H
#define LINESIDE_TESTS_UNIT_CONF_ROWS_H

#include "conf_text.h"
#include "test.h"

struct row {
	const char *section; /* NULL: global */
	const char *lines;
	const char *shown; /* is in show running-config; NULL: nothing to see */
	const char *absent; /* is not */
};

/* Sections that rows stand in, or refer to. */
#define TP "crypto pki trustpoint T\n ca-bundle file ca.pem\n"
#define FULL_TP TP " certificate file c.pem\n key file k.pem\n"
#define CODECS "voice class codec 7\n codec preference 1 opus\n"
#define CRYPTOS "voice class srtp-crypto 7\n crypto 1 AES_CM_128_HMAC_SHA1_80\n"
#define IDS "voice class phone-identity 7\n rule 1 subject-cn x\n"
#define LISTENER                                                               \
	"sip-listener L\n side core\n address ipv4 127.0.0.1 port 5090\n"
#define TLS_LISTENER FULL_TP IDS LISTENER " transport tcp tls\n trustpoint T\n"
#define PEER "dial-peer voice 5 voip\n incoming listener BASE-A\n"
#define VOIP "voice service voip\n"
#define TENANT "voice class tenant 5\n"

static inline void run_row(const struct row *r)
{
	struct conf_errs errs = { 0 };
	char *text = mem_printf("%s%s%s\n", CONF_BASE,
		r->section != NULL ? r->section : "end\n", r->lines);
	char *shown = conf_shown(text, &errs), *again;

	if (shown == NULL)
		conf_errs_print(&errs, r->lines, stdout);
	check_row(r->lines, conf_said(&errs) == 0 && shown != NULL);
	if (strstr(shown, r->shown) == NULL ||
		(r->absent != NULL && strstr(shown, r->absent) != NULL))
		fail_msg("\"%s\" shows\n%s", r->lines, shown);
	again = conf_shown(shown, &errs);
	check_row(r->lines, again != NULL && errs.n == 0);
	assert_string_equal(shown, again);
	free(again);
	free(shown);
	free(text);
}

/* A test of a table of rows. */
#define ROWS(fn, rows)                                                         \
	static void fn(void **state)                                           \
	{                                                                      \
		(void)state;                                                   \
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)                  \
			run_row(&(rows)[i]);                                   \
	}

#endif
