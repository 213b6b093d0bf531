/*
 * The making of a configuration: text or file in, checked model out; and the
 * end of it. Look-ups in a model.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"
#include "conf/index.h"

static void free_sections(struct conf *c, enum cmd_mode m)
{
	void *s = section_first(c, m);

	while (s != NULL) {
		void *next = section_next(s);

		modes[m].free(s);
		s = next;
	}
}

static void conf_free(void *obj)
{
	struct conf *c = obj;
	const char *log_file = c->logging.file;

	for (enum cmd_mode m = M_GLOBAL; m < M_SKIP; m++)
		if (modes[m].size > 0 && modes[m].only == NULL)
			free_sections(c, m);
	free(c->file);
	free(c->hostname);
	free(c->ua.registrar_host);
	free(c->ua.registrar_peer_name);
	auths_free(&c->ua.auths);
	caller_free(&c->voip.caller);
	outbound_free(&c->voip.outbound);
	free(c->ua.server.host);
	limits_free(c);
	names_free(c);
	accounting_free(c);
	conf_index_clear(c);
	free(ptr_get(&log_file));
	free(c->state_directory);
	free(c->master_key_file);
	free(c->master_key_credential);
	free(c->control_socket);
	free(c->user);
	free(c->capf.phone);
	free(c->credentials.username);
	secret_free(&c->credentials.secret);
	free(c->capf.issuer_name);
	secret_free(&c->capf.password);
}

struct conf *conf_new(const char *file)
{
	struct conf *c = obj_new(sizeof(*c), conf_free);

	c->file = mem_dup(file);
	limits_defaults(c);
	return c;
}

struct conf *conf_parse(
	struct slice text, const char *file, struct conf_errs *errs)
{
	size_t before = errs->errors;
	struct conf *c;
	struct parse p;

	if (text.n > CONF_SIZE_MAX) {
		conf_errs_add(errs, false, (struct conf_pos){ 0 }, NULL,
			"the configuration is larger than 16 MB");
		return NULL;
	}
	parse_begin(&p, file, errs);
	parse_text(&p, text);
	check_conf(&p);
	parse_end(&p);
	c = p.conf;
	if (errs->errors != before)
		return obj_unref(c);
	conf_index_build(c);
	return c;
}

/* At most one byte more than is accepted. */
static char *read_all(FILE *in, size_t *n)
{
	size_t room = 1 << 16;
	char *p = mem_resize(NULL, room, 1);

	*n = 0;
	for (;;) {
		*n += fread(p + *n, 1, room - *n, in);
		if (*n < room || *n > CONF_SIZE_MAX)
			return p;
		room *= 2;
		p = mem_resize(p, room, 1);
	}
}

struct conf *conf_load(const char *file, struct conf_errs *errs)
{
	bool is_stdin = strcmp(file, "-") == 0;
	FILE *in = is_stdin ? stdin : fopen(file, "re");
	struct conf *c = NULL;
	char *text;
	size_t n;
	int err;

	if (in == NULL) {
		conf_errs_add(errs, false, (struct conf_pos){ 0 }, NULL,
			"cannot be opened: %s", strerrordesc_np(errno));
		return NULL;
	}
	errno = 0;
	text = read_all(in, &n);
	err = ferror(in) ? errno : 0;
	if (!is_stdin)
		fclose(in);
	if (err != 0)
		conf_errs_add(errs, false, (struct conf_pos){ 0 }, NULL,
			"cannot be read: %s", strerrordesc_np(err));
	else
		c = conf_parse(slice_of(text, n), file, errs);
	free(text);
	if (c != NULL && !e164_load_files(c, errs))
		c = obj_unref(c);
	if (c != NULL)
		conf_index_build(c); /* once more, with what files told */
	return c;
}

const struct conf_trustpoint *conf_find_trustpoint(
	const struct conf *c, const char *name)
{
	return section_find(c, M_TRUSTPOINT, slice_str(name), NULL);
}

bool conf_trustpoint_stored(const struct conf_trustpoint *t)
{
	return t->enrollment != CONF_ENROLL_NONE && t->cert_file == NULL;
}

