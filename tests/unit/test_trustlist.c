/* Trust lists from a configuration: made, kept, replaced or not. */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/obj.h"
#include "base/wire.h"
#include "phoneproxy/signed/material.h"
#include "phoneproxy/signed/sgnfile.h"
#include "phoneproxy/signed/trustlist.h"
#include "pki.h"

static struct pki_cert *ca, *sast1, *sast2, *sast3, *edge, *capf, *web, *ec;
static char *dir;

static const struct trustlist_how plain, renew = { .renew = true },
					 force = { .force = true },
					 look = { .look = true };

#define MAKE(...) pki_make(&(struct pki_spec){ __VA_ARGS__ })

static void write_pair(const char *name, const struct pki_cert *c)
{
	char *cert = mem_printf("%s.pem", name);
	char *key = mem_printf("%s.key", name), *pem = pki_pem_key(c);

	free(pki_write(dir, cert, NULL, c, NULL));
	free(pki_write_text(dir, key, pem));
	free(cert);
	free(key);
	free(pem);
}

static int setup(void **state)
{
	(void)state;
	dir = pki_dir();
	ca = MAKE(.cn = "CA", .ca = true);
	sast1 = MAKE(.cn = "SAST1", .issuer = ca, .key = PKI_RSA2048);
	sast2 = MAKE(.cn = "SAST2", .issuer = ca, .key = PKI_RSA2048);
	sast3 = MAKE(.cn = "SAST3", .issuer = ca, .key = PKI_RSA2048);
	edge = MAKE(.cn = "edge", .issuer = ca, .key = PKI_RSA2048);
	capf = MAKE(.cn = "CAPF", .ca = true);
	web = MAKE(.cn = "web", .issuer = ca);
	ec = MAKE(.cn = "ec", .issuer = ca);
	write_pair("sast1", sast1);
	write_pair("sast2", sast2);
	write_pair("sast3", sast3);
	write_pair("edge", edge);
	write_pair("capf", capf);
	write_pair("ec", ec);
	free(pki_write(dir, "web.pem", NULL, web, ca, NULL));
	free(pki_write_text(dir, "no.pem", "no certificate\n"));
	return 0;
}

static int teardown(void **state)
{
	struct pki_cert *all[] = { ca, sast1, sast2, sast3, edge, capf, web,
		ec };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		pki_free(all[i]);
	pki_dir_free(dir);
	return 0;
}

/* A configuration with one list, and its state in DIR/STATE. */
static struct conf *conf_of(const char *state, const char *list)
{
	static const char *const names[] = { "sast1", "sast2", "sast3", "edge",
		"capf", "ec" };
	struct conf_errs errs = { 0 };
	struct text t = { 0 };
	struct conf *c;

	text_printf(&t, "state directory %s/%s\n", dir, state);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		text_printf(&t,
			"crypto pki trustpoint %s\n certificate file %s/%s.pem\n"
			" key file %s/%s.key\n ca-bundle file %s/capf.pem\n",
			names[i], dir, names[i], dir, names[i], dir);
	text_printf(&t,
		"sip-listener P\n side access\n address ipv4 127.0.0.1\n"
		" transport tcp tls\n trustpoint edge\n"
		"sip-ua\n registrar embedded\n%s",
		list);
	c = conf_parse(text_slice(&t), "t", &errs);
	if (c == NULL)
		conf_errs_print(&errs, "t", stdout);
	assert_non_null(c);
	conf_errs_free(&errs);
	text_free(&t);
	return c;
}

#define LIST(one, two, more)                                                   \
	"voice-ctl-file L\n record-entry selfsigned trustpoint " one "\n"      \
	" record-entry selfsigned trustpoint " two "\n"                        \
	" record-entry cucm-tftp trustpoint edge\n"                            \
	" record-entry capf trustpoint capf\n complete\n" more

/* Makes it; said: what the errors and warnings say, in one text. */
static int make(struct trustlist **out, const struct conf *c,
	const struct trustlist_how *how, char **said)
{
	struct conf_errs errs = { 0 };
	size_t n;
	FILE *f = open_memstream(said, &n);
	int err = trustlist_make(out, c, c->ctl_files, how, &errs);

	conf_errs_print(&errs, "t", f);
	fclose(f);
	conf_errs_free(&errs);
	return err;
}

