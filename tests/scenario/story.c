/*
 * Runs stories: call logic with far ends, media and a clock that a text file
 * plays. One file, one story; it fails with file:line at the first surprise.
 *
 *   phone P1 device SEP01 [line 2001] [plain]   a far end on listener PHONES
 *   host core 10.1.1.10                         one inside, on INSIDE
 *   P1> INVITE sip:2002@x from=2001 sdp=secure +X-A="b"    it sends
 *   core< INVITE ruri=sip:2002@x body~"RTP/AVP" body!crypto, …  it gets
 *   clock +32s      expect calls=0 media=0      counter NAME 1
 *   media A srtp AES_CM_128_HMAC_SHA1_80 send recv latch=auth
 *
 * At the end nothing may be left over: messages nobody looked at, requests
 * unanswered, timers, dialogs, media.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/call_int.h"
#include "base/metric.h"
#include "base/obj.h"
#include "fake.h"

enum { WORDS_MAX = 64, LINES_MAX = 4096, VARS_MAX = 32, SDPS_MAX = 64 };

static struct {
	const char *file;
	unsigned line;
	struct world *w;
	char *conf;
	size_t nsdps, nvars;
	struct {
		char name[NAME_SIZE];
		char *text;
	} sdp[SDPS_MAX];
	struct {
		char name[NAME_SIZE];
		char *value;
	} var[VARS_MAX];
	uint64_t metric[METRIC_COUNT];
	struct mleg_crypto tx[2], rx[2]; /* at the last "media" line */
} st;

void story_fail(const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "%s:%u: ", st.file, st.line);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	for (struct party *p = st.w != NULL ? st.w->parties : NULL; p != NULL;
		p = p->next)
		for (struct sent *s = p->sent; s != NULL; s = s->next)
			(void)fprintf(stderr, "  waiting: %s< %s ruri=%s\n%s%s",
				p->name, s->what, s->ruri ? s->ruri : "",
				s->headers ? s->headers : "",
				s->body ? s->body : "");
	exit(1);
}

/* ---- words ---- */

struct words {
	size_t n;
	char *v[WORDS_MAX];
};

/* Blanks separate, quotes hold together, \" is a quote, a comma is a word. */
static void split(struct words *out, char *line)
{
	char *to = line;

	out->n = 0;
	while (*line != '\0') {
		bool quoted = false;

		while (isspace((unsigned char)*line))
			line++;
		if (*line == '\0' || *line == '#')
			return;
		if (out->n == WORDS_MAX)
			story_fail("too many words");
		out->v[out->n++] = to;
		for (; *line != '\0' &&
			(quoted || !isspace((unsigned char)*line));
			line++) {
			if (*line == '\\' && line[1] != '\0')
				*to++ = *++line;
			else if (*line == '"')
				quoted = !quoted;
			else
				*to++ = *line;
		}
		if (*line != '\0')
			line++;
		*to++ = '\0';
	}
}

static void set_var(const char *name, const char *value)
{
	for (size_t i = 0; i < st.nvars; i++) {
		if (strcmp(st.var[i].name, name) != 0)
			continue;
		free(st.var[i].value);
		st.var[i].value = mem_dup(value);
		return;
	}
	if (st.nvars == VARS_MAX)
		story_fail("too many variables");
	(void)snprintf(st.var[st.nvars].name, NAME_SIZE, "%s", name);
	st.var[st.nvars++].value = mem_dup(value);
}

/* $NAME becomes what was saved under it. */
static char *substitute(const char *line)
{
	struct text t = { 0 };

	while (*line != '\0') {
		size_t best = VARS_MAX;

		for (size_t i = 0; *line == '$' && i < st.nvars; i++)
			if (strncmp(line + 1, st.var[i].name,
				    strlen(st.var[i].name)) == 0)
				best = i;
		if (best == VARS_MAX) {
			text_addc(&t, *line++);
			continue;
		}
		text_add(&t, slice_str(st.var[best].value));
		line += 1 + strlen(st.var[best].name);
	}
	return text_take(&t);
}

