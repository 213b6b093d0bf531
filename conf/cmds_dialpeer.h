/* The functions behind the rows of cmds_dialpeer.c. */
#ifndef LINESIDE_CONF_CMDS_DIALPEER_H
#define LINESIDE_CONF_CMDS_DIALPEER_H

#include "conf/conf_int.h"

#define PEER_ROW(name)                                                         \
	void peer_set_##name(struct line *l);                                  \
	void peer_show_##name(const struct show *s, const struct cmd *row)

PEER_ROW(target);
PEER_ROW(transport);
PEER_ROW(srtp);
PEER_ROW(fax);
PEER_ROW(srtp_offer);
PEER_ROW(rtcp_mux);
PEER_ROW(rel1xx);
PEER_ROW(one_codec);
PEER_ROW(dtmf);
PEER_ROW(incoming_uri);
PEER_ROW(xlate);
PEER_ROW(block_cause);
void peer_set_any_codec(struct line *l);
void peer_show_codec_class(const struct show *s, const struct cmd *row);

#undef PEER_ROW

#endif
