/*
 * KPML's documents (RFC 4730 5), by libxml2 within bounds: no DOCTYPE, nothing
 * fetched, a few elements.
 */
#include "b2bua/dtmf/key_body.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

static const char ns_request[] = "urn:ietf:params:xml:ns:kpml-request";
static const char ns_response[] = "urn:ietf:params:xml:ns:kpml-response";

static bool named(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)n->name, name) == 0;
}

/* The root, if it is that; NULL otherwise. xmlFreeDoc(*doc). */
static xmlNode *root_of(
	xmlDocPtr *doc, struct slice body, const char *name, const char *ns)
{
	xmlNode *root;

	*doc = NULL;
	if (body.n == 0 || body.n > KEY_BODY_MAX)
		return NULL;
	*doc = xmlReadMemory(body.p, (int)body.n, NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
			XML_PARSE_NOCDATA);
	root = *doc != NULL ? xmlDocGetRootElement(*doc) : NULL;
	if (root == NULL || (*doc)->intSubset != NULL || !named(root, name))
		return NULL;
	/* some phones leave the name space out */
	return root->ns == NULL || strcmp((const char *)root->ns->href, ns) == 0
		       ? root
		       : NULL;
}

static bool attr_of(const xmlNode *n, const char *name, char *out, size_t size)
{
	xmlChar *v = xmlGetNoNsProp(n, (const xmlChar *)name);
	bool fits =
		v != NULL && slice_copy(slice_str((const char *)v), out, size);

	if (v == NULL)
		out[0] = '\0';
	xmlFree(v);
	return fits;
}

/* ---- requests ---- */

static uint32_t range(int from, int to)
{
	uint32_t bits = 0;

	for (int k = from; k <= to && from >= 0; k++)
		bits |= UINT32_C(1) << k;
	return bits;
}

/* Inside of "[…]", up to the bracket that ends it. */
static int class_of(struct slice *s, uint32_t *bits)
{
	while (s->n > 0 && s->p[0] != ']') {
		int from = key_of_char(s->p[0]);

		if (s->n > 2 && s->p[1] == '-' && s->p[2] != ']') {
			*bits |= range(from, key_of_char(s->p[2]));
			*s = slice_from(*s, 3);
			continue;
		}
		if (s->p[0] == 'x')
			*bits |= range(0, 9);
		else if (from >= 0 && from < KEY_FLASH)
			*bits |= UINT32_C(1) << from;
		else if (s->p[0] != '+')
			return ENOTSUP;
		*s = slice_from(*s, 1);
	}
	if (s->n == 0)
		return EBADMSG;
	*s = slice_from(*s, 1);
	return 0;
}

/* One key: "x", "5", "[x*#ABCD]", or several of them with "|" between. */
static int regex_of(struct slice s, uint32_t *bits)
{
	s = slice_trim(s);
	while (s.n > 0) {
		int err = 0;

		if (s.p[0] == '[') {
			s = slice_from(s, 1);
			err = class_of(&s, bits);
		} else if (slice_starts(s, "bs")) {
			s = slice_from(s, 2); /* a soft key of phones */
		} else if (s.p[0] == 'x') {
			*bits |= range(0, 9);
			s = slice_from(s, 1);
		} else if (key_of_char(s.p[0]) >= 0) {
			*bits |= UINT32_C(1) << key_of_char(s.p[0]);
			s = slice_from(s, 1);
		} else {
			return ENOTSUP;
		}
		if (err != 0)
			return err;
		if (s.n > 0 && s.p[0] != '|')
			return ENOTSUP;
		s = slice_from(s, 1);
	}
	return *bits != 0 ? 0 : ENOTSUP;
}

static int read_regex(struct key_wish *out, const xmlNode *n)
{
	xmlChar *text = xmlNodeGetContent(n);
	uint32_t bits = 0;
	int err = text == NULL ? EBADMSG
			       : regex_of(slice_str((const char *)text), &bits);

	xmlFree(text);
	out->keys |= bits;
	(void)attr_of(n, "tag", out->tag, sizeof(out->tag));
	return err;
}

int key_wish_read(struct key_wish *out, struct slice body)
{
	xmlDocPtr doc;
	const xmlNode *root = root_of(&doc, body, "kpml-request", ns_request);
	char persist[32];
	int err = EBADMSG;

	*out = (struct key_wish){ 0 };
	for (xmlNode *p = root != NULL ? root->children : NULL; p != NULL;
		p = p->next) {
		if (!named(p, "pattern"))
			continue;
		(void)attr_of(p, "persist", persist, sizeof(persist));
		out->persist = strcmp(persist, "persist") == 0 ? KEY_PERSIST
			       : strcmp(persist, "single-notify") == 0
				       ? KEY_SINGLE_NOTIFY
				       : KEY_ONE_SHOT;
		for (xmlNode *n = p->children; n != NULL; n = n->next) {
			if (!named(n, "regex"))
				continue;
			if (err == EBADMSG)
				err = 0;
			if (err == 0)
				err = read_regex(out, n);
		}
	}
	xmlFreeDoc(doc);
	return err;
}

void key_wish_write(struct text *out)
{
	text_printf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		"<kpml-request xmlns=\"%s\" version=\"1.0\">"
		"<pattern persist=\"persist\">"
		"<regex tag=\"dtmf\">[x*#ABCD]</regex>"
		"</pattern></kpml-request>",
		ns_request);
}

/* ---- reports ---- */

int key_report_read(struct key_report *out, struct slice body)
{
	xmlDocPtr doc;
	const xmlNode *root = root_of(&doc, body, "kpml-response", ns_response);
	char code[8], digits[KEY_DIGITS_MAX + 1];
	uint64_t n = 0;
	int err = 0;

	*out = (struct key_report){ 0 };
	if (root == NULL || !attr_of(root, "code", code, sizeof(code)) ||
		slice_uint(slice_str(code), 999, &n) != 0)
		err = EBADMSG;
	out->code = (unsigned)n;
	digits[0] = '\0';
	if (err == 0 && out->code == 200 &&
		!attr_of(root, "digits", digits, sizeof(digits)))
		err = EBADMSG; /* none, or more than anybody presses at once */
	for (const char *p = digits; err == 0 && *p != '\0'; p++) {
		int key = key_of_char(*p);

		if (key < 0)
			err = EBADMSG;
		else
			out->key[out->n++] = (uint8_t)key;
	}
	xmlFreeDoc(doc);
	return err;
}

static void attr_write(struct text *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '&' || *s == '<' || *s == '>' || *s == '"')
			text_printf(out, "&#%d;", *s);
		else
			text_addc(out, *s);
	}
}

void key_report_write(struct text *out, unsigned code, const char *text,
	const uint8_t *key, const char *tag)
{
	text_printf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		"<kpml-response xmlns=\"%s\" version=\"1.0\" code=\"%u\" "
		"text=\"%s\"",
		ns_response, code, text);
	if (key != NULL)
		text_printf(out, " digits=\"%c\"", key_char(*key));
	if (tag[0] != '\0') {
		text_add(out, SLICE_LIT(" tag=\""));
		attr_write(out, tag);
		text_addc(out, '"');
	}
	text_add(out, SLICE_LIT("/>"));
}