/* @key:NAME:BYTES@ becomes a key of that many bytes, fresh in each run. */
static char *with_keys(const char *text)
{
	struct text t = { 0 };
	const char *at;

	while ((at = strstr(text, "@key:")) != NULL) {
		char name[NAME_SIZE];
		unsigned bytes;
		int used = 0;
		char *var = NULL;

		text_add(&t, slice_of(text, (size_t)(at - text)));
		if (sscanf(at, "@key:%15[a-z0-9]:%u@%n", name, &bytes, &used) !=
				2 ||
			bytes > SECRET_MAX)
			story_fail("bad key: %s", at);
		(void)snprintf(name + strlen(name), 8, "-%u", bytes);
		for (size_t i = 0; i < st.nvars; i++)
			if (strcmp(st.var[i].name, name) == 0)
				var = st.var[i].value;
		if (var == NULL) {
			struct text k = { 0 };
			uint8_t b[SECRET_MAX];

			random_bytes(b, bytes);
			base64_encode(&k, slice_of(b, bytes), true);
			set_var(name, k.p);
			text_free(&k);
			var = st.var[st.nvars - 1].value;
		}
		text_add(&t, slice_str(var));
		text = at + used;
	}
	text_add(&t, slice_str(text));
	return text_take(&t);
}

static const char *sdp_named(const char *name)
{
	for (size_t i = 0; i < st.nsdps; i++)
		if (strcmp(st.sdp[i].name, name) == 0)
			return st.sdp[i].text;
	story_fail("no sdp %s", name);
}

/* ---- the world ---- */

static void identity_free(void *p)
{
	struct identity *id = p;

	free(id->device);
	free(id->line);
	free(id->subject);
	free(id->issuer);
	free(id->serial);
	free(id->cn);
}

static struct identity *identity_make(
	const char *device, const char *line, bool certified)
{
	struct identity *id = obj_new(sizeof(*id), identity_free);

	id->certified = certified;
	id->device = mem_dup(device);
	id->line = mem_dup(line);
	id->subject = mem_printf("CN=%s", device);
	id->issuer = mem_dup("CN=Phones CA");
	id->serial = mem_dup("01");
	id->cn = mem_dup(device);
	memcpy(id->sha256, device, strlen(device) < 32 ? strlen(device) : 32);
	return id;
}

static uint64_t flow_ids;

static struct sip_flow *flow_make(const struct party *p)
{
	struct sip_flow *f = obj_new(sizeof(*f), NULL);

	f->id = ++flow_ids;
	f->identity = p->identity;
	f->peer = p->addr;
	addr_set_port(&f->peer, (uint16_t)(40000 + f->id));
	f->transport = p->transport;
	f->side = p->side;
	memcpy(f->listener, p->listener, sizeof(f->listener));
	return f;
}

static struct party *party_add(const char *name, const char *listener,
	enum conf_side side, enum conf_transport transport, const char *addr)
{
	struct party *p = mem_new(sizeof(*p)), **at = &st.w->parties;

	(void)snprintf(p->name, sizeof(p->name), "%s", name);
	(void)snprintf(p->listener, sizeof(p->listener), "%s", listener);
	p->side = side;
	p->transport = transport;
	if (addr_parse(&p->addr, slice_str(addr), 5060) != 0)
		story_fail("bad address %s", addr);
	while (*at != NULL)
		at = &(*at)->next;
	*at = p;
	return p;
}

static const char *option(const struct words *w, const char *name)
{
	for (size_t i = 1; i + 1 < w->n; i++)
		if (strcmp(w->v[i], name) == 0)
			return w->v[i + 1];
	return NULL;
}

static bool flag(const struct words *w, const char *name)
{
	for (size_t i = 1; i < w->n; i++)
		if (strcmp(w->v[i], name) == 0)
			return true;
	return false;
}

static void do_phone(const struct words *w)
{
	static unsigned n;
	char addr[32];
	bool plain = flag(w, "plain"), udp = flag(w, "udp");
	const char *listener = option(w, "listener");
	struct party *p;

	(void)snprintf(addr, sizeof(addr), "198.51.100.%u", n++ % 250 + 1);
	p = party_add(w->v[1],
		listener != NULL ? listener
		: udp		 ? "OPEN"
				 : "PHONES",
		CONF_ACCESS,
		udp	? CONF_UDP
		: plain ? CONF_TCP
			: CONF_TLS,
		addr);
	p->identity = plain || udp ? identity_none()
				   : identity_make(option(w, "device"),
					     option(w, "line"), true);
	if (!udp)
		p->flow = flow_make(p);
}

static void do_host(const struct words *w)
{
	struct party *p =
		party_add(w->v[1], "INSIDE", CONF_CORE, CONF_UDP, w->v[2]);

	p->identity = identity_none();
}

