/*
 * What the programs of tests/bench/media share: the lines by which the driver
 * tells them of calls, and small helpers. They run as children of the driver
 * and speak on standard input and output.
 *
 * A relay says "ready" first. A call's line, to the generator and to a relay,
 * has three words for each side: a port on 127.0.0.1 (to the generator also
 * ADDRESS:PORT), the key that the reader protects with, the key that it
 * unprotects with; keys in hex, "-" for plain RTP. How a side speaks is SUITE|plain, or with a codec SUITE|plain/CODEC/PT.
 */
#ifndef LINESIDE_TESTS_BENCH_H
#define LINESIDE_TESTS_BENCH_H

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/secret.h"
#include "base/slice.h"
#include "media/codec.h"
#include "media/suites.h"

enum { CALLS_MAX = 4200, LINE_ROOM = 512 };

struct side {
	uint16_t port;
	struct addr to; /* the port there */
	bool plain;
	struct secret tx, rx; /* not when plain */
};

static inline void check(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline unsigned number(const char *text, unsigned max)
{
	char *end = NULL;
	unsigned long v = strtoul(text, &end, 10);

	if (end == text || *end != '\0' || v > max) {
		(void)fprintf(stderr, "bench: not a number up to %u: %s\n", max,
			text);
		exit(2);
	}
	return (unsigned)v;
}

/* "plain" or a suite's name; CONF_SUITE_COUNT is plain. */
static inline enum conf_suite suite_word(const char *text)
{
	enum conf_suite suite = CONF_SUITE_COUNT;

	if (strcmp(text, "plain") == 0)
		return CONF_SUITE_COUNT;
	check(suite_find(slice_str(text), &suite) == 0, "suite");
	return suite;
}

struct way {
	enum conf_suite suite; /* CONF_SUITE_COUNT: plain */
	const struct codec *codec; /* NULL: bytes that nobody looks into */
	uint8_t pt;
};

static inline struct way way_word(const char *text)
{
	char room[LINE_ROOM], *rest = room;
	struct way w = { 0 };
	const char *codec, *pt;

	(void)snprintf(room, sizeof(room), "%s", text);
	w.suite = suite_word(strtok_r(rest, "/", &rest));
	codec = strtok_r(NULL, "/", &rest);
	pt = strtok_r(NULL, "/", &rest);
	for (size_t i = 0; codec != NULL && codec_at(i) != NULL; i++)
		if (strcasecmp(codec_at(i)->name, codec) == 0)
			w.codec = codec_at(i);
	check(codec == NULL || (w.codec != NULL && pt != NULL), "codec");
	if (pt != NULL)
		w.pt = (uint8_t)number(pt, 127);
	return w;
}

static inline bool key_word(const char *text, struct secret *out)
{
	size_t n = strlen(text) / 2;

	*out = (struct secret){ 0 };
	if (strcmp(text, "-") == 0)
		return false;
	check(n <= sizeof(out->b), "key");
	for (size_t i = 0; i < n; i++) {
		char byte[3] = { text[2 * i], text[2 * i + 1], '\0' };

		out->b[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
	out->n = (uint8_t)n;
	return true;
}

static inline struct addr loopback(uint16_t port)
{
	return (struct addr){ .in4 = { .sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr =
					      htonl(INADDR_LOOPBACK) } };
}

static inline struct addr host_port(const char *text)
{
	const char *colon = strrchr(text, ':');
	struct addr a = loopback(0);

	if (colon == NULL)
		return loopback((uint16_t)number(text, 65535));
	errno = addr_parse(&a, slice_of(text, (size_t)(colon - text)),
		(uint16_t)number(colon + 1, 65535));
	check(errno == 0, "address");
	return a;
}

static inline void read_call(struct side side[2])
{
	char line[LINE_ROOM], *rest = line;

	check(fgets(line, sizeof(line), stdin) != NULL, "a call's line");
	for (unsigned i = 0; i < 2; i++) {
		const char *port = strtok_r(rest, " \n", &rest);
		const char *tx = strtok_r(NULL, " \n", &rest);
		const char *rx = strtok_r(NULL, " \n", &rest);

		check(rx != NULL, "six words for a call");
		side[i].to = host_port(port);
		side[i].port = addr_port(&side[i].to);
		side[i].plain = !key_word(tx, &side[i].tx);
		(void)key_word(rx, &side[i].rx);
	}
}

/* The driver's word that comes next; false at the end. */
static inline bool read_word(char word[LINE_ROOM])
{
	if (fgets(word, LINE_ROOM, stdin) == NULL)
		return false;
	word[strcspn(word, "\n")] = '\0';
	return true;
}

static inline void pin(unsigned processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

#endif
