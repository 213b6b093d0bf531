/* Keys put into a stream of RTP, and taken out of one. */
#include "rtp_make.h"

#include <errno.h>

#include "media/dtmf.h"
#include "media/keys.h"

enum { PT = 101, SSRC = 0x1234 };

static const uint64_t ms = 1000000;

struct stream { /* what left */
	struct keys *k;
	uint64_t now;
	uint16_t seq, out_seq; /* the next that comes; the last that left */
	uint32_t timestamp;
	bool any, event;
	struct rtp_head h;
	struct dtmf_event ev;
	unsigned events, ends, sounds;
};

static void begin(struct stream *s, const struct mcall_keys *set)
{
	*s = (struct stream){ .k = keys_new(), .now = 5000 * ms, .seq = 65530 };
	keys_set(s->k, set);
}

/* Each packet has the number behind the last one's, whatever it is. */
static void look(struct stream *s, const struct pkt *p)
{
	assert_int_equal(rtp_parse(&s->h, p->p, p->n), 0);
	if (s->any)
		assert_int_equal(s->h.seq, (uint16_t)(s->out_seq + 1));
	s->any = true;
	s->out_seq = s->h.seq;
	s->event = s->h.pt == PT;
	if (!s->event) {
		s->sounds++;
		return;
	}
	assert_int_equal(p->n, RTP_HEADER + DTMF_EVENT);
	assert_int_equal(
		dtmf_event_read(&s->ev, p->p + s->h.size, DTMF_EVENT), 0);
	s->events++;
	s->ends += s->ev.end;
}

static void sound(struct stream *s)
{
	struct made m;

	make_rtp(&m, SSRC, s->seq++);
	put_u32(m.pkt.p + 4, s->timestamp);
	s->timestamp += 160;
	s->now += 20 * ms;
	keys_leave(s->k, &m.pkt, s->now);
	look(s, &m.pkt);
}

static bool silence(struct stream *s)
{
	struct made m;

	made_begin(&m);
	s->now += 5 * ms;
	if (keys_due(s->k, &m.pkt, s->now) != 0)
		return false;
	look(s, &m.pkt);
	return true;
}

static const struct mcall_keys putting = { .from = MEDIA_NO_PT, .to = PT };

static void in_place_of_sound(void **state)
{
	(void)state;
	struct stream s;
	uint32_t began;

	begin(&s, &putting);
	for (unsigned i = 0; i < 10; i++)
		sound(&s);
	assert_int_equal(s.events, 0);
	assert_true(keys_press(s.k, 5, 100, s.now));
	sound(&s);
	began = s.h.timestamp;
	assert_true(s.event && s.h.marker && !s.ev.end);
	assert_int_equal(s.ev.key, 5);
	assert_int_equal(s.ev.duration, 160);
	for (unsigned i = 2; i <= 4; i++) {
		sound(&s);
		assert_true(s.event && !s.h.marker && !s.ev.end);
		assert_int_equal(s.h.timestamp, began);
		assert_int_equal(s.ev.duration, 160 * i);
	}
	for (unsigned i = 0; i < 3; i++) { /* RFC 4733 2.5.1.4 */
		sound(&s);
		assert_true(s.event && s.ev.end);
		assert_int_equal(s.h.timestamp, began);
		assert_int_equal(s.ev.duration, 800);
	}
	sound(&s);
	assert_false(s.event);
	assert_int_equal(s.h.ssrc, SSRC);
	free(s.k);
}

static void one_after_the_other(void **state)
{
	(void)state;
	static const uint8_t order[] = { 1, 1, 11, 0 };
	struct stream s;
	unsigned seen = 0, gap = 100;

	begin(&s, &putting);
	sound(&s);
	for (size_t i = 0; i < sizeof(order); i++)
		assert_true(keys_press(s.k, order[i], 60, s.now));
	for (unsigned i = 0; i < 60; i++) {
		sound(&s);
		if (s.event && s.h.marker) {
			assert_true(seen == 0 || gap >= 2);
			assert_int_equal(s.ev.key, order[seen++]);
		}
		gap = s.event ? 0 : gap + 1;
	}
	assert_int_equal(seen, 4);
	assert_int_equal(s.ends, 12);
	assert_false(keys_busy(s.k));
	free(s.k);
}

