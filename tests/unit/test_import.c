/* What certificates may come as, and what of them is accepted. */
#include "test.h"

#include <errno.h>

#include "base/obj.h"
#include "certs/store/import.h"
#include "certs/x509/crt.h"
#include "pki.h"

static struct pki_cert *root, *inter, *leaf, *other, *expired, *future, *weak,
	*broken, *again, *stranger, *client, *sha1, *old_root;

#define MAKE(...) pki_make(&(struct pki_spec){ __VA_ARGS__ })

static int setup(void **state)
{
	(void)state;
	root = MAKE(.cn = "Root", .ca = true);
	inter = MAKE(.cn = "Inter", .issuer = root, .ca = true);
	leaf = MAKE(.cn = "edge", .issuer = inter);
	again = MAKE(.cn = "edge", .issuer = inter, .same_key = leaf,
		.from_days = -1, .to_days = 700);
	other = MAKE(.cn = "other", .issuer = inter);
	expired = MAKE(.cn = "edge", .issuer = inter, .same_key = leaf,
		.from_days = -9, .to_days = -1);
	future = MAKE(.cn = "edge", .issuer = inter, .same_key = leaf,
		.from_days = 2, .to_days = 9);
	weak = MAKE(.cn = "Weak", .ca = true, .key = PKI_RSA1024);
	broken = MAKE(.cn = "Broken", .ca = true, .bad_signature = true);
	/* the same name with another key */
	stranger = MAKE(.cn = "Inter", .issuer = root, .ca = true);
	client = MAKE(.cn = "client", .issuer = inter, .eku = "client");
	sha1 = MAKE(.cn = "Old", .issuer = root, .ca = true,
		.digest = GNUTLS_DIG_SHA1);
	old_root =
		MAKE(.cn = "Was", .ca = true, .from_days = -9, .to_days = -1);
	return 0;
}

static int teardown(void **state)
{
	struct pki_cert *all[] = { root, inter, leaf, other, expired, future,
		weak, broken, again, stranger, client, sha1, old_root };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		pki_free(all[i]);
	return 0;
}

/* ---- forms ---- */

static void add_pem(struct text *t, const struct pki_cert *c)
{
	char *pem = pki_pem_cert(c);

	text_add(t, slice_str(pem));
	free(pem);
}

static void add_der(struct text *t, const struct pki_cert *c)
{
	text_add(t, slice_of(c->der.data, c->der.size));
}

static void add_bare(struct text *t, const struct pki_cert *c)
{
	struct text b = { 0 };

	base64_encode(&b, slice_of(c->der.data, c->der.size), true);
	for (size_t i = 0; i < b.n; i += 64)
		text_printf(t, "%.*s\r\n",
			SLICE_ARG(
				slice_head(slice_from(text_slice(&b), i), 64)));
	text_free(&b);
}

static void add_hex(struct text *t, const struct pki_cert *c)
{
	for (unsigned i = 0; i < c->der.size; i++)
		text_printf(t, "%s%02X",
			i % 32 == 0  ? "\n  "
			: i % 4 == 0 ? " "
				     : "",
			c->der.data[i]);
	text_addc(t, '\n');
}

static void parses_to(const char *row, struct text *t, size_t n)
{
	struct import in;
	char *why = NULL;
	int err = import_parse(&in, text_slice(t), NULL, &why);

	if (err != 0)
		print_error("%s: %s\n", row, why);
	check_row(row, err == 0 && in.n == n && why == NULL);
	import_free(&in);
	text_free(t);
}

/* A signature may end with a byte that looks like a blank: 1 in 64 does. */
static void der_is_not_trimmed(void **state)
{
	struct pki_spec spec = { .cn = "edge", .same_key = leaf };
	struct pki_cert *c = NULL;
	struct text t = { 0 };
	bool found = false;

	(void)state;
	for (int i = 0; i < 5000 && !found; i++) {
		c = pki_make(&spec);
		found = memchr("\r\n \t", c->der.data[c->der.size - 1], 4) !=
			NULL;
		if (found)
			add_der(&t, c);
		pki_free(c);
	}
	assert_true(found);
	parses_to("DER ending with a blank", &t, 1);
}