/* Made and in force; its bytes are what the file holds. */
static struct trustlist *make_and_keep(
	const struct conf *c, const struct trustlist_how *how)
{
	struct trustlist *t;
	struct content *kept;
	char *said = NULL;

	if (make(&t, c, how, &said) != 0)
		fail_msg("%s", said);
	assert_int_equal(trustlist_keep(t), 0);
	assert_int_equal(trustlist_kept(&kept, c, "L", false), 0);
	assert_true(slice_eq(content_slice(kept), content_slice(t->ctl)));
	obj_unref(kept);
	free(said);
	return t;
}

/* "0,0,2,4": the roles, in order. */
static void check_roles(const struct content *list, const char *roles)
{
	struct text t = { 0 };
	struct ctl c;

	assert_int_equal(ctl_read(&c, content_slice(list)), FAULT_NONE);
	assert_int_equal(ctl_verify(&c, NULL), FAULT_NONE);
	assert_int_equal(ctl_check_sasts(&c), FAULT_NONE);
	for (size_t i = 0; i < c.nrecords; i++)
		text_printf(&t, "%s%u", i > 0 ? "," : "", c.record[i].role);
	assert_string_equal(t.p, roles);
	ctl_free(&c);
	text_free(&t);
}

static void is_made_and_stays(void **state)
{
	struct conf *c = conf_of("a", LIST("sast1", "sast2", ""));
	struct trustlist *t = make_and_keep(c, &plain), *again, *third;

	(void)state;
	assert_true(t->fresh);
	assert_int_equal(t->verdict, CTL_FIRST);
	check_roles(t->ctl, "0,0,2,4");
	check_roles(t->itl, "0,0,2,4");
	again = make_and_keep(c, &plain);
	assert_false(again->fresh);
	assert_int_equal(again->verdict, CTL_UNCHANGED);
	assert_true(slice_eq(content_slice(t->ctl), content_slice(again->ctl)));
	assert_null(again->aside[0]); /* nothing to write */
	third = make_and_keep(c, &renew);
	assert_int_equal(third->verdict,
		slice_eq(content_slice(t->ctl), content_slice(third->ctl))
			? CTL_UNCHANGED /* within one second */
			: CTL_ACCEPTED);
	obj_unref(t);
	obj_unref(again);
	obj_unref(third);
	obj_unref(c);
}

/* What is made and never kept leaves nothing; looking writes nothing. */
static void leaves_nothing_behind(void **state)
{
	struct conf *c = conf_of("b", LIST("sast1", "sast2", ""));
	struct content *kept;
	struct trustlist *t;
	char *said, *aside;

	(void)state;
	assert_int_equal(make(&t, c, &look, &said), 0);
	assert_null(t->aside[0]);
	obj_unref(t);
	free(said);
	assert_int_equal(trustlist_kept(&kept, c, "L", false), ENOENT);
	assert_int_equal(make(&t, c, &plain, &said), 0);
	aside = mem_dup(t->aside[0]);
	assert_int_equal(access(aside, F_OK), 0);
	obj_unref(t);
	free(said);
	assert_int_equal(access(aside, F_OK), -1);
	free(aside);
	assert_int_equal(trustlist_kept(&kept, c, "L", false), ENOENT);
	obj_unref(c);
}

/* SAST2 may take over; a stranger may not, unless it is forced. */
static void strangers_do_not_replace_it(void **state)
{
	struct conf *one = conf_of("c", LIST("sast1", "sast2", ""));
	struct conf *two = conf_of("c", LIST("sast2", "sast3", ""));
	struct trustlist *first = make_and_keep(one, &plain), *next;
	char *said;

	(void)state;
	next = make_and_keep(two, &plain);
	assert_int_equal(next->verdict, CTL_ACCEPTED);
	assert_false(next->refused);
	obj_unref(next);
	/* back again is a change by SAST1, which the list no longer knows */
	assert_int_equal(make(&next, one, &plain, &said), 0);
	assert_true(next->refused);
	assert_int_equal(next->verdict, CTL_NEEDS_RESET);
	assert_non_null(strstr(said, "phones that hold it would refuse"));
	assert_null(next->aside[0]);
	assert_false(
		slice_eq(content_slice(first->ctl), content_slice(next->ctl)));
	free(said);
	obj_unref(next);
	next = make_and_keep(one, &force);
	assert_false(next->refused);
	assert_true(
		slice_eq(content_slice(first->ctl), content_slice(next->ctl)) ||
		next->fresh);
	obj_unref(next);
	obj_unref(first);
	obj_unref(one);
	obj_unref(two);
}

