/* A story's lines, one after another, in a world of its own. */
#include <stdarg.h>
#include <sys/stat.h>

#include "story.h"

#include "base/host.h"

struct story st;

void story_fail(const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "%s:%u: ", st.file, st.line);
	if (st.doing != NULL)
		(void)fprintf(stderr, "%s: ", st.doing);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	if (st.w != NULL && st.w->trace.n > 0)
		(void)fputs(st.w->trace.p, stderr);
	for (struct party *p = st.w != NULL ? st.w->parties : NULL; p != NULL;
		p = p->next)
		for (struct sent *s = p->sent; s != NULL; s = s->next)
			(void)fprintf(stderr, "  waiting: %s< %s ruri=%s\n%s%s",
				p->name, s->what, s->ruri ? s->ruri : "",
				s->headers ? s->headers : "",
				s->body ? s->body : "");
	exit(1);
}

/* tie DEVICE LINE…: what the device's configuration says of its lines. */
static void do_tie(const struct words *w)
{
	struct text lines = { 0 };

	for (size_t i = 2; i < w->n; i++)
		text_printf(&lines, "%s\n", w->v[i]);
	story_start();
	core_tie(st.w->core, slice_str(w->v[1]), text_slice(&lines));
	text_free(&lines);
}

/* "load media-load 95": what `call threshold` looks at, in percent. */
static void do_load(const char *what, const char *percent)
{
	unsigned n = (unsigned)strtoul(percent, NULL, 10);

	if (strcmp(what, "media-load") == 0)
		fake_media_load = n;
	else if (strcmp(what, "cpu-5sec") == 0)
		host_write(HOST_CPU_5SEC, n);
	else if (strcmp(what, "cpu-avg") == 0)
		host_write(HOST_CPU_AVG, n);
	else if (strcmp(what, "total-mem") == 0)
		host_write(HOST_MEMORY, n);
	else if (strcmp(what, "open-files") == 0)
		host_write(HOST_FILES, n);
	else
		story_fail("no load %s", what);
}

/* "name HOST ADDRESS…": where that name leads from now on. */
static void do_name(const struct words *w)
{
	(void)snprintf(st.w->name.host, sizeof(st.w->name.host), "%s", w->v[1]);
	st.w->name.n = 0;
	for (size_t i = 2; i < w->n; i++)
		if (addr_parse(&st.w->name.addr[st.w->name.n++],
			    slice_str(w->v[i]), 5060) != 0)
			story_fail("bad address %s", w->v[i]);
}

static void do_clock(const char *by)
{
	unsigned long n;
	char unit[4] = "";

	if (sscanf(by, "+%lu%3s", &n, unit) != 2)
		story_fail("bad time %s", by);
	story_start();
	world_clock(st.w, strcmp(unit, "ms") == 0 ? n : n * 1000);
}

void story_line(char *text)
{
	struct words w;
	char *line = story_substitute(text), *first;
	size_t n;

	story_split(&w, line);
	if (w.n == 0) {
		free(line);
		return;
	}
	first = w.v[0];
	n = strlen(first);
	if (strcmp(first, "phone") == 0) {
		story_phone(&w);
	} else if (strcmp(first, "host") == 0) {
		story_host(&w);
	} else if (strcmp(first, "alias") == 0) {
		story_alias(&w);
	} else if (strcmp(first, "clock") == 0) {
		do_clock(w.v[1]);
	} else if (strcmp(first, "media") == 0) {
		story_media(&w);
	} else if (strcmp(first, "load") == 0) {
		do_load(w.v[1], w.v[2]);
	} else if (strcmp(first, "counter") == 0) {
		story_counter(&w);
	} else if (strcmp(first, "expect") == 0) {
		story_expect(&w);
	} else if (strcmp(first, "call") == 0) {
		story_call(&w);
	} else if (strcmp(first, "ringing") == 0) {
		story_ringing(&w);
	} else if (strcmp(first, "sub") == 0) {
		story_sub(&w);
	} else if (strcmp(first, "reg") == 0) {
		story_reg(&w);
	} else if (strcmp(first, "peer") == 0) {
		story_peer(&w);
	} else if (strcmp(first, "tie") == 0) {
		do_tie(&w);
	} else if (strcmp(first, "reload") == 0) {
		story_reload();
	} else if (strcmp(first, "ways") == 0) {
		st.w->ways++;
	} else if (strcmp(first, "name") == 0) {
		do_name(&w);
	} else if (strcmp(first, "route") == 0) {
		st.w->no_route = strcmp(w.v[1], "none") == 0;
	} else if (strcmp(first, "clear") == 0) {
		if (!core_clear_call(
			    st.w->core, w.n > 1 ? (uint32_t)atoi(w.v[1])
						: st.w->core->last_id) ||
			core_clear_call(st.w->core, 4711))
			story_fail("no such call");
	} else if (strcmp(first, "stop") == 0) {
		core_free(st.w->core);
		st.w->core = NULL;
	} else if (first[n - 1] == '>' || first[n - 1] == '<') {
		char way = first[n - 1];

		first[n - 1] = '\0';
		if (w.n < 2)
			story_fail("says nothing");
		if (way == '>')
			story_send(world_party(st.w, first), &w);
		else
			story_get(world_party(st.w, first), &w);
	} else {
		story_party_line(world_party(st.w, first), &w);
	}
	for (struct mcall *mc = fake_mcalls; mc != NULL; mc = mc->next)
		if (mc->waits)
			story_fail("media was set and not applied");
	free(line);
}