bool conf_trustpoint_has_own(const struct conf_trustpoint *t)
{
	return t->cert_file != NULL || conf_trustpoint_stored(t);
}

bool conf_trustpoint_has_anchors(const struct conf_trustpoint *t)
{
	return t->ca_file != NULL || t->ca_trustpoint != NULL ||
	       (conf_trustpoint_stored(t) &&
		       t->enrollment != CONF_ENROLL_SELFSIGNED);
}

char *conf_trustpoint_source(const struct conf_trustpoint *t)
{
	char host[ADDR_TEXT];

	if (t->source_interface != NULL)
		return mem_printf("if!%s", t->source_interface);
	return addr_is_set(&t->source) ? mem_dup(addr_host(&t->source, host))
				       : NULL;
}

const struct conf_listener *conf_find_listener(
	const struct conf *c, const char *name)
{
	return section_find(c, M_LISTENER, slice_str(name), NULL);
}

const struct conf_dial_peer *conf_find_dial_peer(
	const struct conf *c, unsigned tag)
{
	const struct conf_dial_peer *p = c->dial_peers;

	while (p != NULL && p->tag != tag)
		p = p->next;
	return p;
}

const struct conf_trustpoint *conf_listener_vtp(
	const struct conf *c, const struct conf_listener *l)
{
	const struct conf_trustpoint *t = l->client_vtp;

	if (t == NULL && l->tls_profile != NULL)
		t = l->tls_profile->client_vtp;
	if (t == NULL && l->side == CONF_CORE)
		t = c->ua.client_vtp;
	return t != l->trustpoint ? t : NULL;
}

enum conf_srtp conf_peer_srtp(
	const struct conf *c, const struct conf_dial_peer *p)
{
	enum conf_srtp s = p->srtp;

	if (s == CONF_SRTP_INHERIT && p->tenant != NULL)
		s = p->tenant->srtp;
	return s == CONF_SRTP_INHERIT ? c->voip.srtp : s;
}

const struct conf_crypto_class *conf_peer_cryptos(
	const struct conf_dial_peer *p)
{
	return p->cryptos == NULL && p->tenant != NULL ? p->tenant->cryptos
						       : p->cryptos;
}

enum conf_fax conf_peer_fax(
	const struct conf *c, const struct conf_dial_peer *p)
{
	enum conf_fax f = p != NULL ? p->fax : CONF_FAX_INHERIT;

	if (f == CONF_FAX_INHERIT)
		f = c->voip.fax;
	return f == CONF_FAX_INHERIT ? CONF_FAX_T38 : f;
}

unsigned conf_calls_possible(const struct conf *c)
{
	unsigned pairs = (unsigned)c->voip.rtp_max / 2 + 1 -
			 ((unsigned)c->voip.rtp_min + 1) / 2;
	unsigned limit = c->voip.max_calls;

	return limit != 0 && limit < pairs / 2 ? limit : pairs / 2;
}

enum conf_srtp_offer conf_peer_srtp_offer(
	const struct conf *c, const struct conf_dial_peer *p)
{
	enum conf_srtp_offer o =
		p != NULL ? p->srtp_offer : CONF_SRTP_OFFER_INHERIT;

	if (o == CONF_SRTP_OFFER_INHERIT && p != NULL && p->tenant != NULL)
		o = p->tenant->srtp_offer;
	if (o == CONF_SRTP_OFFER_INHERIT)
		o = c->voip.srtp_offer;
	return o == CONF_SRTP_OFFER_INHERIT ? CONF_SRTP_OFFER_SAVP : o;
}

enum conf_rtcp_mux conf_peer_rtcp_mux(
	const struct conf *c, const struct conf_dial_peer *p)
{
	enum conf_rtcp_mux m = p != NULL ? p->rtcp_mux : CONF_RTCP_MUX_INHERIT;

	if (m == CONF_RTCP_MUX_INHERIT && p != NULL && p->tenant != NULL)
		m = p->tenant->rtcp_mux;
	if (m == CONF_RTCP_MUX_INHERIT)
		m = c->voip.rtcp_mux;
	return m == CONF_RTCP_MUX_INHERIT ? CONF_RTCP_MUX_ANSWER : m;
}
