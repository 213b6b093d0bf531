/* Who takes part in a story, and over which connections. */
#include "story.h"

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
	p->world = st.w;
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

void story_phone(const struct words *w)
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

void story_host(const struct words *w)
{
	struct party *p =
		party_add(w->v[1], "INSIDE", CONF_CORE, CONF_UDP, w->v[2]);

	p->identity = flag(w, "certified") ? identity_make(w->v[1], NULL, true)
					   : identity_none();
}

void story_alias(const struct words *w)
{
	const struct party *of = world_party(st.w, w->v[2]);
	char addr[ADDR_TEXT];
	struct party *p = party_add(w->v[1], of->listener, of->side,
		of->transport, addr_host(&of->addr, addr));

	p->identity = obj_ref(of->identity);
	p->flow = obj_ref(of->flow);
}

/* The configuration that stands in st.conf: what was read before is kept, many
 * worlds have the same. */
static struct conf *configuration(void)
{
	static char *text;
	static struct conf *c;
	struct conf_errs errs = { 0 };

	if (text != NULL && strcmp(text, st.conf) == 0)
		return obj_ref(c);
	obj_unref(c);
	free(text);
	text = mem_dup(st.conf);
	c = conf_parse(slice_str(st.conf), "story", &errs);
	if (c == NULL) {
		conf_errs_print(&errs, "conf", stderr);
		story_fail("the configuration is wrong");
	}
	conf_errs_free(&errs);
	return obj_ref(c);
}

void story_start(void)
{
	struct core_params p = { .port = &st.w->port,
		.media_ops = &fake_media_ops };

	if (st.w->conf != NULL) /* running, or stopped */
		return;
	st.w->conf = configuration();
	p.conf = st.w->conf;
	st.w->core = core_new(&p);
	fake_sounds(st.w->core, st.w->conf);
	core_register_trunks(st.w->core);
	for (size_t i = 0; i < METRIC_COUNT; i++)
		st.metric[i] = metric_read((enum metric)i);
}

/* A new configuration for what comes next. */
void story_reload(void)
{
	struct conf *c = configuration();

	core_set_conf(st.w->core, c);
	fake_sounds(st.w->core, c);
	core_register_trunks(st.w->core);
	obj_unref(st.w->conf);
	st.w->conf = c;
}

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

void story_party_line(struct party *p, const struct words *w)
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
