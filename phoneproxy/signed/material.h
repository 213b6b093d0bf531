/*
 * The certificates of a trust list with what each may do, gathered before
 * there is a list: from trustpoints, imported files, and what other boxes have
 * offered. Blocking: main thread, or a program of its own.
 */
#ifndef LINESIDE_PHONEPROXY_MATERIAL_H
#define LINESIDE_PHONEPROXY_MATERIAL_H

#include "certs/store/trustpoint.h"
#include "phoneproxy/signed/content.h"
#include "phoneproxy/signed/ctl.h"
#include "phoneproxy/signed/ctl_exchange.h"

enum { MATERIAL_MAX = CTL_RECORDS_MAX };

struct material {
	size_t ntps;
	struct trustpoint *tp[CONF_CTL_ENTRIES_MAX]; /* owned; of entries */
	bool https; /* phones may ask by HTTPS */
	size_t n;
	struct ctl_entry entry[MATERIAL_MAX]; /* bytes owned */
};

struct material *material_new(void) MUST_USE;
void material_free(struct material *m);
/* Copies; once for each role. E2BIG: too many. */
int material_add(struct material *m, enum role role, struct slice der) MUST_USE;

/* All of a list, signers first. What is wrong is said at its place. */
int material_of_list(struct material *m, const struct conf *c,
	const struct conf_ctl_file *f, struct conf_errs *errs) MUST_USE;

/*
 * What this box offers to the one that makes the list: the certificates that
 * phones meet here, no signers, and nothing that others offered to us. As the
 * bytes of a frame (ctl_exchange.h). One reference.
 */
int material_offer(struct content **out, const struct conf *c,
	struct conf_errs *errs) MUST_USE;

/* ---- what another box has offered, kept in the state directory ---- */

/* The frame it sent last, written aside and renamed. */
int material_keep_offer(const struct conf *c, const char *list,
	const struct addr *server, struct slice frame) MUST_USE;
/* ENOENT: it was never asked. One reference; *when: seconds since 1970. */
int material_kept_offer(struct content **out, int64_t *when,
	const struct conf *c, const char *list,
	const struct addr *server) MUST_USE;

#endif
