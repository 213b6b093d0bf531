/* Recorded sessions (tests/vectors/capf and tvs): their frames as bytes. */
#ifndef LINESIDE_TESTS_UNIT_FRAMES_H
#define LINESIDE_TESTS_UNIT_FRAMES_H

#include <jansson.h>

#include "vectors.h"

enum { FRAMES_MAX = 16 };

struct session {
	json_t *json;
	size_t n;
	struct slice frame[FRAMES_MAX];
};

static inline struct slice from_hex(const char *hex)
{
	size_t n = strlen(hex) / 2;
	uint8_t *p = malloc(n ? n : 1);
	unsigned v;

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
		p[i] = (uint8_t)v;
	}
	return slice_of(p, n);
}

static inline void session_load(struct session *s, const char *name)
{
	struct slice text = vector_load(name);

	*s = (struct session){ 0 };
	s->json = json_loadb(text.p, text.n, 0, NULL);
	vector_free(text);
	json_t *frames = json_object_get(s->json, "frames");

	s->n = json_array_size(frames);
	assert_in_range(s->n, 1, FRAMES_MAX);
	for (size_t i = 0; i < s->n; i++)
		s->frame[i] = from_hex(json_string_value(
			json_object_get(json_array_get(frames, i), "hex")));
}

/* A number that the recording gives for a frame: "command", "session_id". */
static inline uint32_t session_number(
	const struct session *s, size_t frame, const char *key)
{
	return (uint32_t)json_integer_value(json_object_get(
		json_array_get(json_object_get(s->json, "frames"), frame),
		key));
}

static inline json_t *session_elements(const struct session *s, size_t frame)
{
	return json_object_get(
		json_array_get(json_object_get(s->json, "frames"), frame),
		"elements");
}

static inline void session_free(struct session *s)
{
	for (size_t i = 0; i < s->n; i++)
		vector_free(s->frame[i]);
	json_decref(s->json);
}

#endif