static const struct {
	const char *name, *list, *said;
} wrong[] = {
	{ "an EC signer", LIST("ec", "sast2", ""),
		"trust list L cannot be made: " },
	{ "a file that is not there",
		LIST("sast1", "sast2",
			" import certificate 1 w /nowhere.pem\n"),
		"trust list L: certificate 1 (w), /nowhere.pem: cannot be "
		"read: No such file" },
};

static void wrong_ones_are_not_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct conf *c = conf_of("d", wrong[i].list);
		struct content *kept;
		struct trustlist *t;
		char *said;
		int err = make(&t, c, &plain, &said);

		check_row(wrong[i].name, err != 0 && t == NULL);
		check_row(said, strstr(said, wrong[i].said) != NULL);
		check_row(wrong[i].name,
			trustlist_kept(&kept, c, "L", false) == ENOENT);
		obj_unref(t);
		free(said);
		obj_unref(c);
	}
}

/* import certificate: every certificate of the file, once, as APP-SERVER. */
static void imports_are_records(void **state)
{
	char *more = mem_printf(" import certificate 9 portal %s/web.pem\n"
				" import certificate 2 again %s/web.pem\n",
		dir, dir);
	char *list = mem_printf("%s%s", LIST("sast1", "sast2", ""), more);
	char *bad = mem_printf("%s import certificate 1 x %s/no.pem\n",
		LIST("sast1", "sast2", ""), dir);
	struct conf *c = conf_of("e", list), *none = conf_of("f", bad);
	struct trustlist *t = make_and_keep(c, &plain);
	char *said;
	struct ctl ctl;

	(void)state;
	check_roles(t->ctl, "0,0,2,4,7,7");
	assert_int_equal(ctl_read(&ctl, content_slice(t->ctl)), FAULT_NONE);
	assert_true(slice_eq(
		ctl.record[4].cert, slice_of(web->der.data, web->der.size)));
	ctl_free(&ctl);
	obj_unref(t);
	assert_int_not_equal(make(&t, none, &plain, &said), 0);
	check_row(said, strstr(said, "certificate 1 (x)") != NULL);
	free(said);
	free(bad);
	free(list);
	free(more);
	obj_unref(c);
	obj_unref(none);
}

/* The digest of the list is the configured one. */
static void digest_is_chosen(void **state)
{
	struct conf *c = conf_of("g", LIST("sast1", "sast2", " hash sha512\n"));
	struct conf *old = conf_of("g", LIST("sast1", "sast2", ""));
	struct trustlist *t = make_and_keep(old, &plain);
	struct ctl ctl;

	(void)state;
	assert_int_equal(t->digest, DIGEST_SHA1);
	obj_unref(t);
	t = make_and_keep(c, &plain);
	assert_int_equal(t->verdict, CTL_ACCEPTED);
	assert_int_equal(ctl_read(&ctl, content_slice(t->ctl)), FAULT_NONE);
	assert_int_equal(ctl.head.digest, DIGEST_SHA512);
	assert_int_equal(ctl_verify(&ctl, NULL), FAULT_NONE);
	ctl_free(&ctl);
	obj_unref(t);
	obj_unref(c);
	obj_unref(old);
}

/* keystore_sign by way of the lists' signer: all sizes of hash, no room. */
static void signing_is_bounded(void **state)
{
	struct conf *c = conf_of("h", LIST("sast1", "sast2", ""));
	struct trustlist *t = make_and_keep(c, &plain);
	const struct keystore *k = trustpoint_key(t->sast);
	uint8_t sig[RSA_MAX];
	size_t n;

	(void)state;
	assert_int_equal(keystore_sign(k, GNUTLS_DIG_SHA512, SLICE_LIT("x"),
				 sig, sizeof(sig), &n),
		0);
	assert_int_equal(n, 256);
	assert_int_equal(
		keystore_sign(k, GNUTLS_DIG_SHA1, SLICE_LIT("x"), sig, 256, &n),
		0);
	assert_int_equal(
		keystore_sign(k, GNUTLS_DIG_SHA1, SLICE_LIT("x"), sig, 255, &n),
		EINVAL);
	assert_int_equal(keystore_sign(k, GNUTLS_DIG_MD5, SLICE_LIT("x"), sig,
				 sizeof(sig), &n),
		EINVAL);
	obj_unref(t);
	obj_unref(c);
}

/*
 * A disk that is full, as far as a test can have one without being root: files
 * may not grow. The old list stays in force, nothing lies beside it, and what
 * is said names the place.
 */
