/* Words, options, files and passwords of `lineside pki`. */
#include "pki/pki.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/obj.h"
#include "certs/x509/crt.h"
#include "control/client.h"
#include "pki/pki_int.h"
#include "version.h"

static const char usage[] =
	"usage: lineside [-f FILE] pki COMMAND\n"
	"\n"
	"  authenticate NAME [FILE]   the authorities whose certificates count\n"
	"      --fingerprint HEX      one must have it; asked for otherwise\n"
	"      --accept               without asking\n"
	"      --replace              instead of those that are there\n"
	"  request NAME               a certificate request, PEM\n"
	"  enroll NAME                have a certificate made, by whom the\n"
	"                             trustpoint names\n"
	"      --restart              forget a request that is on its way\n"
	"  import NAME [FILE]         our certificate, with issuers or without\n"
	"      --password-file FILE   of a PKCS#12 file or an encrypted key\n"
	"      --exportable           the key may be exported again\n"
	"  export NAME [pkcs12]       certificates, PEM; PKCS#12 with the key\n"
	"      --ca | --own | --key   only those; the key is encrypted\n"
	"      --out FILE\n"
	"  forget NAME                certificates and requests, not the key\n"
	"  key generate [rsa|ec] [label L] [modulus N] [exportable]\n"
	"  key list | key zeroize LABEL | key seal\n"
	"  password encrypt           a password as the configuration may have\n"
	"                             it: `password 6 …`\n"
	"\n"
	"FILE may be PEM, DER, PKCS#7 (.p7b), PKCS#12 or pasted text; without\n"
	"it, standard input is read. Passwords are never words of a command:\n"
	"--password-file FILE or --password-fd N, or they are asked for.\n";

int pki_usage(void)
{
	fputs(usage, stderr);
	return EXIT_USAGE;
}

