/* The functions behind the rows of cmds_pki.c. */
#ifndef LINESIDE_CONF_CMDS_PKI_H
#define LINESIDE_CONF_CMDS_PKI_H

#include "conf/conf_int.h"

#define PKI_ROW(name)                                                          \
	void pki_set_##name(struct line *l);                                   \
	void pki_show_##name(const struct show *s, const struct cmd *row)

PKI_ROW(master_key);
void pki_note_encryption(struct line *l);
PKI_ROW(enrollment);
PKI_ROW(url);
PKI_ROW(source);
PKI_ROW(source_interface);
PKI_ROW(subject);
PKI_ROW(fqdn);
PKI_ROW(ip);
PKI_ROW(serial);
PKI_ROW(san);
PKI_ROW(revocation);
PKI_ROW(auto);
PKI_ROW(legacy);
PKI_ROW(rsa);
PKI_ROW(ec);
void pki_reset_key(struct line *l);
void pki_reset_anchors(struct line *l);

/* "2027-06-30": the end of that day in UTC; false: no such day. */
bool pki_day(struct slice s, int64_t *out);

#endif
