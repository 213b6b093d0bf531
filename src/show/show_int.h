/* What the files of show share. */
#ifndef LINESIDE_SHOW_INT_H
#define LINESIDE_SHOW_INT_H

#include "show/show.h"

const char *word_transport(enum conf_transport t); /* "udp", "tcp", "tls" */
const char *word_srtp(enum conf_srtp s);
const char *word_side(enum conf_side s);

unsigned show_leg_number(const struct call_info *c, int side);
bool show_leg_there(const struct leg_info *l);
const char *show_leg_srtp(const struct leg_info *l); /* on, off, pass-thru */
const char *show_codec(const struct leg_info *l); /* as IOS calls it */
/* show_quality.c: members of JSON; lines of each layout. */
struct view;
void show_quality_json(struct view *v, const struct leg_info *l);
void show_quality_brief(struct view *v, const struct leg_info *l);
void show_quality_full(struct view *v, const struct leg_info *l);
void show_quality_ways(struct view *v, const struct leg_info *l);
/* show_session.c */
void show_session_json(struct view *v, const struct leg_info *l);
void show_session(struct view *v, const struct leg_info *l);
void show_session_full(struct view *v, const struct leg_info *l);
size_t show_count_legs(const struct b2bua_query *q);

#endif
