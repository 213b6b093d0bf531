/* Media without sockets: remembers what it was set to. */
#include <errno.h>
#include <stdlib.h>

#include "b2bua/dtmf/key_body.h"
#include "base/obj.h"
#include "fake.h"
#include "media/sound.h"

struct mcall *fake_mcalls;
unsigned fake_media_open;
bool fake_media_full;

uint16_t fake_media_port;
unsigned fake_media_load;

static int media_open(
	struct mcall **out, struct media *m, const struct mcall_params *p)
{
	struct mcall *mc;

	(void)m;
	*out = NULL;
	if (fake_media_full)
		return EAGAIN;
	mc = mem_new(sizeof(*mc));
	for (int i = 0; i < 2; i++) {
		mc->local[i] = p->local[i];
		addr_set_port(&mc->local[i], fake_media_port);
		fake_media_port = (uint16_t)(fake_media_port + 2);
	}
	mc->event = p->event;
	mc->owner = p->owner;
	mc->next = fake_mcalls;
	fake_mcalls = mc;
	fake_media_open++;
	*out = mc;
	return 0;
}

static struct addr media_local(const struct mcall *mc, int side)
{
	return mc->local[side];
}

static void media_set(struct mcall *mc, int side, const struct mleg_set *set)
{
	mc->set[side] = *set;
	mc->is_set[side] = true;
	mc->sets++;
	mc->waits = true;
}

/* They are all of one worker. */
static void media_apply(struct mcall *mc)
{
	(void)mc;
	for (struct mcall *i = fake_mcalls; i != NULL; i = i->next)
		i->waits = false;
}

static bool media_is_beside(const struct mcall *mc, const struct mcall *other)
{
	return mc != other;
}

static void media_inherit(
	struct mcall *mc, int side, struct mcall *from, int from_side)
{
	mc->inherited[side] = true;
	from->is_set[from_side] = false;
}

static void media_stats(
	const struct mcall *mc, int side, struct mleg_stats *out)
{
	*out = (struct mleg_stats){ .remote = mc->set[side].rtp,
		.rx_idle_ms = mc->flows ? 20 : UINT32_MAX };
}

static void media_transcode(struct mcall *mc, struct xcode *x)
{
	obj_ref(x);
	obj_unref(mc->xcode);
	mc->xcode = x;
}

static int media_play(struct mcall *mc, int side, struct sound *s,
	const struct xcode_side *to, bool once)
{
	(void)to;
	mc->once[side] = once;
	obj_ref(s);
	obj_unref(mc->playing[side]);
	mc->playing[side] = s;
	return 0;
}

static void media_keys(struct mcall *mc, int side, const struct mcall_keys *k)
{
	mc->keys[side] = *k;
}

static void media_press(struct mcall *mc, int side, uint8_t key, unsigned ms)
{
	text_printf(&mc->pressed[side], "%s%c/%u",
		mc->pressed[side].n > 0 ? " " : "", key_char(key), ms);
}

static void media_capture(struct mcall *mc, struct capture *c)
{
	(void)mc;
	(void)c;
}

/* Copies go to a call beside, which outlives them. */
static void media_copy(struct mcall *mc, struct mcall *to)
{
	need(to == NULL || (to != mc && to->copied_from == NULL));
	if (mc->copied_to != NULL)
		mc->copied_to->copied_from = NULL;
	mc->copied_to = to;
	if (to != NULL)
		to->copied_from = mc;
}

static void media_close(struct mcall *mc)
{
	struct mcall **at = &fake_mcalls;

	need(mc->copied_from == NULL && mc->copied_to == NULL);
	while (*at != mc)
		at = &(*at)->next;
	*at = mc->next;
	fake_media_open--;
	obj_unref(mc->xcode);
	obj_unref(mc->playing[0]);
	obj_unref(mc->playing[1]);
	text_free(&mc->pressed[0]);
	text_free(&mc->pressed[1]);
	free(mc);
}

static unsigned media_busy(struct media *m)
{
	(void)m;
	return fake_media_load;
}

const struct media_ops fake_media_ops = {
	.open = media_open,
	.local = media_local,
	.set = media_set,
	.apply = media_apply,
	.is_beside = media_is_beside,
	.inherit = media_inherit,
	.stats = media_stats,
	.transcode = media_transcode,
	.play = media_play,
	.keys = media_keys,
	.press = media_press,
	.capture = media_capture,
	.copy = media_copy,
	.close = media_close,
	.load = media_busy,
};

/* ---- sounds ---- */

/* One of each kind stands for all of them, in all worlds. */
static struct sound *sounds[SOUND_REFUSAL + 1];

static void add(struct core_sound *v, size_t *n, enum core_sound_kind kind,
	unsigned tag, unsigned status)
{
	v[(*n)++] = (struct core_sound){ kind, tag, status, sounds[kind] };
}

void fake_sounds(struct core *core, const struct conf *c)
{
	struct core_sound v[64];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sounds); i++)
		if (sounds[i] == NULL)
			sounds[i] = sound_ringback(&conf_cptones[0]);
	for (const struct conf_moh_group *m = c->moh_groups; m; m = m->next)
		add(v, &n, SOUND_MUSIC, m->tag, 0);
	for (const struct conf_announcement *a = c->announcements; a != NULL;
		a = a->next) {
		need(n + a->n + 2 < ARRAY_SIZE(v));
		if (a->file != NULL)
			add(v, &n, SOUND_REFUSAL, a->tag, 0);
		for (size_t i = 0; i < a->n; i++)
			add(v, &n, SOUND_REFUSAL, a->tag, a->row[i].status);
	}
	add(v, &n, SOUND_RINGBACK, 0, 0);
	for (const struct conf_dial_peer *d = c->dial_peers; d; d = d->next)
		if (d->ringback_file != NULL)
			add(v, &n, SOUND_RINGBACK, d->tag, 0);
	core_set_sounds(core, v, n);
}

const char *fake_heard(const struct mcall *mc, int side)
{
	static const char *const names[] = { "music", "ringback", "refusal" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (mc->playing[side] == sounds[i] && sounds[i] != NULL)
			return names[i];
	return "nothing";
}
