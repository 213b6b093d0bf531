/* What the lines of trust lists set, and how they are shown again. `no` with a
 * line's arguments takes that line back, `no` without arguments all of its
 * kind. */
#include "conf/cmds_ctl.h"

#include <stdlib.h>
#include <string.h>

static struct slice nothing(void)
{
	return (struct slice){ .p = NULL };
}

static bool reset(const struct line *l)
{
	return l->no || l->def;
}

static bool full(struct line *l, size_t n, size_t max)
{
	if (n < max)
		return false;
	line_error(l, NULL, "leave some of them out",
		"there are more than %zu such lines", max);
	return true;
}

void ctl_import_free(struct conf_ctl_import *i)
{
	free(i->description);
	free(i->path);
}

void ctl_server_free(struct conf_ctl_server *v)
{
	free(v->peer_name);
	free(v->username);
	secret_free(&v->password);
	free(v->password_file);
}

void ctl_enter_file(struct line *l)
{
	const struct word *name = line_arg(l, 0);

	if (name != NULL && slice_eq_str(name->text, CONF_CTL_CLIENT))
		line_error(l, name, "choose another name",
			"'%s' is the name of ctl-client's list",
			CONF_CTL_CLIENT);
}

/* CME has no word for it: what is written is in use. */
void ctl_enter_client(struct line *l)
{
	if (!reset(l))
		((struct conf_ctl_file *)l->p->obj)->complete = true;
}

/* ---- record-entry ---- */

static const char *const roles[] = { "capf", "cucm-tftp", "selfsigned",
	"application", "tvs" };

static enum conf_ctl_role role_of(const struct line *l)
{
	if (line_has(l, "cme-tftp") || line_has(l, "tftp"))
		return CONF_CTL_CUCM_TFTP;
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (line_has(l, roles[i]))
			return (enum conf_ctl_role)i;
	return CONF_CTL_SELFSIGNED; /* sast1, sast2 */
}

static void drop_entry(struct conf_ctl_file *c, size_t i)
{
	free(c->entry[i].name);
	memmove(&c->entry[i], &c->entry[i + 1],
		(--c->n - i) * sizeof(c->entry[0]));
}

/* Drops, adds or leaves an entry of that role, name and server. */
static void set_entry(
	struct line *l, const struct word *name, const struct addr *server)
{
	struct conf_ctl_file *c = l->obj;
	enum conf_ctl_role role = role_of(l);
	size_t i = c->n;

	while (i > 0 &&
		(c->entry[i - 1].role != role ||
			!addr_equal(&c->entry[i - 1].server, server) ||
			!slice_eq_str(name->text, c->entry[i - 1].name)))
		i--;
	if (i > 0 && reset(l))
		drop_entry(c, i - 1);
	if (i > 0 || reset(l) || full(l, c->n, CONF_CTL_ENTRIES_MAX))
		return;
	c->entry[c->n++] = (struct conf_ctl_entry){
		.role = role, .server = *server, .name = slice_dup(name->text)
	};
}

void ctl_set_record(struct line *l)
{
	struct conf_ctl_file *c = l->obj;
	const struct addr none = { 0 };

	if (line_arg(l, 0) != NULL)
		set_entry(l, line_arg(l, 0), &none);
	else
		while (c->n > 0)
			drop_entry(c, c->n - 1);
}

void ctl_show_records(const struct show *s, const struct cmd *row)
{
	const struct conf_ctl_file *c = s->obj;

	(void)row;
	for (size_t i = 0; i < c->n; i++)
		show_line(s, "record-entry %s trustpoint %s",
			roles[c->entry[i].role], c->entry[i].name);
}

/* ---- ctl-client: sast1, sast2, server … trustpoint ---- */

static unsigned which_sast(const struct cmd *row)
{
	return slice_starts(slice_str(row->syntax), "sast1") ? 1 : 2;
}

void ctl_set_sast(struct line *l)
{
	struct conf_ctl_file *c = l->obj;
	unsigned which = which_sast(l->row);
	const struct word *name = line_arg(l, 0);
	size_t at;

	for (size_t i = c->n; i-- > 0;)
		if (c->entry[i].sast == which)
			drop_entry(c, i);
	if (reset(l) || name == NULL || full(l, c->n, CONF_CTL_ENTRIES_MAX))
		return;
	at = which == 2 && c->n > 0 && c->entry[0].sast == 1 ? 1 : 0;
	memmove(&c->entry[at + 1], &c->entry[at],
		(c->n++ - at) * sizeof(c->entry[0]));
	c->entry[at] = (struct conf_ctl_entry){ .role = CONF_CTL_SELFSIGNED,
		.sast = which,
		.name = slice_dup(name->text) };
}