static void beside_silence(void **state)
{
	(void)state;
	struct stream s;
	uint32_t began;

	begin(&s, &putting);
	sound(&s);
	assert_true(keys_press(s.k, 7, 100, s.now));
	for (unsigned i = 0; i < 11; i++)
		assert_false(silence(&s)); /* sound may still come */
	while (!silence(&s))
		;
	began = s.h.timestamp;
	assert_true(s.h.marker);
	assert_int_equal(s.h.ssrc, SSRC);
	assert_in_range(began, 440, 560); /* 60 ms after the sound, by 8 kHz */
	for (unsigned i = 0; i < 60; i++)
		(void)silence(&s);
	assert_int_equal(s.events, 5 + 2);
	assert_int_equal(s.ends, 3);
	assert_int_equal(s.ev.duration, 800);
	sound(&s); /* numbered behind what was made: look() */
	assert_false(s.event);
	free(s.k);
}

/* Music is heard in between, and a key is put into that as well. */
static void beside_music(void **state)
{
	(void)state;
	struct stream s;
	struct made m;
	uint16_t sound_seq;

	begin(&s, &putting);
	sound(&s);
	assert_true(keys_press(s.k, 7, 100, s.now));
	for (unsigned i = 0; i < 60; i++)
		(void)silence(&s);
	sound_seq = s.out_seq;
	for (uint32_t music = 1; music < 8; music++) {
		s.any = false;
		for (uint16_t i = 0; i < 5; i++) {
			make_rtp(&m, music, (uint16_t)(100 + i));
			keys_leave(s.k, &m.pkt, s.now);
			look(&s, &m.pkt);
			assert_int_equal(s.h.seq, 100 + i);
		}
		if (music < 2)
			continue; /* one after the other */
		s.out_seq = sound_seq;
		sound(&s); /* behind what was made: look() */
		sound_seq = s.out_seq;
	}
	free(s.k);
}

static void nobody_ever_spoke(void **state)
{
	(void)state;
	struct stream s;

	begin(&s, &putting);
	assert_true(keys_press(s.k, 15, 40, s.now));
	for (unsigned i = 0; i < 40; i++)
		(void)silence(&s);
	assert_int_equal(s.events, 4);
	assert_int_equal(s.ends, 3);
	s.any = false; /* the far end's own stream begins as it is */
	s.seq = 9;
	sound(&s);
	assert_int_equal(s.h.seq, 9);
	free(s.k);
}

static void limits(void **state)
{
	(void)state;
	struct stream s;
	unsigned taken = 0;

	begin(&s, &putting);
	for (unsigned i = 0; i < 100; i++)
		taken += keys_press(s.k, 1, 100000, s.now);
	assert_int_equal(taken, 32);
	for (unsigned i = 0; i < 260; i++)
		sound(&s);
	assert_int_equal(s.ends, 3);
	keys_set(s.k,
		&(struct mcall_keys){ .from = MEDIA_NO_PT, .to = MEDIA_NO_PT });
	assert_false(keys_busy(s.k));
	assert_false(keys_press(s.k, 1, 100, s.now));
	free(s.k);
}

/* Longer than one event can say: the next one begins where it ended. */
static void long_press(void **state)
{
	(void)state;
	const struct mcall_keys set = {
		.from = MEDIA_NO_PT, .to = PT, .clock = 48000, .to_clock = 48000
	};
	struct stream s;
	uint32_t all = 0, began = 0;

	begin(&s, &set);
	assert_true(keys_press(s.k, 1, 3000, s.now));
	for (unsigned i = 0; i < 150 * 6 + 18; i++) { /* 160 units each */
		sound(&s);
		if (!s.event)
			break;
		if (s.h.marker)
			began = s.h.timestamp;
		assert_int_equal((s.h.timestamp - began) % 0xffff, 0);
		assert_true(s.h.timestamp - began + s.ev.duration >= all);
		all = s.h.timestamp - began + s.ev.duration;
	}
	assert_int_equal(all, 3 * 48000);
	assert_int_equal(s.ends, 3);
	free(s.k);
}

/* ---- taken out ---- */

static bool event(struct stream *s, uint32_t timestamp, struct dtmf_event ev,
	struct keys_heard *heard)
{
	struct made m;

	make_rtp_full(&m, SSRC, s->seq++, 0, 0, DTMF_EVENT);
	m.pkt.p[1] = PT;
	put_u32(m.pkt.p + 4, timestamp);
	dtmf_event_write(m.pkt.p + RTP_HEADER, &ev);
	s->now += 20 * ms;
	if (keys_take(s->k, &m.pkt, true, s->now, heard))
		return true;
	keys_leave(s->k, &m.pkt, s->now);
	look(s, &m.pkt);
	return false;
}

static const struct mcall_keys taking = {
	.from = PT, .from_clock = 8000, .to = MEDIA_NO_PT, .take = true
};