static void do_alias(const struct words *w)
{
	const struct party *of = world_party(st.w, w->v[2]);
	char addr[ADDR_TEXT];
	struct party *p = party_add(w->v[1], of->listener, of->side,
		of->transport, addr_host(&of->addr, addr));

	p->identity = obj_ref(of->identity);
	p->flow = obj_ref(of->flow);
}

static void start(void)
{
	struct conf_errs errs = { 0 };
	struct core_params p = { .port = &st.w->port,
		.media_ops = &fake_media_ops };

	if (st.w->conf != NULL) /* running, or stopped */
		return;
	st.w->conf = conf_parse(slice_str(st.conf), "story", &errs);
	if (st.w->conf == NULL) {
		conf_errs_print(&errs, "conf", stderr);
		story_fail("the configuration is wrong");
	}
	conf_errs_free(&errs);
	p.conf = st.w->conf;
	st.w->core = core_new(&p);
	for (size_t i = 0; i < METRIC_COUNT; i++)
		st.metric[i] = metric_read((enum metric)i);
}

/* A new configuration for what comes next. */
static void do_reload(void)
{
	struct conf_errs errs = { 0 };
	struct conf *c = conf_parse(slice_str(st.conf), "story", &errs);

	if (c == NULL)
		story_fail("the new configuration is wrong");
	conf_errs_free(&errs);
	core_set_conf(st.w->core, c);
	obj_unref(st.w->conf);
	st.w->conf = c;
}

/* ---- what a far end sends ---- */

static enum sip_method method_of(const char *s)
{
	static const struct {
		const char *name;
		enum sip_method m;
	} v[] = { { "INVITE", SIP_INVITE }, { "ACK", SIP_ACK },
		{ "BYE", SIP_BYE }, { "CANCEL", SIP_CANCEL },
		{ "REGISTER", SIP_REGISTER }, { "OPTIONS", SIP_OPTIONS },
		{ "UPDATE", SIP_UPDATE }, { "INFO", SIP_INFO },
		{ "PRACK", SIP_PRACK }, { "REFER", SIP_REFER },
		{ "NOTIFY", SIP_NOTIFY }, { "SUBSCRIBE", SIP_SUBSCRIBE },
		{ "MESSAGE", SIP_MESSAGE }, { "PUBLISH", SIP_PUBLISH } };

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (strcmp(v[i].name, s) == 0)
			return v[i].m;
	return SIP_OTHER;
}

static void add_hdr(struct sip_msg *m, const char *name, const char *value)
{
	m->hdr[m->nhdrs++] = (struct sip_hdr){ .name = slice_str(name),
		.value = slice_str(value) };
}

static void add_contacts(struct sip_msg *m, const char *value)
{
	struct slice rest = slice_str(value), one, v;
	struct sip_name_addr na;
	uint64_t n;

	while (sip_name_addr_cut(&rest, &one)) {
		struct sip_contact *c = &m->contact[m->ncontacts++];

		*c = (struct sip_contact){ .expires = -1 };
		if (slice_eq_str(one, "*")) {
			c->star = true;
			continue;
		}
		if (sip_name_addr_parse(one, &na) != 0)
			story_fail("bad contact");
		c->uri = na.uri;
		c->params = na.params;
		if (sip_param(na.params, "expires", &v) &&
			slice_uint(v, 1000000000, &n) == 0)
			c->expires = (int64_t)n;
	}
}

static char *from_value, *to_value;

