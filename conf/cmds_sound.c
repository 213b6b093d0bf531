/* What far ends hear from us: hold music, announcements, ringback. */
#include <stdlib.h>
#include <string.h>

#include "conf/conf_int.h"

/*
 * ITU-T E.180 Supplement 2 (various tones used in national networks), in the
 * words of IOS's `cptone`; the order of the command's choice.
 */
const struct conf_cptone conf_cptones[CONF_CPTONES] = {
	/* clang-format off */
	{ "us", { 440, 480 }, { 2000, 4000 } },
	{ "ca", { 440, 480 }, { 2000, 4000 } },
	{ "gb", { 400, 450 }, { 400, 200, 400, 2000 } },
	{ "ie", { 400, 450 }, { 400, 200, 400, 2000 } },
	{ "au", { 400, 450 }, { 400, 200, 400, 2000 } },
	{ "nz", { 400, 450 }, { 400, 200, 400, 2000 } },
	{ "de", { 425 }, { 1000, 4000 } },
	{ "at", { 420 }, { 1000, 5000 } },
	{ "ch", { 425 }, { 1000, 4000 } },
	{ "fr", { 440 }, { 1500, 3500 } },
	{ "it", { 425 }, { 1000, 4000 } },
	{ "es", { 425 }, { 1500, 3000 } },
	{ "nl", { 425 }, { 1000, 4000 } },
	{ "be", { 425 }, { 1000, 3000 } },
	{ "se", { 425 }, { 1000, 5000 } },
	{ "no", { 425 }, { 1000, 4000 } },
	{ "dk", { 425 }, { 1000, 4000 } },
	{ "fi", { 425 }, { 1000, 4000 } },
	{ "pl", { 425 }, { 1000, 4000 } },
	{ "cz", { 425 }, { 1000, 4000 } },
	/* clang-format on */
};

static size_t place_of(const struct conf_announcement *a, unsigned status)
{
	size_t i = 0;

	while (i < a->n && a->row[i].status < status)
		i++;
	return i;
}

static void drop_row(struct conf_announcement *a, size_t i)
{
	free(a->row[i].file);
	a->n--;
	memmove(&a->row[i], &a->row[i + 1], (a->n - i) * sizeof(a->row[0]));
}

/* Causes are numbers below those of statuses. */
enum { CAUSE_MAX = 127 };

static bool is_cause(const struct conf_announcement *a, size_t i)
{
	return a->row[i].status <= CAUSE_MAX;
}

static void set_refusal(struct line *l)
{
	struct conf_announcement *a = l->obj;
	const struct word *number = line_arg(l, 0);
	unsigned status;
	size_t i;

	if (number == NULL) {
		for (i = a->n; i > 0; i--)
			if (is_cause(a, i - 1) == line_has(l, "cause"))
				drop_row(a, i - 1);
		return;
	}
	status = (unsigned)number->number;
	i = place_of(a, status);
	if (i < a->n && a->row[i].status == status)
		drop_row(a, i);
	if (l->no || l->def)
		return;
	if (a->n == CONF_ANNOUNCEMENTS_MAX) {
		line_error(l, number, NULL, "there are too many announcements");
		return;
	}
	memmove(&a->row[i + 1], &a->row[i], (a->n - i) * sizeof(a->row[0]));
	a->n++;
	a->row[i] = (struct conf_refusal){ .status = status,
		.file = slice_dup(line_arg(l, 1)->text) };
}

static void show_refusals(const struct show *s, const struct cmd *row)
{
	const struct conf_announcement *a = s->obj;

	(void)row;
	for (size_t i = 0; i < a->n; i++)
		show_line(s, "refusal %s%u %s", is_cause(a, i) ? "cause " : "",
			a->row[i].status, a->row[i].file);
}

