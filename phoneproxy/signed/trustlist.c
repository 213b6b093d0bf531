#include "phoneproxy/signed/trustlist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/obj.h"
#include "phoneproxy/signed/keepfile.h"
#include "phoneproxy/signed/material.h"

enum { LIST_SIZE_MAX = 1 << 20 };

static const char *const file_names[2] = { "CTLFile.tlv", "ITLFile.tlv" };
static const char *const endings[2] = { "ctl", "itl" };

static void trustlist_free(void *p)
{
	struct trustlist *t = p;

	for (size_t i = 0; i < 2; i++) {
		keepfile_drop(&t->aside[i]); /* never came into force */
		free(t->path[i]);
		gnutls_free(t->der[i]);
	}
	obj_unref(t->ctl);
	obj_unref(t->itl);
	obj_unref(t->sast);
	obj_unref(t->tftp);
}

/* ---- who signs ---- */

static int sign(
	void *arg, enum digest d, struct slice data, uint8_t *sig, size_t *n)
{
	static const gnutls_digest_algorithm_t hash[] = {
		[DIGEST_SHA1] = GNUTLS_DIG_SHA1,
		[DIGEST_SHA256] = GNUTLS_DIG_SHA256,
		[DIGEST_SHA512] = GNUTLS_DIG_SHA512,
	};

	return keystore_sign(arg, hash[d], data, sig, RSA_MAX, n);
}

/* For a callback that takes any pointer. */
static void *key_of(const struct trustpoint *tp)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): drops const, no more */
	return (void *)(uintptr_t)trustpoint_key(tp);
}

static struct trustpoint *first_with(const struct material *m,
	const struct conf_ctl_file *f, enum conf_ctl_role r)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->entry[i].role == r && trustpoint_has_key(m->tp[i]))
			return m->tp[i];
	return NULL;
}

static int take_signer(struct trustlist *t, size_t i, struct trustpoint *tp,
	struct signer *out)
{
	gnutls_datum_t der = { 0 };

	if (tp == NULL || gnutls_x509_crt_export2(trustpoint_chain(tp, 0),
				  GNUTLS_X509_FMT_DER, &der) != 0)
		return ENOENT;
	t->der[i] = der.data;
	*out = (struct signer){ .cert = slice_of(der.data, der.size),
		.sign = sign,
		.arg = key_of(tp) };
	return 0;
}

static int take_signers(struct trustlist *t, const struct material *m,
	const struct conf_ctl_file *f, struct conf_errs *errs)
{
	int err;

	t->sast = obj_ref(first_with(m, f, CONF_CTL_SELFSIGNED));
	t->tftp = obj_ref(first_with(m, f, CONF_CTL_CUCM_TFTP));
	err = take_signer(t, 0, t->sast, &t->sign_list);
	if (err == 0)
		err = take_signer(t, 1, t->tftp, &t->sign_file);
	if (err != 0)
		conf_errs_add(errs, false, f->pos,
			"`lineside pki enroll` gets one",
			"trust list %s: %s has no key and certificate yet",
			f->name,
			t->sign_list.sign == NULL
				? "its signer (selfsigned)"
				: "the files' signer (cucm-tftp)");
	return err;
}

/* ---- the bytes ---- */

static enum fault write_list(struct text *out, const struct trustlist *t,
	const struct material *m, size_t which, uint32_t timestamp)
{
	static const uint8_t http_only[2] = { 1, 0 }, https[2] = { 1, 1 };
	const struct ctl_new p = {
		.file_name = file_names[which],
		.digest = t->digest,
		.signer_version = m->https ? https : http_only,
		.timestamp = timestamp,
		.entry = m->entry,
		.nentries = m->n,
	};

	return ctl_write(out, &p, &t->sign_list);
}

static char *path_of(const struct conf *c, const char *name, size_t which)
{
	return mem_printf(
		"%s/ctl/%s.%s.tlv", c->state_directory, name, endings[which]);
}

int trustlist_kept(
	struct content **out, const struct conf *c, const char *name, bool itl)
{
	char *path = path_of(c, name, itl ? 1 : 0);
	int err = content_read(out, path, LIST_SIZE_MAX);

	free(path);
	return err;
}

/* What phones that hold the kept list make of the new one. */
static enum ctl_verdict judge(struct slice held, struct slice next)
{
	struct ctl a = { 0 }, b = { 0 };
	enum ctl_verdict v = CTL_BROKEN;

	if (ctl_read(&b, next) != FAULT_NONE)
		return v;
	if (ctl_read(&a, held) == FAULT_NONE) {
		v = ctl_plan(&a, NULL, &b);
		ctl_free(&a);
	}
	ctl_free(&b);
	return v;
}

static uint32_t timestamp_of(struct slice list, uint32_t otherwise)
{
	struct ctl c = { 0 };
	uint32_t t = otherwise;

	if (list.n > 0 && ctl_read(&c, list) == FAULT_NONE) {
		t = c.head.timestamp;
		ctl_free(&c);
	}
	return t;
}