static void read_msg(struct sip_msg *m, const struct words *w, size_t i)
{
	const char *user = "caller", *host = "example.com";

	m->max_forwards = m->response ? -1 : 70;
	m->expires = -1;
	m->cseq = 1;
	m->call_id = SLICE_LIT("far-end-call-id");
	for (; i < w->n; i++) {
		char *eq = strchr(w->v[i], '='), *value;

		if (eq == NULL) {
			if (strcmp(w->v[i], "local") == 0)
				m->local = true;
			else if (strcmp(w->v[i], "nocontact") == 0)
				m->ncontacts = 0;
			else
				story_fail("what is %s?", w->v[i]);
			continue;
		}
		*eq = '\0';
		value = eq + 1;
		if (w->v[i][0] == '+') {
			add_hdr(m, w->v[i] + 1, value);
		} else if (strcmp(w->v[i], "sdp") == 0) {
			add_hdr(m, "Content-Type", "application/sdp");
			m->body = slice_str(sdp_named(value));
		} else if (strcmp(w->v[i], "body") == 0) {
			m->body = slice_str(value);
		} else if (strcmp(w->v[i], "from") == 0) {
			user = value;
		} else if (strcmp(w->v[i], "host") == 0) {
			host = value;
		} else if (strcmp(w->v[i], "to") == 0) {
			free(to_value);
			to_value = mem_printf("<%s>", value);
			m->to = slice_str(to_value);
		} else if (strcmp(w->v[i], "mf") == 0) {
			m->max_forwards = atoi(value);
		} else if (strcmp(w->v[i], "expires") == 0) {
			m->expires = atoi(value);
		} else if (strcmp(w->v[i], "contact") == 0) {
			add_contacts(m, value);
		} else if (strcmp(w->v[i], "callid") == 0) {
			m->call_id = slice_str(value);
		} else {
			story_fail("what is %s?", w->v[i]);
		}
	}
	free(from_value);
	from_value = mem_printf("\"Far End\" <sip:%s@%s>;tag=abc", user, host);
	m->from = slice_str(from_value);
	if (m->to.n == 0 && m->ruri.n > 0) {
		free(to_value);
		to_value = mem_printf("<%.*s>", SLICE_ARG(m->ruri));
		m->to = slice_str(to_value);
	}
}

static struct sip_txn *txn_add(
	struct party *p, const char *method, struct sip_dlg *d)
{
	struct sip_txn *t = mem_new(sizeof(*t));

	t->from = p;
	t->dlg = d;
	(void)snprintf(t->method, sizeof(t->method), "%s", method);
	t->next = p->txns;
	p->txns = t;
	return t;
}

static void send_cancel(struct party *p, const struct sip_msg *m)
{
	for (struct sip_txn *t = p->txns; t != NULL; t = t->next) {
		if (t->done || strcmp(t->method, "INVITE") != 0)
			continue;
		t->done = true;
		(void)party_queue(p, "200 CANCEL");
		(void)party_queue(p, "487 INVITE");
		if (t->dlg != NULL && !t->dlg->closed)
			t->dlg->user->cancel(t->dlg->arg, m);
		return;
	}
	(void)party_queue(p, "481 CANCEL");
}

static void send_request(struct party *p, const struct words *w)
{
	static struct sip_msg m;
	size_t i = 2;
	struct sip_dlg *d = p->dlg;

	m = (struct sip_msg){ .method = method_of(w->v[1]),
		.method_name = slice_str(w->v[1]) };
	if (i < w->n && (strncmp(w->v[i], "sip", 3) == 0 ||
				strncmp(w->v[i], "tel:", 4) == 0)) {
		m.ruri = slice_str(w->v[i++]);
		d = NULL;
	}
	if (m.method == SIP_INVITE)
		add_contacts(&m, "<sip:far@end>");
	read_msg(&m, w, i);
	if (d == NULL && m.ruri.n == 0)
		story_fail("%s has no dialog", p->name);
	if (m.method == SIP_CANCEL) {
		send_cancel(p, &m);
	} else if (m.method == SIP_ACK) {
		if (!d->closed)
			d->user->ack(d->arg, &m);
	} else if (d != NULL && d->closed) {
		char what[64];

		(void)snprintf(what, sizeof(what), "481 %s", w->v[1]);
		(void)party_queue(p, what);
	} else if (d != NULL) {
		d->user->request(d->arg, txn_add(p, w->v[1], d), &m);
	} else {
		struct sip_source src = { .listener = p->listener,
			.side = p->side,
			.transport = p->transport,
			.addr = p->flow != NULL ? p->flow->peer : p->addr,
			.identity = p->identity,
			.flow = p->flow };

		core_sip_user.request(
			st.w->core, txn_add(p, w->v[1], NULL), &m, &src);
	}
}

static void crossed(struct party *p, const struct sip_msg *m)
{
	/* the port's promise for dialogs that are closed */
	if (m->status >= 200 && m->status < 300) {
		(void)party_queue(p, "ACK");
		(void)party_queue(p, "BYE");
	}
}

