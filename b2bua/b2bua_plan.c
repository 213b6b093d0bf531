/*
 * Reload of the sip thread: what can fail (files, sockets) is done and kept in
 * a plan; publishing it only exchanges pointers. New listeners are bound
 * beside the running ones and take nothing until then.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/b2bua_int.h"
#include "base/obj.h"
#include "base/secret.h"
#include "certs/store/seal.h"
#include "media/sound.h"

struct planned {
	const struct conf_listener *lc;
	struct trustpoint *trustpoint; /* one reference; NULL: none */
	struct endpoint *endpoint;
	bool fresh; /* made for this plan */
	int err;
};

struct b2bua_plan {
	struct b2bua *b;
	struct conf *conf;
	struct trustpoints trustpoints;
	struct core_sound *sounds;
	size_t nsounds;
	struct core_password *passwords; /* sealed ones, opened */
	size_t npasswords;
	struct planned *v;
	size_t n;
};

static struct trustpoint *find(const struct trustpoints *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(trustpoint_name(t->v[i]), name) == 0)
			return t->v[i];
	return NULL;
}

/* ---- trustpoints: main thread ---- */

static int load_trustpoints(struct b2bua_plan *p, struct conf_errs *errs)
{
	const struct conf_trustpoint *c;
	int err = 0;
	size_t n = 0;

	for (c = p->conf->trustpoints; c != NULL; c = c->next)
		n++;
	p->trustpoints.v = mem_array(n + 1, sizeof(struct trustpoint *));
	for (c = p->conf->trustpoints; c != NULL; c = c->next) {
		struct trustpoint *t;
		int e = trustpoint_load(&t, c, errs);

		if (e == 0)
			p->trustpoints.v[p->trustpoints.n++] = t;
		else
			err = e; /* go on: one run shows every error */
	}
	return err;
}

/* ---- what is played: main thread ---- */

static void add_sound(struct b2bua_plan *p, enum core_sound_kind kind,
	unsigned tag, unsigned status, struct sound *s)
{
	p->sounds = mem_resize(p->sounds, p->nsounds + 1, sizeof(*p->sounds));
	p->sounds[p->nsounds++] = (struct core_sound){
		.kind = kind, .tag = tag, .status = status, .sound = s
	};
}

struct sound_at { /* a line that names a file */
	const char *what; /* how its section is called */
	enum core_sound_kind kind;
	unsigned tag, status;
	struct conf_pos pos;
	const char *file;
};

static int load_sound(
	struct b2bua_plan *p, struct conf_errs *errs, const struct sound_at *at)
{
	char why[SOUND_WHY];
	struct sound *s;
	int err = sound_load(&s, at->file, why);

	if (err == 0)
		add_sound(p, at->kind, at->tag, at->status, s);
	else
		conf_errs_add(errs, false, at->pos,
			"name a WAV, AIFF, FLAC or Ogg file",
			"%s %u cannot play %s: %s", at->what, at->tag, at->file,
			why);
	return err;
}

static int load_announcement(struct b2bua_plan *p, struct conf_errs *errs,
	const struct conf_announcement *a)
{
	struct sound_at at = { "voice class announcement", SOUND_REFUSAL,
		a->tag, 0, a->pos, a->file };
	int err = a->file != NULL ? load_sound(p, errs, &at) : 0;

	for (size_t i = 0; i < a->n; i++) {
		int e;

		at.status = a->row[i].status;
		at.file = a->row[i].file;
		e = load_sound(p, errs, &at);
		err = err != 0 ? err : e;
	}
	return err;
}

static bool has_ringback(const struct b2bua_plan *p, unsigned tag)
{
	for (size_t i = 0; i < p->nsounds; i++)
		if (p->sounds[i].kind == SOUND_RINGBACK &&
			p->sounds[i].tag == tag)
			return true;
	return false;
}

/* Under the peer's tag; the cadence, which all have in common, under 0. */
static int load_ringback(struct b2bua_plan *p, struct conf_errs *errs,
	const struct conf_dial_peer *d)
{
	const struct conf_dial_peer *same = p->conf->dial_peers;

	if (d->ringback_file == NULL) {
		if (d->ringback && !has_ringback(p, 0))
			add_sound(p, SOUND_RINGBACK, 0, 0,
				sound_ringback(
					&conf_cptones[p->conf->voip.cptone]));
		return 0;
	}
	while (same != d &&
		(same->ringback_file == NULL ||
			strcmp(same->ringback_file, d->ringback_file) != 0))
		same = same->next;
	if (same == d)
		return load_sound(p, errs,
			&(struct sound_at){ "dial-peer voice", SOUND_RINGBACK,
				d->tag, 0, d->pos, d->ringback_file });
	for (size_t i = 0; i < p->nsounds; i++)
		if (p->sounds[i].kind == SOUND_RINGBACK &&
			p->sounds[i].tag == same->tag) {
			add_sound(p, SOUND_RINGBACK, d->tag, 0,
				obj_ref(p->sounds[i].sound));
			return 0;
		}
	return EBADMSG; /* it was told of there */
}

