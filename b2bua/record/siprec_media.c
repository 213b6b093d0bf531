/*
 * The media of a recording: two streams that are only sent, each in the codec
 * of the party whose words they are (RFC 7866 7.1), and the metadata beside
 * their description. Payload types are those that the parties send, so that
 * copies need not be rewritten (RFC 3264 5.1, a=sendonly).
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "b2bua/call/desc.h"
#include "b2bua/record/siprec_int.h"
#include "b2bua/sip/mime_parts.h"
#include "base/obj.h"

const char rec_label[REC_STREAMS][2] = { "1", "2" };

/* ---- ports ---- */

static void on_media(void *owner, const struct media_event *ev)
{
	struct recording *r = owner;

	if (ev->kind != MEDIA_SOCKET && ev->kind != MEDIA_LOOP)
		return;
	log_event(MSG_CALL_MEDIA_SOCKET, &r->log,
		L_STR("reason", ev->kind == MEDIA_LOOP
					? "the recorder is ourselves"
					: strerrordesc_np(ev->err)));
}

static struct media_place place_of(const struct recording *r)
{
	return (struct media_place){ .core = r->core,
		.conf = r->conf,
		.listener = r->listener,
		.where = r->where,
		.peer = rec_peer(r) };
}

int rec_open_media(struct recording *r)
{
	const struct media_place place = place_of(r);
	struct mcall_params p = { .beside = r->call->media,
		.local = { media_place_bind(&place), media_place_bind(&place) },
		.apart = true,
		.log = r->log,
		.event = on_media,
		.owner = r };

	rec_stop_media(r); /* of the target before: another address, maybe */
	return r->core->media_ops->open(&r->media, r->core->media, &p);
}

/* ---- what the recorder is told of the call ---- */

/* The codec of what a party says, and what accompanies it. */
static void put_codecs(struct text *line, struct text *maps,
	const struct mdesc *local, const struct mdesc *remote)
{
	const struct neg_pair pair = { local, remote };
	const struct mdesc_codec *spoken = neg_spoken(&pair);

	for (size_t i = 0; spoken != NULL && i < local->ncodecs; i++) {
		const struct mdesc_codec *c = &local->codec[i];
		bool both = false;

		for (size_t k = 0; k < remote->ncodecs; k++)
			both |= strcasecmp(remote->codec[k].name, c->name) == 0;
		if (!neg_codec_same(c, spoken) &&
			!(neg_codec_is_companion(c) && both))
			continue;
		text_printf(line, " %u", c->pt);
		text_printf(maps, "a=rtpmap:%u %s/%u%s\r\n", c->pt, c->name,
			c->rate, c->channels > 1 ? "/2" : "");
		if (c->fmtp[0] != '\0')
			text_printf(maps, "a=fmtp:%u %s\r\n", c->pt, c->fmtp);
	}
}

static bool flows(const struct mdesc *from, const struct mdesc *to)
{
	return (from->dir == MDESC_SENDRECV || from->dir == MDESC_SENDONLY) &&
	       (to->dir == MDESC_SENDRECV || to->dir == MDESC_RECVONLY);
}

/* A leg's stream; without sound (fax, refused, or
 * not ours to open) it is there and silent. */
static void put_stream(struct recording *r, struct text *out, int side)
{
	const struct leg *l = &r->call->leg[side];
	struct rs_party *p = &r->meta.party[side];
	struct desc local, remote;
	struct text line = { 0 }, maps = { 0 };
	bool known =
		l->now.local != NULL && l->now.remote != NULL &&
		desc_read(&local, l, slice_str(l->now.local), 0) == NEG_OK &&
		desc_read(&remote, l, slice_str(l->now.remote), 0) == NEG_OK;

	p->sends = p->hears = false;
	if (known && !local.m.raw && !local.m.opaque &&
		addr_port(&local.m.rtp) != 0 && addr_port(&remote.m.rtp) != 0) {
		put_codecs(&line, &maps, &local.m, &remote.m);
		p->sends = line.n > 0 && flows(&remote.m, &local.m);
		p->hears = flows(&local.m, &remote.m) &&
			   !addr_is_any(&remote.m.rtp);
	}
	if (line.n == 0)
		text_printf(&line, " 0");
	text_printf(out, "m=audio 9 RTP/AVP%.*s\r\n%.*s",
		SLICE_ARG(text_slice(&line)), SLICE_ARG(text_slice(&maps)));
	if (known && remote.m.ptime > 0)
		text_printf(out, "a=ptime:%u\r\n", remote.m.ptime);
	text_printf(out, "a=label:%s\r\na=%s\r\n", rec_label[side],
		p->sends ? "sendonly" : "inactive");
	text_free(&line);
	text_free(&maps);
	if (known) {
		desc_wipe(&local);
		desc_wipe(&remote);
	}
}

