#include "test.h"

#include "audio.h"
#include "media_rig.h"

#include <errno.h>
#include <unistd.h>

#include "base/obj.h"
#include "media/player.h"
#include "media/rtp.h"

enum { RATE = 16000, N = 1600 };

static void put32(uint8_t *p, uint32_t v) /* the least first */
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* A tone of 100 ms in two channels, as a WAV file; its name. */
static char *wav(const char *name, unsigned rate, uint32_t claimed)
{
	static uint8_t file[44 + N * 4];
	int16_t pcm[N];
	char *path = mem_printf("/tmp/lineside-%d-%s", (int)getpid(), name);
	FILE *f = fopen(path, "wb");

	memcpy(file, "RIFF....WAVEfmt ", 16);
	put32(file + 4, 36 + claimed);
	put32(file + 16, 16);
	put32(file + 20, 1 | 2 << 16);
	put32(file + 24, rate);
	put32(file + 28, rate * 4);
	put32(file + 32, 4 | 16 << 16);
	memcpy(file + 36, "data", 4);
	put32(file + 40, claimed);
	audio_tone(pcm, N, RATE, 1000, 10000);
	for (size_t i = 0; i < N; i++) {
		put32(file + 44 + 4 * i,
			(uint32_t)(uint16_t)pcm[i] | (uint32_t)(uint16_t)pcm[i]
							     << 16);
	}
	assert_non_null(f);
	assert_int_equal(fwrite(file, 1, sizeof(file), f), sizeof(file));
	fclose(f);
	return path;
}

static void loads(void **state)
{
	(void)state;
	char why[SOUND_WHY];
	struct sound *s;
	char *path = wav("a.wav", RATE, N * 4);
	const int16_t *pcm;
	size_t n;

	assert_int_equal(sound_load(&s, path, why), 0);
	pcm = sound_samples(s, 16000, &n);
	assert_in_range(n, N - 32, N + 32);
	assert_true(audio_share(pcm, n, 16000, 1000) > 0.99);
	pcm = sound_samples(s, 8000, &n);
	assert_in_range(n, N / 2 - 32, N / 2 + 32);
	assert_true(audio_share(pcm, n, 8000, 1000) > 0.99);
	obj_unref(s);
	unlink(path);
	free(path);
}

static void refuses(void **state)
{
	(void)state;
	char why[SOUND_WHY];
	struct sound *s;
	char *path;
	FILE *f;

	assert_int_equal(sound_load(&s, "/nowhere/at/all.wav", why), ENOENT);
	assert_null(s);
	assert_int_equal(sound_load(&s, "/", why), EBADMSG);
	path = mem_printf("/tmp/lineside-%d-text.wav", (int)getpid());
	f = fopen(path, "w");
	fputs("this is a letter, not music\n", f);
	fclose(f);
	assert_int_equal(sound_load(&s, path, why), EBADMSG);
	assert_non_null(strstr(why, "it is no sound"));
	unlink(path);
	free(path);
	path = wav("empty.wav", RATE, 0);
	assert_int_equal(sound_load(&s, path, why), EBADMSG);
	unlink(path);
	free(path);
	path = wav("slow.wav", 1, N * 4); /* 1600 seconds of it */
	assert_int_equal(sound_load(&s, path, why), EFBIG);
	assert_non_null(strstr(why, "longer than 10 minutes"));
	unlink(path);
	free(path);
}

