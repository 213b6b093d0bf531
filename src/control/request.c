/* The request line of the control socket. */
#include "control/request.h"

#include <errno.h>

static const char *const forms[REQUEST_FORMS] = {
	[REQUEST_TEXT] = "text",
	[REQUEST_JSON] = "json",
	[REQUEST_HELP] = "help",
	[REQUEST_COMPLETE] = "complete",
};

const char *request_form_name(enum request_form f)
{
	need(f < REQUEST_FORMS);
	return forms[f];
}

static int find_form(struct slice name, enum request_form *out)
{
	for (size_t i = 0; i < REQUEST_FORMS; i++) {
		if (slice_eq_str(name, forms[i])) {
			*out = (enum request_form)i;
			return 0;
		}
	}
	return EBADMSG;
}

int request_parse(struct slice line, struct request *out)
{
	struct slice rest = line, magic, form;
	int err;

	*out = (struct request){ .form = REQUEST_TEXT };
	if (line.n >= REQUEST_MAX)
		return E2BIG;
	if (!slice_cut(&rest, ' ', &magic) || !slice_starts(magic, "lineside/"))
		return EBADMSG;
	if (!slice_eq_str(magic, "lineside/1"))
		return EPROTO;
	if (!slice_cut(&rest, ' ', &form))
		return EBADMSG;
	err = find_form(form, &out->form);
	if (err != 0)
		return err;
	out->line = rest;
	return words_split(rest, &out->words);
}
