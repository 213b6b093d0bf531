/*
 * Runs stories: call logic with far ends, media and a clock that a text file
 * plays. One file, one story; it fails with file:line at the first surprise.
 *
 *   phone P1 device SEP01 [line 2001] [plain]   a far end on listener PHONES
 *   host core 10.1.1.10                         one inside, on INSIDE
 *   P1> INVITE sip:2002@x from=2001 sdp=secure +X-A="b"    it sends
 *   core< INVITE ruri=sip:2002@x body~"RTP/AVP" body!crypto, …  it gets
 *   tie SEP001122334455 2001 2002
 *   name pbx.test 10.1.1.20 10.1.1.21
 *   clock +32s      expect calls=0 media=0      counter NAME 1
 *   media A srtp AES_CM_128_HMAC_SHA1_80 send recv latch=auth
 *
 * At the end nothing may be left over: messages nobody looked at, requests
 * unanswered, timers, dialogs, media.
 */
#include "story.h"

#include "b2bua/record/siprec.h"

static void nothing_unread(void)
{
	for (struct party *p = st.w->parties; p != NULL; p = p->next)
		if (p->sent != NULL)
			story_fail("nobody looked at %s< %s", p->name,
				p->sent->what);
}

static void run_story(const char *common, const char *file)
{
	story_open();
	story_play(common);
	story_play(file);
	st.file = file;
	if (st.w->core != NULL)
		core_free(st.w->core);
	st.w->core = NULL;
	nothing_unread();
	story_close();
}

/* Which rows of a call's table no story has taken. */
static int coverage(void)
{
	struct call_rule_use v[128];
	size_t n = call_rules(v, ARRAY_SIZE(v)), taken = 0;

	for (size_t i = 0; i < n; i++) {
		taken += v[i].taken > 0;
		if (v[i].taken == 0)
			(void)printf("never taken: %s + %s\n",
				call_state_name(v[i].state),
				call_event_name(v[i].event));
	}
	(void)printf("%zu of %zu rows of the call table taken\n", taken, n);
	return taken == n ? 0 : 1;
}

static int siprec_coverage(void)
{
	struct siprec_rule_use v[128];
	size_t n = siprec_rules(v, ARRAY_SIZE(v)), taken = 0;

	for (size_t i = 0; i < n; i++) {
		taken += v[i].taken > 0;
		if (v[i].taken == 0)
			(void)printf("never taken: recording %s + %s\n",
				v[i].state, v[i].event);
	}
	(void)printf(
		"%zu of %zu rows of the recording table taken\n", taken, n);
	return taken == n ? 0 : 1;
}

/* story COMMON FILE…: with more than one FILE the table must be covered. */
int main(int argc, char **argv)
{
	struct log_params quiet = { .level = LOG_SEV_EMERGENCY };

	if (argc < 3)
		return 2;
	if (log_setup(&quiet) != 0)
		return 2;
	for (int i = 2; i < argc; i++) {
		run_story(argv[1], argv[i]);
		(void)printf("ok %s\n", argv[i]);
	}
	return argc > 3 ? coverage() | siprec_coverage() : 0;
}