static void send_response(struct party *p, const struct words *w)
{
	static struct sip_msg m;
	struct client *c;

	if (w->n < 3)
		story_fail("a response to what?");
	for (c = p->clients; c != NULL; c = c->next)
		if (!c->done && strcmp(c->method, w->v[2]) == 0)
			break;
	if (c == NULL)
		story_fail("%s has no %s to answer", p->name, w->v[2]);
	m = (struct sip_msg){ .response = true,
		.status = atoi(w->v[1]),
		.method = method_of(w->v[2]) };
	read_msg(&m, w, 3);
	c->done = m.status >= 200;
	if (c->dlg == NULL)
		c->fn(c->arg, &m);
	else if (c->dlg->closed)
		crossed(p, &m);
	else
		c->dlg->user->response(c->dlg->arg, c->arg, &m);
}

/* "P1> …" */
static void do_send(struct party *p, const struct words *w)
{
	start();
	if (strcmp(w->v[1], "noack") == 0)
		p->dlg->user->ack(p->dlg->arg, NULL);
	else if (isdigit((unsigned char)w->v[1][0]))
		send_response(p, w);
	else
		send_request(p, w);
}

/* ---- what a far end gets ---- */

static const char *field(const struct sent *s, const char *key, char *num)
{
	if (strcmp(key, "ruri") == 0)
		return s->ruri;
	if (strcmp(key, "h") == 0)
		return s->headers;
	if (strcmp(key, "body") == 0)
		return s->body;
	if (strcmp(key, "contact") == 0)
		return s->contact;
	if (strcmp(key, "contacts") == 0)
		return s->contacts;
	if (strcmp(key, "from") == 0)
		return s->from;
	if (strcmp(key, "to") == 0)
		return s->to;
	if (strcmp(key, "callid") == 0)
		return s->call_id;
	(void)snprintf(num, 16, "%d",
		strcmp(key, "mf") == 0 ? s->max_forwards : (int)s->cseq);
	if (strcmp(key, "mf") == 0 || strcmp(key, "cseq") == 0)
		return num;
	story_fail("what is %s?", key);
}

static void save_token(const struct sent *s, const char *var)
{
	const char *at =
		s->contacts != NULL ? strstr(s->contacts, "sip:") : NULL;
	char *user;

	if (at == NULL || strchr(at, '@') == NULL)
		story_fail(
			"no token in \"%s\"", s->contacts ? s->contacts : "");
	user = mem_ndup(at + 4, (size_t)(strchr(at, '@') - at - 4));
	set_var(var, user);
	free(user);
}

static void check(const struct sent *s, char *word)
{
	size_t n = strcspn(word, "=~!");
	char op = word[n], num[16];
	const char *value = word + n + 1, *have;

	if (op == '\0')
		story_fail("what is %s?", word);
	word[n] = '\0';
	if (strcmp(word, "token") == 0) {
		save_token(s, value);
		return;
	}
	have = field(s, strncmp(word, "save-", 5) == 0 ? word + 5 : word, num);
	have = have != NULL ? have : "";
	if (strncmp(word, "save-", 5) == 0)
		set_var(value, have);
	else if (op == '=' && strcmp(have, value) != 0)
		story_fail("%s is \"%s\", not \"%s\"", word, have, value);
	else if (op == '~' && strstr(have, value) == NULL)
		story_fail("%s lacks \"%s\":\n%s", word, value, have);
	else if (op == '!' && strstr(have, value) != NULL)
		story_fail("%s has \"%s\":\n%s", word, value, have);
}

/* "P1< 200 CANCEL, 487 INVITE h~x": one message or several. */
static void do_get(struct party *p, const struct words *w)
{
	size_t i = 1;

	while (i < w->n) {
		struct sent *s = p->sent;
		char what[64];
		bool last = false;

		(void)snprintf(what, sizeof(what), "%s", w->v[i]);
		if (isdigit((unsigned char)w->v[i][0]) && ++i < w->n)
			(void)snprintf(what + strlen(what),
				sizeof(what) - strlen(what), " %s", w->v[i]);
		i++;
		if (what[strlen(what) - 1] == ',') {
			what[strlen(what) - 1] = '\0';
			last = true;
		}
		if (s == NULL)
			story_fail(
				"%s got nothing, %s is missing", p->name, what);
		if (strcmp(s->what, what) != 0)
			story_fail("%s got %s, not %s", p->name, s->what, what);
		for (; !last && i < w->n; i++) {
			char *word = w->v[i];

			if (word[0] != '\0' && word[strlen(word) - 1] == ',') {
				word[strlen(word) - 1] = '\0';
				last = true;
			}
			check(s, word);
		}
		p->sent = s->next;
		sent_free(s);
	}
}

/* ---- looking at state ---- */

