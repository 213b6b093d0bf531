/*
 * From the call manager's bytes to what a phone gets: a configuration is
 * rewritten, and any file is signed or encrypted as its name demands. A part
 * of files.h.
 */
#ifndef LINESIDE_PHONEPROXY_FILES_MAKE_H
#define LINESIDE_PHONEPROXY_FILES_MAKE_H

#include "phoneproxy/cnfsend.h"
#include "phoneproxy/config/cnfxml.h"
#include "phoneproxy/files.h"

/* Who is told, and what is known of phones. */
struct files_desk {
	struct phones *phones;
	struct phonecerts *certs;
	files_lines_fn *lines; /* NULL: nobody is told */
	void *lines_arg;
};

struct files_making { /* of a phone's file */
	const struct files_desk *desk;
	const struct files_asked *a; /* its name is known */
	struct cnf_choice choice; /* of a configuration */
	char why[CNF_WHY]; /* there is none */
};

/* In the form that was asked for. ENOENT: none for this phone; EINVAL: it
 * cannot be made; m->why says more. */
int files_make(struct files_making *m, struct slice raw,
	struct content **out) MUST_USE;
/* Whether what was made is encrypted, and why: in the phone's story. */
void files_tell_form(const struct files_making *m);

bool files_is_config(const struct file_name *n);

#endif
