/* Names of files: what is understood names no place outside, and its base is
 * understood as the same thing. */
#include <string.h>

#include "base/need.h"
#include "phoneproxy/config/filename.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct file_name *f)
{
	struct file_name again;

	need(f->base[0] != '\0' && f->base[0] != '/' && f->base[0] != '.');
	need(strstr(f->base, "/.") == NULL && strstr(f->base, "//") == NULL);
	if (f->kind == FILE_OTHER)
		return;
	need(strchr(f->base, '/') == NULL);
	need(file_name_parse(&again, slice_str(f->base)));
	need(again.kind == f->kind && again.form == FORM_PLAIN);
	need(strcmp(again.device, f->device) == 0);
	need(strcmp(again.base, f->base) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct file_name f;

	if (file_name_parse(&f, in))
		check(&f);
	if (file_name_from_target(&f, in))
		check(&f);
	return 0;
}
