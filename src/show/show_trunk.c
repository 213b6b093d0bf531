/* show sip-ua register status: numbers that we register. */
#include "show/show_int.h"

static const struct table_col cols[] = {
	{ "number", "NUMBER", false },
	{ "registrar", "REGISTRAR", false },
	{ "tenant", "TENANT", true },
	{ "registered", "REGISTERED", false },
	{ "expires_s", "EXPIRES", true },
	{ "next_s", "NEXT", true },
	{ "status", "LAST", true },
	{ "failures", "FAILED", true },
};

int show_trunks(struct table *t, const struct show *s)
{
	table_rows(t, "trunks", NULL, cols, ARRAY_SIZE(cols));
	for (size_t i = 0; i < s->query->ntrunks; i++) {
		const struct trunk_info *x = &s->query->trunks[i];

		table_str(t, x->number);
		table_str(t, x->registrar);
		if (x->tenant != 0)
			table_num(t, x->tenant);
		else
			table_str(t, NULL);
		table_bool(t, x->registered);
		table_num(t, (int64_t)x->expires_s);
		table_num(t, (int64_t)x->next_s);
		if (x->status != 0)
			table_num(t, x->status);
		else
			table_str(t, NULL);
		table_num(t, x->failures);
	}
	return 0;
}
