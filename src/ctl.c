#include "ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/obj.h"
#include "client.h"
#include "phoneproxy/trustlist.h"
#include "request.h"
#include "version.h"

enum { LIST_FILE_MAX = 1 << 20 };

static const char usage[] =
	"usage: lineside [-f FILE] ctl COMMAND\n"
	"\n"
	"  show LIST                    what a trust list holds\n"
	"  verify LIST                  whether it is consistent in itself\n"
	"  plan NEW [--against OLD…]    what phones that hold OLD do with NEW\n"
	"  regenerate [NAME] [--force]  make it anew from the configuration\n"
	"\n"
	"LIST, NEW and OLD are files, or names of voice-ctl-file sections: the\n"
	"list of that name which is in force. Without OLD, what is in force is\n"
	"compared. `plan` exits with 1 when phones would refuse NEW, and so\n"
	"does `regenerate` without --force.\n";

struct ctl_tool {
	const char *file, *socket;
	struct conf *conf; /* NULL: not needed, or cannot be read */
};

static int refuse(const char *fmt, ...) PRINTF(1, 2);
static int refuse(const char *fmt, ...)
{
	va_list ap;

	fputs("% ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_FAILED;
}

/* ---- lists of files and of names ---- */

struct list {
	struct content *bytes; /* owned */
	struct ctl ctl; /* owned when `read` */
	bool read;
};

static void list_free(struct list *l)
{
	if (l->read)
		ctl_free(&l->ctl);
	obj_unref(l->bytes);
}

static bool is_section(const struct ctl_tool *t, const char *word)
{
	const struct conf_ctl_file *f =
		t->conf != NULL ? t->conf->ctl_files : NULL;

	while (f != NULL && strcmp(f->name, word) != 0)
		f = f->next;
	return f != NULL;
}

/* Exit code: said. */
static int list_open(struct list *l, const struct ctl_tool *t, const char *word)
{
	enum fault f;
	int err;

	*l = (struct list){ 0 };
	if (is_section(t, word))
		err = trustlist_kept(&l->bytes, t->conf, word, false);
	else
		err = content_read(&l->bytes, word, LIST_FILE_MAX);
	if (err != 0)
		return refuse("%s: %s", word, strerrordesc_np(err));
	f = ctl_read(&l->ctl, content_slice(l->bytes));
	if (f != FAULT_NONE)
		return refuse("%s is no trust list: %s", word, fault_text(f));
	l->read = true;
	return EXIT_OK;
}

/* ---- show, verify ---- */

static void print_time(uint32_t timestamp)
{
	time_t t = (time_t)timestamp;
	struct tm tm;
	char text[32];

	if (gmtime_r(&t, &tm) != NULL &&
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm) > 0)
		printf("Made      %s\n", text);
}

static void print_escaped(const char *label, struct slice s)
{
	struct text t = { 0 };

	text_escape(&t, s);
	printf("%s%.*s\n", label, SLICE_ARG(text_slice(&t)));
	text_free(&t);
}

static void print_record(size_t i, const struct ctl_record *r)
{
	char hex[2 * SERIAL_MAX + 1] = "";

	if (r->serial.n <= SERIAL_MAX)
		hex_encode(r->serial.p, r->serial.n, hex);
	printf("\nRecord %zu, %zu bytes\n", i + 1, r->size);
	printf("  Role    %s\n", r->has_role ? role_name(r->role) : "none");
	print_escaped("  Subject ", r->subject);
	print_escaped("  Issuer  ", r->issuer);
	printf("  Serial  %s\n", hex);
}

static int show(const struct ctl_tool *t, const char *word)
{
	struct list l;
	int code = list_open(&l, t, word);

	if (code == EXIT_OK) {
		const struct ctl *c = &l.ctl;

		printf("%s, %zu bytes, %zu records\n",
			ctl_is_itl(c) ? "ITL" : "CTL", c->file.n, c->nrecords);
		print_escaped("Name      ", c->head.file_name);
		print_time(c->head.timestamp);
		print_escaped("Signer    ", c->head.signer);
		printf("Signature %s\n",
			digest_name((enum digest)c->head.digest));
		for (size_t i = 0; i < c->nrecords; i++)
			print_record(i, &c->record[i]);
	}
	list_free(&l);
	return code;
}

static int verify(const struct ctl_tool *t, const char *word)
{
	struct list l;
	int code = list_open(&l, t, word);
	enum fault f = FAULT_NONE;

	if (code == EXIT_OK) {
		f = ctl_verify(&l.ctl, NULL);
		if (f == FAULT_NONE)
			f = ctl_check_sasts(&l.ctl);
		if (f == FAULT_NONE)
			printf("%s is consistent in itself\n", word);
		else
			code = refuse("%s: %s", word, fault_text(f));
	}
	list_free(&l);
	return code;
}

/* ---- plan ---- */

static const char *in_words(enum ctl_verdict v)
{
	switch (v) {
	case CTL_FIRST:
		return "holds no list: takes it unseen";
	case CTL_UNCHANGED:
		return "holds this very list";
	case CTL_ACCEPTED:
		return "takes it: a signer of the list it holds signed it";
	case CTL_NEEDS_TVS:
		return "asks its trust verification service, and refuses it "
		       "without";
	case CTL_NEEDS_RESET:
		return "refuses it until its list is deleted by hand";
	case CTL_BROKEN:
		break;
	}
	return "refuses it: the list is not even consistent in itself";
}

static bool taken(enum ctl_verdict v)
{
	return v == CTL_FIRST || v == CTL_UNCHANGED || v == CTL_ACCEPTED;
}