/* One of the two lists; *kept (may be NULL) is what phones hold by now. */
static enum fault make_one(struct content **out, const struct trustlist *tl,
	const struct material *m, size_t which, const struct content *kept,
	bool renew)
{
	struct slice old = { .n = 0 };
	uint32_t now = (uint32_t)time(NULL);
	struct text t = { 0 };
	enum fault f;

	if (kept != NULL)
		old = content_slice(kept);
	f = write_list(&t, tl, m, which, timestamp_of(old, now));
	if (f == FAULT_NONE && (renew || !slice_eq(text_slice(&t), old))) {
		text_free(&t);
		f = write_list(&t, tl, m, which, now);
	}
	*out = f == FAULT_NONE ? content_new(&t) : NULL;
	text_free(&t);
	return f;
}

static int make_both(struct trustlist *t, const struct material *m,
	struct content *const kept[2], bool renew, struct conf_pos pos,
	struct conf_errs *errs)
{
	enum fault f = make_one(&t->ctl, t, m, 0, kept[0], renew);

	if (f == FAULT_NONE)
		f = make_one(&t->itl, t, m, 1, kept[1], renew);
	if (f == FAULT_NONE)
		return 0;
	conf_errs_add(errs, false, pos,
		"signers need RSA keys of 1024, 2048 or 4096 bits, and two "
		"signers two certificates and keys",
		"trust list %s cannot be made: %s", t->name, fault_text(f));
	return EINVAL;
}

/* ---- on disk ---- */

static int set_aside(struct trustlist *t, const struct conf *c)
{
	const struct content *list[2] = { t->ctl, t->itl };
	int err = keepfile_directory(c->state_directory);

	for (size_t i = 0; i < 2 && err == 0; i++) {
		t->path[i] = path_of(c, t->name, i);
		err = keepfile_aside(&t->aside[i], t->path[i],
			content_slice(list[i]), c->state_directory);
	}
	return err;
}

int trustlist_keep(struct trustlist *t)
{
	int err = 0;

	/* The ITL first: a phone judges it by the CTL, old or new. */
	for (size_t i = 2; i-- > 0 && err == 0;)
		if (t->aside[i] != NULL)
			err = keepfile_commit(&t->aside[i], t->path[i]);
	return err;
}

/* ---- all of it ---- */

static bool would_be_refused(enum ctl_verdict v)
{
	return v == CTL_NEEDS_TVS || v == CTL_NEEDS_RESET || v == CTL_BROKEN;
}

static void serve_kept(struct trustlist *t, struct content *kept[2],
	const struct conf_ctl_file *f, struct conf_errs *errs)
{
	conf_errs_add(errs, true, f->pos,
		"`lineside ctl plan` tells which phones; `lineside ctl "
		"regenerate NAME --force` replaces it all the same",
		"trust list %s stays as it was: phones that hold it would "
		"refuse the new one (%s), and files signed by a new "
		"certificate with it",
		f->name, ctl_verdict_name(t->verdict));
	t->refused = true;
	obj_unref(t->ctl);
	t->ctl = obj_ref(kept[0]);
	if (kept[1] != NULL) {
		obj_unref(t->itl);
		t->itl = obj_ref(kept[1]);
	}
}

static int finish(struct trustlist *t, const struct conf *c,
	struct content *kept[2], const struct conf_ctl_file *f,
	const struct trustlist_how *how, struct conf_errs *errs)
{
	int err = 0;

	t->verdict = CTL_FIRST;
	t->fresh = kept[0] == NULL || kept[1] == NULL ||
		   !slice_eq(content_slice(kept[0]), content_slice(t->ctl)) ||
		   !slice_eq(content_slice(kept[1]), content_slice(t->itl));
	if (kept[0] != NULL)
		t->verdict =
			judge(content_slice(kept[0]), content_slice(t->ctl));
	if (kept[0] != NULL && !how->force && would_be_refused(t->verdict)) {
		serve_kept(t, kept, f, errs);
		return 0;
	}
	if (t->fresh && !how->look)
		err = set_aside(t, c);
	if (err != 0)
		conf_errs_add(errs, false, f->pos,
			"see `state directory` and who may write there",
			"trust list %s cannot be written below %s: %s", f->name,
			c->state_directory, strerrordesc_np(err));
	return err;
}

int trustlist_make(struct trustlist **out, const struct conf *c,
	const struct conf_ctl_file *f, const struct trustlist_how *how,
	struct conf_errs *errs)
{
	struct trustlist *t = obj_new(sizeof(*t), trustlist_free);
	struct material *m = material_new();
	struct content *kept[2] = { NULL, NULL };
	int err;

	need(slice_copy(slice_str(f->name), t->name, sizeof(t->name)));
	t->digest = f->hash == CONF_FILE_SHA512 ? DIGEST_SHA512 : DIGEST_SHA1;
	err = material_of_list(m, c, f, errs);
	if (err == 0)
		err = take_signers(t, m, f, errs);
	for (size_t i = 0; i < 2 && err == 0; i++) {
		err = trustlist_kept(&kept[i], c, f->name, i == 1);
		if (err == ENOENT)
			err = 0;
		else if (err != 0)
			conf_errs_add(errs, false, f->pos,
				"see `state directory` and who may read there",
				"trust list %s cannot be read: %s", f->name,
				strerrordesc_np(err));
	}
	if (err == 0)
		err = make_both(t, m, kept, how->renew, f->pos, errs);
	if (err == 0)
		err = finish(t, c, kept, f, how, errs);
	material_free(m);
	obj_unref(kept[0]);
	obj_unref(kept[1]);
	if (err != 0)
		t = obj_unref(t);
	*out = t;
	return err;
}
