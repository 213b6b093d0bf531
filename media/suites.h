/* The table of SRTP crypto suites (RFC 3711, 4568, 7714). */
#ifndef LINESIDE_MEDIA_SUITES_H
#define LINESIDE_MEDIA_SUITES_H

#include "base/slice.h"
#include "conf/model_media.h"

struct suite_row {
	const char *name; /* as in a=crypto and show */
	uint8_t key_len, salt_len; /* bytes of master key, master salt */
	uint8_t rtp_tag_len, rtcp_tag_len; /* bytes */
	bool aead;
};
extern const struct suite_row suite_rows[CONF_SUITE_COUNT];

/* By name as in a=crypto, exactly. ENOENT: not one of ours. */
int suite_find(struct slice name, enum conf_suite *out) MUST_USE;

#endif
