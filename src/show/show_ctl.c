/* show ctl-client, show credentials: boxes that share a trust list. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "phoneproxy/signed/material.h"
#include "show/show_int.h"
#include "show/view.h"

/* ---- show ctl-client ---- */

static const struct table_col server_cols[] = {
	{ "kind", "Server", false },
	{ "address", "Address", false },
	{ "trustpoint", "Trustpoint", false },
	{ "username", "Username", false },
	{ "certificates", "Certificates", true },
	{ "asked_at", "Asked", false },
};

static const struct table_col import_cols[] = {
	{ "tag", "Tag", true },
	{ "description", "Description", false },
	{ "file", "File", false },
};

static const struct conf_ctl_file *client_of(const struct conf *c)
{
	const struct conf_ctl_file *f = c->ctl_files;

	while (f != NULL && strcmp(f->name, CONF_CTL_CLIENT) != 0)
		f = f->next;
	return f;
}

static const char *sast_of(const struct conf_ctl_file *f, unsigned which)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->entry[i].sast == which)
			return f->entry[i].name;
	return NULL;
}

static void row_of_entry(struct table *t, const struct conf_ctl_entry *e)
{
	static const char *const kinds[] = { "CAPF", "TFTP", "SAST",
		"APPLICATION" };
	char host[ADDR_TEXT];

	table_str(t, kinds[e->role]);
	table_str(t, addr_host(&e->server, host));
	table_str(t, e->name);
	table_str(t, NULL);
	table_str(t, NULL);
	table_str(t, NULL);
}

/* What it gave when it was asked last. */
static void row_of_server(struct table *t, const struct conf *c,
	const struct conf_ctl_file *f, const struct conf_ctl_server *v)
{
	struct ctlx_msg *m = mem_new(sizeof(*m));
	struct content *offer = NULL;
	char text[VIEW_TIME];
	int64_t when = 0;
	bool known =
		material_kept_offer(&offer, &when, c, f->name, &v->addr) == 0 &&
		ctlx_parse(m, content_slice(offer)) == 0;

	table_str(t, "CME");
	table_addr(t, &v->addr);
	table_str(t, f->trustpoint != NULL ? f->trustpoint->name : NULL);
	table_str(t, v->username);
	if (known)
		table_num(t, (int64_t)m->n);
	else
		table_str(t, NULL);
	table_str(t, known ? view_iso_time((uint64_t)when * 1000, text) : NULL);
	obj_unref(offer);
	free(m);
}

int show_ctl_client(struct table *t, const struct show *s)
{
	const struct conf_ctl_file *f = client_of(s->conf);

	if (f == NULL) {
		table_note(
			t, "%% There is no ctl-client: it is not configured");
		return ENOENT;
	}
	table_block(t, "ctl_client", "CTL Client Information");
	table_pair(t, "sast1", "SAST 1 Certificate Trustpoint", sast_of(f, 1));
	table_pair(t, "sast2", "SAST 2 Certificate Trustpoint", sast_of(f, 2));
	table_pair(t, "hash", "Signed over",
		f->hash == CONF_FILE_SHA512 ? "SHA-512" : "SHA-1");
	table_rows(t, "servers", "List of Trusted Servers in the CTL",
		server_cols, ARRAY_SIZE(server_cols));
	for (size_t i = 0; i < f->n; i++)
		if (f->entry[i].sast == 0)
			row_of_entry(t, &f->entry[i]);
	for (size_t i = 0; i < f->nservers; i++)
		row_of_server(t, s->conf, f, &f->server[i]);
	table_rows(t, "imports", "Imported certificates", import_cols,
		ARRAY_SIZE(import_cols));
	for (size_t i = 0; i < f->nimports; i++) {
		table_num(t, f->import[i].tag);
		table_str(t, f->import[i].description);
		table_str(t, f->import[i].path);
	}
	return 0;
}

/* ---- show credentials ---- */

static void counts(struct table *t, const struct ctl_provider_count *n)
{
	char text[VIEW_TIME];

	table_pair_num(
		t, "certificates", "Certificates offered", (int64_t)n->records);
	table_pair_num(t, "given", "Times given", (int64_t)n->given);
	table_pair_addr(t, "last_peer", "Given last to", &n->last);
	table_pair(t, "last_at", "At",
		n->last_at > 0
			? view_iso_time((uint64_t)n->last_at * 1000, text)
			: NULL);
	table_pair_num(
		t, "refused", "Wrong user or secret", (int64_t)n->refused);
	table_pair_num(
		t, "malformed", "Not our protocol", (int64_t)n->malformed);
	table_pair_num(t, "locked", "Sources locked", n->locked);
	table_pair_num(t, "open", "Connections", n->door.open);
	table_pair_num(t, "turned_away", "Refused as too many",
		(int64_t)(n->door.refused[GATE_TOTAL] +
			  n->door.refused[GATE_SOURCE] +
			  n->door.refused[GATE_RATE]));
}

int show_credentials(struct table *t, const struct show *s)
{
	const struct ctl_provider *p = phone_trust_boxes(s->trust);
	const struct conf *c = s->conf;
	struct ctl_provider_count n;

	if (p == NULL) {
		table_note(t, "%% There are no credentials: %s",
			c->credentials.on ? "see the log"
					  : "they are not configured");
		return ENOENT;
	}
	ctl_provider_count(p, &n);
	table_block(t, "credentials", NULL);
	table_pair_addr(t, "source", "Credentials IP", &c->credentials.source);
	table_pair(
		t, "trustpoint", "Trustpoint", c->credentials.trustpoint->name);
	table_pair(t, "username", "CTL service user", c->credentials.username);
	table_pair_bool(
		t, "hashed", "Secret kept as type 8", c->credentials.hashed);
	counts(t, &n);
	return 0;
}