int pki_refuse(const char *fmt, ...)
{
	va_list ap;

	fputs("% ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_FAILED;
}

int pki_failed(struct pki *p, int err)
{
	return pki_refuse("%s", p->why != NULL ? p->why : strerrordesc_np(err));
}

int pki_store(struct pki *p, bool create)
{
	struct conf_trustpoint any = {
		.state_directory = p->conf->state_directory,
		.master_key_file = p->conf->master_key_file,
		.master_key_credential = p->conf->master_key_credential,
	};
	int err = store_open(
		&p->store, p->t != NULL ? p->t : &any, create, &p->why);

	if (err == 0)
		err = store_lock(p->store, &p->why);
	if (err == ENOENT && p->why == NULL)
		return pki_refuse("nothing is kept below %s yet",
			p->conf->state_directory);
	return err == 0 ? 0 : pki_failed(p, err);
}

int pki_stored(const struct pki *p)
{
	char date[CRT_DATE];

	if (time(NULL) < OBTAIN_CLOCK_LEAST)
		return pki_refuse("the clock of this machine says %s: set it, "
				  "certificates are judged by it",
			crt_date(time(NULL), date));
	if (conf_trustpoint_stored(p->t))
		return 0;
	return pki_refuse("trustpoint %s has its certificates in files that "
			  "the configuration names: change those and `reload`, "
			  "or write 'enrollment terminal' instead",
		p->t->name);
}

/* ---- files ---- */

static char *read_stream(FILE *in, size_t *n)
{
	size_t room = 1 << 16;
	char *p = mem_resize(NULL, room, 1);

	*n = 0;
	for (;;) {
		*n += fread(p + *n, 1, room - *n, in);
		if (*n < room || *n > IMPORT_SIZE_MAX)
			return p;
		room *= 2;
		p = mem_resize(p, room, 1);
	}
}

/* As on a router: until "quit" or the end. */
static char *read_terminal(size_t *n)
{
	struct text t = { 0 };
	char line[4096];

	fputs("Paste the certificates; end with the word \"quit\" on a line "
	      "of its own.\n\n",
		stderr);
	while (t.n < IMPORT_SIZE_MAX &&
		fgets(line, sizeof(line), stdin) != NULL) {
		if (slice_caseeq_str(slice_trim(slice_str(line)), "quit"))
			break;
		text_add(&t, slice_str(line));
	}
	*n = t.n;
	return text_take(&t);
}

int pki_read(const char *file, char **text, size_t *n)
{
	bool input = file == NULL || strcmp(file, "-") == 0;
	FILE *in = input ? stdin : fopen(file, "re");
	int err = 0;

	*text = NULL;
	if (in == NULL)
		return pki_refuse("%s cannot be opened: %s", file,
			strerrordesc_np(errno));
	if (input && isatty(STDIN_FILENO)) {
		*text = read_terminal(n);
		return 0;
	}
	errno = 0;
	*text = read_stream(in, n);
	if (ferror(in))
		err = pki_refuse("%s cannot be read: %s",
			input ? "standard input" : file,
			strerrordesc_np(errno));
	if (!input)
		fclose(in);
	return err;
}

int pki_write(const struct pki *p, struct slice text, unsigned mode)
{
	FILE *out = stdout;
	int fd = -1;
	bool ok;

	if (p->out != NULL) {
		fd = open(
			p->out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
		out = fd >= 0 ? fdopen(fd, "w") : NULL;
		if (out == NULL)
			return pki_refuse("%s cannot be written: %s", p->out,
				strerrordesc_np(errno));
		if (fchmod(fd, mode) != 0)
			errno = 0; /* a device, perhaps */
	}
	ok = fwrite(text.p, 1, text.n, out) == text.n;
	ok = fflush(out) == 0 && ok;
	if (p->out != NULL)
		ok = fclose(out) == 0 && ok;
	return ok ? 0
		  : pki_refuse("%s cannot be written: %s",
			    p->out != NULL ? p->out : "standard output",
			    strerrordesc_np(errno));
}

/* ---- people ---- */

static bool silence(FILE *tty, struct termios *was)
{
	struct termios quiet;

	if (tcgetattr(fileno(tty), was) != 0)
		return false;
	quiet = *was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	return tcsetattr(fileno(tty), TCSAFLUSH, &quiet) == 0;
}

static char *ask_terminal(const char *question, bool secret)
{
	FILE *tty = fopen("/dev/tty", "r+e");
	struct termios was;
	char line[512] = "";
	bool quiet;
	char *answer = NULL;

	if (tty == NULL)
		return NULL;
	setbuf(tty, NULL);
	quiet = secret && silence(tty, &was);
	fputs(question, tty);
	(void)fflush(tty); /* between writing and reading */
	if (fgets(line, sizeof(line), tty) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		answer = mem_dup(line);
	}
	if (quiet) {
		(void)tcsetattr(fileno(tty), TCSAFLUSH, &was);
		fputc('\n', tty);
	}
	fclose(tty);
	mem_wipe(line, sizeof(line));
	return answer;
}

bool pki_confirm(const char *question)
{
	char *answer = ask_terminal(question, false);
	bool yes = answer != NULL &&
		   slice_casestarts(slice_str("yes"), answer) &&
		   answer[0] != '\0';

	free(answer);
	return yes;
}

void pki_wipe(char *secret)
{
	if (secret != NULL)
		mem_wipe(secret, strlen(secret));
	free(secret);
}

static int password_from(FILE *f, const char *name, char **out)
{
	char line[512] = "";
	bool ok;

	if (f == NULL)
		return pki_refuse("the password cannot be read from %s: %s",
			name, strerrordesc_np(errno));
	setbuf(f, NULL);
	ok = fgets(line, sizeof(line), f) != NULL || feof(f);
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	*out = mem_dup(line);
	mem_wipe(line, sizeof(line));
	return ok ? 0 : pki_refuse("the password cannot be read from %s", name);
}

int pki_password(struct pki *p, bool ask, char **out)
{
	uint64_t fd;

	*out = NULL;
	if (p->password_file != NULL)
		return password_from(
			fopen(p->password_file, "re"), p->password_file, out);
	if (p->password_fd != NULL) {
		if (slice_uint(slice_str(p->password_fd), 1024, &fd) != 0)
			return pki_usage();
		return password_from(
			fdopen((int)fd, "r"), "that descriptor", out);
	}
	if (ask)
		*out = ask_terminal("Password: ", true);
	return 0;
}

int pki_reload(struct pki *p)
{
	char *said = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&said, &n);
	int code;

	store_close(p->store); /* the daemon may want it */
	p->store = NULL;
	need(f != NULL);
	code = client_ask(p->socket_path != NULL ? p->socket_path
						 : p->conf->control_socket,
		REQUEST_TEXT, "reload", f, f);
	need(fclose(f) == 0);
	if (code == EXIT_OK)
		fputs("linesided uses it from now on.\n", stderr);
	else if (code == EXIT_NOT_RUNNING)
		fputs("linesided is not running; it will use it when it "
		      "starts.\n",
			stderr);
	else
		fprintf(stderr,
			"%% It is stored, but linesided did not load it:\n%s",
			said);
	free(said);
	return code == EXIT_NOT_RUNNING ? EXIT_OK : code;
}

/* ---- the command line ---- */

struct option {
	const char *name;
	size_t at; /* in struct pki */
	bool valued;
};

/* clang-format off */
static const struct option options[] = {
	{ "--fingerprint",   offsetof(struct pki, fingerprint), true },
	{ "--password-file", offsetof(struct pki, password_file), true },
	{ "--password-fd",   offsetof(struct pki, password_fd), true },
	{ "--out",           offsetof(struct pki, out), true },
	{ "--accept",        offsetof(struct pki, accept), false },
	{ "--exportable",    offsetof(struct pki, exportable), false },
	{ "--key",           offsetof(struct pki, key), false },
	{ "--ca",            offsetof(struct pki, ca), false },
	{ "--own",           offsetof(struct pki, own), false },
	{ "--replace",       offsetof(struct pki, replace), false },
	{ "--restart",       offsetof(struct pki, restart), false },
};

static const struct verb {
	const char *name;
	pki_fn *run;
	bool named; /* the next word is a trustpoint */
} verbs[] = {
	{ "authenticate", pki_authenticate, true },
	{ "request",      pki_request, true },
	{ "enroll",       pki_enroll, true },
	{ "import",       pki_import, true },
	{ "export",       pki_export, true },
	{ "forget",       pki_forget, true },
	{ "key",          pki_key, false },
	{ "password",     pki_encrypt_password, false },
};
/* clang-format on */

static const struct option *option_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (strcmp(word, options[i].name) == 0)
			return &options[i];
	return NULL;
}