static bool same_crypto(
	const struct mleg_crypto *a, const struct mleg_crypto *b)
{
	return a->plain == b->plain && a->suite == b->suite &&
	       secret_equal(&a->key, &b->key);
}

static void check_media(
	const struct words *w, int side, const struct mleg_set *set)
{
	static const char *const latches[] = { "never", "once", "auth" };

	for (size_t i = 2; i < w->n; i++) {
		const char *k = w->v[i];
		bool fine;

		if (strcmp(k, "srtp") == 0)
			fine = !set->tx.plain && !set->rx.plain &&
			       strcmp(conf_suite_name(set->tx.suite),
				       w->v[++i]) == 0;
		else if (strcmp(k, "rtp") == 0)
			fine = set->tx.plain && set->rx.plain;
		else if (strcmp(k, "send") == 0)
			fine = set->send;
		else if (strcmp(k, "nosend") == 0)
			fine = !set->send;
		else if (strcmp(k, "recv") == 0)
			fine = set->receive;
		else if (strcmp(k, "norecv") == 0)
			fine = !set->receive;
		else if (strncmp(k, "latch=", 6) == 0)
			fine = strcmp(latches[set->latch], k + 6) == 0;
		else if (strcmp(k, "tx=same") == 0)
			fine = same_crypto(&st.tx[side], &set->tx);
		else if (strcmp(k, "tx=new") == 0)
			fine = !same_crypto(&st.tx[side], &set->tx);
		else if (strcmp(k, "rx=same") == 0)
			fine = same_crypto(&st.rx[side], &set->rx);
		else if (strcmp(k, "rx=new") == 0)
			fine = !same_crypto(&st.rx[side], &set->rx);
		else if (strncmp(k, "mki=", 4) == 0)
			fine = set->rx.mki == (uint64_t)atoi(k + 4) &&
			       set->rx.mki_len > 0;
		else if (strncmp(k, "port=", 5) == 0)
			fine = addr_port(&set->rtp) == atoi(k + 5);
		else
			story_fail("what is %s?", k);
		if (!fine)
			story_fail("media is not %s", k);
	}
	st.tx[side] = set->tx;
	st.rx[side] = set->rx;
}

static void do_media(const struct words *w)
{
	struct mcall *mc = fake_mcalls;
	int side = w->v[1][0] - 'A';
	struct media_event ev = { .kind = MEDIA_INACTIVE, .side = -1 };

	if (strcmp(w->v[1], "full") == 0 || strcmp(w->v[1], "free") == 0) {
		fake_media_full = strcmp(w->v[1], "full") == 0;
		return;
	}
	if (mc == NULL)
		story_fail("no media");
	if (strcmp(w->v[1], "socket") == 0)
		ev = (struct media_event){ .kind = MEDIA_SOCKET, .err = EPERM };
	if (strcmp(w->v[1], "latched") == 0)
		ev = (struct media_event){ .kind = MEDIA_LATCHED };
	if (w->v[1][1] != '\0') {
		mc->event(mc->owner, &ev);
		return;
	}
	if (w->n > 2 && strcmp(w->v[2], "unset") == 0) {
		if (mc->is_set[side])
			story_fail("media of %s is set", w->v[1]);
		return;
	}
	if (!mc->is_set[side])
		story_fail("media of %s is not set", w->v[1]);
	check_media(w, side, &mc->set[side]);
}

static void expect_number(const char *what, uint64_t have, const char *want)
{
	if (have != strtoull(want, NULL, 10))
		story_fail("%s is %llu, not %s", what, (unsigned long long)have,
			want);
}

static void do_counter(const struct words *w)
{
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		if (strcmp(metric_rows[i].name, w->v[1]) != 0)
			continue;
		expect_number(w->v[1],
			metric_read((enum metric)i) - st.metric[i], w->v[2]);
		return;
	}
	story_fail("no counter %s", w->v[1]);
}

static const char *pair(const struct words *w, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 1; i < w->n; i++)
		if (strncmp(w->v[i], key, n) == 0 && w->v[i][n] == '=')
			return w->v[i] + n + 1;
	return NULL;
}

static void do_expect(const struct words *w)
{
	struct core_usage u;
	const char *v;

	core_usage(st.w->core, &u);
	if ((v = pair(w, "calls")) != NULL)
		expect_number("calls", u.calls, v);
	if ((v = pair(w, "legs")) != NULL)
		expect_number("legs", u.legs, v);
	if ((v = pair(w, "regs")) != NULL)
		expect_number("regs", u.registrations, v);
	if ((v = pair(w, "media")) != NULL)
		expect_number("media", fake_media_open, v);
}

