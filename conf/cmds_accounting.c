/* gw-accounting: where a record of each call goes, a file or the log. */
#include <stdlib.h>

#include "conf/conf_int.h"

static void set_on(struct line *l)
{
	l->p->conf->accounting.file_on = !l->no && !l->def;
	l->p->conf->accounting.pos = l->pos;
	if (l->no || l->def)
		set_str(&l->p->conf->accounting.file, slice_of(NULL, 0));
}

void accounting_free(struct conf *c)
{
	free(c->accounting.file);
}

void check_accounting(struct parse *p)
{
	const struct conf *c = p->conf;

	if (!c->accounting.file_on)
		return;
	if (c->accounting.file == NULL)
		conf_errs_add(p->errs, false, c->accounting.pos,
			"add 'primary ifs PATH' below it",
			"gw-accounting file names no file");
	else if (c->accounting.file[0] != '/')
		complain(p, false, c, "primary", "begin it with /",
			"'%s' is not an absolute path", c->accounting.file);
}

/* clang-format off */
#define LINES "records are lines of JSON, written when a call ends; logrotate " \
	"moves the file"

const struct cmd accounting_global_cmds[] = {
	{ "gw-accounting file", K_ENTER, .enter = M_ACCOUNTING, .set = set_on,
	  .help = "A record of each call, in a file" },
	{ "gw-accounting syslog", K_FLAG, F(conf, accounting.syslog),
	  .help = "A record of each call, in the log",
	  .more = "%CALL-5-RECORD has the record, a line of JSON, and goes where "
		  "the log goes: the journal, a file, standard error. With "
		  "'gw-accounting file' as well, it goes there, too." },
	{ "gw-accounting aaa [LINE]", K_NOTICE,
	  .more = "records go to a file or the log: write 'gw-accounting file' "
		  "or 'gw-accounting syslog'" },
	{ NULL },
};

const struct cmd accounting_cmds[] = {
	{ "primary ifs PATH", K_STR, F_PTR(conf, accounting.file),
	  .help = "The file that records are added to",
	  .more = "One line of JSON for each call, when it has ended; "
		  "docs/call-records.md has the fields. The file is opened "
		  "anew after it was moved (logrotate). When it cannot be "
		  "written, calls go on, and records are lost and counted." },
	{ "primary ftp LINE", K_REFUSED,
	  .more = "write 'primary ifs PATH' and let a program of yours fetch "
		  "what logrotate has moved" },
	{ "secondary LINE", K_NOTICE, .more = LINES },
	{ "maximum LINE", K_NOTICE, .more = LINES },
	{ "cdr-format LINE", K_NOTICE, .more = LINES },
	{ "acct-template LINE", K_NOTICE, .more = LINES },
	{ NULL },
};
/* clang-format on */
