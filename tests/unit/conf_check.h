/*
 * Rows about contradictions that are found when all is read. Each is a
 * configuration that says nothing else, so that what is printed is complete.
 */
#ifndef LINESIDE_TESTS_UNIT_CONF_CHECK_H
#define LINESIDE_TESTS_UNIT_CONF_CHECK_H

#include "conf_text.h"
#include "test.h"

struct check {
	const char *name, *text, *said;
};

/* Good sections; rows add lines to them and take lines back. */
#define TP                                                                     \
	"crypto pki trustpoint T\n certificate file c\n key file k\n"          \
	" ca-bundle file a\n"
#define PHONES                                                                 \
	"sip-listener P\n side access\n address ipv4 127.0.0.1\n"              \
	" transport tcp tls\n trustpoint T\n"
#define RULES                                                                  \
	" phone-identity 1\n"                                                  \
	"voice class phone-identity 1\n rule 1 subject-cn x\n"
#define INSIDE "sip-listener I\n side core\n address ipv4 127.0.0.2\n"
#define REG "sip-ua\n registrar ipv4:127.0.0.9\n"
#define GOOD TP PHONES INSIDE REG
#define CTL                                                                    \
	"voice-ctl-file L\n record-entry selfsigned trustpoint T\n"            \
	" record-entry cucm-tftp trustpoint T\n complete\n"
#define CLIENT                                                                 \
	"ctl-client\n sast1 trustpoint T\n"                                    \
	" server cucm-tftp 127.0.0.1 trustpoint T\n"                           \
	" server cme 127.0.0.9 username u password file /p\n"
#define PROXY                                                                  \
	"voice-phone-proxy X\n tftp-server address ipv4 127.0.0.9 local-addr " \
	"ipv4 127.0.0.2 acc-addr ipv4 127.0.0.1\n"
#define MEMBER                                                                 \
	"dial-peer voice 1 voip\n destination-pattern 9\n"                     \
	" session target ipv4:127.0.0.9\n no srtp\n"                           \
	" phone-proxy X signal-addr ipv4 127.0.0.1 cucm ipv4 127.0.0.9\n"
#define PEER "dial-peer voice 1 voip\n"

/* The rows begin with a whole configuration and open parts of it again. */
static inline void leave_notes_out(char *said)
{
	struct slice rest = slice_str(said), line;
	char *to = said;

	while (slice_line(&rest, &line)) {
		if (slice_search(line, slice_str(": note: ")) < line.n)
			continue;
		memmove(to, line.p, line.n);
		to += line.n;
		*to++ = '\n';
	}
	*to = '\0';
}

static inline void check_rows(const struct check *rows, size_t n)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < n; i++) {
		char *said = conf_complaints(rows[i].text);

		leave_notes_out(said);
		if (strcmp(said, rows[i].said) != 0) {
			print_message("\"%s\" says\n%sand not\n%s\n",
				rows[i].name, said, rows[i].said);
			wrong++;
		}
		free(said);
	}
	assert_int_equal(wrong, 0);
}

#endif
