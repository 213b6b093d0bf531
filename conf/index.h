/*
 * Dial-peers by their patterns, so that a call costs the same with ten or ten
 * thousand of them: a tree over the characters that a pattern asks for
 * before its first wildcard. Immutable once built.
 */
#ifndef LINESIDE_CONF_INDEX_H
#define LINESIDE_CONF_INDEX_H

#include "base/slice.h"
#include "conf/model.h"

struct conf_index;

/* Builds those of `c`, and its lists of other dial-peers; what was there
 * before is freed. Dial-peers that are shut down are in none of them. */
void conf_index_build(struct conf *c);
void conf_index_clear(struct conf *c);

/*
 * Calls back for every pattern that matches the number, with the dial-peer and
 * the explicit characters (conf_pattern_match). A dial-peer with several
 * patterns (a map) may come more than once.
 */
typedef void conf_index_fn(
	void *arg, const struct conf_dial_peer *p, int explicit_chars);
void conf_index_find(const struct conf_index *x, struct slice number,
	conf_index_fn *fn, void *arg);

#endif
