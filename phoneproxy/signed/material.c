#include "phoneproxy/signed/material.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"
#include "certs/store/import.h"
#include "phoneproxy/signed/keepfile.h"

enum { IMPORT_FILE_MAX = 1 << 20 };

struct material *material_new(void)
{
	return mem_new(sizeof(struct material));
}

void material_free(struct material *m)
{
	for (size_t i = 0; i < m->ntps; i++)
		obj_unref(m->tp[i]);
	for (size_t i = 0; i < m->n; i++) {
		char *owned;

		memcpy(&owned, &m->entry[i].cert.p, sizeof(owned));
		free(owned);
	}
	free(m);
}

int material_add(struct material *m, enum role role, struct slice der)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->entry[i].role == role && slice_eq(m->entry[i].cert, der))
			return 0;
	if (m->n == MATERIAL_MAX)
		return E2BIG;
	m->entry[m->n++] = (struct ctl_entry){ .role = role,
		.cert = slice_of(mem_ndup(der.p, der.n), der.n) };
	return 0;
}

static int add(struct material *m, enum role role, gnutls_x509_crt_t crt)
{
	gnutls_datum_t der = { 0 };
	int err;

	if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) != 0)
		return EBADMSG;
	err = material_add(m, role, slice_of(der.data, der.size));
	gnutls_free(der.data);
	return err;
}

/* Complaints about what the sip thread's loading says anyway are not
 * repeated: only errors pass. */
static int load(struct trustpoint **out, const struct conf_trustpoint *c,
	struct conf_errs *errs)
{
	struct conf_errs said = { 0 };
	int err = trustpoint_load(out, c, &said);

	for (size_t i = 0; err != 0 && i < said.n; i++)
		if (!said.v[i].warning)
			conf_errs_add(errs, false,
				(struct conf_pos){
					said.v[i].line, said.v[i].column },
				said.v[i].hint, "%s", said.v[i].message);
	conf_errs_free(&said);
	return err;
}

static enum role role_of(enum conf_ctl_role r)
{
	static const enum role roles[] = {
		[CONF_CTL_CAPF] = ROLE_CAPF,
		[CONF_CTL_CUCM_TFTP] = ROLE_CCM_TFTP,
		[CONF_CTL_SELFSIGNED] = ROLE_SAST,
		[CONF_CTL_APPLICATION] = ROLE_APP_SERVER,
		[CONF_CTL_TVS] = ROLE_TVS,
	};

	return roles[r];
}

/* Our certificate, or those of the authorities that it stands for. */
static int add_of(struct material *m, enum role role,
	const struct trustpoint *tp, struct slice *why)
{
	gnutls_x509_crt_t crt = trustpoint_chain(tp, 0);
	int err = 0;

	if (crt != NULL)
		return add(m, role, crt);
	for (size_t i = 0; err == 0; i++) {
		crt = trustpoint_anchor(tp, i);
		if (crt == NULL && i == 0)
			err = ENOENT;
		if (crt == NULL)
			break;
		err = add(m, role, crt);
	}
	if (err == ENOENT)
		*why = SLICE_LIT("holds no certificate");
	else if (err != 0)
		*why = SLICE_LIT("holds more certificates than a trust list");
	return err;
}

/* The certificate of ours that a service shows; none is no fault here. */
static int add_shown(struct material *m, enum role role,
	const struct conf_trustpoint *c, struct conf_errs *errs)
{
	struct trustpoint *tp = NULL;
	int err = load(&tp, c, errs);

	if (err == 0 && trustpoint_chain(tp, 0) != NULL)
		err = add(m, role, trustpoint_chain(tp, 0));
	obj_unref(tp);
	return err;
}

/* Phones meet the TVS over TLS: they must know its certificate. */
static int add_tvs(
	struct material *m, const struct conf *c, struct conf_errs *errs)
{
	if (!c->tvs.on || c->tvs.trustpoint == NULL)
		return 0;
	return add_shown(m, ROLE_TVS, c->tvs.trustpoint, errs);
}

/* HTTPS is announced by the header's version and judged by this record. */
static int add_https(struct material *m, const struct conf *c,
	const struct conf_ctl_file *f, struct conf_errs *errs)
{
	int err = 0;

	for (const struct conf_phone_proxy *x = c->phone_proxies;
		x != NULL && err == 0; x = x->next) {
		if (!x->complete || x->https == NULL ||
			(f != NULL && x->ctl_file != f))
			continue;
		err = add_shown(m, ROLE_TFTP, x->https, errs);
		m->https = true;
	}
	return err;
}

