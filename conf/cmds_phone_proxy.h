/* What the lines of voice-phone-proxy set. */
#ifndef LINESIDE_CONF_CMDS_PHONE_PROXY_H
#define LINESIDE_CONF_CMDS_PHONE_PROXY_H

#include "conf/conf_int.h"

void pp_set_tftp(struct line *l);
void pp_set_capf(struct line *l);
void pp_set_service(struct line *l);
void pp_set_range(struct line *l);
void pp_set_https(struct line *l);
void pp_set_mutual(struct line *l);
void pp_set_fetch(struct line *l);
void pp_set_file(struct line *l);

void pp_show_tftp(const struct show *s, const struct cmd *row);
void pp_show_capf(const struct show *s, const struct cmd *row);
void pp_show_service(const struct show *s, const struct cmd *row);
void pp_show_range(const struct show *s, const struct cmd *row);
void pp_show_https(const struct show *s, const struct cmd *row);
void pp_show_mutual(const struct show *s, const struct cmd *row);
void pp_show_fetch(const struct show *s, const struct cmd *row);
void pp_show_files(const struct show *s, const struct cmd *row);

#endif
