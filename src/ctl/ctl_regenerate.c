/*
 * `lineside ctl regenerate` and `secret`: boxes that share a list are asked for
 * their certificates, then the list is made, then the daemon takes it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/secret.h"
#include "certs/store/secret8.h"
#include "control/client.h"
#include "ctl/ctl_int.h"
#include "phoneproxy/boxes/ctl_ask.h"
#include "phoneproxy/signed/material.h"
#include "phoneproxy/signed/trustlist.h"

/* ---- other boxes ---- */

/* What it offered last time stays when it does not answer now. */
static int keep_what_was(const struct ctl_tool *t,
	const struct conf_ctl_file *f, const struct conf_ctl_server *v,
	const char *why)
{
	struct content *kept = NULL;
	int64_t when;
	int err = material_kept_offer(&kept, &when, t->conf, f->name, &v->addr);

	obj_unref(kept);
	if (err != 0)
		return ctl_refuse("trust list %s: server cme %s", f->name, why);
	fprintf(stderr,
		"%% trust list %s: server cme %s; the certificates that it "
		"gave before stay\n",
		f->name, why);
	return EXIT_OK;
}

static int ask_one(const struct ctl_tool *t, const struct conf_ctl_file *f,
	const struct conf_ctl_server *v, struct trustpoint *own)
{
	struct ctlx_msg *m;
	struct text offer = { 0 };
	char text[ADDR_TEXT], *why = NULL;
	int err = ctl_ask(&offer, t->conf, v, own, &why), code = EXIT_OK;

	if (err != 0) {
		code = keep_what_was(
			t, f, v, why != NULL ? why : strerrordesc_np(err));
		free(why);
		return code;
	}
	m = mem_new(sizeof(*m));
	need(ctlx_parse(m, text_slice(&offer)) == 0);
	err = material_keep_offer(
		t->conf, f->name, &v->addr, text_slice(&offer));
	if (err != 0)
		code = ctl_refuse("what server cme %s gave cannot be kept "
				  "below %s: %s",
			addr_text(&v->addr, text), t->conf->state_directory,
			strerrordesc_np(err));
	else
		printf("Server cme %s gave %zu certificates\n",
			addr_text(&v->addr, text), m->n);
	free(m);
	text_free(&offer);
	return code;
}

static int ask_all(const struct ctl_tool *t, const struct conf_ctl_file *f)
{
	struct conf_errs errs = { 0 };
	struct trustpoint *own = NULL;
	int code = EXIT_OK;

	if (f->nservers == 0)
		return EXIT_OK;
	if (trustpoint_load(&own, f->trustpoint, &errs) != 0) {
		conf_errs_print(&errs, t->file, stderr);
		code = EXIT_FAILED;
	}
	conf_errs_free(&errs);
	for (size_t i = 0; i < f->nservers && own != NULL; i++)
		if (ask_one(t, f, &f->server[i], own) != EXIT_OK)
			code = EXIT_FAILED;
	obj_unref(own);
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
		(void)ctl_refuse(
			"trust list %s: %s", f->name, strerrordesc_np(err));
	else if (!list->refused)
		code = EXIT_OK;
	if (code == EXIT_OK)
		printf("Trust list %s was made anew, %zu bytes (%s)\n", f->name,
			list->ctl->bytes.n, ctl_verdict_name(list->verdict));
	obj_unref(list);
	return code;
}

int ctl_regenerate(const struct ctl_tool *t, const char *name, bool force)
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
		if (ask_all(t, f) != EXIT_OK ||
			regenerate_one(t, f, force) != EXIT_OK)
			code = EXIT_FAILED;
	}
	if (made == 0)
		return ctl_refuse("there is no complete voice-ctl-file%s%s",
			name != NULL ? " " : "", name != NULL ? name : "");
	return code == EXIT_OK ? tell_daemon(t) : code;
}

/* ---- secret ---- */

/* Without showing it on a terminal. */
static bool read_line(char *out, size_t size)
{
	struct termios old, quiet;
	bool terminal = tcgetattr(STDIN_FILENO, &old) == 0, ok;

	if (terminal) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
		fputs("Secret: ", stderr);
	}
	ok = fgets(out, (int)size, stdin) != NULL;
	if (terminal) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		fputc('\n', stderr);
	}
	return ok;
}

int ctl_secret(void)
{
	char line[CTLX_TEXT_MAX + 3] = "", type8[SECRET8_TEXT];
	int code = EXIT_OK;
	struct slice secret;

	if (!read_line(line, sizeof(line)))
		line[0] = '\0';
	secret = slice_head(slice_str(line), strcspn(line, "\r\n"));
	if (secret.n == 0 || secret.n > CTLX_TEXT_MAX) {
		code = ctl_refuse("write the secret, 1 to %d bytes, as the "
				  "first line of standard input",
			CTLX_TEXT_MAX);
	} else {
		secret8_make(secret, type8);
		printf("secret 8 %s\n", type8);
	}
	mem_wipe(line, sizeof(line));
	return code;
}