/* In the words of SDP without addresses and keys. */
char *rec_picture(struct recording *r)
{
	struct text t = { 0 };

	text_printf(&t, "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
			"c=IN IP4 192.0.2.1\r\nt=0 0\r\n");
	for (int i = 0; i < REC_STREAMS; i++)
		put_stream(r, &t, i);
	return text_take(&t);
}

/* ---- offer and answer ---- */

struct exchange { /* on the heap: descriptions are large */
	struct sdp like, ours, theirs;
	struct mdesc wanted, local[REC_STREAMS], had_local, had_remote, remote;
};

static struct exchange *exchange_new(void)
{
	return mem_new(sizeof(struct exchange));
}

static void exchange_free(struct exchange *x)
{
	mem_wipe(x, sizeof(*x));
	free(x);
}

static bool read_stream(const struct sdp *s, size_t i, struct mdesc *out)
{
	size_t refused;

	return i < s->nmedia && sdp_read(s, i, out, &refused) == 0;
}

/* What is in force on a stream, to keep its keys. */
static struct neg_before before(
	const struct recording *r, struct exchange *x, size_t i)
{
	if (r->local == NULL || r->remote == NULL ||
		sdp_split(&x->ours, slice_str(r->local)) != 0 ||
		sdp_split(&x->theirs, slice_str(r->remote)) != 0 ||
		!read_stream(&x->ours, i, &x->had_local) ||
		!read_stream(&x->theirs, i, &x->had_remote))
		return (struct neg_before){ 0 };
	return (struct neg_before){ &x->had_local, &x->had_remote };
}

static struct addr address(const struct recording *r, int i)
{
	const struct media_place place = place_of(r);
	struct addr bound = r->core->media_ops->local(r->media, i);

	return media_place_told(&place, &bound);
}

/* r->coming of x->local; the version of o= grows only with a change. */
static void write_coming(struct recording *r, struct exchange *x)
{
	struct sdp_draft d = { .like = &x->like,
		.trusted = true,
		.host = address(r, 0),
		.origin = r->origin,
		.n = REC_STREAMS };
	struct text t = { 0 };

	for (size_t i = 0; i < REC_STREAMS; i++)
		d.part[i] = (struct sdp_part){ &x->local[i], i, NULL };
	sdp_write(&t, &d);
	if (r->local != NULL && strcmp(t.p, r->local) != 0) {
		mem_wipe(t.p, t.n);
		text_free(&t);
		d.origin.version = ++r->origin.version;
		sdp_write(&t, &d);
	}
	leg_text_set(&r->coming, text_take(&t));
}

enum neg_result rec_make_offer(struct recording *r)
{
	struct exchange *x = exchange_new();
	enum neg_result result = NEG_OK;

	free(r->known);
	r->known = rec_picture(r);
	r->changed = false;
	need(sdp_split(&x->like, slice_str(r->known)) == 0);
	for (int i = 0; result == NEG_OK && i < REC_STREAMS; i++) {
		const struct neg_before had = before(r, x, (size_t)i);
		struct addr local = address(r, i);

		need(read_stream(&x->like, (size_t)i, &x->wanted));
		result = neg_make_offer(&x->local[i], &x->wanted, &r->policy,
			&local, r->plain, &had, NULL);
	}
	if (result == NEG_OK)
		write_coming(r, x);
	exchange_free(x);
	return result;
}

/* Both sides of every stream are known: media is set. */
static void put_in_force(struct recording *r, const char *remote)
{
	struct exchange *x = exchange_new();
	struct mleg_set set;
	bool secure = true, sound = false;

	leg_text_set(&r->local, r->coming);
	r->coming = NULL;
	leg_text_set(&r->remote, mem_dup(remote));
	for (int i = 0; i < REC_STREAMS; i++) {
		struct neg_before now = before(r, x, (size_t)i);

		need(now.local != NULL);
		neg_leg_set(&set, now.local, now.remote, &r->policy);
		if (addr_port(&now.remote->rtp) != 0) {
			sound = true;
			secure &= set.tx.key.n > 0;
		}
		r->core->media_ops->set(r->media, i, &set);
		mem_wipe(&set, sizeof(set));
	}
	r->core->media_ops->apply(r->media);
	r->secure = secure && sound;
	exchange_free(x);
}

