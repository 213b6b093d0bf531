/* What the lines of a dial-peer set, and how they are shown again. */
#include "conf/cmds_dialpeer.h"

void peer_set_target(struct line *l)
{
	struct conf_dial_peer *d = l->obj;
	struct target t = { 0 };
	struct arg_bad bad;

	set_str(&d->target_host, slice_of(NULL, 0));
	set_ref(l, &d->servers, M_SERVER_GROUP, NULL);
	d->target = CONF_TARGET_NONE;
	if (!l->no && !l->def && line_has(l, "registrar")) {
		d->target = CONF_TARGET_REGISTRAR;
	} else if (!l->no && !l->def && line_has(l, "sip-server")) {
		d->target = CONF_TARGET_SERVER;
	} else if (!l->no && !l->def && line_has(l, "server-group")) {
		d->target = CONF_TARGET_GROUP;
		set_ref(l, &d->servers, M_SERVER_GROUP, line_arg(l, 0));
	} else if (!l->no && !l->def) {
		need(target_parse(line_arg(l, 0)->text, &t, &bad));
		d->target = CONF_TARGET_HOST;
		set_str(&d->target_host, t.host);
	}
	d->target_addr = t.addr;
	d->target_port = t.port;
}

void peer_show_target(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	if (d->target == CONF_TARGET_NONE)
		return;
	if (d->target == CONF_TARGET_GROUP) {
		show_line(s, "session server-group %u", d->servers->tag);
		return;
	}
	fprintf(s->out, "%*ssession target ", (int)s->indent, "");
	if (d->target == CONF_TARGET_REGISTRAR)
		fputs("registrar", s->out);
	else if (d->target == CONF_TARGET_SERVER)
		fputs("sip-server", s->out);
	else
		target_show(s->out, d->target_host, &d->target_addr,
			d->target_port);
	fputc('\n', s->out);
}

void peer_set_transport(struct line *l)
{
	struct conf_dial_peer *d = l->obj;

	d->transport_set = !l->no && !l->def;
	d->transport = d->transport_set ? line_transport(l) : CONF_UDP;
}

void peer_show_transport(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	if (d->transport_set)
		show_line(s, "session transport %s",
			show_transport(d->transport));
}

void peer_set_srtp(struct line *l)
{
	struct conf_dial_peer *d = l->obj;

	d->srtp = line_srtp(l);
}

void peer_show_srtp(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	if (d->srtp != CONF_SRTP_INHERIT)
		show_line(s, "%s", show_srtp(d->srtp));
}

void peer_set_fax(struct line *l)
{
	struct conf_dial_peer *d = l->obj;

	d->fax = l->no || l->def || line_has(l, "system") ? CONF_FAX_INHERIT
							  : line_fax(l);
}

void peer_show_fax(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	if (d->fax != CONF_FAX_INHERIT)
		show_line(s, "fax protocol %s", show_fax(d->fax));
}

void peer_set_srtp_offer(struct line *l)
{
	struct conf_dial_peer *d = l->obj;

	d->srtp_offer = line_srtp_offer(l);
}

void peer_show_srtp_offer(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	if (d->srtp_offer != CONF_SRTP_OFFER_INHERIT)
		show_line(s, "srtp offer %s", show_srtp_offer(d->srtp_offer));
}

void peer_set_rtcp_mux(struct line *l)
{
	struct conf_dial_peer *x = l->obj;

	x->rtcp_mux = line_rtcp_mux(l);
}

void peer_show_rtcp_mux(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *x = s->obj;

	(void)row;
	if (x->rtcp_mux != CONF_RTCP_MUX_INHERIT)
		show_line(s, "%s", show_rtcp_mux(x->rtcp_mux));
}

void peer_set_rel1xx(struct line *l)
{
	struct conf_dial_peer *d = l->obj;

	d->rel1xx = l->no || l->def || line_has(l, "system")
			    ? CONF_REL1XX_INHERIT
			    : line_rel1xx(l);
}

void peer_show_rel1xx(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	if (d->rel1xx != CONF_REL1XX_INHERIT)
		show_line(
			s, "voice-class sip rel1xx %s", show_rel1xx(d->rel1xx));
}

/* One codec: as if it had a voice class of its own. */
void peer_set_one_codec(struct line *l)
{
	struct conf_dial_peer *d = l->obj;

	set_ref(l, &d->codecs, M_CODEC_CLASS, NULL);
	if (!l->no && !l->def)
		d->codecs = codec_single(
			l->p->conf, codec_find(line_arg(l, 0)->text));
}

void peer_set_any_codec(struct line *l)
{
	struct conf_dial_peer *d = l->obj;

	set_ref(l, &d->codecs, M_CODEC_CLASS, NULL);
}

void peer_show_one_codec(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	if (d->codecs != NULL && d->codecs->tag == 0)
		show_line(s, "codec %s", d->codecs->entry[0].codec->ios_name);
}