/* EINVAL: too many words, an option that there is not or without value. */
static int sort_words(struct pki *p, int n, char **words)
{
	for (int i = 0; i < n; i++) {
		const struct option *o = option_of(words[i]);
		bool on = true;

		if (o != NULL && o->valued) {
			if (++i == n)
				return EINVAL;
			memcpy((char *)p + o->at, &words[i], sizeof(words[i]));
		} else if (o != NULL) {
			memcpy((char *)p + o->at, &on, sizeof(on));
		} else if (strncmp(words[i], "--", 2) == 0 ||
			   p->n == PKI_WORDS_MAX) {
			return EINVAL;
		} else {
			p->word[p->n++] = words[i];
		}
	}
	return 0;
}

static int find_trustpoint(struct pki *p, const char *name)
{
	p->t = conf_find_trustpoint(p->conf, name);
	if (p->t != NULL)
		return 0;
	return pki_refuse("there is no trustpoint %s: write 'crypto pki "
			  "trustpoint %s' with 'enrollment …' into %s",
		name, name, p->file);
}

static int load_conf(struct pki *p)
{
	struct conf_errs errs = { 0 };

	p->conf = conf_load(p->file, &errs);
	if (p->conf == NULL)
		conf_errs_print(&errs, p->file, stderr);
	conf_errs_free(&errs);
	return p->conf != NULL ? 0 : EXIT_FAILED;
}

static int run(struct pki *p, const struct verb *v)
{
	int code = load_conf(p);

	if (code == 0 && v->named) {
		code = find_trustpoint(p, p->word[0]);
		memmove(p->word, p->word + 1,
			(size_t)(p->n - 1) * sizeof(*p->word));
		p->n--;
	}
	return code == 0 ? v->run(p) : code;
}

int pki_command(int n, char **words, const char *file, const char *socket_path)
{
	struct pki p = { .file = file != NULL ? file : LINESIDE_CONF,
		.socket_path = socket_path };
	const struct verb *v = NULL;
	int code = EXIT_USAGE;

	for (size_t i = 0; n > 1 && i < ARRAY_SIZE(verbs); i++)
		if (strcmp(words[1], verbs[i].name) == 0)
			v = &verbs[i];
	if (v == NULL || sort_words(&p, n - 2, words + 2) != 0 ||
		(v->named && p.n == 0))
		return pki_usage();
	code = run(&p, v);
	store_close(p.store);
	obj_unref(p.conf);
	free(p.why);
	return code;
}
