/* Rules of sip-profiles over a message: the first line is a rule as it is
 * configured, the next are headers up to an empty one, then comes SDP. */
#include <stdlib.h>
#include <string.h>

#include "b2bua/route/profile.h"
#include "base/obj.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct conf *configured(struct slice rule)
{
	struct conf_errs errs = { 0 };
	char *text = mem_printf("voice class sip-profiles 1\n %.*s\n"
				"sip-listener L\n side core\n"
				" address ipv4 127.0.0.1 port 5060\n"
				"voice service voip\n no srtp\n"
				"dial-peer voice 1 voip\n"
				" destination-pattern 1\n"
				" session target ipv4:127.0.0.2\n",
		SLICE_ARG(slice_head(rule, 400)));
	struct conf *c = conf_parse(slice_str(text), "fuzz", &errs);

	conf_errs_free(&errs);
	free(text);
	return c;
}

static void read_headers(struct sip_msg *m, struct slice *rest)
{
	struct slice line;

	while (slice_line(rest, &line) && line.n > 0 &&
		m->nhdrs < SIP_HDRS_MAX) {
		size_t colon = slice_find(line, ':');

		m->hdr[m->nhdrs++] = (struct sip_hdr){ .name = slice_head(
							       line, colon),
			.value = slice_trim(slice_from(line, colon + 1)) };
	}
}

static void check(const struct sip_msg *m)
{
	need(m->nhdrs <= SIP_HDRS_MAX);
	for (size_t i = 0; i < m->nhdrs; i++)
		need(slice_find(m->hdr[i].value, '\n') == m->hdr[i].value.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), rule = { 0 };
	struct sip_msg *m = mem_new(sizeof(*m)), *now;
	struct conf *c;

	(void)slice_line(&rest, &rule);
	m->method_name = SLICE_LIT("INVITE");
	m->from = SLICE_LIT("\"A\" <sip:a@b>;tag=1");
	m->to = SLICE_LIT("<sip:c@d>");
	m->ruri = SLICE_LIT("sip:c@d");
	m->response = rule.n % 2 == 0;
	m->status = 200;
	read_headers(m, &rest);
	m->body = slice_head(rest, PROFILE_BODY_MAX);
	c = configured(rule);
	now = c == NULL || c->sip_profiles == NULL
		      ? NULL
		      : profile_received(c->sip_profiles, m);
	if (now != NULL)
		check(now);
	sip_msg_free(now);
	obj_unref(c);
	free(m);
	return 0;
}
