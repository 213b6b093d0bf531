/* A sound, played. See player.h. */
#include "media/player.h"

#include <errno.h>
#include <stdlib.h>

#include "base/obj.h"
#include "base/secret.h"
#include "media/rtp.h"

enum {
	RISE_MS = 20, /* from silence to full loudness: no click */
	STALL_MS = 200,
};

static const uint64_t second_ns = 1000000000;

struct player {
	struct sound *sound; /* owned */
	struct xcode_side to;
	unsigned rate;
	void *enc;
	const int16_t *pcm; /* the sound's */
	size_t n, at; /* samples; the next one */
	size_t rise; /* samples until it is as loud as it is */
	bool once, stopping;
	enum player_state state;
	size_t packet; /* samples */
	int16_t *room; /* of a packet */
	uint64_t due_ns; /* 0: has not begun */
	uint32_t ssrc, ts;
	uint16_t seq;
	bool marker;
};

/* The better of the two that the codec takes. */
static unsigned choose_rate(const struct codec *c)
{
	return codec_has_rate(c, 16000)	 ? 16000
	       : codec_has_rate(c, 8000) ? 8000
					 : 0;
}

bool player_can(const struct codec *c)
{
	return choose_rate(c) != 0;
}

struct player *player_new(
	struct sound *s, const struct xcode_side *to, bool once)
{
	struct player *p;
	unsigned rate = choose_rate(to->codec);

	if (rate == 0)
		return NULL;
	p = mem_new(sizeof(*p));
	p->sound = obj_ref(s);
	p->to = *to;
	p->once = once;
	p->rate = rate;
	p->enc = to->codec->enc_open(rate, &to->options);
	p->pcm = sound_samples(s, rate, &p->n);
	p->rise = (size_t)rate * RISE_MS / 1000;
	p->packet = codec_packet(to->codec, rate, to->ptime_ms);
	p->room = mem_array(p->packet, sizeof(p->room[0]));
	p->ssrc = random_u32();
	p->ts = random_u32();
	p->seq = (uint16_t)random_u32();
	p->marker = true;
	return p;
}

void player_free(struct player *p)
{
	if (p == NULL)
		return;
	p->to.codec->enc_close(p->enc);
	obj_unref(p->sound);
	free(p->room);
	free(p);
}

void player_stop(struct player *p)
{
	p->stopping = true;
}

enum player_state player_state(const struct player *p)
{
	return p->state;
}

/* The next sample; silence behind the end of what is played once. */
static int32_t next(struct player *p)
{
	int32_t v;

	if (p->at == p->n && !p->once)
		p->at = 0;
	if (p->at == p->n)
		return 0;
	v = p->pcm[p->at++];
	if (p->rise > 0) {
		int32_t all = (int32_t)(p->rate * RISE_MS / 1000);

		v = v * (all - (int32_t)p->rise) / all;
		p->rise--;
	}
	return v;
}

static void fill(struct player *p)
{
	int32_t all = (int32_t)p->packet;

	for (int32_t i = 0; i < all; i++) {
		int32_t v = next(p);

		if (p->stopping)
			v = v * (all - i) / all;
		p->room[i] = (int16_t)v;
	}
	if (p->stopping)
		p->state = PLAYER_STOPPED;
	else if (p->once && p->at == p->n)
		p->state = PLAYER_ENDED;
}

static bool is_due(struct player *p, uint64_t now_ns)
{
	uint64_t stall = STALL_MS * second_ns / 1000;

	if (p->due_ns == 0 || now_ns > p->due_ns + stall)
		p->due_ns = now_ns;
	return now_ns >= p->due_ns;
}

int player_next(struct player *p, uint64_t now_ns, struct pkt *out,
	struct xcode_out *about)
{
	size_t skip = 0, bytes;
	uint32_t units =
		(uint32_t)((uint64_t)p->packet * p->to.codec->clock / p->rate);

	if (p->state != PLAYER_ON || !is_due(p, now_ns))
		return EAGAIN;
	p->due_ns += (uint64_t)p->packet * second_ns / p->rate;
	fill(p);
	bytes = p->to.codec->encode(p->enc, p->room, p->packet,
		out->p + RTP_HEADER, out->room - RTP_HEADER - XFORM_OVERHEAD,
		&skip);
	p->ts += units;
	if (bytes == 0) {
		p->marker = true;
		return EAGAIN; /* silence that need not be sent */
	}
	out->p[0] = 0x80;
	out->p[1] = (uint8_t)(p->to.to | (p->marker ? 0x80 : 0));
	put_u16(out->p + 2, p->seq++);
	put_u32(out->p + 4, p->ts);
	put_u32(out->p + 8, p->ssrc);
	p->marker = false;
	out->n = RTP_HEADER + bytes;
	*about = (struct xcode_out){ .ssrc = p->ssrc, .payload = bytes };
	return 0;
}