static void taken_out(void **state)
{
	(void)state;
	struct keys_heard heard;
	struct stream s;

	begin(&s, &taking);
	sound(&s);
	for (uint16_t i = 1; i <= 5; i++) {
		assert_true(event(&s, 400,
			(struct dtmf_event){
				.key = 3, .duration = (uint16_t)(160 * i) },
			&heard));
		assert_false(heard.any);
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_true(event(&s, 400,
			(struct dtmf_event){
				.key = 3, .end = true, .duration = 960 },
			&heard));
		assert_int_equal(heard.any, i == 0);
		if (heard.any)
			assert_true(heard.key == 3 && heard.ms == 120);
	}
	sound(&s); /* nobody sees a gap: look() */
	/* its end is lost */
	assert_true(event(&s, 9000,
		(struct dtmf_event){ .key = 4, .duration = 800 }, &heard));
	keys_tick(s.k, s.now + 200 * ms, &heard);
	assert_false(heard.any);
	keys_tick(s.k, s.now + 400 * ms, &heard);
	assert_true(heard.any && heard.key == 4 && heard.ms == 100);
	keys_tick(s.k, s.now + 900 * ms, &heard);
	assert_false(heard.any);
	/* what is no key is not told, nor is what comes at once by thousands */
	assert_true(event(&s, 20000,
		(struct dtmf_event){ .key = 36, .end = true, .duration = 800 },
		&heard));
	assert_false(heard.any);
	assert_true(event(&s, 20001,
		(struct dtmf_event){ .key = 1, .end = true, .duration = 800 },
		&heard));
	assert_false(heard.any);
	free(s.k);
}

/* Beyond what one event can say it goes on as the next one, at 48 kHz after
 * 1.4 s (RFC 4733 2.5.1.3): one key, as long as they all are. */
static void long_key(void **state)
{
	(void)state;
	const struct mcall_keys set = {
		.from = PT, .from_clock = 48000, .to = MEDIA_NO_PT, .take = true
	};
	struct dtmf_event ev = { .key = 9 };
	struct keys_heard heard;
	uint32_t began = 0xffff0000;
	unsigned told = 0, ms_told = 0;
	struct stream s;

	begin(&s, &set);
	sound(&s);
	for (unsigned at = 960; at <= 48000 * 3; at += 960) {
		uint32_t before = at / 0xffff * 0xffff;

		ev.duration = (uint16_t)(at - before);
		if (at - before < 960 && before > 0) { /* the last of one */
			ev.duration = 0xffff;
			(void)event(&s, began + before - 0xffff, ev, &heard);
			told += heard.any;
			ev.duration = (uint16_t)(at - before);
		}
		assert_true(event(&s, began + before, ev, &heard));
		told += heard.any;
	}
	ev.end = true;
	for (unsigned i = 0; i < 3; i++) {
		(void)event(&s, began + 2 * 0xffff, ev, &heard);
		told += heard.any;
		ms_told += heard.any ? heard.ms : 0;
	}
	assert_int_equal(told, 1);
	assert_in_range(ms_told, 2999, 3001);
	/* the same key again, right behind it, is another one */
	ev.end = false;
	s.now += 100 * ms;
	(void)event(&s, began + 3 * 0xffff, ev, &heard);
	ev.end = true;
	(void)event(&s, began + 3 * 0xffff, ev, &heard);
	assert_true(heard.any);
	free(s.k);
}

static void told_twice(void **state)
{
	(void)state;
	const struct mcall_keys both = { .from = PT, .to = PT };
	struct keys_heard heard;
	struct stream s;

	begin(&s, &both);
	sound(&s);
	/* by events, then by SIP */
	assert_false(event(&s, 400,
		(struct dtmf_event){ .key = 3, .duration = 160 }, &heard));
	assert_true(heard.any && heard.key == 3 && heard.ms == 0);
	assert_false(keys_press(s.k, 3, 100, s.now));
	s.now += 3000 * ms;
	/* by SIP, then by events */
	assert_true(keys_press(s.k, 4, 100, s.now));
	sound(&s);
	assert_true(s.event);
	assert_true(event(&s, 30000,
		(struct dtmf_event){ .key = 4, .duration = 160 }, &heard));
	assert_false(heard.any);
	for (unsigned i = 0; i < 10; i++)
		sound(&s);
	assert_false(s.event);
	s.now += 3000 * ms;
	assert_false(event(&s, 90000,
		(struct dtmf_event){ .key = 5, .duration = 160 }, &heard));
	assert_true(heard.any);
	free(s.k);
}

int main(void)
{
	const struct CMUnitTest tests[] = { T(in_place_of_sound),
		T(one_after_the_other), T(beside_silence), T(nobody_ever_spoke),
		T(beside_music), T(limits), T(long_press), T(taken_out),
		T(long_key), T(told_twice) };

	return RUN_TESTS(tests);
}