/* One stream may be refused, not both: it would record nothing. */
static enum neg_result judge_answer(struct recording *r, struct exchange *x)
{
	size_t taken = 0;

	if (x->theirs.nmedia != REC_STREAMS)
		return NEG_BAD_ANSWER;
	for (size_t i = 0; i < REC_STREAMS; i++) {
		enum neg_result n;

		if (!read_stream(&x->ours, i, &x->local[i]) ||
			!read_stream(&x->theirs, i, &x->remote))
			return NEG_BAD_SDP;
		n = neg_take_answer(&x->remote, &x->local[i], &r->policy);
		if (n == NEG_REFUSED_STREAM)
			continue;
		if (n != NEG_OK)
			return n;
		taken++;
	}
	return taken > 0 ? NEG_OK : NEG_REFUSED_STREAM;
}

enum neg_result rec_take_answer(struct recording *r, struct slice sdp)
{
	struct exchange *x;
	enum neg_result result = NEG_BAD_SDP;
	char *text;

	if (sdp.n == 0 || r->coming == NULL)
		return NEG_BAD_ANSWER;
	x = exchange_new();
	if (sdp_split(&x->theirs, sdp) == 0 &&
		sdp_split(&x->ours, slice_str(r->coming)) == 0)
		result = judge_answer(r, x);
	exchange_free(x);
	if (result != NEG_OK)
		return result;
	text = slice_dup(sdp);
	put_in_force(r, text);
	leg_text_set(&text, NULL);
	return NEG_OK;
}

/* Our answer to each stream of the recorder's offer, of what the call says. */
static enum neg_result make_answers(
	struct recording *r, struct exchange *x, const struct sdp *offer)
{
	if (offer->nmedia != REC_STREAMS)
		return NEG_BAD_ANSWER;
	for (int i = 0; i < REC_STREAMS; i++) {
		const struct neg_before had = before(r, x, (size_t)i);
		struct addr local = address(r, i);
		enum neg_result n;

		if (!read_stream(offer, (size_t)i, &x->remote))
			return NEG_BAD_SDP;
		n = neg_take_offer(&x->remote, &r->policy);
		if (n != NEG_OK)
			return n;
		need(read_stream(&x->like, (size_t)i, &x->wanted));
		n = neg_make_answer(&x->local[i], &x->remote, &x->wanted,
			&r->policy, &local, &had, NULL);
		if (n != NEG_OK)
			return n;
	}
	return NEG_OK;
}

enum neg_result rec_take_offer(struct recording *r, struct slice sdp)
{
	struct exchange *x = exchange_new();
	struct sdp *offer = mem_new(sizeof(*offer));
	enum neg_result result = NEG_BAD_SDP;
	char *text = slice_dup(sdp);

	free(r->known);
	r->known = rec_picture(r);
	need(sdp_split(&x->like, slice_str(r->known)) == 0);
	if (sdp_split(offer, slice_str(text)) == 0)
		result = make_answers(r, x, offer);
	if (result == NEG_OK) {
		write_coming(r, x);
		put_in_force(r, text);
	}
	leg_text_set(&text, NULL);
	free(offer);
	exchange_free(x);
	return result;
}

/* ---- the body ---- */

/* `"Alice" <sip:2001@x>` as name and address. */
static void set_party(struct recording *r, int side)
{
	const struct leg *l = &r->call->leg[side];
	struct rs_party *p = &r->meta.party[side];
	struct sip_name_addr na;

	p->name = p->aor = (struct slice){ 0 };
	if (l->who == NULL || sip_name_addr_parse(slice_str(l->who), &na) != 0)
		return;
	p->aor = na.uri;
	p->name = slice_trim(na.display);
	if (p->name.n >= 2 && p->name.p[0] == '"')
		p->name = slice_of(p->name.p + 1, p->name.n - 2);
}

char *rec_body(struct recording *r, const char *sdp, char **type)
{
	char boundary[MIME_BOUNDARY_SIZE], *xml;
	struct text t = { 0 };

	for (int i = 0; i < REC_STREAMS; i++)
		set_party(r, i);
	xml = rs_metadata_write(&r->meta);
	mime_boundary_make(boundary);
	mime_part(&t, boundary, "application/sdp", "session;handling=required",
		slice_str(sdp));
	mime_part(&t, boundary, "application/rs-metadata+xml",
		"recording-session", slice_str(xml));
	mime_end(&t, boundary);
	free(xml);
	*type = mem_printf("multipart/mixed;boundary=%s", boundary);
	return text_take(&t);
}
