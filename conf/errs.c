/* The list of everything that is wrong with a configuration. */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

/* Said of the same place already: a line may be carried out in two ways. */
static bool said_before(const struct conf_errs *e)
{
	const struct conf_err *now, *last;

	if (e->n < 2)
		return false;
	now = &e->v[e->n - 1];
	last = &e->v[e->n - 2];
	return now->line > 0 && now->line == last->line &&
	       now->column == last->column &&
	       strcmp(now->message, last->message) == 0;
}

void conf_errs_drop(struct conf_errs *e, size_t i)
{
	if (!e->v[i].warning)
		e->errors--;
	free(e->v[i].message);
	free(e->v[i].hint);
	memmove(&e->v[i], &e->v[i + 1], (e->n - i - 1) * sizeof(e->v[0]));
	e->n--;
}

void conf_errs_add(struct conf_errs *e, bool warning, struct conf_pos pos,
	const char *hint, const char *fmt, ...)
{
	struct conf_err *err;
	va_list ap;

	if ((e->n & (e->n - 1)) == 0) /* room doubles at powers of two */
		e->v = mem_resize(
			e->v, e->n == 0 ? 1 : e->n * 2, sizeof(*e->v));
	err = &e->v[e->n++];
	*err = (struct conf_err){ .warning = warning,
		.line = pos.line,
		.column = pos.column,
		.hint = mem_dup(hint) };
	va_start(ap, fmt);
	err->message = mem_vprintf(fmt, ap);
	va_end(ap);
	if (!warning)
		e->errors++;
	if (said_before(e))
		conf_errs_drop(e, e->n - 1);
}

static int by_place(const void *a, const void *b)
{
	const struct conf_err *x = *(const struct conf_err *const *)a;
	const struct conf_err *y = *(const struct conf_err *const *)b;

	if (x->follows != y->follows)
		return x->follows ? 1 : -1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return x < y ? -1 : x > y; /* as they were found */
}

static void print_one(const struct conf_err *e, const char *file, FILE *out)
{
	fprintf(out, "%s:", file);
	if (e->line > 0)
		fprintf(out, "%u:%u:", e->line, e->column);
	fprintf(out, " %s%s",
		e->note	     ? "note: "
		: e->warning ? "warning: "
			     : "",
		e->message);
	if (e->hint != NULL)
		fprintf(out, ", %s", e->hint);
	fputc('\n', out);
}

void conf_errs_print(const struct conf_errs *e, const char *file, FILE *out)
{
	const struct conf_err **v =
		mem_array(e->n + 1, sizeof(struct conf_err *));

	for (size_t i = 0; i < e->n; i++)
		v[i] = &e->v[i];
	qsort(v, e->n, sizeof(struct conf_err *), by_place);
	for (size_t i = 0; i < e->n; i++)
		print_one(v[i], file, out);
	free(v);
}

void conf_errs_free(struct conf_errs *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->v[i].message);
		free(e->v[i].hint);
	}
	free(e->v);
	*e = (struct conf_errs){ 0 };
}
