/* Reading a configuration: libxml2 within bounds, then places in the bytes. */
#include "phoneproxy/cnfdoc.h"

#include <errno.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"

struct guard { /* what stopped the parser before its end */
	int elements, depth, err;
};

static void stop(xmlParserCtxtPtr ctxt, int err)
{
	struct guard *g = ctxt->_private;

	if (g->err == 0)
		g->err = err;
	xmlStopParser(ctxt);
}

/* Called for <!DOCTYPE: no entities, nothing fetched, nothing expanded. */
static void refuse_dtd(
	void *arg, const xmlChar *name, const xmlChar *ext, const xmlChar *sys)
{
	(void)name;
	(void)ext;
	(void)sys;
	stop(arg, EACCES);
}

static void count_start(void *arg, const xmlChar *name, const xmlChar *prefix,
	const xmlChar *uri, int nns, const xmlChar **ns, int nattr,
	int ndefaulted, const xmlChar **attr)
{
	xmlParserCtxtPtr ctxt = arg;
	struct guard *g = ctxt->_private;

	if (++g->elements > CNF_ELEMENTS_MAX || ++g->depth > CNF_DEPTH_MAX)
		stop(ctxt, E2BIG);
	else
		xmlSAX2StartElementNs(arg, name, prefix, uri, nns, ns, nattr,
			ndefaulted, attr);
}

static void count_end(void *arg, const xmlChar *name, const xmlChar *prefix,
	const xmlChar *uri)
{
	xmlParserCtxtPtr ctxt = arg;
	struct guard *g = ctxt->_private;

	g->depth--;
	xmlSAX2EndElementNs(arg, name, prefix, uri);
}

static int parse(xmlDocPtr *out, struct slice xml)
{
	xmlParserCtxtPtr ctxt = xmlNewParserCtxt();
	struct guard guard = { 0 };

	*out = NULL;
	need(ctxt != NULL);
	ctxt->_private = &guard;
	ctxt->sax->internalSubset = refuse_dtd;
	ctxt->sax->startElementNs = count_start;
	ctxt->sax->endElementNs = count_end;
	xmlDocPtr doc = xmlCtxtReadMemory(ctxt, xml.p, (int)xml.n, NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
			XML_PARSE_NOCDATA);
	int err = guard.err != 0				     ? guard.err
		  : doc == NULL || xmlDocGetRootElement(doc) == NULL ? EBADMSG
								     : 0;

	if (err != 0 && doc != NULL)
		xmlFreeDoc(doc);
	else
		*out = doc;
	xmlFreeParserCtxt(ctxt);
	return err;
}

static char *dup_xml(const xmlChar *s)
{
	return mem_dup(s == NULL ? "" : (const char *)s);
}

static void add_string(
	struct cnfdoc *d, int element, const char *kind, const xmlChar *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	if ((d->nstrings & (d->nstrings - 1)) == 0) /* 0, 1, 2, 4 … */
		d->string =
			mem_resize(d->string, d->nstrings ? 2 * d->nstrings : 1,
				sizeof(d->string[0]));
	d->string[d->nstrings++] = (struct cnf_string){
		.element = element, .kind = kind, .value = dup_xml(value)
	};
}

static void add_attributes(struct cnfdoc *d, int element, xmlNodePtr node)
{
	for (xmlAttrPtr a = node->properties; a != NULL; a = a->next) {
		xmlChar *value = xmlNodeGetContent((xmlNodePtr)a);

		add_string(d, element, "attribute", value);
		xmlFree(value);
	}
	for (xmlNsPtr ns = node->nsDef; ns != NULL; ns = ns->next)
		add_string(d, element, "attribute", ns->href);
}

static int new_element(struct cnfdoc *d, xmlNodePtr node, int parent)
{
	int i = d->nelements++;

	if ((i & (i - 1)) == 0)
		d->element = mem_resize(d->element, i ? 2 * (size_t)i : 1,
			sizeof(d->element[0]));
	d->element[i] = (struct cnf_element){
		.name = dup_xml(node->name),
		.parent = parent,
		.first_child = CNF_NO_ELEMENT,
		.next = CNF_NO_ELEMENT,
	};
	return i;
}

/* Depth was bounded while parsing. */
static int flatten(struct cnfdoc *d, xmlNodePtr node, int parent)
{
	int self = new_element(d, node, parent), last = CNF_NO_ELEMENT;

	add_attributes(d, self, node);
	for (xmlNodePtr n = node->children; n != NULL; n = n->next) {
		if (n->type == XML_ELEMENT_NODE) {
			int child = flatten(d, n, self);

			if (last == CNF_NO_ELEMENT)
				d->element[self].first_child = child;
			else
				d->element[last].next = child;
			last = child;
		} else if (n->type == XML_TEXT_NODE ||
			   n->type == XML_CDATA_SECTION_NODE) {
			add_string(d, self, "text", n->content);
		} else {
			add_string(d, self, "comment", n->content);
		}
	}
	if (last == CNF_NO_ELEMENT) {
		xmlChar *text = xmlNodeGetContent(node);

		d->element[self].text = dup_xml(text);
		xmlFree(text);
	}
	return self;
}

static void flatten_doc(struct cnfdoc *d, xmlDocPtr doc)
{
	for (xmlNodePtr n = doc->children; n != NULL; n = n->next)
		if (n->type == XML_ELEMENT_NODE)
			flatten(d, n, CNF_NO_ELEMENT);
		else
			add_string(d, CNF_NO_ELEMENT, "comment", n->content);
}

/* Behind `what`, searched from `at`; 0 when it is not there. */
static size_t behind(struct slice xml, size_t at, const char *what)
{
	struct slice rest = slice_from(xml, at);
	size_t pos = slice_search(rest, slice_str(what));

	return pos == rest.n ? 0 : at + pos + strlen(what);
}