static void full_disk_changes_nothing(void **state)
{
	struct conf *old = conf_of("i", LIST("sast1", "sast2", ""));
	struct conf *new =
		conf_of("i", LIST("sast1", "sast2", " hash sha512\n"));
	struct trustlist *t = make_and_keep(old, &plain), *next;
	struct rlimit before, tiny;
	struct content *kept;
	char *said, *aside;
	int err;

	(void)state;
	aside = mem_printf("%s/i/ctl/L.ctl.tlv.new.%d", dir, (int)getpid());
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tiny = before;
	tiny.rlim_cur = 1000;
	(void)signal(SIGXFSZ, SIG_IGN);
	fflush(NULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
	err = make(&next, new, &plain, &said);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(err, EFBIG);
	assert_null(next);
	check_row(said,
		strstr(said, "trust list L cannot be written below") != NULL);
	assert_int_equal(access(aside, F_OK), -1);
	assert_int_equal(trustlist_kept(&kept, old, "L", false), 0);
	assert_true(slice_eq(content_slice(kept), content_slice(t->ctl)));
	obj_unref(kept);
	/* and when there is room again, it goes on */
	next = make_and_keep(new, &plain);
	obj_unref(next);
	free(said);
	free(aside);
	obj_unref(t);
	obj_unref(old);
	obj_unref(new);
}

/* What other boxes gave: kept, in the list, and not given on. */
static void offers_are_records(void **state)
{
	static const char boxes[] =
		"ctl-client\n sast1 trustpoint sast1\n sast2 trustpoint sast2\n"
		" server cucm-tftp 10.0.0.1 trustpoint edge\n"
		" server cme 10.0.0.2 username u password file /p\n"
		" trustpoint capf\n";
	struct conf *c = conf_of("j", boxes);
	struct ctlx_msg m = { .type = CTLX_OFFER,
		.n = 2,
		.record = {
			{ ROLE_CCM, slice_of(web->der.data, web->der.size) },
			{ ROLE_CAPF,
				slice_of(capf->der.data, capf->der.size) } } };
	struct conf_errs errs = { 0 };
	struct text frame = { 0 };
	struct content *offer;
	struct trustlist *t;
	int64_t when;
	char *said;

	(void)state;
	assert_int_equal(make(&t, c, &plain, &said), 0);
	check_row(said, strstr(said, "it has not been asked yet") != NULL);
	check_roles(t->ctl, "0,0,2");
	obj_unref(t);
	free(said);
	assert_int_equal(ctlx_build(&frame, &m), 0);
	assert_int_equal(
		material_keep_offer(c, CONF_CTL_CLIENT,
			&c->ctl_files->server[0].addr, text_slice(&frame)),
		0);
	assert_int_equal(make(&t, c, &plain, &said), 0);
	assert_string_equal(said, "");
	check_roles(t->ctl, "0,0,2,1,4");
	obj_unref(t);
	free(said);
	assert_int_equal(material_kept_offer(&offer, &when, c, CONF_CTL_CLIENT,
				 &c->ctl_files->server[0].addr),
		0);
	assert_true(when > 1600000000);
	obj_unref(offer);
	/* our own offer: no signers, nothing of others; edge once */
	assert_int_equal(material_offer(&offer, c, &errs), 0);
	assert_int_equal(ctlx_parse(&m, content_slice(offer)), 0);
	assert_int_equal(m.n, 1);
	assert_int_equal(m.record[0].role, ROLE_CCM_TFTP);
	assert_true(slice_eq(
		m.record[0].cert, slice_of(edge->der.data, edge->der.size)));
	obj_unref(offer);
	conf_errs_free(&errs);
	text_free(&frame);
	/* a file that somebody damaged is said, and nothing is made of it */
	assert_int_equal(
		material_keep_offer(c, CONF_CTL_CLIENT,
			&c->ctl_files->server[0].addr, SLICE_LIT("LCT?")),
		0);
	assert_int_equal(make(&t, c, &plain, &said), EBADMSG);
	check_row(said, strstr(said, "server 10.0.0.2:2444") != NULL);
	free(said);
	obj_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(is_made_and_stays),
		T(leaves_nothing_behind),
		T(strangers_do_not_replace_it),
		T(wrong_ones_are_not_made),
		T(imports_are_records),
		T(digest_is_chosen),
		T(signing_is_bounded),
		T(full_disk_changes_nothing),
		T(offers_are_records),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}