/* ---- import certificate ---- */

static int add_file(struct material *m, const char *path, char **why)
{
	struct content *bytes = NULL;
	struct import in = { 0 };
	int err = content_read(&bytes, path, IMPORT_FILE_MAX);

	if (err != 0) {
		*why = mem_printf("cannot be read: %s", strerrordesc_np(err));
		return err;
	}
	err = import_parse(&in, content_slice(bytes), NULL, why);
	for (size_t i = 0; i < in.n && err == 0; i++)
		err = add(m, ROLE_APP_SERVER, in.crt[i]);
	if (err == E2BIG)
		*why = mem_dup("holds more certificates than a trust list");
	import_free(&in);
	obj_unref(bytes);
	return err;
}

static const char *without_flash(const char *path)
{
	return strncmp(path, "flash:", 6) == 0 ? path + 6 : path;
}

static int add_imports(struct material *m, const struct conf_ctl_file *f,
	struct conf_errs *errs)
{
	int err = 0;

	for (size_t i = 0; i < f->nimports && err == 0; i++) {
		const struct conf_ctl_import *v = &f->import[i];
		char *why = NULL;

		err = add_file(m, without_flash(v->path), &why);
		if (err != 0)
			conf_errs_add(errs, false, f->pos,
				"see 'import certificate': a certificate as "
				"PEM, DER or PKCS#7",
				"trust list %s: certificate %u (%s), %s: %s",
				f->name, v->tag, v->description, v->path,
				why != NULL ? why : strerrordesc_np(err));
		free(why);
	}
	return err;
}

/* ---- what other boxes have offered ---- */

static char *offer_path(
	const struct conf *c, const char *list, const struct addr *server)
{
	char host[ADDR_TEXT];

	return mem_printf("%s/ctl/%s.from-%s-%u", c->state_directory, list,
		addr_host(server, host), addr_port(server));
}

int material_keep_offer(const struct conf *c, const char *list,
	const struct addr *server, struct slice frame)
{
	char *path = offer_path(c, list, server), *aside = NULL;
	int err = keepfile_directory(c->state_directory);

	if (err == 0)
		err = keepfile_aside(&aside, path, frame, c->state_directory);
	if (err == 0)
		err = keepfile_commit(&aside, path);
	keepfile_drop(&aside);
	free(path);
	return err;
}

int material_kept_offer(struct content **out, int64_t *when,
	const struct conf *c, const char *list, const struct addr *server)
{
	char *path = offer_path(c, list, server);
	int err = content_read(out, path, CTLX_SIZE_MAX);
	struct stat st;

	*when = err == 0 && stat(path, &st) == 0 ? (int64_t)st.st_mtime : 0;
	free(path);
	return err;
}

static int add_offer(struct material *m, struct slice frame)
{
	struct ctlx_msg *msg = mem_new(sizeof(*msg));
	int err = ctlx_parse(msg, frame);

	if (err == 0 && msg->type != CTLX_OFFER)
		err = EBADMSG;
	for (size_t i = 0; err == 0 && i < msg->n; i++)
		err = material_add(
			m, (enum role)msg->record[i].role, msg->record[i].cert);
	free(msg);
	return err;
}

static int add_servers(struct material *m, const struct conf *c,
	const struct conf_ctl_file *f, struct conf_errs *errs)
{
	int err = 0;

	for (size_t i = 0; i < f->nservers && err == 0; i++) {
		const struct conf_ctl_server *v = &f->server[i];
		struct content *offer = NULL;
		char text[ADDR_TEXT];
		int64_t when;

		err = material_kept_offer(&offer, &when, c, f->name, &v->addr);
		if (err == 0)
			err = add_offer(m, content_slice(offer));
		obj_unref(offer);
		if (err == 0)
			continue;
		conf_errs_add(errs, err == ENOENT, f->pos,
			"`lineside ctl regenerate` asks it",
			"trust list %s is without the certificates of server "
			"%s: %s",
			f->name, addr_text(&v->addr, text),
			err == ENOENT ? "it has not been asked yet"
				      : strerrordesc_np(err));
		if (err == ENOENT)
			err = 0;
	}
	return err;
}

/* ---- all of it ---- */

static int add_entries(struct material *m, const struct conf_ctl_file *f,
	enum conf_ctl_role role, struct conf_errs *errs)
{
	int err = 0;