/* Each file is read, so that one run shows every error. */
static int load_sounds(struct b2bua_plan *p, struct conf_errs *errs)
{
	const struct conf *c = p->conf;
	int err = 0;

	for (const struct conf_moh_group *m = c->moh_groups; m != NULL;
		m = m->next) {
		int e = load_sound(p, errs,
			&(struct sound_at){ "voice moh-group", SOUND_MUSIC,
				m->tag, 0, m->pos, m->file });

		err = err != 0 ? err : e;
	}
	for (const struct conf_announcement *a = c->announcements; a != NULL;
		a = a->next) {
		int e = load_announcement(p, errs, a);

		err = err != 0 ? err : e;
	}
	for (const struct conf_dial_peer *d = c->dial_peers; d != NULL;
		d = d->next) {
		int e = load_ringback(p, errs, d);

		err = err != 0 ? err : e;
	}
	return err;
}

/* What did not change stays the same object, so that connections made with it
 * are still found. */
static void keep_unchanged(struct b2bua *b, struct b2bua_plan *p)
{
	for (size_t i = 0; i < p->trustpoints.n; i++) {
		struct trustpoint **t = &p->trustpoints.v[i];
		struct trustpoint *old =
			find(&b->trustpoints, trustpoint_name(*t));

		if (old != NULL && trustpoint_equal(old, *t)) {
			obj_unref(*t);
			*t = obj_ref(old);
		}
	}
}

/* ---- listeners: sip thread ---- */

/* Clients may be judged by another trustpoint than the one that is shown. */
static int plan_trustpoint(struct b2bua_plan *p, struct planned *l)
{
	const struct conf_trustpoint *vtp = conf_listener_vtp(p->conf, l->lc);
	struct trustpoint *own, *judges = NULL;

	if (l->lc->trustpoint == NULL)
		return 0;
	own = find(&p->trustpoints, l->lc->trustpoint->name);
	if (vtp != NULL)
		judges = find(&p->trustpoints, vtp->name);
	if (own == NULL || judges == NULL) {
		l->trustpoint = obj_ref(own);
		return 0;
	}
	return trustpoint_combine(&l->trustpoint, own, judges);
}

static void plan_listener(struct b2bua_plan *p, struct planned *l)
{
	l->err = plan_trustpoint(p, l);
	if (l->err != 0)
		return;
	l->endpoint = endpoint_same(p->b->port, l->lc);
	if (l->endpoint != NULL)
		return;
	l->err = endpoint_open(
		&l->endpoint, p->b->port, l->lc, p->conf, l->trustpoint);
	l->fresh = l->err == 0;
}

static void do_prepare(struct b2bua *b, void *arg)
{
	struct b2bua_plan *p = arg;
	const struct conf_listener *lc;

	keep_unchanged(b, p);
	for (lc = p->conf->listeners; lc != NULL; lc = lc->next)
		p->n++;
	p->v = mem_array(p->n + 1, sizeof(*p->v));
	p->n = 0;
	for (lc = p->conf->listeners; lc != NULL; lc = lc->next) {
		p->v[p->n].lc = lc;
		plan_listener(p, &p->v[p->n++]);
	}
}

static const char *hint_for(int err)
{
	switch (err) {
	case EADDRINUSE:
		return "another program or listener has that port: see `ss -ltunp`";
	case EADDRNOTAVAIL:
		return "no interface of this machine has that address";
	case EACCES:
		return "ports below 1024 need CAP_NET_BIND_SERVICE";
	default:
		return NULL;
	}
}

static int complain(const struct b2bua_plan *p, struct conf_errs *errs)
{
	static const char *const names[] = { "UDP", "TCP", "TLS" };
	int err = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct planned *l = &p->v[i];
		char where[ADDR_TEXT];

		if (l->err == 0)
			continue;
		err = l->err;
		conf_errs_add(errs, false, l->lc->pos, hint_for(err),
			"sip-listener %s cannot listen on %s over %s: %s",
			l->lc->name, addr_text(&l->lc->addr, where),
			names[l->lc->transport], strerrordesc_np(err));
	}
	return err;
}

