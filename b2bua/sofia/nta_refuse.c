/* What the port refuses by itself, before anybody above it sees the request. */
#include "b2bua/sip/cause.h"
#include "b2bua/sofia/nta_int.h"

struct words {
	char reason[CAUSE_TEXT], warning[CAUSE_TEXT];
};

/* True: there is a Warning. */
static bool words_of(const struct fail *f, struct words *w)
{
	(void)cause_reason(fail_q850(f), w->reason);
	(void)cause_warning(f->warning, "lineside", f->text, w->warning);
	return f->warning != 0;
}

int nta_refuse(nta_incoming_t *irq, enum refusal r)
{
	const struct fail f = fail_of(r);
	struct words w;
	bool warns = words_of(&f, &w);

	nta_incoming_treply(irq, f.status, sip_status_phrase(f.status),
		SIPTAG_REASON_STR(w.reason),
		TAG_IF(warns, SIPTAG_WARNING_STR(w.warning)), TAG_END());
	return f.status;
}

void nta_refuse_txn(struct sip_txn *t, enum refusal r)
{
	const struct fail f = fail_of(r);
	struct words w;
	bool warns = words_of(&f, &w);
	const struct sip_hdr hdr[] = {
		{ SLICE_LIT("Reason"), slice_str(w.reason) },
		{ SLICE_LIT("Warning"), slice_str(w.warning) },
	};
	const struct sip_out o = {
		.nhdrs = warns ? 2 : 1, .hdr = hdr, .no_contact = true
	};

	nta_answer(&t->port->pub, t, f.status, NULL, &o);
}
