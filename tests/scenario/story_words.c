/* Lines of a story as words: variables, quotes, fresh keys. */
#include "story.h"

static char escaped(char c)
{
	return c == 'r' ? '\r' : c == 'n' ? '\n' : c;
}

/* Blanks separate, quotes hold together, \" is a quote, \r and \n end lines, a
 * comma is a word. */
void story_split(struct words *out, char *line)
{
	char *to = line;

	out->n = 0;
	while (*line != '\0') {
		bool quoted = false;

		while (isspace((unsigned char)*line))
			line++;
		if (*line == '\0' || *line == '#')
			return;
		if (out->n == WORDS_MAX)
			story_fail("too many words");
		out->v[out->n++] = to;
		for (; *line != '\0' &&
			(quoted || !isspace((unsigned char)*line));
			line++) {
			if (*line == '\\' && line[1] != '\0')
				*to++ = escaped(*++line);
			else if (*line == '"')
				quoted = !quoted;
			else
				*to++ = *line;
		}
		if (*line != '\0')
			line++;
		*to++ = '\0';
	}
}

void story_set_var(const char *name, const char *value)
{
	for (size_t i = 0; i < st.nvars; i++) {
		if (strcmp(st.var[i].name, name) != 0)
			continue;
		free(st.var[i].value);
		st.var[i].value = mem_dup(value);
		return;
	}
	if (st.nvars == VARS_MAX)
		story_fail("too many variables");
	(void)snprintf(st.var[st.nvars].name, NAME_SIZE, "%s", name);
	st.var[st.nvars++].value = mem_dup(value);
}

/* $NAME becomes what was saved under it. */
char *story_substitute(const char *line)
{
	struct text t = { 0 };

	while (*line != '\0') {
		size_t best = VARS_MAX;

		for (size_t i = 0; *line == '$' && i < st.nvars; i++)
			if (strncmp(line + 1, st.var[i].name,
				    strlen(st.var[i].name)) == 0)
				best = i;
		if (best == VARS_MAX) {
			text_addc(&t, *line++);
			continue;
		}
		text_add(&t, slice_str(st.var[best].value));
		line += 1 + strlen(st.var[best].name);
	}
	return text_take(&t);
}

/* @key:NAME:BYTES@ becomes a key of that many bytes, fresh in each run. */
char *story_with_keys(const char *text)
{
	struct text t = { 0 };
	const char *at;

	while ((at = strstr(text, "@key:")) != NULL) {
		char name[NAME_SIZE];
		unsigned bytes;
		int used = 0;
		char *var = NULL;

		text_add(&t, slice_of(text, (size_t)(at - text)));
		if (sscanf(at, "@key:%15[a-z0-9]:%u@%n", name, &bytes, &used) !=
				2 ||
			bytes > SECRET_MAX)
			story_fail("bad key: %s", at);
		(void)snprintf(name + strlen(name), 8, "-%u", bytes);
		for (size_t i = 0; i < st.nvars; i++)
			if (strcmp(st.var[i].name, name) == 0)
				var = st.var[i].value;
		if (var == NULL) {
			struct text k = { 0 };
			uint8_t b[SECRET_MAX];

			random_bytes(b, bytes);
			base64_encode(&k, slice_of(b, bytes), true);
			story_set_var(name, k.p);
			text_free(&k);
			var = st.var[st.nvars - 1].value;
		}
		text_add(&t, slice_str(var));
		text = at + used;
	}
	text_add(&t, slice_str(text));
	return text_take(&t);
}

const char *story_sdp(const char *name)
{
	for (size_t i = 0; i < st.nsdps; i++)
		if (strcmp(st.sdp[i].name, name) == 0)
			return st.sdp[i].text;
	story_fail("no sdp %s", name);
}
