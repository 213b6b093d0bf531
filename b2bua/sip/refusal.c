/* See refusal.h. */
#include "b2bua/sip/refusal.h"

#include "b2bua/sip/cause.h"

const struct refusal_row refusal_rows[REFUSAL_COUNT] = {
#define REFUSAL(name, status, q850, warning, text, remedy)                     \
	[REFUSE_##name] = { #name, status, q850, warning, text, remedy },
#include "b2bua/sip/refusals.def"
#undef REFUSAL
};

struct fail fail_of(enum refusal r)
{
	const struct refusal_row *row = &refusal_rows[r];

	need(r < REFUSAL_COUNT);
	return (struct fail){ .status = row->status,
		.q850 = row->q850,
		.warning = row->warning,
		.text = row->text };
}

struct fail fail_silent(const struct sip_msg *m)
{
	struct fail f = fail_of(m->status == 408 ? REFUSE_OTHER_SILENT
						 : REFUSE_OTHER_UNREACHABLE);

	need(m->local);
	f.status = cause_pass(m->status, true);
	return f;
}

unsigned fail_q850(const struct fail *f)
{
	return f->q850 != 0 ? f->q850 : cause_q850(f->status);
}
