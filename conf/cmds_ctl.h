/* What the lines of voice-ctl-file, ctl-client and credentials set. */
#ifndef LINESIDE_CONF_CMDS_CTL_H
#define LINESIDE_CONF_CMDS_CTL_H

#include "conf/conf_int.h"

#define CTL_HASH_HINT                                                          \
	"the files' format has no number for SHA-384, and no phone is known "  \
	"to take SHA-256: write 'hash sha512', or 'hash sha1' for old phones"

void ctl_enter_file(struct line *l);
void ctl_enter_client(struct line *l);
void ctl_set_record(struct line *l);
void ctl_set_sast(struct line *l);
void ctl_set_server(struct line *l);
void ctl_set_cme(struct line *l);
void ctl_set_import(struct line *l);
void ctl_set_credentials(struct line *l);
void ctl_set_source(struct line *l);
void ctl_set_service(struct line *l);

void ctl_show_records(const struct show *s, const struct cmd *row);
void ctl_show_sasts(const struct show *s, const struct cmd *row);
void ctl_show_servers(const struct show *s, const struct cmd *row);
void ctl_show_cmes(const struct show *s, const struct cmd *row);
void ctl_show_imports(const struct show *s, const struct cmd *row);
void ctl_show_source(const struct show *s, const struct cmd *row);
void ctl_show_service(const struct show *s, const struct cmd *row);

void ctl_import_free(struct conf_ctl_import *i); /* its parts */
void ctl_server_free(struct conf_ctl_server *v);

#endif