static int plan_one(
	const struct ctl_tool *t, const struct ctl *next, const char *old)
{
	struct list l;
	enum ctl_verdict v;
	int code = list_open(&l, t, old);

	if (code == EXIT_OK) {
		v = ctl_is_itl(&l.ctl) ? ctl_plan(NULL, &l.ctl, next)
				       : ctl_plan(&l.ctl, NULL, next);
		printf("A phone that holds %s %s (%s)\n", old, in_words(v),
			ctl_verdict_name(v));
		code = taken(v) ? EXIT_OK : EXIT_FAILED;
	}
	list_free(&l);
	return code;
}

/* Against files, else against every list that is in force. */
static int plan(
	const struct ctl_tool *t, const char *word, int nold, char **old)
{
	struct list l;
	int code = list_open(&l, t, word);
	size_t compared = 0;

	for (int i = 0; i < nold && l.read; i++, compared++)
		if (plan_one(t, &l.ctl, old[i]) != EXIT_OK)
			code = EXIT_FAILED;
	if (l.read && nold == 0 && t->conf != NULL) {
		for (const struct conf_ctl_file *f = t->conf->ctl_files;
			f != NULL; f = f->next, compared++)
			if (plan_one(t, &l.ctl, f->name) != EXIT_OK)
				code = EXIT_FAILED;
	}
	if (l.read && compared == 0)
		code = refuse("name the lists that phones hold: --against OLD");
	list_free(&l);
	return code;
}

/* ---- regenerate ---- */

/* The daemon serves it from now on. */
static int tell_daemon(const struct ctl_tool *t)
{
	char *said = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&said, &n);
	int code;

	need(f != NULL);
	code = client_ask(
		t->socket != NULL ? t->socket : t->conf->control_socket,
		REQUEST_TEXT, "reload", f, f);
	need(fclose(f) == 0);
	if (code == EXIT_NOT_RUNNING)
		fputs("linesided is not running; it will serve it when it "
		      "starts.\n",
			stderr);
	else if (code != EXIT_OK)
		fprintf(stderr,
			"%% It is stored, but linesided did not load it:\n%s",
			said);
	free(said);
	return code == EXIT_NOT_RUNNING ? EXIT_OK : code;
}

static int regenerate_one(
	const struct ctl_tool *t, const struct conf_ctl_file *f, bool force)
{
	const struct trustlist_how how = { .renew = true, .force = force };
	struct conf_errs errs = { 0 };
	struct trustlist *list;
	int err = trustlist_make(&list, t->conf, f, &how, &errs);
	int code = EXIT_FAILED;

	conf_errs_print(&errs, t->file, stderr);
	conf_errs_free(&errs);
	if (err != 0)
		return code;
	err = list->refused ? 0 : trustlist_keep(list);
	if (err != 0)
		(void)refuse(
			"trust list %s: %s", f->name, strerrordesc_np(err));
	else if (!list->refused)
		code = EXIT_OK;
	if (code == EXIT_OK)
		printf("Trust list %s was made anew, %zu bytes (%s)\n", f->name,
			list->ctl->bytes.n, ctl_verdict_name(list->verdict));
	obj_unref(list);
	return code;
}

static int regenerate(const struct ctl_tool *t, const char *name, bool force)
{
	int code = EXIT_OK;
	size_t made = 0;

	need(t->conf != NULL);
	for (const struct conf_ctl_file *f = t->conf->ctl_files; f != NULL;
		f = f->next) {
		if (!f->complete ||
			(name != NULL && strcmp(name, f->name) != 0))
			continue;
		made++;
		if (regenerate_one(t, f, force) != EXIT_OK)
			code = EXIT_FAILED;
	}
	if (made == 0)
		return refuse("there is no complete voice-ctl-file%s%s",
			name != NULL ? " " : "", name != NULL ? name : "");
	return code == EXIT_OK ? tell_daemon(t) : code;
}

/* ---- the command line ---- */

static int run(const struct ctl_tool *t, int n, char **w)
{
	bool force = n > 0 && strcmp(w[n - 1], "--force") == 0;

	if (n == 2 && strcmp(w[0], "show") == 0)
		return show(t, w[1]);
	if (n == 2 && strcmp(w[0], "verify") == 0)
		return verify(t, w[1]);
	if (n == 2 && strcmp(w[0], "plan") == 0)
		return plan(t, w[1], 0, NULL);
	if (n > 3 && strcmp(w[0], "plan") == 0 &&
		strcmp(w[2], "--against") == 0)
		return plan(t, w[1], n - 3, w + 3);
	n -= force;
	if ((n == 1 || n == 2) && strcmp(w[0], "regenerate") == 0)
		return regenerate(t, n == 2 ? w[1] : NULL, force);
	fputs(usage, stderr);
	return EXIT_USAGE;
}

/* For lists in files the configuration need not be there. */
static bool needs_conf(int n, char **w)
{
	return n > 0 && strcmp(w[0], "regenerate") == 0;
}

int ctl_command(int argc, char **argv, const char *file, const char *socket)
{
	struct ctl_tool t = { .file = file != NULL ? file : LINESIDE_CONF,
		.socket = socket };
	struct conf_errs errs = { 0 };
	int code = EXIT_FAILED;

	t.conf = conf_load(t.file, &errs);
	if (t.conf == NULL && (needs_conf(argc - 1, argv + 1) || file != NULL))
		conf_errs_print(&errs, t.file, stderr);
	else
		code = run(&t, argc - 1, argv + 1);
	conf_errs_free(&errs);
	obj_unref(t.conf);
	return code;
}
