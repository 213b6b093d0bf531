#include "test.h"

#include <unistd.h>

#include "base/log.h"

static void rows(void **state)
{
	(void)state;
	for (int i = 0; i < MSG_COUNT; i++) {
		const struct log_row *r = &log_rows[i];

		check_row(r->mnemonic, r->severity <= LOG_SEV_INFO);
		check_row(r->mnemonic, strlen(r->text) > 0);
		check_row(r->mnemonic, strlen(r->meaning) > 0);
		check_row(r->mnemonic, strlen(r->action) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(rows) };

	return RUN_TESTS(tests);
}