/* Behind the '>' of a tag, which may stand in quotes before that; 0: none. */
static size_t behind_tag(struct slice xml, size_t at)
{
	char quote = '\0';

	for (; at < xml.n; at++) {
		char c = xml.p[at];

		if (quote != '\0' && c == quote)
			quote = '\0';
		else if (quote != '\0')
			continue;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '>')
			return at + 1;
	}
	return 0;
}

static struct slice tag_name(struct slice xml, size_t at)
{
	size_t n = at;

	while (n < xml.n && strchr(" \t\r\n/>", xml.p[n]) == NULL)
		n++;
	struct slice name = slice_of(xml.p + at, n - at);
	size_t colon = slice_find(name, ':');

	return colon == name.n ? name : slice_from(name, colon + 1);
}

struct place {
	struct cnfdoc *d;
	int next, open; /* element to come; element we are in */
};

/* At '<'. Where to go on, 0 when bytes and tree differ. */
static size_t place_start(struct place *p, size_t at)
{
	struct slice xml = p->d->xml;
	size_t end = behind_tag(xml, at + 1);

	if (end == 0 || p->next == p->d->nelements)
		return 0;
	struct cnf_element *e = &p->d->element[p->next];

	if (e->parent != p->open ||
		!slice_eq_str(tag_name(xml, at + 1), e->name))
		return 0;
	e->start = at;
	e->self_closing = xml.p[end - 2] == '/';
	e->inner = e->inner_end = e->end = end;
	if (!e->self_closing)
		p->open = p->next;
	p->next++;
	return end;
}

static size_t place_end(struct place *p, size_t at)
{
	size_t end = behind_tag(p->d->xml, at + 2);

	if (end == 0 || p->open == CNF_NO_ELEMENT)
		return 0;
	struct cnf_element *e = &p->d->element[p->open];

	e->inner_end = at;
	e->end = end;
	p->open = e->parent;
	return end;
}

/* The document is well-formed, so this little is enough to walk it. */
static int place_elements(struct cnfdoc *d)
{
	struct place p = { .d = d, .open = CNF_NO_ELEMENT };
	size_t at = 0;

	for (;;) {
		struct slice rest = slice_from(d->xml, at);
		size_t lt = slice_find(rest, '<');

		if (lt == rest.n)
			break;
		rest = slice_from(rest, lt);
		at += lt;
		if (slice_starts(rest, "<!--"))
			at = behind(d->xml, at + 4, "-->");
		else if (slice_starts(rest, "<![CDATA["))
			at = behind(d->xml, at, "]]>");
		else if (slice_starts(rest, "<?"))
			at = behind(d->xml, at, "?>");
		else if (slice_starts(rest, "</"))
			at = place_end(&p, at);
		else
			at = place_start(&p, at);
		if (at == 0)
			return EBADMSG;
	}
	return p.next == d->nelements && p.open == CNF_NO_ELEMENT ? 0 : EBADMSG;
}

/* Encodings in which the bytes of markup are those of ASCII, always. */
static int check_encoding(struct cnfdoc *d, const char *name)
{
	static const char *const narrow[] = { "US-ASCII", "ASCII", "ISO-8859-1",
		"ISO-8859-15", "windows-1252" };

	d->encoding = mem_dup(name == NULL ? "UTF-8" : name);
	d->utf8 = slice_caseeq_str(slice_str(d->encoding), "UTF-8");
	if (slice_find(d->xml, '\0') != d->xml.n)
		return ENOTSUP; /* of two bytes, whatever it says */
	for (size_t i = 0; i < ARRAY_SIZE(narrow); i++)
		if (slice_caseeq_str(slice_str(d->encoding), narrow[i]))
			return 0;
	return d->utf8 ? 0 : ENOTSUP;
}

int cnfdoc_read(struct cnfdoc *out, struct slice xml)
{
	xmlDocPtr doc;

	*out = (struct cnfdoc){ .xml = xml };
	if (xml.n > CNF_SIZE_MAX)
		return E2BIG;
	int err = parse(&doc, xml);

	if (err != 0)
		return err;
	err = check_encoding(out, (const char *)doc->encoding);
	if (err == 0) {
		flatten_doc(out, doc);
		err = place_elements(out);
	}
	xmlFreeDoc(doc);
	if (err != 0)
		cnfdoc_free(out);
	return err;
}

void cnfdoc_free(struct cnfdoc *d)
{
	for (int i = 0; i < d->nelements; i++) {
		free(d->element[i].name);
		free(d->element[i].text);
	}
	for (size_t i = 0; i < d->nstrings; i++)
		free(d->string[i].value);
	free(d->element);
	free(d->string);
	free(d->encoding);
	*d = (struct cnfdoc){ 0 };
}

bool cnfdoc_is(const struct cnfdoc *d, int element, const char *name)
{
	return element != CNF_NO_ELEMENT &&
	       strcmp(d->element[element].name, name) == 0;
}

int cnfdoc_child(const struct cnfdoc *d, int parent, const char *name)
{
	if (parent == CNF_NO_ELEMENT)
		return CNF_NO_ELEMENT;
	for (int i = d->element[parent].first_child; i != CNF_NO_ELEMENT;
		i = d->element[i].next)
		if (cnfdoc_is(d, i, name))
			return i;
	return CNF_NO_ELEMENT;
}

void cnfdoc_path(const struct cnfdoc *d, int element, struct text *out)
{
	if (element == CNF_NO_ELEMENT)
		return;
	cnfdoc_path(d, d->element[element].parent, out);
	if (out->n > 0)
		text_addc(out, '/');
	text_add(out, slice_str(d->element[element].name));
}