	for (size_t i = 0; i < f->n && err == 0; i++) {
		struct slice why = SLICE_LIT("cannot be written");

		if (f->entry[i].role != role)
			continue;
		err = add_of(m, role_of(role), m->tp[i], &why);
		if (err != 0)
			conf_errs_add(errs, false, f->pos,
				"see `show crypto pki certificates`",
				"trust list %s: trustpoint %s %.*s", f->name,
				f->entry[i].name, SLICE_ARG(why));
	}
	return err;
}

/* In the order in which phones know lists: signers first. */
int material_of_list(struct material *m, const struct conf *c,
	const struct conf_ctl_file *f, struct conf_errs *errs)
{
	static const enum conf_ctl_role order[] = { CONF_CTL_SELFSIGNED,
		CONF_CTL_CUCM_TFTP, CONF_CTL_CAPF, CONF_CTL_APPLICATION,
		CONF_CTL_TVS };
	int err = 0;

	for (; m->ntps < f->n && err == 0; m->ntps += err == 0)
		err = load(&m->tp[m->ntps], f->entry[m->ntps].trustpoint, errs);
	for (size_t k = 0; k < ARRAY_SIZE(order) && err == 0; k++)
		err = add_entries(m, f, order[k], errs);
	if (err == 0)
		err = add_imports(m, f, errs);
	if (err == 0)
		err = add_tvs(m, c, errs);
	if (err == 0)
		err = add_https(m, c, f, errs);
	return err == 0 ? add_servers(m, c, f, errs) : err;
}

/* ---- what this box offers ---- */

static int offer_lists(
	struct material *m, const struct conf *c, struct conf_errs *errs)
{
	int err = 0;

	for (const struct conf_ctl_file *f = c->ctl_files; f != NULL;
		f = f->next) {
		for (size_t i = 0; i < f->n && err == 0; i++) {
			struct trustpoint *tp = NULL;
			struct slice why;

			if (f->entry[i].role == CONF_CTL_SELFSIGNED)
				continue;
			err = load(&tp, f->entry[i].trustpoint, errs);
			if (err == 0)
				err = add_of(
					m, role_of(f->entry[i].role), tp, &why);
			obj_unref(tp);
		}
		if (err == 0)
			err = add_imports(m, f, errs);
	}
	return err;
}

static bool serves_files(const struct conf *c, const struct conf_trustpoint *t)
{
	for (const struct conf_ctl_file *f = c->ctl_files; f != NULL;
		f = f->next)
		for (size_t i = 0; i < f->n; i++)
			if (f->entry[i].role == CONF_CTL_CUCM_TFTP &&
				f->entry[i].trustpoint == t)
				return true;
	return false;
}

/* Where phones register, and do not take files. */
static int offer_listeners(
	struct material *m, const struct conf *c, struct conf_errs *errs)
{
	int err = 0;

	for (const struct conf_listener *l = c->listeners;
		l != NULL && err == 0; l = l->next)
		if (l->side == CONF_ACCESS && l->transport == CONF_TLS &&
			!serves_files(c, l->trustpoint))
			err = add_shown(m, ROLE_CCM, l->trustpoint, errs);
	return err;
}

static int build_offer(struct content **out, const struct material *m)
{
	struct ctlx_msg *msg = mem_new(sizeof(*msg));
	struct text t = { 0 };
	int err = m->n > CTLX_RECORDS_MAX ? E2BIG : 0;

	msg->type = CTLX_OFFER;
	for (size_t i = 0; i < m->n && err == 0; i++)
		msg->record[msg->n++] =
			(struct ctlx_record){ (uint16_t)m->entry[i].role,
				m->entry[i].cert };
	if (err == 0)
		err = ctlx_build(&t, msg);
	*out = err == 0 ? content_new(&t) : NULL;
	text_free(&t);
	free(msg);
	return err;
}

int material_offer(
	struct content **out, const struct conf *c, struct conf_errs *errs)
{
	struct material *m = material_new();
	size_t before = errs->errors;
	int err = offer_lists(m, c, errs);

	*out = NULL;
	if (err == 0)
		err = offer_listeners(m, c, errs);
	if (err == 0 && c->capf.on && c->capf.trustpoint != NULL)
		err = add_shown(m, ROLE_CAPF, c->capf.trustpoint, errs);
	if (err == 0)
		err = add_tvs(m, c, errs);
	if (err == 0)
		err = add_https(m, c, NULL, errs);
	if (err == 0)
		err = build_offer(out, m);
	if (err != 0 && errs->errors == before)
		conf_errs_add(errs, false, c->credentials.pos,
			"see the trustpoints of listeners and trust lists",
			"credentials cannot be offered: %s",
			strerrordesc_np(err));
	material_free(m);
	return err;
}
