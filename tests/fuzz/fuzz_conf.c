/*
 * The configuration language: any bytes give a model or errors; a model
 * prints as text that gives the same model, which prints the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"
#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Passwords are as good as any other text of that length. */
static char *no_seal(void *arg, const char *clear)
{
	struct text t = { 0 };
	char *long_enough =
		mem_printf("............................%.500s", clear);

	(void)arg;
	base64_encode(&t, slice_str(long_enough), true);
	free(long_enough);
	return text_take(&t);
}

static char *shown(const struct conf *c, size_t *n)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, n);

	need(out != NULL);
	conf_print_sealed(c, out, no_seal, NULL);
	fclose(out);
	return text;
}

static void print_back(struct conf *c)
{
	struct conf_errs errs = { 0 };
	size_t n, m;
	char *first = shown(c, &n), *second;
	struct conf *again = conf_parse(slice_of(first, n), "again", &errs);

	need(again != NULL);
	second = shown(again, &m);
	need(n == m && memcmp(first, second, n) == 0);
	free(second);
	free(first);
	obj_unref(again);
	conf_errs_free(&errs);
}

static void ask(struct slice text)
{
	char *said = NULL;
	size_t n;
	FILE *out = open_memstream(&said, &n);
	size_t at = text.n;

	/* the last line is the one that is being typed */
	while (at > 0 && text.p[at - 1] != '\n')
		at--;
	need(out != NULL);
	conf_help(slice_head(text, at), slice_from(text, at), out);
	fclose(out);
	free(said);
}

/* What is left of any text is a configuration, or there are errors. */
static void import(struct slice text)
{
	struct conf_errs left_out = { 0 }, errs = { 0 };
	struct conf *c = conf_import(text, NULL, "fuzz", &left_out, &errs);

	need((c == NULL) == (errs.errors > 0));
	if (c != NULL)
		print_back(c);
	conf_errs_free(&left_out);
	conf_errs_free(&errs);
	obj_unref(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(text, "fuzz", &errs);
	char *said = NULL;
	size_t n;
	FILE *out = open_memstream(&said, &n);

	need(out != NULL && (c == NULL) == (errs.errors > 0));
	conf_errs_print(&errs, "fuzz", out);
	fclose(out);
	free(said);
	conf_errs_free(&errs);
	if (c != NULL)
		print_back(c);
	obj_unref(c);
	ask(text);
	import(text);
	return 0;
}
