/* For tests of the configuration language: texts in, texts out. */
#ifndef LINESIDE_TESTS_UNIT_CONF_TEXT_H
#define LINESIDE_TESTS_UNIT_CONF_TEXT_H

#include <stdio.h>
#include <stdlib.h>

#include "base/obj.h"
#include "base/wire.h"
#include "conf/conf.h"

/* Parses without an error or a warning, whatever follows it. */
#define CONF_BASE                                                              \
	"sip-listener BASE-A\n"                                                \
	" side access\n"                                                       \
	" address ipv4 127.0.0.1 port 5070\n"                                  \
	"sip-listener BASE-C\n"                                                \
	" side core\n"                                                         \
	" address ipv4 127.0.0.1 port 5080\n"                                  \
	"voice service voip\n"                                                 \
	" no srtp\n"                                                           \
	"sip-ua\n"                                                             \
	" registrar embedded\n"

/* Not secret at all: 32 dots and the password. */
static inline char *conf_fake_seal(void *arg, const char *clear)
{
	struct text t = { 0 };
	char *dotted = mem_printf("................................%s", clear);

	(void)arg;
	base64_encode(&t, slice_str(dotted), true);
	free(dotted);
	return text_take(&t);
}

/* show running-config of the text; NULL when it has errors. free() it. */
static inline char *conf_shown(const char *text, struct conf_errs *errs)
{
	struct conf *c = conf_parse(slice_str(text), "t", errs);
	char *shown = NULL;
	size_t n;
	FILE *out;

	if (c == NULL)
		return NULL;
	out = open_memstream(&shown, &n);
	need(out != NULL);
	conf_print_sealed(c, out, conf_fake_seal, NULL);
	fclose(out);
	obj_unref(c);
	return shown;
}

/* Errors and warnings: texts made of parts may open a section twice. Frees. */
static inline size_t conf_said(struct conf_errs *errs)
{
	size_t n = 0;

	for (size_t i = 0; i < errs->n; i++)
		n += !errs->v[i].note;
	conf_errs_free(errs);
	return n;
}

/* All errors of the text as they are printed for the file "t". free() it. */
static inline char *conf_complaints(const char *text)
{
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(slice_str(text), "t", &errs);
	char *said = NULL;
	size_t n;
	FILE *out = open_memstream(&said, &n);

	need(out != NULL);
	need((c == NULL) == (errs.errors > 0));
	conf_errs_print(&errs, "t", out);
	fclose(out);
	conf_errs_free(&errs);
	obj_unref(c);
	return said;
}

#endif
