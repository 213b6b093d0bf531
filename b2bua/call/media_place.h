/* Where media of ours stands: the address that is bound, and the one that a
 * description tells. Of a leg of a call, or of a recording. */
#ifndef LINESIDE_B2BUA_MEDIA_PLACE_H
#define LINESIDE_B2BUA_MEDIA_PLACE_H

#include "b2bua/core/core_int.h"

struct media_place {
	const struct core *core;
	const struct conf *conf;
	const char *listener; /* by name: of the signalling beside it */
	enum conf_side where;
	const struct conf_dial_peer *peer; /* NULL: none */
};

/* To bind, port 0. */
struct addr media_place_bind(const struct media_place *p);
/* To put into SDP for what is bound there: advertised, else bound; where the
 * listener is bound to any address, what our Contact says. */
struct addr media_place_told(
	const struct media_place *p, const struct addr *bound);

#endif
