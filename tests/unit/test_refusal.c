/* The table of refusals: nothing in it that would leave the peer, or the
 * operator, without a cause. */
#include "test.h"

#include "b2bua/sip/cause.h"
#include "b2bua/sip/refusal.h"
#include "base/log.h"

static void every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < REFUSAL_COUNT; i++) {
		const struct refusal_row *r = &refusal_rows[i];
		struct fail f = fail_of((enum refusal)i);
		char value[CAUSE_TEXT], quoted[CAUSE_TEXT];

		check_row(r->name, r->status == 0 || (r->status >= 400 &&
							     r->status <= 699));
		/* a status that RFC 3398 knows, or a cause of its own */
		check_row(r->name,
			r->status == 0 || fail_q850(&f) != 31 || r->q850 == 31);
		check_row(r->name,
			r->status == 0 || strcmp(cause_q850_text(fail_q850(&f)),
						  "unspecified") != 0);
		check_row(r->name, r->warning == 0 || r->warning == 304 ||
					   r->warning == 305 ||
					   r->warning == 399);
		check_row(r->name, r->text[0] != '\0' && r->remedy[0] != '\0');
		check_row(r->name, r->remedy[strlen(r->remedy) - 1] != '.');
		/* as it is written, the peer reads it */
		snprintf(quoted, sizeof(quoted), "399 h \"%s\"", r->text);
		check_row(
			r->name, strcmp(cause_warning(399, "h", r->text, value),
					 quoted) == 0);
		check_row(r->name, f.status == r->status && f.text == r->text &&
					   f.warning == r->warning &&
					   f.name == NULL && !f.passed);
	}
}

/* The messages that remedies send the operator to are there. */
static void remedies(void **state)
{
	(void)state;
	for (size_t i = 0; i < REFUSAL_COUNT; i++) {
		const char *at = strchr(refusal_rows[i].remedy, '%');
		bool found = at == NULL;
		char name[64];

		for (size_t k = 0; !found && k < MSG_COUNT; k++) {
			snprintf(name, sizeof(name), "%%%s-%u-%s`",
				log_rows[k].facility,
				(unsigned)log_rows[k].severity,
				log_rows[k].mnemonic);
			found = strncmp(at, name, strlen(name)) == 0;
		}
		check_row(refusal_rows[i].name, found);
	}
}

static void silence(void **state)
{
	(void)state;
	struct sip_msg m = { .response = true, .local = true, .status = 408 };
	struct fail f = fail_silent(&m);

	assert_int_equal(f.status, 504);
	assert_string_equal(f.text, "the other side did not answer");
	m.status = 503;
	f = fail_silent(&m);
	assert_int_equal(f.status, 503);
	assert_string_equal(f.text, "the other side is unreachable");
	assert_int_equal(fail_q850(&f), 41);
	f = (struct fail){ .status = 486 };
	assert_int_equal(fail_q850(&f), 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(every_row), T(remedies),
		T(silence) };

	return RUN_TESTS(tests);
}