/* ---- in force, or not ---- */

static void do_publish(struct b2bua *b, void *arg)
{
	struct b2bua_plan *p = arg;
	struct trustpoints old = b->trustpoints;
	struct core_params cp = { .port = b->port,
		.media_ops = &core_media_real,
		.media = b->media,
		.conf = p->conf };
	struct conf *old_conf = b->conf;
	struct endpoint *e, *next;

	b->conf = obj_ref(p->conf);
	sip_nta_set_conf(b->port, b->conf);
	b->trustpoints = p->trustpoints;
	p->trustpoints = (struct trustpoints){ 0 };
	if (b->core == NULL) {
		b->core = core_new(&cp);
		sip_nta_set_user(b->port, &core_sip_user, b->core);
	} else {
		core_set_conf(b->core, b->conf);
	}
	core_set_sounds(b->core, p->sounds, p->nsounds);
	core_set_trustpoints(b->core, b->trustpoints.v, b->trustpoints.n);
	core_set_passwords(b->core, p->passwords, p->npasswords);
	media_set_range(b->media, p->conf->voip.rtp_min, p->conf->voip.rtp_max);
	for (e = endpoint_next(b->port, NULL); e != NULL; e = next) {
		bool wanted = false;

		next = endpoint_next(b->port, e);
		for (size_t i = 0; i < p->n && !wanted; i++)
			wanted = p->v[i].endpoint == e;
		if (!wanted)
			endpoint_retire(e);
	}
	for (size_t i = 0; i < p->n; i++)
		endpoint_publish(p->v[i].endpoint, p->v[i].lc, p->conf,
			p->v[i].trustpoint);
	core_register_trunks(b->core);
	trustpoints_free(&old);
	obj_unref(old_conf);
}

static void do_discard(struct b2bua *b, void *arg)
{
	struct b2bua_plan *p = arg;

	(void)b;
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].fresh)
			endpoint_discard(p->v[i].endpoint);
}

static void plan_free(struct b2bua_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		obj_unref(p->v[i].trustpoint);
	trustpoints_free(&p->trustpoints);
	for (size_t i = 0; i < p->nsounds; i++)
		obj_unref(p->sounds[i].sound);
	free(p->sounds);
	for (size_t i = 0; i < p->npasswords; i++) {
		mem_wipe(p->passwords[i].clear, strlen(p->passwords[i].clear));
		free(p->passwords[i].clear);
		free(p->passwords[i].sealed);
	}
	free(p->passwords);
	obj_unref(p->conf);
	free(p->v);
	free(p);
}

/* One that cannot be opened refuses the configuration: seal_check_conf(). */
static void open_passwords(struct b2bua_plan *p, const struct conf_auths *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct conf_secret *s = &a->v[i].password;
		char *clear, *why;

		if (!s->sealed)
			continue;
		if (seal_password(&clear, s, p->conf->master_key_file,
			    p->conf->master_key_credential, &why) != 0) {
			free(why);
			continue;
		}
		p->passwords = mem_resize(
			p->passwords, p->npasswords + 1, sizeof(*p->passwords));
		p->passwords[p->npasswords++] =
			(struct core_password){ mem_dup(s->text), clear };
	}
}

static void load_passwords(struct b2bua_plan *p)
{
	open_passwords(p, &p->conf->ua.auths);
	for (const struct conf_tenant *t = p->conf->tenants; t != NULL;
		t = t->next)
		open_passwords(p, &t->auths);
	for (const struct conf_dial_peer *d = p->conf->dial_peers; d != NULL;
		d = d->next)
		open_passwords(p, &d->auths);
}

int b2bua_prepare(struct b2bua_plan **out, struct b2bua *b, struct conf *c,
	struct conf_errs *errs)
{
	struct b2bua_plan *p = mem_new(sizeof(*p));
	int err;

	*out = NULL;
	p->b = b;
	p->conf = obj_ref(c);
	load_passwords(p);
	err = load_trustpoints(p, errs);
	if (load_sounds(p, errs) != 0)
		err = EINVAL; /* each has been told */
	if (err == 0) {
		b2bua_call(b, do_prepare, p);
		err = complain(p, errs);
	}
	if (err != 0) {
		b2bua_discard(p);
		return err;
	}
	*out = p;
	return 0;
}

void b2bua_publish(struct b2bua_plan *p)
{
	b2bua_call(p->b, do_publish, p);
	plan_free(p);
}

void b2bua_discard(struct b2bua_plan *p)
{
	b2bua_call(p->b, do_discard, p);
	plan_free(p);
}