static void every_form_is_read(void **state)
{
	struct text t = { 0 };

	(void)state;
	add_pem(&t, leaf);
	parses_to("PEM", &t, 1);

	text_printf(&t, "subject=CN = edge\nissuer=CN = Inter\n");
	add_pem(&t, leaf);
	text_printf(&t, "Bag Attributes\n    localKeyID: 01\n");
	add_pem(&t, inter);
	add_pem(&t, root);
	add_pem(&t, inter);
	parses_to("PEM with words and a double", &t, 3);

	add_der(&t, leaf);
	parses_to("DER", &t, 1);
	add_der(&t, root);
	add_der(&t, leaf);
	text_printf(&t, "\r\n");
	parses_to("DER twice", &t, 2);

	add_bare(&t, leaf);
	parses_to("bare", &t, 1);
	add_bare(&t, leaf);
	add_bare(&t, inter);
	text_printf(&t, "quit\n");
	parses_to("bare twice, quit", &t, 2);

	text_printf(&t, "edge(config)#crypto pki authenticate T\n"
			"Enter the base 64 encoded CA certificate.\n"
			"End with a blank line or the word \"quit\"\n\n");
	add_bare(&t, root);
	text_printf(&t, "quit\n---End - This line not part of the certificate "
			"request---\n");
	parses_to("a terminal's", &t, 1);

	text_printf(&t, "crypto pki certificate chain T\n certificate ca 01");
	add_hex(&t, root);
	text_printf(&t, "  \tquit\n certificate 02");
	add_hex(&t, leaf);
	text_printf(&t, "  \tquit\n");
	parses_to("as IOS shows it", &t, 2);

	text_printf(&t, "\xef\xbb\xbf");
	add_pem(&t, leaf);
	parses_to("with a mark", &t, 1);
}

/* X.690 8.1.3.6: each part that may be is of indefinite length. */
static void add_ber(struct text *t)
{
	static const char front[] = "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d"
				    "\x01\x07\x02\xa0\x80\x30\x80\x02\x01\x01"
				    "\x31\x00\x30\x80\x06\x09\x2a\x86\x48\x86"
				    "\xf7\x0d\x01\x07\x01\x00\x00\xa0\x80";
	static const char back[] = "\x00\x00\x31\x00\x00\x00\x00\x00\x00\x00";

	text_add(t, slice_of(front, sizeof(front) - 1));
	add_der(t, leaf);
	add_der(t, inter);
	text_add(t, slice_of(back, sizeof(back) - 1));
}

static void indefinite_length_is_read(void **state)
{
	struct text t = { 0 };
	size_t n;

	(void)state;
	add_ber(&t);
	n = t.n;
	parses_to("PKCS#7 of indefinite length", &t, 2);
	add_ber(&t);
	add_der(&t, root);
	parses_to("with another object behind", &t, 3);
	add_ber(&t);
	for (size_t i = 1; i < n; i++) {
		struct import in;
		char *why = NULL;

		assert_int_equal(
			import_parse(
				&in, slice_head(text_slice(&t), i), NULL, &why),
			EBADMSG);
		assert_non_null(why);
		import_free(&in);
		free(why);
	}
	text_free(&t);
}

static void windows_is_read(void **state)
{
	struct text t = { 0 }, wide = { 0 };

	(void)state;
	add_pem(&t, leaf);
	text_printf(&wide, "\xff\xfe");
	for (size_t i = 0; i < t.n; i++) {
		text_addc(&wide, t.p[i]);
		text_addc(&wide, '\0');
	}
	text_free(&t);
	parses_to("UTF-16", &wide, 1);
}

static void armour_may_be_broken(void **state)
{
	struct text t = { 0 };
	char *pem = pki_pem_cert(leaf);

	(void)state;
	assert_non_null(pem);
	text_printf(
		&t, "%.*squit\n", (int)(strstr(pem, "-----END") - pem), pem);
	parses_to("quit for END", &t, 1);
	text_printf(&t, "%.*s", (int)(strstr(pem, "-----END") - pem), pem);
	add_pem(&t, inter);
	parses_to("no END", &t, 2);
	for (const char *s = pem; *s != '\0'; s++)
		text_printf(&t, *s == '\n' ? "\r\n   " : "%c", *s);
	parses_to("indented", &t, 1);
	free(pem);
}

static void says(const char *row, struct slice bytes, const char *what)
{
	struct import in;
	char *why = NULL;
	int err = import_parse(&in, bytes, NULL, &why);

	if (err == 0 || strstr(why, what) == NULL)
		print_error("%s: %s\n", row, why);
	check_row(row, err != 0 && strstr(why, what) != NULL);
	import_free(&in);
	free(why);
}

