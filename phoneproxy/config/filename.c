/* Names of files that phones ask for. */
#include "phoneproxy/config/filename.h"

#include <stdio.h>
#include <string.h>

enum { MAC_DIGITS = 12, SEP_LEN = 3 + MAC_DIGITS };

static bool ends(struct slice s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && slice_caseeq_str(slice_from(s, s.n - n), suffix);
}

static bool has(struct slice s, const char *part)
{
	for (; s.n > 0; s = slice_from(s, 1))
		if (slice_casestarts(s, part))
			return true;
	return false;
}

static struct slice without(struct slice s, const char *suffix)
{
	return slice_head(s, s.n - strlen(suffix));
}

/* Printable ASCII, no backslash, folders with names. */
static bool is_decent(struct slice s)
{
	struct slice rest = s, part;

	if (s.n == 0 || s.n > FILE_TEXT_MAX || s.p[s.n - 1] == '/')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '\\')
			return false;
	while (slice_cut(&rest, '/', &part))
		if (part.n == 0 || part.p[0] == '.')
			return false;
	return true;
}

static bool take_digit(char c, char *out)
{
	if (c >= 'a' && c <= 'f')
		c = (char)(c - 'a' + 'A');
	*out = c;
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

/* "SEP" and twelve hex digits, nothing more. */
static bool take_device(struct slice s, char out[FILE_DEVICE_TEXT])
{
	memcpy(out, "SEP", 4);
	if (s.n != SEP_LEN || !slice_casestarts(s, "SEP"))
		return false;
	for (size_t i = 3; i < SEP_LEN; i++)
		if (!take_digit(s.p[i], &out[i]))
			return false;
	out[SEP_LEN] = '\0';
	return true;
}

static bool take_list(struct file_name *out, struct slice s)
{
	bool ctl = slice_casestarts(s, "CTL");

	if (!ctl && !slice_casestarts(s, "ITL"))
		return false;
	struct slice who = slice_from(without(s, ".tlv"), 3);

	out->kind = ctl ? FILE_CTL : FILE_ITL;
	if (slice_caseeq_str(who, "File"))
		out->device[0] = '\0';
	else if (!take_device(who, out->device))
		return false;
	snprintf(out->base, sizeof(out->base), "%s%s.tlv", ctl ? "CTL" : "ITL",
		out->device[0] ? out->device : "File");
	return true;
}

static bool take_config(struct file_name *out, struct slice s)
{
	struct slice who = without(s, ".cnf.xml");

	if (slice_caseeq_str(who, "XMLDefault")) {
		out->kind = FILE_DEFAULT_CONFIG;
		snprintf(out->base, sizeof(out->base), "XMLDefault.cnf.xml");
		return out->form != FORM_ENCRYPTED;
	}
	out->kind = FILE_CONFIG;
	if (!take_device(who, out->device))
		return false;
	snprintf(out->base, sizeof(out->base), "%s.cnf.xml", out->device);
	return true;
}

bool file_name_parse(struct file_name *out, struct slice name)
{
	struct slice s = name;

	*out = (struct file_name){ .kind = FILE_OTHER };
	if (slice_starts(s, "/"))
		s = slice_from(s, 1);
	if (!is_decent(s) || !slice_copy(s, out->asked, sizeof(out->asked)))
		return false;
	if (ends(s, ".cnf.xml.enc.sgn")) {
		out->form = FORM_ENCRYPTED;
		s = without(s, ".enc.sgn");
	} else if (ends(s, ".sgn") && !ends(s, ".cop.sgn")) {
		out->form = FORM_SIGNED;
		s = without(s, ".sgn");
	}
	if (ends(s, ".tlv"))
		return out->form == FORM_PLAIN && take_list(out, s);
	if (ends(s, ".cnf.xml"))
		return take_config(out, s);
	/* Configurations of other kinds would go out as they are, and so would
	 * one by a name that a server takes for a configuration's. */
	if (has(s, ".cnf") || ends(s, ".sgn.sgn") || !is_decent(s))
		return false;
	return slice_copy(s, out->base, sizeof(out->base));
}

static int hex_value(char c)
{
	char digit;

	if (!take_digit(c, &digit))
		return -1;
	return digit <= '9' ? digit - '0' : digit - 'A' + 10;
}

bool file_name_from_target(struct file_name *out, struct slice target)
{
	char text[FILE_TEXT_MAX + 1];
	size_t n = 0;

	*out = (struct file_name){ .kind = FILE_OTHER };
	if (!slice_starts(target, "/"))
		return false;
	for (size_t i = 1; i < target.n; i++) {
		char c = target.p[i];

		if (c == '?' || c == '#' || n == sizeof(text))
			return false;
		if (c == '%') {
			int high = i + 2 < target.n ? hex_value(target.p[i + 1])
						    : -1;
			int low = high < 0 ? -1 : hex_value(target.p[i + 2]);

			if (low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		}
		text[n++] = c;
	}
	return file_name_parse(out, slice_of(text, n));
}
