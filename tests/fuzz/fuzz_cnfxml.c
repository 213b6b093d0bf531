/*
 * Configurations: what is rewritten is well-formed again, and rewriting it
 * once more, by rules that know the new addresses, changes no length of the
 * list of servers.
 */
#include "base/need.h"
#include "phoneproxy/config/cnfxml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct cnf_member member[] = {
	{ "192.0.2.11", "proxy <a>", "198.51.100.7", 5060, 5061 },
	{ "198.51.100.7", "proxy <a>", "198.51.100.7", 5060, 5061 },
};
static const struct cnf_relay relay[] = {
	{ "192.0.2.11", 0, "198.51.100.7", 0 },
	{ "198.51.100.7", 0, "198.51.100.7", 0 },
};
static const char *const inside[] = { "192.0.2.0/24", "inside.example" };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cnf_rules rules = { .member = member,
		.nmembers = 2,
		.relay = relay,
		.nrelays = 2,
		.capf = relay,
		.ncapfs = 2,
		.security_mode = 3,
		.transport = 3,
		.setting = { "1", "1", "1", "1", "1" },
		.inside = inside,
		.ninside = 2,
		.private_is_inside = true };
	struct cnf_result one, two;
	struct text brief = { 0 };

	int err = cnf_rewrite(&one, slice_of(data, size), &rules);

	if (err == 0) {
		need(cnf_rewrite(&two, text_slice(&one.xml), &rules) == 0);
		need(two.members == one.members);
		need(two.members_removed == 0);
		cnf_result_free(&two);
	} else {
		need(one.why[0] != '\0');
	}
	cnf_result_free(&one);
	if (cnf_short_form(&brief, slice_of(data, size), "00") == 0)
		need(brief.n > 0);
	text_free(&brief);
	return 0;
}
