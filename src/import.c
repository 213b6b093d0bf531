/*
 * lineside import: reads another box's configuration, prints ours, and sees to
 * it that passwords come where they were asked to come, and nowhere else.
 */
#include "import.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/secret.h"
#include "base/wire.h"
#include "certs/store/keystore.h"
#include "certs/store/seal.h"
#include "control/request.h"
#include "import_int.h"

static const char usage[] =
	"usage: lineside [--json] import FILE [--output FILE] [--master-key-file "
	"FILE]\n"
	"                                [--show-passwords]\n"
	"  FILE                    a CUBE's `show running-config`, or -\n"
	"  --output FILE           write it into a new file of mode 0600, with "
	"its\n"
	"                          passwords\n"
	"  --master-key-file FILE  encrypt the passwords with this key\n"
	"  --show-passwords        print them in clear on standard output\n";

struct how {
	const char *file, *output; /* NULL: standard output */
	char *ours; /* lines that name the master key; NULL: none */
	bool show, json;
};

/* ---- what it was asked ---- */

static bool valued(int n, char *const *words, int *i, const char *option,
	const char **value)
{
	if (strcmp(words[*i], option) != 0 || *i + 1 == n)
		return false;
	*value = words[++*i];
	return true;
}

/* A line can name it; false: the path is a strange one, or it is no key. */
static bool is_master(const char *full, char **why)
{
	struct secret master = { .n = 0 };
	int err = keystore_master(&master, full, NULL, why);

	secret_wipe(&master);
	if (err == 0 && strpbrk(full, "\"\r\n") != NULL) {
		err = EINVAL;
		*why = mem_dup("no line can name such a path");
	} else if (err != 0 && *why == NULL) {
		*why = mem_dup(strerrordesc_np(err));
	}
	return err == 0;
}

/* The key's path as the daemon will find it; false: said. */
static bool use_master(struct how *h, const char *path)
{
	char *full = realpath(path, NULL), *why = NULL;

	if (full == NULL)
		why = mem_dup(strerrordesc_np(errno));
	else if (is_master(full, &why))
		h->ours = mem_printf("pki master-key file \"%s\"\n"
				     "password encryption aes\n",
			full);
	if (h->ours == NULL)
		fprintf(stderr, "%% %s: %s\n", path, why);
	free(why);
	free(full);
	return h->ours != NULL;
}

static int options(struct how *h, int n, char *const *words)
{
	const char *master = NULL;

	for (int i = 1; i < n; i++) {
		if (strcmp(words[i], "--show-passwords") == 0)
			h->show = true;
		else if (!valued(n, words, &i, "--output", &h->output) &&
			 !valued(n, words, &i, "--master-key-file", &master)) {
			if (h->file != NULL ||
				(words[i][0] == '-' && words[i][1] != '\0'))
				return EXIT_USAGE;
			h->file = words[i];
		}
	}
	if (h->file == NULL)
		return EXIT_USAGE;
	return master == NULL || use_master(h, master) ? EXIT_OK : EXIT_FAILED;
}

/* ---- what comes of it ---- */

static void put_conf(const struct how *h, const struct conf *c, FILE *out)
{
	if (h->ours != NULL)
		seal_print_conf(c, out);
	else if (h->output != NULL || h->show)
		conf_print_clear(c, out);
	else
		conf_print(c, out);
}