void ctl_show_sasts(const struct show *s, const struct cmd *row)
{
	const struct conf_ctl_file *c = s->obj;

	for (size_t i = 0; i < c->n; i++)
		if (c->entry[i].sast == which_sast(row))
			show_line(s, "sast%u trustpoint %s", c->entry[i].sast,
				c->entry[i].name);
}

static struct addr addr_of(const struct word *w, uint16_t port)
{
	struct addr a;

	need(addr_parse(&a, w->text, port) == 0); /* was checked */
	return a;
}

void ctl_set_server(struct line *l)
{
	struct conf_ctl_file *c = l->obj;
	struct addr server;

	if (line_arg(l, 0) == NULL) {
		for (size_t i = c->n; i-- > 0;)
			if (c->entry[i].sast == 0)
				drop_entry(c, i);
		return;
	}
	server = addr_of(line_arg(l, 0), 0);
	set_entry(l, line_arg(l, 1), &server);
}

void ctl_show_servers(const struct show *s, const struct cmd *row)
{
	const struct conf_ctl_file *c = s->obj;
	char host[ADDR_TEXT];

	(void)row;
	for (size_t i = 0; i < c->n; i++)
		if (c->entry[i].sast == 0)
			show_line(s, "server %s %s trustpoint %s",
				roles[c->entry[i].role],
				addr_host(&c->entry[i].server, host),
				c->entry[i].name);
}

/* ---- server cme ---- */

static void drop_server(struct conf_ctl_file *c, size_t i)
{
	ctl_server_free(&c->server[i]);
	memmove(&c->server[i], &c->server[i + 1],
		(--c->nservers - i) * sizeof(c->server[0]));
}

/* As it is written in the line; nothing in it is shared. */
static struct conf_ctl_server server_of(struct line *l)
{
	const struct word *port = line_after(l, "port");
	const struct word *name = line_after(l, "peer-name");
	const struct word *user = line_after(l, "username");
	const struct word *secret = &l->cap[l->n - 1];
	struct conf_ctl_server v = {
		.addr = addr_of(line_arg(l, 0),
			port != NULL ? (uint16_t)port->number : CONF_CTL_PORT)
	};

	if (user == NULL)
		return v; /* `no server cme ADDRESS` */
	set_str(&v.username, user->text);
	set_str(&v.peer_name, name != NULL ? name->text : nothing());
	if (line_has(l, "file"))
		set_str(&v.password_file, secret->text);
	else
		secret_take(l, &v.password, secret);
	return v;
}

void ctl_set_cme(struct line *l)
{
	struct conf_ctl_file *c = l->obj;
	struct conf_ctl_server v;
	size_t i = 0;

	if (line_arg(l, 0) == NULL) {
		while (c->nservers > 0)
			drop_server(c, c->nservers - 1);
		return;
	}
	v = server_of(l);
	while (i < c->nservers && !addr_equal(&c->server[i].addr, &v.addr))
		i++;
	if (i < c->nservers) /* said anew, or taken back */
		drop_server(c, i);
	if (reset(l) || full(l, c->nservers, CONF_CTL_SERVERS_MAX))
		ctl_server_free(&v);
	else
		c->server[c->nservers++] = v;
}

static void show_password(const struct show *s, const struct conf_ctl_server *v)
{
	char *shown;

	if (v->password.text == NULL) {
		fputs(" password file ", s->out);
		lex_quote(s->out, v->password_file);
		return;
	}
	shown = secret_shown(s, &v->password);
	fprintf(s->out, " password %s", shown);
	free(shown);
}

void ctl_show_cmes(const struct show *s, const struct cmd *row)
{
	const struct conf_ctl_file *c = s->obj;

	(void)row;
	for (size_t i = 0; i < c->nservers; i++) {
		const struct conf_ctl_server *v = &c->server[i];
		char host[ADDR_TEXT];

		fprintf(s->out, "%*sserver cme %s", (int)s->indent, "",
			addr_host(&v->addr, host));
		if (addr_port(&v->addr) != CONF_CTL_PORT)
			fprintf(s->out, " port %u", addr_port(&v->addr));
		if (v->peer_name != NULL)
			fprintf(s->out, " peer-name %s", v->peer_name);
		fputs(" username ", s->out);
		lex_quote(s->out, v->username);
		show_password(s, v);
		fputc('\n', s->out);
	}
}