static void bad_bytes_are_named(void **state)
{
	struct text t = { 0 };
	char *pem = pki_pem_cert(leaf);

	(void)state;
	says("nothing", slice_str(""), "holds no certificate");
	says("words", slice_str("hello world\nMIand more\n"),
		"holds no certificate");
	says("cut DER", slice_of(leaf->der.data, leaf->der.size - 9),
		"cut off");
	says("cut PEM", slice_head(slice_str(pem), 200), "cut off");
	text_printf(&t, "%.100s?!?%s", pem, pem + 100);
	says("a stray character", text_slice(&t), "none of it");
	text_free(&t);
	says("empty block",
		slice_str("-----BEGIN CERTIFICATE-----\n"
			  "-----END CERTIFICATE-----\n"),
		"nothing between");
	says("not a certificate", slice_str("\x30\x03\x02\x01\x05"),
		"cannot be read");
	free(pem);
}

/* Cut anywhere, it is either refused or no certificate is invented. */
static void every_cut_is_fine(void **state)
{
	struct text t = { 0 };

	(void)state;
	add_bare(&t, leaf);
	add_pem(&t, inter);
	add_hex(&t, root);
	for (size_t i = 0; i < t.n; i += 7) {
		struct import in;
		char *why;

		(void)!import_parse(
			&in, slice_head(text_slice(&t), i), NULL, &why);
		assert_true(in.n <= 3);
		import_free(&in);
		free(why);
	}
	text_free(&t);
}

static void keys_come_along(void **state)
{
	struct text t = { 0 };
	struct import in;
	char *key = pki_pem_key(leaf);
	char *wrong = pki_pem_key(other);
	char *why;

	(void)state;
	text_printf(&t, "%s", key);
	add_pem(&t, leaf);
	assert_int_equal(import_parse(&in, text_slice(&t), NULL, &why), 0);
	assert_non_null(in.key);
	assert_true(keystore_fits(in.key, in.crt[0]));
	import_free(&in);
	text_printf(&t, "%s", wrong);
	says("two keys", text_slice(&t), "several private keys");
	text_free(&t);
	free(key);
	free(wrong);
}

/* ---- choice ---- */

static struct import made_of(const struct pki_cert *const *v)
{
	struct text t = { 0 };
	struct import in;
	char *why;

	for (; *v != NULL; v++)
		add_der(&t, *v);
	assert_int_equal(import_parse(&in, text_slice(&t), NULL, &why), 0);
	text_free(&t);
	return in;
}

#define FROM(...) made_of((const struct pki_cert *const[]){ __VA_ARGS__, NULL })

struct outcome {
	int err;
	size_t n; /* without one */
	const char *what; /* is said */
};

/* Of import_anchors() or import_own(); takes `in`. */
typedef int choose_fn(struct import_choice *out, const struct import *in,
	const struct import_want *want, char **why);
static void choice_is(choose_fn *choose, const char *row, struct import in,
	const struct import_want *w, struct outcome o)
{
	struct import_choice c;
	char *why = NULL;
	int err = choose(&c, &in, w, &why);
	const char *text = err == 0 ? c.notes.p : why;

	text = text == NULL ? "" : text;

	if (err != o.err || strstr(text, o.what) == NULL)
		print_error("%s: %d, %s\n", row, err, text);
	check_row(row, err == o.err && strstr(text, o.what) != NULL);
	check_row(row, err != 0 || c.n == o.n);
	import_choice_free(&c);
	import_free(&in);
	free(why);
}

#define anchors_are(row, in, w, ...)                                           \
	choice_is(import_anchors, row, in, w, (struct outcome){ __VA_ARGS__ })
#define own_is(row, in, w, ...)                                                \
	choice_is(import_own, row, in, w, (struct outcome){ __VA_ARGS__ })

static char *print_of(const struct pki_cert *c, size_t part)
{
	struct text t = { 0 };
	struct slice rest, line = { .n = 0 };
	char *out;

	import_fingerprints(&t, c->crt);
	rest = text_slice(&t);
	for (size_t i = 0; i <= part; i++)
		assert_true(slice_line(&rest, &line));
	out = slice_dup(
		slice_trim(slice_from(line, slice_find(line, ':') + 1)));
	text_free(&t);
	return out;
}