/* In time, in order, over and over, without a click where it begins. */
static void plays(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const struct codec *codec;
		unsigned rate;
	} rows[] = {
		{ "PCMU", &codec_pcmu, 8000 },
		{ "G722", &codec_g722, 16000 },
		{ "L16", &codec_l16_16, 16000 },
	};
	static int16_t heard[16000];
	char why[SOUND_WHY];
	char *path = wav("p.wav", RATE, N * 4);
	struct sound *s;

	assert_int_equal(sound_load(&s, path, why), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct codec *c = rows[i].codec;
		struct xcode_side to = { .codec = c, .to = 5, .ptime_ms = 20 };
		struct player *p = player_new(s, &to, false);
		void *dec = c->dec_open(rows[i].rate);
		uint64_t now = 1000000000, ms = 1000000;
		uint8_t room[PKT_ROOM];
		struct pkt out = { room, 0, sizeof(room) };
		struct xcode_out about;
		size_t n = 0, got;
		uint32_t first_ts = 0;
		bool silence;

		for (unsigned k = 0; k < 50; k++, now += 20 * ms) {
			struct rtp_head h;

			check_row(rows[i].name,
				player_next(p, now, &out, &about) == 0);
			check_row(
				rows[i].name, rtp_parse(&h, out.p, out.n) == 0);
			first_ts = k == 0 ? h.timestamp : first_ts;
			check_row(rows[i].name, h.pt == 5);
			check_row(rows[i].name, h.marker == (k == 0));
			check_row(rows[i].name,
				h.timestamp - first_ts == k * c->clock / 50);
			assert_int_equal(
				c->decode(dec, out.p + h.size, about.payload,
					heard + n, rows[i].rate / 50, &got,
					&silence),
				0);
			n += got;
			/* not before it is due */
			check_row(rows[i].name,
				player_next(p, now + 19 * ms, &out, &about) ==
					EAGAIN);
		}
		check_row(rows[i].name, abs(heard[0]) < 300);
		check_row(rows[i].name, abs(heard[4]) < 600);
		check_row(rows[i].name, audio_share(heard + n / 2, n / 2,
						rows[i].rate, 1000) > 0.95);
		/* after a stall it goes on, and does not catch up */
		now += 5000 * ms;
		check_row(rows[i].name, player_next(p, now, &out, &about) == 0);
		check_row(rows[i].name,
			player_next(p, now, &out, &about) == EAGAIN);
		c->dec_close(dec);
		player_free(p);
	}
	assert_null(player_new(
		s, &(struct xcode_side){ .codec = &codec_l16_44 }, false));
	obj_unref(s);
	unlink(path);
	free(path);
}

/* What a player gives until it is over, from the packet of that number on
 * told to stop (0: never), at 8 kHz in heard[]; packets. */
static size_t play_all(
	struct player *p, size_t stop, int16_t *heard, size_t most)
{
	uint64_t now = 1000000000;
	size_t n = 0;

	for (; n < most && player_state(p) == PLAYER_ON; n++) {
		uint8_t room[PKT_ROOM];
		struct pkt out = { room, 0, sizeof(room) };
		struct xcode_out about;
		size_t got;
		bool silence;

		if (stop > 0 && n == stop)
			player_stop(p);
		assert_int_equal(player_next(p, now, &out, &about), 0);
		assert_int_equal(codec_l16_8.decode(NULL, out.p + RTP_HEADER,
					 about.payload, heard + n * 160, 160,
					 &got, &silence),
			0);
		assert_int_equal(
			player_next(p, now + 5000000, &out, &about), EAGAIN);
		now += 20000000;
	}
	return n;
}

/* Once: all of it, and then it is over, told apart from one that was stopped:
 * that one has faded within its last packet. */
static void ends(void **state)
{
	(void)state;
	static int16_t heard[16000];
	const struct xcode_side to = { .codec = &codec_l16_8, .ptime_ms = 20 };
	char *path = wav("e.wav", RATE, N * 4); /* 100 ms */
	char why[SOUND_WHY];
	struct sound *s;
	struct player *p;
	int loudest = 0;

	assert_int_equal(sound_load(&s, path, why), 0);
	p = player_new(s, &to, true);
	assert_in_range(play_all(p, 0, heard, 20), 5, 6);
	assert_int_equal(player_state(p), PLAYER_ENDED);
	assert_true(audio_share(heard + 160, 480, 8000, 1000) > 0.99);
	player_free(p);
	p = player_new(s, &to, false);
	assert_int_equal(play_all(p, 9, heard, 20), 10);
	assert_int_equal(player_state(p), PLAYER_STOPPED);
	for (size_t i = 9 * 160; i < 10 * 160; i++) {
		int most = 10500 * (int)(10 * 160 - i) / 160 + 1;

		assert_in_range(abs(heard[i]), 0, most);
		if (abs(heard[i]) > loudest)
			loudest = abs(heard[i]);
	}
	assert_true(loudest > 7000); /* it does not stop before it fades */
	player_free(p);
	obj_unref(s);
	unlink(path);
	free(path);
}

