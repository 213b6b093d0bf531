/* Reading a configuration: libxml2 within bounds, then places in the bytes. */
#include "phoneproxy/config/cnfdoc.h"

#include <errno.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "phoneproxy/config/cnfscan.h"

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

struct place {
	struct cnfdoc *d;
	int next, open; /* element to come; element we are in */
};

/* A tag from `start` to `end`. False when bytes and tree differ. */
static bool place_start(struct place *p, size_t start, size_t end)
{
	struct slice xml = p->d->xml;

	if (p->next == p->d->nelements)
		return false;
	struct cnf_element *e = &p->d->element[p->next];

	if (e->parent != p->open ||
		!slice_eq_str(cnfscan_name(xml, start + 1), e->name))
		return false;
	e->start = start;
	e->self_closing = xml.p[end - 2] == '/';
	e->inner = e->inner_end = e->end = end;
	if (!e->self_closing)
		p->open = p->next;
	p->next++;
	return true;
}

static bool place_end(struct place *p, size_t start, size_t end)
{
	if (p->open == CNF_NO_ELEMENT)
		return false;
	struct cnf_element *e = &p->d->element[p->open];

	e->inner_end = start;
	e->end = end;
	p->open = e->parent;
	return true;
}

/* The document is well-formed, so this little is enough to walk it. */
static int place_elements(struct cnfdoc *d)
{
	struct place p = { .d = d, .open = CNF_NO_ELEMENT };
	enum cnf_markup kind = MARKUP_OTHER;
	size_t at = 0, start;
	bool good = true;

	while (good && kind != MARKUP_NONE) {
		kind = cnfscan_next(d->xml, &at, &start);
		if (kind == MARKUP_START)
			good = place_start(&p, start, at);
		else if (kind == MARKUP_END)
			good = place_end(&p, start, at);
		else
			good = kind == MARKUP_OTHER || kind == MARKUP_NONE;
	}
	return good && p.next == d->nelements && p.open == CNF_NO_ELEMENT
		       ? 0
		       : EBADMSG;
}

int cnfdoc_read(struct cnfdoc *out, struct slice xml)
{
	xmlDocPtr doc;

	*out = (struct cnfdoc){ .xml = xml };
	if (xml.n > CNF_SIZE_MAX)
		return E2BIG;
	int err = cnfscan_check(xml);

	if (err == 0)
		err = parse(&doc, xml);
	if (err != 0)
		return err;
	out->encoding = doc->encoding == NULL ? mem_dup("UTF-8")
					      : dup_xml(doc->encoding);
	out->utf8 = slice_caseeq_str(slice_str(out->encoding), "UTF-8");
	flatten_doc(out, doc);
	err = place_elements(out);
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

bool cnfdoc_in_gone(const struct cnfdoc *d, int element)
{
	for (int i = d->element[element].parent; i != CNF_NO_ELEMENT;
		i = d->element[i].parent)
		if (d->element[i].gone)
			return true;
	return false;
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
