#include "ctl/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/obj.h"
#include "ctl/ctl_int.h"
#include "phoneproxy/signed/trustlist.h"
#include "version.h"

enum { LIST_FILE_MAX = 1 << 20 };

static const char usage[] =
	"usage: lineside [-f FILE] ctl COMMAND\n"
	"\n"
	"  show LIST                    what a trust list holds\n"
	"  verify LIST [--no-sha1]      whether it is consistent in itself\n"
	"  plan NEW [--no-sha1] [--against OLD…]\n"
	"                               what phones that hold OLD do with NEW\n"
	"  regenerate [NAME] [--force]  make it anew from the configuration;\n"
	"                               other boxes are asked for theirs\n"
	"  secret                       a `secret 8` of the first line of\n"
	"                               standard input, for `credentials`\n"
	"\n"
	"LIST, NEW and OLD are files, or names of voice-ctl-file sections: the\n"
	"list of that name which is in force. Without OLD, what is in force is\n"
	"compared. `plan` exits with 1 when phones would refuse NEW, and so\n"
	"does `regenerate` without --force. --no-sha1 does not believe a list\n"
	"that is signed over SHA-1.\n";

int ctl_refuse(const char *fmt, ...)
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
		return ctl_refuse("%s: %s", word, strerrordesc_np(err));
	f = ctl_read(&l->ctl, content_slice(l->bytes));
	if (f != FAULT_NONE)
		return ctl_refuse(
			"%s is no trust list: %s", word, fault_text(f));
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

/* Exit code: said. */
static int believe_digest(
	const struct ctl_tool *t, const struct ctl *c, const char *word)
{
	if (!t->no_sha1 || c->head.digest != DIGEST_SHA1)
		return EXIT_OK;
	return ctl_refuse(
		"%s: its signature is over SHA-1, which proves nothing here "
		"(--no-sha1): write 'hash sha512' and regenerate it",
		word);
}

static int verify(const struct ctl_tool *t, const char *word)
{
	struct list l;
	int code = list_open(&l, t, word);
	enum fault f = FAULT_NONE;

	if (code == EXIT_OK)
		code = believe_digest(t, &l.ctl, word);
	if (code == EXIT_OK) {
		f = ctl_verify(&l.ctl, NULL);
		if (f == FAULT_NONE)
			f = ctl_check_sasts(&l.ctl);
		if (f == FAULT_NONE)
			printf("%s is consistent in itself\n", word);
		else
			code = ctl_refuse("%s: %s", word, fault_text(f));
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

	if (l.read)
		code = believe_digest(t, &l.ctl, word);
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
		code = ctl_refuse(
			"name the lists that phones hold: --against OLD");
	list_free(&l);
	return code;
}

/* ---- the command line ---- */

/* Takes the word out of the list, wherever it stands. */
static bool option(int *n, char **w, const char *name)
{
	for (int i = 0; i < *n; i++) {
		if (strcmp(w[i], name) != 0)
			continue;
		memmove(&w[i], &w[i + 1], (size_t)(--*n - i) * sizeof(w[0]));
		return true;
	}
	return false;
}

static int run(struct ctl_tool *t, int n, char **w)
{
	const char *verb = n > 0 ? w[0] : "";
	bool looks = strcmp(verb, "verify") == 0 || strcmp(verb, "plan") == 0;
	bool force =
		strcmp(verb, "regenerate") == 0 && option(&n, w, "--force");

	t->no_sha1 = looks && option(&n, w, "--no-sha1");
	if (n == 1 && strcmp(verb, "secret") == 0)
		return ctl_secret();
	if (n == 2 && strcmp(verb, "show") == 0)
		return show(t, w[1]);
	if (n == 2 && strcmp(verb, "verify") == 0)
		return verify(t, w[1]);
	if (n == 2 && strcmp(verb, "plan") == 0)
		return plan(t, w[1], 0, NULL);
	if (n > 3 && strcmp(verb, "plan") == 0 &&
		strcmp(w[2], "--against") == 0)
		return plan(t, w[1], n - 3, w + 3);
	if ((n == 1 || n == 2) && strcmp(verb, "regenerate") == 0)
		return ctl_regenerate(t, n == 2 ? w[1] : NULL, force);
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