void peer_show_codec_class(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	if (d->codecs != NULL && d->codecs->tag != 0)
		show_line(s, "voice-class codec %u", d->codecs->tag);
}

/* ---- keys ---- */

static const char *const dtmf_ways[CONF_DTMF_COUNT] = {
	[CONF_DTMF_NTE] = "rtp-nte",
	[CONF_DTMF_NOTIFY] = "sip-notify",
	[CONF_DTMF_KPML] = "sip-kpml",
	[CONF_DTMF_INFO] = "sip-info",
};

const char *conf_dtmf_name(enum conf_dtmf way)
{
	return dtmf_ways[way];
}

static bool dtmf_add(struct conf_dial_peer *d, enum conf_dtmf way)
{
	for (size_t i = 0; i < d->ndtmf; i++)
		if (d->dtmf[i] == way)
			return false;
	d->dtmf[d->ndtmf++] = way;
	return true;
}

void peer_set_dtmf(struct line *l)
{
	struct conf_dial_peer *d = l->obj;

	d->ndtmf = 0;
	d->digit_drop = false;
	for (size_t i = 0; !l->no && !l->def && i < l->n; i++) {
		const struct word *w = &l->cap[i];

		if (slice_eq_str(w->text, "digit-drop"))
			d->digit_drop = true;
		for (size_t k = 0; k < CONF_DTMF_COUNT; k++)
			if (slice_eq_str(w->text, dtmf_ways[k]) &&
				!dtmf_add(d, (enum conf_dtmf)k))
				line_error(l, w, "write each way once",
					"%s stands here twice", dtmf_ways[k]);
	}
}

void peer_show_dtmf(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	if (d->ndtmf == 0)
		return;
	fprintf(s->out, "%*sdtmf-relay", (int)s->indent, "");
	for (size_t i = 0; i < d->ndtmf; i++)
		fprintf(s->out, " %s%s", dtmf_ways[d->dtmf[i]],
			d->dtmf[i] == CONF_DTMF_NTE && d->digit_drop
				? " digit-drop"
				: "");
	fputc('\n', s->out);
}

/* ---- what comes in here ---- */

static const char *const uri_places[] = { "via", "request", "to", "from" };

void peer_set_incoming_uri(struct line *l)
{
	struct conf_dial_peer *d = l->obj;
	const struct word *name = line_arg(l, 0);

	for (size_t i = 0; i < CONF_URI_COUNT; i++)
		if (l->n == 0 || line_has(l, uri_places[i]))
			set_ref(l, &d->incoming_uri[i], M_URI_CLASS,
				l->no || l->def ? NULL : name);
}

void peer_show_incoming_uri(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	for (size_t i = 0; i < CONF_URI_COUNT; i++)
		if (d->incoming_uri[i] != NULL)
			show_line(s, "incoming uri %s %s", uri_places[i],
				d->incoming_uri[i]->name);
}

/* ---- numbers ---- */

void peer_set_xlate(struct line *l)
{
	struct conf_dial_peer *d = l->obj;
	const struct word *name = l->no || l->def ? NULL : line_arg(l, 0);

	if (l->n == 0 || line_has(l, "incoming"))
		set_ref(l, &d->xlate_in, M_XLATE_PROFILE, name);
	if (l->n == 0 || line_has(l, "outgoing"))
		set_ref(l, &d->xlate_out, M_XLATE_PROFILE, name);
}

void peer_show_xlate(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	if (d->xlate_in != NULL)
		show_line(s, "translation-profile incoming %s",
			d->xlate_in->name);
	if (d->xlate_out != NULL)
		show_line(s, "translation-profile outgoing %s",
			d->xlate_out->name);
}

static const struct {
	const char *word;
	unsigned q850;
} block_causes[] = { { "call-reject", 21 }, { "invalid-number", 28 },
	{ "unassigned-number", 1 }, { "user-busy", 17 } };

void peer_set_block_cause(struct line *l)
{
	struct conf_dial_peer *d = l->obj;

	d->block_cause = 21;
	for (size_t i = 0; !l->no && i < ARRAY_SIZE(block_causes); i++)
		if (line_has(l, block_causes[i].word))
			d->block_cause = block_causes[i].q850;
}

void peer_show_block_cause(const struct show *s, const struct cmd *row)
{
	const struct conf_dial_peer *d = s->obj;

	(void)row;
	for (size_t i = 1; i < ARRAY_SIZE(block_causes); i++)
		if (d->block_cause == block_causes[i].q850)
			show_line(s, "call-block disconnect-cause incoming %s",
				block_causes[i].word);
}

bool conf_peer_to_host(const struct conf_dial_peer *p)
{
	return p->target == CONF_TARGET_HOST ||
	       p->target == CONF_TARGET_SERVER ||
	       p->target == CONF_TARGET_GROUP;
}
