/* The control socket's request line: parsed, matched, helped, completed. */
#include <stdlib.h>

#include "command.h"
#include "control/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void whole(const struct text *t)
{
	need(t->n == 0 || t->p[t->n - 1] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice line = slice_of(data, size);
	struct request r;
	struct match m;
	struct text t = { 0 };

	if (request_parse(slice_head(line, slice_find(line, '\n')), &r) != 0)
		return 0;
	words_match(&m, &r.words, command_row, ncommands);
	if (m.kind == MATCH_OK)
		need(m.row < ncommands &&
			commands[m.row].kind != COMMAND_TOPIC);
	else
		words_complain(&t, &m, r.line, &r.words);
	words_help(&t, &r.words, command_row, ncommands);
	words_complete(&t, &r.words, command_row, ncommands);
	whole(&t);
	text_free(&t);
	return 0;
}