struct lines {
	size_t n;
	char *v[LINES_MAX];
	char *text;
};

static void load(struct lines *out, const char *file)
{
	FILE *f = fopen(file, "r");
	struct stat about;
	size_t n;
	char *p;

	st.file = file;
	st.line = 0;
	if (f == NULL || fstat(fileno(f), &about) != 0)
		story_fail("cannot be opened");
	n = (size_t)about.st_size;
	out->text = mem_new(n + 1);
	if (fread(out->text, 1, n, f) != n)
		story_fail("cannot be read");
	(void)fclose(f);
	out->n = 0;
	for (p = out->text; *p != '\0' && out->n < LINES_MAX;) {
		char *end = strchr(p, '\n');

		out->v[out->n++] = p;
		if (end == NULL)
			return;
		*end = '\0';
		p = end + 1;
	}
}

/* Lines up to the one that is ".", joined; *i is left on it. */
static char *block(const struct lines *l, size_t *i, const char *end)
{
	struct text t = { 0 };
	char *joined, *keyed;

	for ((*i)++; *i < l->n && strcmp(l->v[*i], ".") != 0; (*i)++)
		text_printf(&t, "%s%s", l->v[*i], end);
	joined = text_take(&t);
	keyed = story_with_keys(joined);
	free(joined);
	return keyed;
}

static void keep_sdp(const char *name, char *text)
{
	if (st.nsdps == SDPS_MAX)
		story_fail("too many descriptions");
	(void)snprintf(st.sdp[st.nsdps].name, NAME_SIZE, "%s", name);
	st.sdp[st.nsdps++].text = text;
}

static void include(const char *from, const char *what)
{
	const char *slash = strrchr(from, '/');
	char *path = mem_printf("%.*s%s",
		slash != NULL ? (int)(slash - from + 1) : 0, from, what);

	story_play(path);
	st.file = from;
	free(path);
}

void story_play(const char *file)
{
	struct lines l;
	size_t loop = 0;
	unsigned times = 0;

	load(&l, file);
	for (size_t i = 0; i < l.n; i++) {
		char *line = l.v[i];

		st.line = (unsigned)i + 1;
		if (strncmp(line, "sdp ", 4) == 0) {
			keep_sdp(line + 4, block(&l, &i, "\r\n"));
		} else if (strcmp(line, "conf") == 0) {
			free(st.conf);
			st.conf = block(&l, &i, "\n");
		} else if (strncmp(line, "include ", 8) == 0) {
			include(file, line + 8);
		} else if (strncmp(line, "cross ", 6) == 0) {
			if (st.ncross == CROSS_MAX)
				story_fail("too many lines cross");
			st.cross[st.ncross++] = mem_dup(line + 6);
		} else if (strncmp(line, "repeat ", 7) == 0) {
			times = (unsigned)atoi(line + 7);
			loop = i;
		} else if (strcmp(line, "again") == 0) {
			if (times-- > 1)
				i = loop;
		} else {
			story_line(line);
		}
	}
	free(l.text);
}

void story_open(void)
{
	st.w = mem_new(sizeof(*st.w));
	st.w->port.ops = &fake_port_ops;
	st.w->now = 1000;
	fake_media_port = 20000;
	fake_media_full = false;
	fake_media_load = 0;
	for (unsigned f = 0; f < HOST_FIGURES; f++)
		host_write((enum host_figure)f, 0);
}

void story_close(void)
{
	if (st.w->core != NULL)
		core_free(st.w->core);
	st.w->core = NULL;
	world_nothing_left(st.w);
	world_free(st.w);
	st.w = NULL;
	free(st.conf);
	st.conf = NULL;
	while (st.ncross > 0)
		free(st.cross[--st.ncross]);
	while (st.nsdps > 0)
		free(st.sdp[--st.nsdps].text);
	while (st.nvars > 0)
		free(st.var[--st.nvars].value);
	story_send_free();
}