void check_sounds(struct parse *p)
{
	for (const struct conf_moh_group *m = p->conf->moh_groups; m != NULL;
		m = m->next)
		if (m->file == NULL)
			complain(p, false, m, "voice moh-group",
				"add 'moh PATH'",
				"voice moh-group %u has no sound", m->tag);
	for (const struct conf_announcement *a = p->conf->announcements;
		a != NULL; a = a->next)
		if (a->n == 0 && a->file == NULL)
			complain(p, false, a, "voice class announcement",
				"add 'refusal default PATH'",
				"voice class announcement %u has no sound",
				a->tag);
}

/* clang-format off */
const struct cmd sound_global_cmds[] = {
	{ "voice moh-group <1-5>", K_ENTER, .enter = M_MOH_GROUP,
	  .help = "Music on hold" },
	{ "voice class announcement <1-10000>", K_ENTER,
	  .enter = M_ANNOUNCEMENT,
	  .help = "What callers hear before they are refused" },
	{ NULL },
};

const struct cmd moh_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_moh_group, description),
	  .help = "What this is for" },
	{ "moh PATH", K_STR, F_PTR(conf_moh_group, file),
	  .help = "The file with the sound",
	  .more = "WAV, AIFF, FLAC or Ogg, up to ten minutes; read at start "
		  "and reload, and refused there when it is none." },
	{ NULL },
};

const struct cmd announcement_cmds[] = {
	{ "description LINE", K_STR, F_PTR(conf_announcement, description),
	  .help = "What this is for" },
	{ "refusal <400-699> PATH", K_FN,
	  .set = set_refusal, .show = show_refusals,
	  .help = "Heard before a refusal with this status",
	  .more = "Of the called side, or of ours: `404` where no dial-peer "
		  "matches, `408` where nobody answers in time. A file as "
		  "`moh` has it." },
	{ "refusal cause <1-127> PATH", K_FN,
	  .set = set_refusal, .show = show_with_above,
	  .help = "Heard before a refusal with this cause (ITU-T Q.850)",
	  .more = "As its Reason says, else as its status means: 17 busy, 19 no "
		  "answer, 1 a number that nobody has. It goes before the file "
		  "of the status." },
	{ "refusal default PATH", K_STR, F_PTR(conf_announcement, file),
	  .help = "Heard before any other refusal" },
	{ NULL },
};

const struct cmd peer_sound_cmds[] = {
	{ "moh-group <1-5>", K_REF, F_PTR(conf_dial_peer, moh),
	  .enter = M_MOH_GROUP,
	  .help = "What is heard here while the other side holds",
	  .more = "Played by us, encrypted as this leg is, instead of what "
		  "the other side sends while it holds. Without the line, "
		  "that is passed on." },
	{ "voice-class announcement <1-10000>", K_REF,
	  F_PTR(conf_dial_peer, announcement), .enter = M_ANNOUNCEMENT,
	  .help = "What callers from here hear before they are refused",
	  .more = "Once, by early media (183), encrypted as this leg is; then "
		  "comes the refusal. Without the line it comes at once." },
	{ "tone ringback alert-no-pi", K_FLAG,
	  F(conf_dial_peer, ringback),
	  .help = "Callers of this peer hear ringback from us",
	  .more = "When it rings and sends no sound of its own (180 without "
		  "SDP): by early media (183), encrypted as the caller's leg "
		  "is, with the cadence of `cptone`, until the peer answers or "
		  "sends sound. Without the line the caller's phone rings by "
		  "itself." },
	{ "tone ringback file PATH", K_STR, F_PTR(conf_dial_peer, ringback_file),
	  .help = "They hear this file, over and over, instead of a cadence",
	  .more = "As `tone ringback alert-no-pi`, which need not be written "
		  "as well. A file as `moh` has it." },
	{ NULL },
};

const struct cmd voip_sound_cmds[] = {
	{ "cptone {us|ca|gb|ie|au|nz|de|at|ch|fr|it|es|nl|be|se|no|dk|fi|pl|"
	  "cz}", K_CHOICE, F(conf, voip.cptone),
	  .help = "The country whose ringback tone is played",
	  .more = "See `tone ringback alert-no-pi`." },
	{ NULL },
};
/* clang-format on */
