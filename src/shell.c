/*
 * The shell on libedit. Each line is a question of its own to the daemon, so
 * the shell outlives a restart; help and completion are asked of the daemon
 * too, which has the table of commands.
 */
#include "shell.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "control/client.h"

struct shell {
	const char *socket;
	char prompt[96];
	EditLine *el;
	History *history;
};

static char *prompt_text(EditLine *el)
{
	struct shell *sh = NULL;

	el_get(el, EL_CLIENTDATA, &sh);
	return sh->prompt;
}

/* What the daemon says to a question; free() it. */
static char *ask_quietly(const char *socket_path, enum request_form form,
	const char *line, FILE *err)
{
	char *p = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&p, &n);

	need(f != NULL);
	(void)client_ask(socket_path, form, line, f, err);
	need(fclose(f) == 0);
	return p;
}

/* The line up to the cursor; free() it. */
static char *line_so_far(EditLine *el)
{
	const LineInfo *li = el_line(el);

	return mem_ndup(li->buffer, (size_t)(li->cursor - li->buffer));
}

static unsigned char on_help(EditLine *el, int ch)
{
	struct shell *sh = NULL;
	char *line = line_so_far(el);

	(void)ch;
	el_get(el, EL_CLIENTDATA, &sh);
	puts("?");
	char *help = ask_quietly(sh->socket, REQUEST_HELP, line, stdout);

	fputs(help, stdout);
	free(help);
	free(line);
	return CC_REDISPLAY;
}

/* How much all lines of `words` have in common. */
static size_t common(struct slice words)
{
	struct slice first, w;
	size_t n;

	if (!slice_line(&words, &first))
		return 0;
	n = first.n;
	while (slice_line(&words, &w)) {
		size_t k = 0;

		while (k < n && k < w.n && first.p[k] == w.p[k])
			k++;
		n = k;
	}
	return n;
}

static void insert(EditLine *el, struct slice s)
{
	char *more = slice_dup(s);

	if (more[0] != '\0')
		el_insertstr(el, more);
	free(more);
}

static unsigned char on_tab(EditLine *el, int ch)
{
	struct shell *sh = NULL;
	char *line = line_so_far(el);
	const char *word = strrchr(line, ' ');
	size_t typed = strlen(word != NULL ? word + 1 : line);
	unsigned char result = CC_REFRESH;

	(void)ch;
	el_get(el, EL_CLIENTDATA, &sh);
	char *words = ask_quietly(sh->socket, REQUEST_COMPLETE, line, stdout);
	struct slice all = slice_str(words);
	size_t n = common(all);

	if (n > typed)
		insert(el, slice_head(slice_from(all, typed), n - typed));
	if (n > 0 && n + 1 == all.n) { /* one word alone */
		insert(el, SLICE_LIT(" "));
	} else if (n <= typed && all.n > 0) {
		printf("\n%s", words);
		result = CC_REDISPLAY;
	}
	free(words);
	free(line);
	return result;
}

/* "hostname#": of the configuration, else no name at all. */
static void find_prompt(struct shell *sh)
{
	FILE *none = fopen("/dev/null", "w");
	char *conf = ask_quietly(sh->socket, REQUEST_TEXT,
		"show running-config", none != NULL ? none : stderr);
	struct slice rest = slice_str(conf), line, name = SLICE_LIT("lineside");

	while (slice_line(&rest, &line))
		if (slice_starts(line, "hostname "))
			name = slice_from(line, strlen("hostname "));
	snprintf(sh->prompt, sizeof(sh->prompt), "%.*s# ", SLICE_ARG(name));
	free(conf);
	if (none != NULL)
		fclose(none);
}

static void shell_open(struct shell *sh)
{
	HistEvent ev;

	sh->el = el_init("lineside", stdin, stdout, stderr);
	sh->history = history_init();
	need(sh->el != NULL && sh->history != NULL);
	history(sh->history, &ev, H_SETSIZE, 500);
	el_set(sh->el, EL_CLIENTDATA, sh);
	el_set(sh->el, EL_PROMPT, prompt_text);
	el_set(sh->el, EL_EDITOR, "emacs");
	el_set(sh->el, EL_SIGNAL, 1);
	el_set(sh->el, EL_HIST, history, sh->history);
	el_wset(sh->el, EL_ADDFN, L"lineside-help", L"What may come next",
		on_help);
	el_wset(sh->el, EL_ADDFN, L"lineside-tab", L"Complete the word",
		on_tab);
	el_set(sh->el, EL_BIND, "?", "lineside-help", NULL);
	el_set(sh->el, EL_BIND, "^I", "lineside-tab", NULL);
	el_source(sh->el, NULL);
}

/* False: leave. */
static bool one_line(struct shell *sh, const char *text)
{
	struct slice line = slice_trim(slice_str(text));
	HistEvent ev;
	char *words;

	if (line.n == 0)
		return true;
	if (slice_eq_str(line, "exit") || slice_eq_str(line, "quit") ||
		slice_eq_str(line, "end"))
		return false;
	words = slice_dup(line);
	history(sh->history, &ev, H_ENTER, words);
	(void)client_ask(sh->socket, REQUEST_TEXT, words, stdout, stdout);
	free(words);
	return true;
}

int shell_run(const char *socket_path)
{
	struct shell sh = { .socket = socket_path };
	const char *line;
	int n;

	setlocale(LC_CTYPE, ""); /* NOLINT(concurrency-mt-unsafe): one thread */
	find_prompt(&sh);
	shell_open(&sh);
	do {
		line = el_gets(sh.el, &n);
	} while (line != NULL && one_line(&sh, line));
	if (line == NULL)
		putchar('\n');
	history_end(sh.history);
	el_end(sh.el);
	return EXIT_OK;
}