static void authorities_are_chosen(void **state)
{
	struct import_want w = { .now = time(NULL) };
	gnutls_x509_crt_t known[] = { root->crt, inter->crt };

	(void)state;
	anchors_are("root", FROM(root), &w, 0, 1, "");
	anchors_are("chain with the leaf", FROM(leaf, root, inter), &w, 0, 2,
		"\"CN=edge\" is no authority");
	anchors_are("intermediate alone", FROM(inter), &w, 0, 1, "");
	anchors_are("leaf alone", FROM(leaf), &w, ENOENT, 0,
		"no authority's certificate");
	anchors_are("corrupt root", FROM(broken), &w, EBADMSG, 0,
		"signature of itself does not verify");
	anchors_are("weak", FROM(weak), &w, EBADMSG, 0, "too weak (RSA 1024)");
	anchors_are("SHA-1", FROM(root, sha1), &w, EBADMSG, 0, "can be forged");
	anchors_are("expired", FROM(old_root), &w, ETIME, 0,
		"\"CN=Was\" expired on");
	w.anchor = known;
	w.nanchors = 2;
	anchors_are("again", FROM(inter, root), &w, EEXIST, 0, "there already");
	anchors_are("one more", FROM(root, stranger), &w, 0, 2, "");
}

static void exceptions_end(void **state)
{
	struct conf_legacy g = { .until = time(NULL) + 9,
		.md5 = true,
		.sha1 = true,
		.short_keys = true,
		.expired_anchors = true };
	struct import_want w = { .now = time(NULL), .legacy = &g };

	(void)state;
	anchors_are("weak", FROM(weak), &w, 0, 1, "");
	anchors_are("SHA-1", FROM(root, sha1), &w, 0, 2, "");
	anchors_are("expired", FROM(old_root), &w, 0, 1, "");
	g.until = time(NULL) - 9;
	anchors_are("no more", FROM(weak), &w, EBADMSG, 0, "too weak");
}

static void fingerprints_are_checked(void **state)
{
	struct import_want w = { .now = time(NULL) };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *print = print_of(root, i);

		w.fingerprint = print;
		assert_true(import_is_fingerprint(print));
		anchors_are("fits", FROM(root, inter), &w, 0, 2, "");
		anchors_are("of another", FROM(stranger), &w, EACCES, 0,
			"Fingerprint SHA256: ");
		anchors_are("stowaway", FROM(root, weak), &w, EBADMSG, 0,
			"too weak");
		free(print);
	}
	assert_false(import_is_fingerprint("00112233"));
	assert_false(import_is_fingerprint("zz"));
}

static void nothing_rides_along(void **state)
{
	struct pki_cert *foreign = MAKE(.cn = "Foreign", .ca = true);
	struct import_want w = { .now = time(NULL) };
	char *print = print_of(root, 0);

	(void)state;
	w.fingerprint = print;
	anchors_are("stowaway", FROM(root, foreign), &w, EACCES, 0,
		"nothing to do with");
	free(print);
	pki_free(foreign);
}

static void key_id(const struct pki_cert *c, uint8_t out[KEYSTORE_ID])
{
	size_t n = KEYSTORE_ID;

	assert_int_equal(gnutls_x509_crt_get_key_id(
				 c->crt, GNUTLS_KEYID_USE_SHA256, out, &n),
		0);
}

static void own_certificate_is_chosen(void **state)
{
	uint8_t id[KEYSTORE_ID], client_id[KEYSTORE_ID];
	gnutls_x509_crt_t anchors[] = { root->crt, inter->crt };
	gnutls_x509_crt_t strange[] = { root->crt, stranger->crt };
	gnutls_x509_crt_t present[] = { leaf->crt };
	struct import_want w = { .now = time(NULL), .key_id = id };

	(void)state;
	key_id(leaf, id);
	key_id(client, client_id);
	own_is("whole, any order", FROM(root, leaf, inter), &w, 0, 2, "");
	own_is("without the root", FROM(inter, leaf), &w, 0, 2,
		"root \"CN=Root\" is not known");
	own_is("no issuer", FROM(leaf), &w, ENOENT, 0,
		"issued by \"CN=Inter\"");
	own_is("not ours", FROM(other, inter), &w, EINVAL, 0,
		"\"CN=other\" does not belong");
	own_is("authorities", FROM(root, inter), &w, EINVAL, 0,
		"only authorities'");
	own_is("expired", FROM(expired, inter), &w, ETIME, 0, "renew it");
	own_is("not yet", FROM(future, inter), &w, ETIME, 0,
		"is not valid before");
	own_is("the longest", FROM(leaf, again, inter), &w, 0, 2, "");
	own_is("another issuer of that name", FROM(leaf, stranger), &w, EBADMSG,
		0, "has a new key");
	own_is("the right one of two", FROM(stranger, leaf, inter), &w, 0, 2,
		"");
	w.anchor = anchors;
	w.nanchors = 2;
	own_is("issuer known", FROM(leaf), &w, 0, 2, "");
	w.anchor = strange;
	own_is("issuer unknown", FROM(leaf), &w, EBADMSG, 0, "new key");
	w.anchor = anchors;
	w.chain = present;
	w.nchain = 1;
	own_is("again", FROM(leaf, inter), &w, EEXIST, 0, "there already");
	own_is("renewed", FROM(again, inter), &w, 0, 2, "");
	w.key_id = client_id;
	own_is("client alone", FROM(client), &w, 0, 2, "lacks serverAuth");
	w.usage = CONF_USAGE_CLIENT;
	own_is("client for a client", FROM(client), &w, 0, 2, "");
	w.key_id = NULL;
	own_is("no key", FROM(leaf, inter), &w, EINVAL, 0, "no key yet");
}

