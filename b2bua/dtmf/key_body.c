/* See key_body.h. Here: INFO and NOTIFY. KPML is in key_kpml.c. */
#include "b2bua/dtmf/key_body.h"

#include <errno.h>
#include <string.h>

#include "b2bua/sip/uri.h"
#include "media/dtmf.h"

static const char names[] = "0123456789*#ABCD!";

int key_of_char(char c)
{
	const char *at;

	if (c >= 'a' && c <= 'd')
		c = (char)(c - 'a' + 'A');
	at = c != '\0' ? strchr(names, c) : NULL;
	return at != NULL ? (int)(at - names) : -1;
}

char key_char(uint8_t key)
{
	return key < KEY_COUNT ? names[key] : '?';
}

/* "5", "*"; "10" to "16" as some write them; "hf" and "flash". */
static int signal_of(struct slice v)
{
	uint64_t n;

	if (v.n == 1)
		return key_of_char(v.p[0]);
	if (slice_uint(v, KEY_FLASH, &n) == 0)
		return (int)n;
	if (slice_caseeq_str(v, "hf") || slice_caseeq_str(v, "flash"))
		return KEY_FLASH;
	return -1;
}

static unsigned bounded(uint64_t ms)
{
	return ms < KEY_MS_MIN	 ? KEY_MS_MIN
	       : ms > KEY_MS_MAX ? KEY_MS_MAX
				 : (unsigned)ms;
}

static int read_relay(struct key_press *out, struct slice body)
{
	struct slice line;
	int key = -1;

	while (slice_line(&body, &line)) {
		size_t eq = slice_find(line, '=');
		struct slice name = slice_trim(slice_head(line, eq));
		struct slice value = slice_trim(slice_from(line, eq + 1));
		uint64_t n;

		if (slice_caseeq_str(name, "Signal") && key < 0)
			key = signal_of(value);
		else if (slice_caseeq_str(name, "Duration") &&
			 slice_uint(value, 1000000, &n) == 0)
			out->ms = bounded(n);
	}
	if (key < 0)
		return EBADMSG;
	out->key = (uint8_t)key;
	return 0;
}

int key_info_read(struct key_press *out, struct slice type, struct slice body)
{
	int key;

	*out = (struct key_press){ .end = true, .ms = KEY_MS_DEFAULT };
	type = slice_trim(slice_head(type, slice_find(type, ';')));
	if (slice_caseeq_str(type, "application/dtmf-relay"))
		return body.n > KEY_BODY_MAX ? EBADMSG : read_relay(out, body);
	if (!slice_caseeq_str(type, "application/dtmf"))
		return ENOTSUP;
	key = signal_of(slice_trim(body));
	if (key < 0)
		return EBADMSG;
	out->key = (uint8_t)key;
	return 0;
}

void key_info_write(struct text *out, const struct key_press *k)
{
	text_printf(
		out, "Signal=%c\r\nDuration=%u\r\n", key_char(k->key), k->ms);
}

int key_event_read(struct key_press *out, struct slice body)
{
	struct dtmf_event ev;

	*out = (struct key_press){ 0 };
	if (body.n != KEY_EVENT ||
		dtmf_event_read(&ev, (const uint8_t *)body.p, body.n) != 0 ||
		ev.key >= KEY_COUNT)
		return EBADMSG;
	out->key = ev.key;
	out->end = ev.end;
	out->ms = bounded(ev.duration);
	return 0;
}

void key_event_write(char out[KEY_EVENT], const struct key_press *k)
{
	const struct dtmf_event ev = { .key = k->key,
		.end = k->end,
		.volume = 10,
		.duration = (uint16_t)k->ms };

	dtmf_event_write((uint8_t *)out, &ev);
}

/* The value of `name=` within a quoted list of parameters. */
static bool part(struct slice list, const char *name, struct slice *value)
{
	struct slice one;

	while (slice_cut(&list, ';', &one)) {
		size_t eq = slice_find(one, '=');

		if (!slice_caseeq_str(slice_trim(slice_head(one, eq)), name))
			continue;
		*value = slice_trim(slice_from(one, eq + 1));
		return true;
	}
	return false;
}

bool key_call_info_read(struct slice value, unsigned *ms)
{
	static const char begin[] = "method=\"NOTIFY;";
	uint64_t n = KEY_NOTIFY_MS;
	struct slice v, list;
	size_t at;

	for (at = 0; at < value.n; at++)
		if (slice_casestarts(slice_from(value, at), begin))
			break;
	if (at == value.n)
		return false;
	list = slice_from(value, at + strlen(begin));
	list = slice_head(list, slice_find(list, '"'));
	if (!part(list, "Event", &v) || !slice_caseeq_str(v, "telephone-event"))
		return false;
	if (part(list, "Duration", &v))
		(void)!slice_uint(v, 60000, &n);
	*ms = n == 0 ? KEY_NOTIFY_MS : (unsigned)n;
	return true;
}