static void expect_text(const char *what, const char *have, const char *want)
{
	if (want != NULL && strcmp(have, want) != 0)
		story_fail("%s is \"%s\", not \"%s\"", what, have, want);
}

/* The newest call: "call state=up hold=0 A.srtp=1 B.suite=…" */
static void do_call(const struct words *w)
{
	size_t n;
	struct call_info *v = core_calls(st.w->core, &n);
	const char *x;

	if (n == 0)
		story_fail("no call");
	expect_text("state", v[0].state, pair(w, "state"));
	if ((x = pair(w, "hold")) != NULL)
		expect_number("hold", v[0].hold, x);
	for (int i = 0; i < 2; i++) {
		const struct leg_info *l = &v[0].leg[i];
		char key[16];

		(void)snprintf(key, sizeof(key), "%c.srtp", 'A' + i);
		if ((x = pair(w, key)) != NULL)
			expect_number(key, l->srtp, x);
		(void)snprintf(key, sizeof(key), "%c.fallback", 'A' + i);
		if ((x = pair(w, key)) != NULL)
			expect_number(key, l->fallback, x);
		(void)snprintf(key, sizeof(key), "%c.peer", 'A' + i);
		if ((x = pair(w, key)) != NULL)
			expect_number(key, l->dial_peer, x);
		(void)snprintf(key, sizeof(key), "%c.suite", 'A' + i);
		expect_text(key, l->suite_local, pair(w, key));
		(void)snprintf(key, sizeof(key), "%c.codec", 'A' + i);
		expect_text(key, l->codec, pair(w, key));
		(void)snprintf(key, sizeof(key), "%c.number", 'A' + i);
		expect_text(key, l->number, pair(w, key));
	}
	free(v);
}

static void do_reg(const struct words *w)
{
	size_t n, len = strlen(w->v[1]);
	struct reg_info *v = core_registrations(st.w->core, &n);
	const char *x;

	for (size_t i = 0; i < n; i++) {
		if (strncmp(v[i].aor, w->v[1], len) != 0 ||
			v[i].aor[len] != '@')
			continue;
		if ((x = pair(w, "connected")) != NULL)
			expect_number("connected", v[i].connected, x);
		if ((x = pair(w, "expires")) != NULL)
			expect_number("expires", v[i].expires_s, x);
		expect_text("device", v[i].device, pair(w, "device"));
		expect_text("contact", v[i].contact, pair(w, "contact"));
		free(v);
		return;
	}
	story_fail("%s is not registered", w->v[1]);
}

/* ---- connections ---- */

static void do_close(struct party *p)
{
	p->flow->closed = true;
	core_sip_user.flow_closed(st.w->core, p->flow);
}

static void do_reconnect(struct party *p)
{
	struct sip_flow *old = p->flow, *now = flow_make(p);

	for (struct party *q = st.w->parties; q != NULL; q = q->next) {
		if (q->flow != old || q == p)
			continue;
		obj_unref(q->flow);
		q->flow = obj_ref(now);
	}
	p->flow = now;
	obj_unref(old);
}

static void do_clock(const char *by)
{
	unsigned long n;
	char unit[4] = "";

	if (sscanf(by, "+%lu%3s", &n, unit) != 2)
		story_fail("bad time %s", by);
	world_clock(st.w, strcmp(unit, "ms") == 0 ? n : n * 1000);
}

static void party_line(struct party *p, const struct words *w)
{
	if (strcmp(w->v[1], "close") == 0)
		do_close(p);
	else if (strcmp(w->v[1], "reconnect") == 0)
		do_reconnect(p);
	else if (strcmp(w->v[1], "rebound") == 0) {
		if (p->dlg == NULL || p->dlg->flow != p->flow)
			story_fail("%s's dialog is on another flow", p->name);
	} else
		story_fail("what shall %s do?", p->name);
}