/* ---- import certificate ---- */

static void drop_import(struct conf_ctl_file *c, size_t i)
{
	ctl_import_free(&c->import[i]);
	memmove(&c->import[i], &c->import[i + 1],
		(--c->nimports - i) * sizeof(c->import[0]));
}

void ctl_set_import(struct line *l)
{
	struct conf_ctl_file *c = l->obj;
	const struct word *tag = line_arg(l, 0);
	size_t i = 0;

	if (tag == NULL) {
		while (c->nimports > 0)
			drop_import(c, c->nimports - 1);
		return;
	}
	while (i < c->nimports && c->import[i].tag < tag->number)
		i++;
	if (i < c->nimports && c->import[i].tag == tag->number)
		drop_import(c, i);
	if (reset(l) || full(l, c->nimports, CONF_CTL_IMPORTS_MAX))
		return;
	memmove(&c->import[i + 1], &c->import[i],
		(c->nimports++ - i) * sizeof(c->import[0]));
	c->import[i] = (struct conf_ctl_import){ .tag = (unsigned)tag->number,
		.description = slice_dup(line_arg(l, 1)->text),
		.path = slice_dup(line_arg(l, 2)->text) };
}

void ctl_show_imports(const struct show *s, const struct cmd *row)
{
	const struct conf_ctl_file *c = s->obj;

	(void)row;
	for (size_t i = 0; i < c->nimports; i++) {
		fprintf(s->out, "%*simport certificate %u ", (int)s->indent, "",
			c->import[i].tag);
		lex_quote(s->out, c->import[i].description);
		fputc(' ', s->out);
		lex_quote(s->out, c->import[i].path);
		fputc('\n', s->out);
	}
}

/* ---- credentials ---- */

void ctl_set_credentials(struct line *l)
{
	l->p->conf->credentials.on = !reset(l);
	l->p->conf->credentials.pos = l->pos;
}

void ctl_set_source(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *port = line_after(l, "port");

	c->credentials.source = (struct addr){ 0 };
	if (!reset(l))
		c->credentials.source = addr_of(line_arg(l, 0),
			port != NULL ? (uint16_t)port->number : CONF_CTL_PORT);
}

void ctl_show_source(const struct show *s, const struct cmd *row)
{
	const struct addr *a = &s->conf->credentials.source;
	char host[ADDR_TEXT];

	(void)row;
	if (!addr_is_set(a))
		return;
	if (addr_port(a) == CONF_CTL_PORT)
		show_line(s, "ip source-address %s", addr_host(a, host));
	else
		show_line(s, "ip source-address %s port %u", addr_host(a, host),
			addr_port(a));
}

/* See certs/store/secret8.h, which conf cannot ask. */
static bool is_type8(struct slice w)
{
	return w.n == 3 + 14 + 1 + 43 && slice_starts(w, "$8$") &&
	       w.p[17] == '$';
}

void ctl_set_service(struct line *l)
{
	struct conf *c = l->p->conf;
	const struct word *secret = l->n > 0 ? &l->cap[l->n - 1] : NULL;

	set_str(&c->credentials.username, nothing());
	secret_free(&c->credentials.secret);
	if (reset(l))
		return;
	c->credentials.hashed = line_has(l, "8");
	set_str(&c->credentials.username, line_arg(l, 0)->text);
	if (!c->credentials.hashed)
		secret_take(l, &c->credentials.secret, secret);
	else if (is_type8(secret->text))
		c->credentials.secret.text = slice_dup(secret->text);
	else
		line_error(l, secret, "`lineside ctl secret` makes one",
			"a secret of type 8 is $8$, 14 characters, $ and 43 "
			"more");
}

void ctl_show_service(const struct show *s, const struct cmd *row)
{
	const struct conf *c = s->conf;
	char *shown;

	(void)row;
	if (c->credentials.username == NULL)
		return;
	if (c->credentials.hashed)
		shown = mem_printf("8 %s", c->credentials.secret.text);
	else
		shown = secret_shown(s, &c->credentials.secret);
	fprintf(s->out, "%*sctl-service admin ", (int)s->indent, "");
	lex_quote(s->out, c->credentials.username);
	fprintf(s->out, " secret %s\n", shown);
	free(shown);
}
