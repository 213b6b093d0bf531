/* Numbers and URIs: how they are rewritten, and lists of them. */
#ifndef LINESIDE_CONF_MODEL_NUMBERS_H
#define LINESIDE_CONF_MODEL_NUMBERS_H

#include "conf/model_base.h"

/* voice translation-rule N */
struct conf_xlate_rule {
	unsigned number;
	bool reject;
	char *match, *replace; /* between the slashes; reject: replace NULL */
	void *code; /* of regex.h */
};
struct conf_xlate_rules {
	struct conf_xlate_rules *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	size_t n;
	struct conf_xlate_rule *rule; /* by ascending number */
};

/* voice translation-profile NAME: which rules for which number. */
enum conf_xlate_what {
	CONF_XLATE_CALLED,
	CONF_XLATE_CALLING,
	CONF_XLATE_REDIRECT, /* of the first Diversion */
	CONF_XLATE_COUNT
};
struct conf_xlate_profile {
	struct conf_xlate_profile *next;
	struct conf_pos pos;
	char *name;
	const struct conf_xlate_rules *rules[CONF_XLATE_COUNT]; /* or NULL */
};

/* voice class e164-pattern-map N */
struct conf_e164_map {
	struct conf_e164_map *next;
	struct conf_pos pos;
	unsigned tag;
	char *description;
	bool shutdown;
	char *url; /* path of a file with more of them; NULL: none */
	size_t n, ninline; /* the inline ones come first */
	char **pattern;
};

/* voice class uri NAME sip: what a URI must be. All that is set must fit. */
enum { CONF_URI_HOSTS_MAX = 10 };
struct conf_uri_host {
	char *text; /* name (without case), or regular expression */
	struct addr addr; /* set: this address, no text */
	void *code; /* set: text is an expression */
};
struct conf_uri_class {
	struct conf_uri_class *next;
	struct conf_pos pos;
	char *name, *description;
	char *pattern, *user; /* expressions; NULL: any */
	void *pattern_code, *user_code;
	size_t nhosts; /* one of them; 0: any */
	struct conf_uri_host host[CONF_URI_HOSTS_MAX];
};

/* Where a URI of a request stands: most trusted first, as CUBE tries. */
enum conf_uri_of {
	CONF_URI_VIA,
	CONF_URI_REQUEST,
	CONF_URI_TO,
	CONF_URI_FROM,
	CONF_URI_COUNT
};

#endif