/* A file that was not there and that its owner alone may read. 0, or errno. */
static int write_out(const struct how *h, const struct conf *c)
{
	int fd = open(h->output,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	int err = 0;

	if (fd < 0)
		return errno;
	need(out != NULL);
	put_conf(h, c, out);
	if (fflush(out) != 0 || ferror(out) || fsync(fd) != 0)
		err = errno != 0 ? errno : EIO;
	if (fclose(out) != 0 && err == 0)
		err = errno;
	if (err != 0)
		(void)unlink(h->output);
	return err;
}

static void count_secret(void *arg, const struct conf *c,
	const struct conf_secret *s, const char *whose)
{
	size_t *n = arg;

	(void)c;
	(void)whose;
	*n += s->text != NULL;
}

static const char *passwords_as(const struct how *h)
{
	return h->ours != NULL		      ? "encrypted"
	       : h->output != NULL || h->show ? "in clear"
					      : "hidden";
}

static void tell_passwords(const struct how *h, size_t n)
{
	if (h->output != NULL)
		fprintf(stderr,
			"%% %s is written, for you alone to read: %zu "
			"passwords are in it, %s\n",
			h->output, n, passwords_as(h));
	else if (n > 0 && h->ours == NULL && !h->show)
		fprintf(stderr,
			"%% %zu passwords are printed as <hidden>, which cannot "
			"be loaded: --output FILE\n"
			"%% writes them into a file of mode 0600, "
			"--master-key-file FILE encrypts them\n",
			n);
}

static void put_json(struct table *t, const struct how *h, const struct conf *c,
	size_t passwords)
{
	char *ours = NULL, *all;
	size_t n = 0;
	FILE *out = c != NULL && h->output == NULL ? open_memstream(&ours, &n)
						   : NULL;

	if (out != NULL) {
		put_conf(h, c, out);
		need(fclose(out) == 0);
	}
	table_block(t, "result", NULL);
	table_pair_bool(t, "ok", NULL, c != NULL);
	table_pair(t, "configuration", NULL, ours);
	table_pair(t, "file", NULL, c != NULL ? h->output : NULL);
	table_pair_num(t, "passwords", NULL, (int64_t)passwords);
	table_pair(t, "passwords_are", NULL, passwords_as(h));
	all = table_json(t);
	fputs(all, stdout);
	mem_wipe(all, strlen(all));
	free(all);
	if (ours != NULL)
		mem_wipe(ours, n);
	free(ours);
}

static void put_text(struct table *t, const struct how *h, const struct conf *c)
{
	char *all = table_text(t);

	if (c != NULL && h->output == NULL)
		put_conf(h, c, stdout);
	fputs(all, stderr);
	free(all);
}

static int import_text(const struct how *h, struct slice text)
{
	struct conf_errs left_out = { 0 }, errs = { 0 };
	struct conf *c = conf_import(text, h->ours, h->file, &left_out, &errs);
	struct table *t = table_new();
	size_t n = import_tell_left_out(t, text, &left_out), passwords = 0;
	int err = c != NULL && h->output != NULL ? write_out(h, c) : 0;

	table_note(t, "%zu lines are not carried", n);
	if (c != NULL)
		conf_each_secret(c, count_secret, &passwords);
	if (err == EEXIST)
		fprintf(stderr,
			"%% %s is there already: name another file, or remove "
			"it\n",
			h->output);
	else if (err != 0)
		fprintf(stderr, "%% %s: %s\n", h->output, strerrordesc_np(err));
	if (h->json)
		put_json(t, h, err == 0 ? c : NULL, passwords);
	else
		put_text(t, h, c);
	conf_errs_print(&errs, h->file, stderr);
	if (c == NULL)
		fputs("% What is left is no configuration: mend the errors "
		      "above in a copy of the file\n",
			stderr);
	else if (err == 0 && !h->json)
		tell_passwords(h, passwords);
	table_free(t);
	conf_errs_free(&errs);
	conf_errs_free(&left_out);
	if (c == NULL || err != 0 || fflush(stdout) != 0)
		err = EIO;
	obj_unref(c);
	return err == 0 ? EXIT_OK : EXIT_FAILED;
}

static int import_file(const struct how *h)
{
	struct text t = { 0 };
	char part[4096];
	FILE *in = strcmp(h->file, "-") == 0 ? stdin : fopen(h->file, "re");
	size_t got;
	int code;

	if (in == NULL) {
		fprintf(stderr, "%s: %s\n", h->file, strerrordesc_np(errno));
		return EXIT_FAILED;
	}
	while (t.n <= CONF_SIZE_MAX &&
		(got = fread(part, 1, sizeof(part), in)) > 0)
		text_add(&t, slice_of(part, got));
	if (in != stdin)
		fclose(in);
	mem_wipe(part, sizeof(part));
	code = import_text(h, text_slice(&t));
	if (t.n > 0)
		mem_wipe(t.p, t.n);
	text_free(&t);
	return code;
}

int import_command(int n, char *const *words, bool json)
{
	const struct rlimit none = { 0, 0 };
	struct how h = { .json = json };
	int code;

	/* there are passwords in what is read */
	need(setrlimit(RLIMIT_CORE, &none) == 0);
	code = options(&h, n, words);
	if (code == EXIT_USAGE)
		fputs(usage, stderr);
	if (code == EXIT_OK)
		code = import_file(&h);
	free(h.ours);
	return code;
}