static void do_line(char *text)
{
	struct words w;
	char *line = substitute(text), *first;
	size_t n;

	split(&w, line);
	if (w.n == 0) {
		free(line);
		return;
	}
	first = w.v[0];
	n = strlen(first);
	if (strcmp(first, "phone") == 0) {
		do_phone(&w);
	} else if (strcmp(first, "host") == 0) {
		do_host(&w);
	} else if (strcmp(first, "alias") == 0) {
		do_alias(&w);
	} else if (strcmp(first, "clock") == 0) {
		do_clock(w.v[1]);
	} else if (strcmp(first, "media") == 0) {
		do_media(&w);
	} else if (strcmp(first, "counter") == 0) {
		do_counter(&w);
	} else if (strcmp(first, "expect") == 0) {
		do_expect(&w);
	} else if (strcmp(first, "call") == 0) {
		do_call(&w);
	} else if (strcmp(first, "reg") == 0) {
		do_reg(&w);
	} else if (strcmp(first, "reload") == 0) {
		do_reload();
	} else if (strcmp(first, "route") == 0) {
		st.w->no_route = strcmp(w.v[1], "none") == 0;
	} else if (strcmp(first, "clear") == 0) {
		if (!core_clear_call(st.w->core, st.w->core->last_id) ||
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
			do_send(world_party(st.w, first), &w);
		else
			do_get(world_party(st.w, first), &w);
	} else {
		party_line(world_party(st.w, first), &w);
	}
	free(line);
}

/* ---- files ---- */

struct lines {
	size_t n;
	char *v[LINES_MAX];
	char *text;
};

static void load(struct lines *out, const char *file)
{
	FILE *f = fopen(file, "r");
	char *p;
	size_t n;

	st.file = file;
	st.line = 0;
	if (f == NULL)
		story_fail("cannot be opened");
	out->text = mem_new(1 << 20);
	n = fread(out->text, 1, (1 << 20) - 1, f);
	out->text[n] = '\0';
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
	keyed = with_keys(joined);
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

static void play(const char *file)
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
		} else if (strncmp(line, "repeat ", 7) == 0) {
			times = (unsigned)atoi(line + 7);
			loop = i;
		} else if (strcmp(line, "again") == 0) {
			if (times-- > 1)
				i = loop;
		} else {
			do_line(line);
		}
	}
	free(l.text);
}

static void nothing_left(void)
{
	for (struct party *p = st.w->parties; p != NULL; p = p->next) {
		if (p->sent != NULL)
			story_fail("nobody looked at %s< %s", p->name,
				p->sent->what);
		for (struct sip_txn *t = p->txns; t != NULL; t = t->next)
			if (!t->done)
				story_fail("%s of %s was never answered",
					t->method, p->name);
	}
	for (struct sip_dlg *d = st.w->dlgs; d != NULL; d = d->next)
		if (!d->closed)
			story_fail("a dialog with %s is open", d->peer->name);
	if (st.w->timers != NULL)
		story_fail("a timer is running");
	if (fake_media_open != 0)
		story_fail("media is open");
}

static void run_story(const char *common, const char *file)
{
	st.w = mem_new(sizeof(*st.w));
	st.w->port.ops = &fake_port_ops;
	st.w->now = 1000;
	fake_media_port = 20000;
	fake_media_full = false;
	flow_ids = 0;
	play(common);
	play(file);
	st.file = file;
	if (st.w->core != NULL)
		core_free(st.w->core);
	nothing_left();
	world_free(st.w);
	st.w = NULL;
	free(st.conf);
	st.conf = NULL;
	while (st.nsdps > 0)
		free(st.sdp[--st.nsdps].text);
	while (st.nvars > 0)
		free(st.var[--st.nvars].value);
	free(from_value);
	free(to_value);
	from_value = to_value = NULL;
}

/* Which rows of a call's table no story has taken. */
static int coverage(void)
{
	struct call_rule_use v[128];
	size_t n = call_rules(v, ARRAY_SIZE(v)), taken = 0;

	for (size_t i = 0; i < n; i++) {
		taken += v[i].taken > 0;
		if (v[i].taken == 0)
			(void)printf("never taken: %s + %s\n",
				call_state_name(v[i].state),
				call_event_name(v[i].event));
	}
	(void)printf("%zu of %zu rows of the call table taken\n", taken, n);
	return taken == n ? 0 : 1;
}

/* story COMMON FILE…: with more than one FILE the table must be covered. */
int main(int argc, char **argv)
{
	struct log_params quiet = { .level = LOG_SEV_EMERGENCY };

	if (argc < 3)
		return 2;
	if (log_setup(&quiet) != 0)
		return 2;
	for (int i = 2; i < argc; i++) {
		run_story(argv[1], argv[i]);
		(void)printf("ok %s\n", argv[i]);
	}
	return argc > 3 ? coverage() : 0;
}
