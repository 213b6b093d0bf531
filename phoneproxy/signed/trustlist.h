/*
 * The trust lists of a voice-ctl-file: made from its trustpoints, kept in the
 * state directory (ctl/NAME.ctl.tlv, ctl/NAME.itl.tlv), replaced as a whole.
 * A list that phones holding the present one would refuse does not replace it
 * unless that is forced. Blocking: main thread, or a program of its own.
 */
#ifndef LINESIDE_PHONEPROXY_TRUSTLIST_H
#define LINESIDE_PHONEPROXY_TRUSTLIST_H

#include "certs/store/trustpoint.h"
#include "phoneproxy/signed/content.h"
#include "phoneproxy/signed/ctl.h"

struct trustlist { /* counted; immutable but for what waits to be kept */
	char name[CONF_NAME_MAX + 1];
	struct content *ctl, *itl; /* as phones get them */
	struct trustpoint *sast, *tftp; /* that sign; referenced */
	enum digest digest; /* of the lists, and of files by default */
	struct signer sign_list, sign_file;
	void *der[2]; /* owned: the signers' certificates */
	bool fresh; /* differs from what was kept before */
	enum ctl_verdict verdict; /* of phones that hold that */
	bool refused; /* so the kept one is served on */
	/* Written aside; trustlist_keep() puts them in their place. */
	char *aside[2], *path[2];
};

struct trustlist_how {
	bool renew; /* a new timestamp although nothing changed */
	bool force; /* whatever phones make of it */
	bool look; /* writes nothing: there is nothing to keep then */
};

/*
 * Makes the lists and writes them aside. What is wrong is said in `errs` at
 * the section's place; a list that phones would refuse is a warning, and the
 * kept one is given instead.
 */
int trustlist_make(struct trustlist **out, const struct conf *c,
	const struct conf_ctl_file *f, const struct trustlist_how *how,
	struct conf_errs *errs) MUST_USE;
/* In force from now on. The errno of renaming. */
int trustlist_keep(struct trustlist *t) MUST_USE;
/* What is kept of a list; ENOENT. One reference. */
int trustlist_kept(struct content **out, const struct conf *c, const char *name,
	bool itl) MUST_USE;

#endif
