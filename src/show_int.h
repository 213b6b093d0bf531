/* What the files of show share. */
#ifndef LINESIDE_SHOW_INT_H
#define LINESIDE_SHOW_INT_H

#include "show.h"

const char *word_transport(enum conf_transport t); /* "udp", "tcp", "tls" */
const char *word_srtp(enum conf_srtp s);
const char *word_side(enum conf_side s);

unsigned show_leg_number(const struct call_info *c, int side);
bool show_leg_there(const struct leg_info *l);
const char *show_codec(const struct leg_info *l); /* as IOS calls it */
size_t show_count_legs(const struct b2bua_query *q);

#endif
