/* "P1> INVITE …", "core> 200 INVITE …": what far ends send. */
#include "story.h"

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
static const struct party *beside; /* whose dialog has a NOTIFY's Call-ID */

/* Bytes that no text can hold, of the last message. */
static struct slice unhex(const char *s)
{
	static char bytes[64];
	size_t n = 0;

	for (; s[0] != '\0' && s[1] != '\0' && n < sizeof(bytes); s += 2)
		bytes[n++] = (char)(hex_digit(s[0]) << 4 | hex_digit(s[1]));
	return slice_of(bytes, n);
}

static void read_msg(struct sip_msg *m, const struct words *w, size_t i)
{
	const char *user = "caller", *host = "example.com";

	beside = NULL;
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
			m->body = slice_str(story_sdp(value));
		} else if (strcmp(w->v[i], "text") == 0) {
			m->body = slice_str(story_sdp(value));
		} else if (strcmp(w->v[i], "hex") == 0) {
			m->body = unhex(value);
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
		} else if (strcmp(w->v[i], "cseq") == 0) {
			m->cseq = (uint32_t)atoi(value);
		} else if (strcmp(w->v[i], "rseq") == 0) {
			m->rseq = (uint32_t)atoi(value);
		} else if (strcmp(w->v[i], "tag") == 0) {
			m->to_tag = slice_str(value);
		} else if (strcmp(w->v[i], "beside") == 0) {
			beside = world_party(st.w, value);
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

static void send_cancel(struct party *p, const struct sip_msg *m)
{
	struct sip_txn *t = far_invite_open(p, NULL);

	if (t != NULL)
		far_cancel(t, m);
	else
		(void)party_queue(p, "481 CANCEL");
}

/* An ACK, or that none came (m NULL), to the INVITE answered last. One that
 * comes once more goes its way, too. */
static void send_ack(
	struct party *p, struct sip_dlg *d, const struct sip_msg *m)
{
	struct sip_txn *t = far_invite_unacked(p, d);

	if (t != NULL)
		far_ack(t, m);
	else if (!d->closed)
		d->user->ack(d->arg, m);
}

static void send_prack(
	struct party *p, struct sip_dlg *d, const struct sip_msg *m)
{
	struct sip_txn *t = p->txns;

	while (t != NULL && (t->dlg != d || strcmp(t->method, "INVITE") != 0))
		t = t->next;
	far_prack(d, t, m);
}

static void send_request(struct party *p, const struct words *w)
{
	static struct sip_msg m;
	size_t i = 2;
	struct sip_dlg *d = p->dlg;
	char host[ADDR_TEXT];

	m = (struct sip_msg){ .method = far_method(w->v[1]),
		.method_name = slice_str(w->v[1]),
		.via_host = slice_str(addr_host(&p->addr, host)) };
	if (i < w->n && (strncmp(w->v[i], "sip", 3) == 0 ||
				strncmp(w->v[i], "tel:", 4) == 0)) {
		m.ruri = slice_str(w->v[i++]);
		d = NULL;
	}
	if (m.method == SIP_INVITE)
		add_contacts(&m, "<sip:far@end>");
	read_msg(&m, w, i);
	if (beside != NULL) {
		far_fork(p, beside->dlg, &m);
		return;
	}
	if (d == NULL && m.ruri.n == 0)
		story_fail("%s has no dialog", p->name);
	if (m.method == SIP_CANCEL)
		send_cancel(p, &m);
	else if (m.method == SIP_ACK)
		send_ack(p, d, &m);
	else if (m.method == SIP_PRACK)
		send_prack(p, d, &m);
	else
		far_request(p, d, &m);
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
		.method = far_method(w->v[2]),
		.method_name = slice_str(w->v[2]) };
	read_msg(&m, w, 3);
	far_respond(c, &m);
}

/* "P1> …" */
void story_send(struct party *p, const struct words *w)
{
	story_start();
	if (strcmp(w->v[1], "noack") == 0)
		send_ack(p, p->dlg, NULL);
	else if (strcmp(w->v[1], "noprack") == 0)
		send_prack(p, p->dlg, NULL);
	else if (isdigit((unsigned char)w->v[1][0]))
		send_response(p, w);
	else
		send_request(p, w);
}

void story_send_free(void)
{
	free(from_value);
	free(to_value);
	from_value = to_value = NULL;
}