/* ---- too much ---- */

static void many(struct text *t, struct slice one, size_t size)
{
	while (t->n + one.n <= size)
		text_add(t, one);
}

static void too_much_is_refused(void **state)
{
	static const struct {
		const char *name;
		struct slice one;
		const char *why;
	} rows[] = {
		{ "armour that does not end",
			SLICE_LIT("-----BEGIN PUBLIC KEY-----\n"),
			"it holds no certificate" },
		{ "empty objects", SLICE_LIT("\x30\0"),
			"there are more than 2048 objects" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text t = { 0 };
		struct import in;
		char *why;

		many(&t, rows[i].one, 2 << 20);
		check_row(rows[i].name, import_parse(&in, text_slice(&t), NULL,
						&why) == EBADMSG);
		check_row(rows[i].name, strstr(why, rows[i].why) != NULL);
		free(why);
		import_free(&in);
		text_free(&t);
	}
}

/* Of so many certificates, each issued by the next one. */
static struct text long_chain(size_t n, char *fingerprint, size_t size)
{
	struct pki_cert *by = pki_make(
		&(struct pki_spec){ .cn = "CA 0", .ca = true, .no_ids = true });
	struct pki_cert *first = by;
	struct text t = { 0 };
	uint8_t hash[32];

	crt_fingerprint(by->crt, hash);
	assert_true(size > 64);
	hex_encode(hash, sizeof(hash), fingerprint);
	for (size_t i = 1; i <= n; i++) {
		char cn[32];
		struct pki_cert *next;

		(void)snprintf(cn, sizeof(cn), "CA %zu", i);
		add_pem(&t, by);
		next = pki_make(&(struct pki_spec){ .cn = cn,
			.ca = true,
			.no_ids = true,
			.issuer = by,
			.same_key = first });
		if (by != first)
			pki_free(by);
		by = next;
	}
	pki_free(by);
	pki_free(first);
	return t;
}

/* The fingerprint is that of the last one looked at, each time. */
static void long_chains_hang_together(void **state)
{
	char fingerprint[65];
	struct text t = long_chain(200, fingerprint, sizeof(fingerprint));
	struct import_want want = { .now = time(NULL),
		.fingerprint = fingerprint };
	struct import_choice choice;
	struct import in;
	char *why;

	(void)state;
	assert_int_equal(import_parse(&in, text_slice(&t), NULL, &why), 0);
	free(why);
	for (size_t i = 0; i < in.n / 2; i++) {
		gnutls_x509_crt_t c = in.crt[i];

		in.crt[i] = in.crt[in.n - 1 - i];
		in.crt[in.n - 1 - i] = c;
	}
	assert_int_equal(import_anchors(&choice, &in, &want, &why), 0);
	assert_int_equal(choice.n, 200);
	free(why);
	import_choice_free(&choice);
	import_free(&in);
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_form_is_read),
		T(der_is_not_trimmed),
		T(indefinite_length_is_read),
		T(windows_is_read),
		T(armour_may_be_broken),
		T(bad_bytes_are_named),
		T(every_cut_is_fine),
		T(keys_come_along),
		T(authorities_are_chosen),
		T(exceptions_end),
		T(fingerprints_are_checked),
		T(nothing_rides_along),
		T(own_certificate_is_chosen),
		T(too_much_is_refused),
		T(long_chains_hang_together),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}
