/* Session timers (RFC 4028) of legs, for the layouts of both show commands. */
#include "show/show_int.h"
#include "show/view.h"

static const char *refresher(const struct leg_info *l)
{
	return l->session.ours ? "lineside" : "far end";
}

void show_session_json(struct view *v, const struct leg_info *l)
{
	if (l->session.expires == 0)
		return;
	view_num(v, "session_expires", NULL, l->session.expires);
	view_str(v, "session_refresher", NULL, refresher(l));
	if (l->session.ours)
		view_num(v, "session_refresh_s", NULL, l->session.refresh_s);
	view_num(v, "session_end_s", NULL, l->session.end_s);
}

void show_session(struct view *v, const struct leg_info *l)
{
	if (l->session.expires == 0) {
		view_line(v, "   Session-Expires         : none");
		return;
	}
	view_num(
		v, "session_expires", "   Session-Expires", l->session.expires);
	view_str(v, "session_refresher", "   Session Refresher", refresher(l));
	if (l->session.ours)
		view_num(v, "session_refresh_s", "   Next Refresh (s)",
			l->session.refresh_s);
	view_num(
		v, "session_end_s", "   Session Ends In (s)", l->session.end_s);
}

void show_session_full(struct view *v, const struct leg_info *l)
{
	if (l->session.expires == 0) {
		view_line(v, "SessionExpires=none");
		return;
	}
	view_line(v, "SessionExpires=%u", l->session.expires);
	view_line(v, "SessionRefresher=%s", refresher(l));
	if (l->session.ours)
		view_line(v, "SessionNextRefresh=%u s", l->session.refresh_s);
	view_line(v, "SessionEndsIn=%u s", l->session.end_s);
}
