/*
 * A phone's configuration as a flat list of elements with their places in the
 * bytes. libxml2 judges the document and decodes its texts; edits are made to
 * the bytes, so that whatever no rule touches stays as it was: order, white
 * space, quotes, line ends, encoding.
 *
 * xmlInitParser() must have run before threads use this.
 */
#ifndef LINESIDE_PHONEPROXY_CNFDOC_H
#define LINESIDE_PHONEPROXY_CNFDOC_H

#include "base/wire.h"

enum {
	CNF_SIZE_MAX = 1 << 20,
	CNF_ELEMENTS_MAX = 20000,
	CNF_DEPTH_MAX = 32,
	CNF_NO_ELEMENT = -1,
};

struct cnf_element {
	char *name; /* without prefix */
	char *text; /* decoded; NULL when it holds elements */
	int parent, first_child, next; /* indices, or CNF_NO_ELEMENT */
	/* Offsets: of '<', behind the start tag, of "</", behind the end. For
	 * <x/> the middle two equal `end`. */
	size_t start, inner, inner_end, end;
	bool self_closing;
	bool gone; /* an edit takes away what it holds, or itself */
};

struct cnf_string { /* a piece of text somewhere, for the search for leaks */
	int element; /* it stands in, or CNF_NO_ELEMENT */
	const char *kind; /* "text", "attribute", "comment" */
	char *value; /* decoded */
};

struct cnfdoc {
	struct slice xml; /* borrowed */
	bool utf8; /* else an encoding of one byte per character */
	char *encoding; /* as declared; "UTF-8" when not */
	struct cnf_element *element; /* in document order; [0] is the root */
	int nelements;
	struct cnf_string *string;
	size_t nstrings;
};

/*
 * E2BIG more than the bounds above, EACCES a DTD, ENOTSUP an encoding that is
 * not built on ASCII, EBADMSG not well-formed. On failure there is nothing to
 * free.
 */
int cnfdoc_read(struct cnfdoc *out, struct slice xml) MUST_USE;
void cnfdoc_free(struct cnfdoc *d);

/* The first child of that name, or CNF_NO_ELEMENT. */
int cnfdoc_child(const struct cnfdoc *d, int parent, const char *name);
bool cnfdoc_is(const struct cnfdoc *d, int element, const char *name);
/* Something around it is gone, and so it is. */
bool cnfdoc_in_gone(const struct cnfdoc *d, int element);
/* "device/devicePool/callManagerGroup", appended to *out. */
void cnfdoc_path(const struct cnfdoc *d, int element, struct text *out);

/* Edits gathered and then made in one go. Start from { 0 }. */
struct cnf_edit {
	size_t from, to;
	char *text; /* owned */
};

struct cnf_edits {
	struct cnf_edit *edit;
	size_t n;
};

/* The element's content; nothing when it is that already. */
void cnf_set(struct cnf_edits *e, const struct cnfdoc *d, int element,
	const char *text);
/* The element with its line. */
void cnf_remove(struct cnf_edits *e, const struct cnfdoc *d, int element);
struct cnf_child {
	const char *name;
	struct slice xml; /* its content, escaped */
};
/*
 * Elements behind the last child of `parent`, indented alike; once for each
 * parent.
 */
void cnf_add(struct cnf_edits *e, const struct cnfdoc *d, int parent,
	const struct cnf_child *child, size_t n);
/* Text as content of an element of this document. */
void cnf_escape(struct text *t, const struct cnfdoc *d, const char *s);
/* The edited document appended to *out; edits inside a removed or replaced
 * element are dropped. Frees the edits. */
void cnf_apply(struct cnf_edits *e, const struct cnfdoc *d, struct text *out);
void cnf_edits_free(struct cnf_edits *e); /* those never made */

#endif