/* In the rhythm of its country, as loud as E.180 has it, and nothing between
 * the bursts. */
static void rings(void **state)
{
	(void)state;
	static const unsigned rates[] = { 8000, 16000 };

	for (size_t i = 0; i < CONF_CPTONES; i++) {
		const struct conf_cptone *t = &conf_cptones[i];
		struct sound *s = sound_ringback(t);

		for (size_t k = 0; k < 2; k++) {
			size_t n, at = 0, ms = rates[k] / 1000;
			const int16_t *pcm = sound_samples(s, rates[k], &n);

			for (unsigned b = 0; b < 4; b++) {
				double sum = 0;

				for (size_t j = 0; j < t->ms[b] * ms; j++)
					sum += (double)pcm[at + j] *
					       pcm[at + j];
				at += t->ms[b] * ms;
				if (t->ms[b] == 0)
					continue;
				sum = sqrt(sum / (double)(t->ms[b] * ms));
				/* dBm0 of a sine: 20 lg(32767 / √2) is 3.14 */
				check_row(t->name,
					b % 2 == 1
						? sum == 0
						: fabs(20 * log10(sum / 23170) +
							  3.14 + 19) < 0.5);
			}
			check_row(t->name, at == n);
			check_row(t->name, audio_share(pcm + 100 * ms, 200 * ms,
						   rates[k], t->hz[0]) >
						   (t->hz[1] != 0 ? 0.4 : 0.9));
		}
		obj_unref(s);
	}
}

/* A packet that side 1 has got, other than those of side 0. */
static bool is_music(const struct rig *r, const uint8_t *p, ssize_t n)
{
	struct rtp_head h;

	return n > 0 && rtp_parse(&h, p, (size_t)n) == 0 &&
	       h.ssrc != r->far[0].ssrc;
}

/* What waits already is not what is heard. */
static void hears_more(const struct rig *r)
{
	struct pollfd p = { .fd = r->far[1].fd[0], .events = POLLIN };
	uint8_t packet[PKT_ROOM];
	ssize_t n = 0;

	while (recv(p.fd, packet, sizeof(packet), MSG_DONTWAIT) > 0)
		;
	while (!is_music(r, packet, n)) {
		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		n = recv(p.fd, packet, sizeof(packet), 0);
	}
}

/* Side 0 speaks, and a packet of what it said waits at side 1. */
static bool hears_other(struct rig *r)
{
	uint8_t packet[PKT_ROOM];
	bool heard = false;
	struct made m;
	ssize_t n = 0;

	make_rtp(&m, r->far[0].ssrc, r->far[0].seq++);
	far_send(&r->far[0], 0, &m);
	while ((n = recv(r->far[1].fd[0], packet, sizeof(packet),
			MSG_DONTWAIT)) > 0)
		heard = heard || !is_music(r, packet, n);
	return heard;
}

/* Those that hear music begin, go on and end beside each other. */
static void plays_to_several(void **state)
{
	const struct xcode_side to = { .codec = &codec_pcmu, .ptime_ms = 20 };
	struct sound *sound = sound_ringback(&conf_cptones[0]);
	struct rig r, call[3];

	(void)state;
	rig_media(&r, 20000, 29999);
	for (size_t i = 0; i < ARRAY_SIZE(call); i++) {
		call[i] = r;
		rig_call(&call[i], "127.0.0.1", PLAIN, PLAIN, 0);
		assert_int_equal(
			mcall_play(call[i].mc, 1, sound, &to, false), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(call); i++)
		hears_more(&call[i]);
	rig_hang_up(&call[1]);
	hears_more(&call[0]);
	hears_more(&call[2]);
	assert_int_equal(mcall_play(call[2].mc, 1, NULL, NULL, false), 0);
	rig_until(hears_other(&call[2]));
	hears_more(&call[0]);
	assert_int_equal(mcall_play(call[2].mc, 1, sound, &to, false), 0);
	hears_more(&call[2]);
	rig_hang_up(&call[2]);
	hears_more(&call[0]);
	rig_hang_up(&call[0]);
	obj_unref(sound);
	rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(loads),
		T(refuses),
		T(plays),
		T(ends),
		T(rings),
		T(plays_to_several),
	};
	return RUN_TESTS(tests);
}
