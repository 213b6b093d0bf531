/*
 * Handshakes against peers that are not ours, over loopback: good ones, every
 * kind of refusal with its alert, and peers that stall, talk nonsense or go.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/obj.h"
#include "base/thread.h"
#include "certs/tls/handshake_int.h"
#include "conf/conf.h"
#include "pki.h"
#include "tls_peer.h"

#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

enum { DEADLINE_MS = 15000 };

static struct pki_cert *root, *inter, *other_root, *server, *rsa_server, *phone,
	*stranger, *expired, *future, *mailer, *weak, *nul_name, *slow_key,
	*no_proof;
static struct trustpoint *edge, *rsa_edge, *anchors_only, *foreign;
static struct conf *conf;

/* What `done` told. */
struct outcome {
	bool told;
	int err;
	char text[1024];
	struct identity *id;
	gnutls_session_t session;
	struct trustpoint *own;
	int fd;
};

static struct hs_pool *pool;
static struct mq *reply;

static void done(struct hs *h)
{
	struct outcome *o = hs_arg(h);
	const char *text;

	o->told = true;
	o->err = hs_error(h, &text);
	(void)snprintf(o->text, sizeof(o->text), "%s", text);
	o->fd = -1;
	if (o->err == 0) {
		o->id = hs_take_identity(h);
		o->session = hs_take_session(h, &o->fd, &o->own);
	}
	hs_free(h);
}

static void forget(struct outcome *o)
{
	if (o->session != NULL)
		gnutls_deinit(o->session);
	if (o->fd >= 0 && o->told && o->err == 0)
		(void)close(o->fd);
	obj_unref(o->id);
	obj_unref(o->own);
	*o = (struct outcome){ .fd = -1 };
}

/* Runs replies until `n` outcomes from `o` on are told. */
static void await(const struct outcome *o, size_t n)
{
	uint64_t end = clock_ms() + 60000;

	for (size_t i = 0; i < n; i++)
		while (!o[i].told) {
			struct pollfd p = { .fd = mq_fd(reply),
				.events = POLLIN };

			assert_true(clock_ms() < end);
			(void)poll(&p, 1, 1000);
			(void)mq_run(reply);
		}
}

static struct trustpoint *load(const char *dir, const struct pki_cert *cert,
	const struct pki_cert *issuer, const struct pki_cert *anchor)
{
	struct conf_errs errs = { 0 };
	struct conf_trustpoint c = { 0 };
	struct trustpoint *t;
	char name[] = "T";

	c.name = name;
	if (cert != NULL)
		c.cert_file = pki_write(dir, "cert", NULL, cert, issuer, NULL);
	if (cert != NULL)
		c.key_file = pki_write(dir, "key", cert, NULL);
	c.ca_file = pki_write(dir, "ca", NULL, anchor, NULL);
	assert_int_equal(trustpoint_load(&t, &c, &errs), 0);
	conf_errs_free(&errs);
	free(c.cert_file);
	free(c.key_file);
	free(c.ca_file);
	return t;
}

#define BOTH .eku = "client,server"
#define MAKE(...) pki_make(&(struct pki_spec){ __VA_ARGS__ })

static void make_certs(void)
{
	root = MAKE(.cn = "Root", .ca = true);
	inter = MAKE(.cn = "Inter", .issuer = root, .ca = true);
	other_root = MAKE(.cn = "Other root", .ca = true);
	server = MAKE(.cn = "edge", .issuer = inter, BOTH,
		.san = "DNS:edge.example.com,IP:127.0.0.1");
	rsa_server =
		MAKE(.cn = "edge", .issuer = inter, BOTH, .key = PKI_RSA2048);
	phone = MAKE(.cn = "SEP001122334455", .issuer = inter, BOTH,
		.san = "DNS:phone-4711.example.com");
	stranger = MAKE(.cn = "SEP666666666666", .issuer = other_root, BOTH);
	expired = MAKE(.cn = "SEPEXPIRED", .issuer = inter, BOTH,
		.from_days = -9, .to_days = -1);
	future = MAKE(.cn = "SEPFUTURE", .issuer = inter, BOTH, .from_days = 1,
		.to_days = 9);
	mailer = MAKE(.cn = "SEPMAIL", .issuer = inter, .eku = "email");
	weak = MAKE(.cn = "SEPWEAK", .issuer = inter, BOTH, .key = PKI_RSA1024);
	slow_key = MAKE(.cn = "SEPSLOW", .issuer = inter, BOTH,
		.key = PKI_RSA_LONG_E);
	no_proof = MAKE(.cn = "SEPSLOW", .issuer = inter, BOTH,
		.same_key = slow_key);
	/* What it signs was not signed with the key that it shows. */
	gnutls_x509_privkey_deinit(no_proof->key);
	need(gnutls_x509_privkey_init(&no_proof->key) == 0 &&
		gnutls_x509_privkey_cpy(no_proof->key, rsa_server->key) == 0);
	nul_name = MAKE(.cn = "SEP001122334455", .issuer = inter, BOTH,
		.san = "DNS:phone-4711.example.com^.evil");
}

/* Listeners and registrar only so that it is whole. */
static const char conf_text[] =
	"sip-listener A\n"
	" side access\n"
	" address ipv4 127.0.0.1 port 5060\n"
	" transport udp\n"
	"sip-ua\n"
	" registrar embedded\n"
	"voice class phone-identity 1\n"
	" rule 10 subject-cn ^SEP[0-9A-Z]*$\n"
	"voice class phone-identity 2\n"
	" rule 10 san-dns ^phone-([0-9]+)\\.example\\.com$ line \\1\n"
	"voice class phone-identity 3\n"
	" rule 10 subject-cn ^OTHER$\n";

static int setup(void **state)
{
	struct conf_errs errs = { 0 };
	char *dir = pki_dir();

	(void)state;
	make_certs();
	edge = load(dir, server, inter, root);
	rsa_edge = load(dir, rsa_server, inter, root);
	foreign = load(dir, stranger, NULL, other_root);
	anchors_only = load(dir, NULL, NULL, root);
	pki_dir_free(dir);
	conf = conf_parse(slice_str(conf_text), "test", &errs);
	conf_errs_print(&errs, "test", stderr);
	conf_errs_free(&errs);
	assert_non_null(conf);
	reply = mq_new(10000);
	return hs_pool_start(&pool, 2);
}

static int teardown(void **state)
{
	struct pki_cert *all[] = { root, inter, other_root, server, rsa_server,
		phone, stranger, expired, future, mailer, weak, nul_name,
		slow_key, no_proof };

	(void)state;
	hs_pool_stop(pool);
	mq_free(reply);
	obj_unref(edge);
	obj_unref(rsa_edge);
	obj_unref(anchors_only);
	obj_unref(foreign);
	obj_unref(conf);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		pki_free(all[i]);
	return 0;
}

static const struct conf_id_class *rules(unsigned tag)
{
	const struct conf_id_class *c = conf->id_classes;

	while (c != NULL && c->tag != tag)
		c = c->next;
	return c;
}

static struct hs_params server_params(int fd, struct outcome *o)
{
	struct addr peer;

	assert_int_equal(addr_parse(&peer, SLICE_LIT("127.0.0.1"), 5070), 0);
	return (struct hs_params){
		.fd = fd,
		.server = true,
		.own = edge,
		.verify = true,
		.deadline_ms = DEADLINE_MS,
		.peer = peer,
		.listener = "PHONES",
		.keep = conf,
		.reply = reply,
		.done = done,
		.arg = o,
	};
}

static struct hs_params client_params(int fd, struct outcome *o)
{
	struct hs_params p = server_params(fd, o);

	p.server = false;
	p.listener = NULL;
	p.server_name = "edge.example.com";
	p.expected_name = "edge.example.com";
	return p;
}

static void say_ok(const struct outcome *o)
{
	assert_int_equal(gnutls_record_send(o->session, "k", 1), 1);
}

static void phones_are_accepted(void **state)
{
	static const struct {
		const char *name, *priority, *version;
		bool rsa;
		unsigned rules;
		const char *device, *line;
	} rows[] = {
		{ "1.2", TLS12, "TLS1.2", false, 1, "SEP001122334455", NULL },
		{ "1.3", TLS13, "TLS1.3", false, 1, "SEP001122334455", NULL },
		{ "1.2 RSA", TLS12, "TLS1.2", true, 1, "SEP001122334455",
			NULL },
		{ "1.3 RSA", TLS13, "TLS1.3", true, 1, "SEP001122334455",
			NULL },
		{ "no rules", NULL, "TLS1.3", false, 0, "SEP001122334455",
			NULL },
		{ "by DNS name", NULL, "TLS1.3", false, 2,
			"phone-4711.example.com", "4711" },
	};
	uint64_t before = metric_read(M_TLS_SERVER_OK);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct outcome o = { 0 };
		int fd[2];
		struct hs_params p;
		struct tls_peer peer = { .cert = phone,
			.issuer = inter,
			.trusts = root,
			.priority = rows[i].priority };

		tls_tcp_pair(fd);
		peer.fd = fd[1];
		p = server_params(fd[0], &o);
		p.own = rows[i].rsa ? rsa_edge : edge;
		p.rules = rows[i].rules > 0 ? rules(rows[i].rules) : NULL;
		tls_peer_start(&peer);
		hs_start(pool, &p);
		await(&o, 1);
		if (o.err != 0)
			fail_msg("row %s: %s", rows[i].name, o.text);
		say_ok(&o);
		tls_peer_join(&peer);
		check_row(rows[i].name, peer.handshake == 0 && peer.got_byte);
		check_row(rows[i].name, o.id->certified);
		assert_string_equal(o.id->device, rows[i].device);
		if (rows[i].line != NULL)
			assert_string_equal(o.id->line, rows[i].line);
		else
			assert_null(o.id->line);
		assert_string_equal(o.id->tls_version, rows[i].version);
		assert_string_equal(o.id->issuer, "CN=Inter");
		assert_int_equal(o.id->nsans, 1);
		assert_ptr_equal(o.own, p.own);
		forget(&o);
	}
	assert_int_equal(
		metric_read(M_TLS_SERVER_OK) - before, ARRAY_SIZE(rows));
}

struct refusal {
	const char *name;
	struct pki_cert **cert;
	enum metric counter;
	int alert12, alert13;
	const char *says;
	unsigned rules;
};

static void refuse_one(
	const struct refusal *row, const char *priority, int alert)
{
	uint64_t before = metric_read(row->counter);
	struct outcome o = { 0 };
	struct hs_params p;
	struct tls_peer peer = { .priority = priority, .trusts = root };
	int fd[2];

	if (row->cert != NULL)
		peer.cert = *row->cert;
	if (row->cert != NULL && row->cert != &stranger)
		peer.issuer = inter;
	tls_tcp_pair(fd);
	peer.fd = fd[1];
	p = server_params(fd[0], &o);
	p.rules = row->rules > 0 ? rules(row->rules) : NULL;
	tls_peer_start(&peer);
	hs_start(pool, &p);
	await(&o, 1);
	tls_peer_join(&peer);
	if (o.err != EACCES || strstr(o.text, row->says) == NULL ||
		peer.alert != alert)
		fail_msg("row %s %s: %d, \"%s\", alert %d", row->name, priority,
			o.err, o.text, peer.alert);
	assert_int_equal(metric_read(row->counter) - before, 1);
	forget(&o);
}

static void look_for_line(void *arg, const char *line)
{
	bool *found = arg;

	if (strstr(line, "%TLS-4-PEER_REFUSED: CN=SEP666666666666 from "
			 "127.0.0.1:5070 was refused on PHONES: ") != NULL &&
		strstr(line, "issued by \"CN=Other root\", which is not among "
			     "the trusted CAs") != NULL)
		*found = true;
}

static void others_are_refused(void **state)
{
	/* clang-format off */
	const struct refusal rows[] = {
		{ "no certificate", NULL, M_TLS_REFUSED_NO_CERTIFICATE,
			GNUTLS_A_HANDSHAKE_FAILURE, GNUTLS_A_CERTIFICATE_REQUIRED, "no certificate", 0 },
		{ "wrong CA", &stranger, M_TLS_REFUSED_UNKNOWN_CA,
			GNUTLS_A_UNKNOWN_CA, GNUTLS_A_UNKNOWN_CA, "\"CN=Other root\"", 0 },
		{ "expired", &expired, M_TLS_REFUSED_EXPIRED,
			GNUTLS_A_CERTIFICATE_EXPIRED, GNUTLS_A_CERTIFICATE_EXPIRED, "\"CN=SEPEXPIRED\" expired on", 0 },
		{ "not yet valid", &future, M_TLS_REFUSED_NOT_YET_VALID,
			GNUTLS_A_CERTIFICATE_EXPIRED, GNUTLS_A_CERTIFICATE_EXPIRED, "not valid before", 0 },
		{ "wrong purpose", &mailer, M_TLS_REFUSED_PURPOSE,
			GNUTLS_A_UNSUPPORTED_CERTIFICATE, GNUTLS_A_UNSUPPORTED_CERTIFICATE, "extended key usage", 0 },
		{ "weak key", &weak, M_TLS_REFUSED_WEAK,
			GNUTLS_A_INSUFFICIENT_SECURITY, GNUTLS_A_INSUFFICIENT_SECURITY, "RSA 1024", 0 },
		{ "a key that takes long", &slow_key, M_TLS_REFUSED_OTHER,
			GNUTLS_A_CERTIFICATE_UNKNOWN, GNUTLS_A_CERTIFICATE_UNKNOWN, "\"CN=SEPSLOW\" has an exponent of more than 64 bits", 0 },
		/* it is refused before the signature is looked at */
		{ "and nothing is computed with it", &no_proof, M_TLS_REFUSED_OTHER,
			GNUTLS_A_CERTIFICATE_UNKNOWN, GNUTLS_A_CERTIFICATE_UNKNOWN, "\"CN=SEPSLOW\" has an exponent of more than 64 bits", 0 },
		{ "no rule", &phone, M_TLS_REFUSED_IDENTITY,
			GNUTLS_A_ACCESS_DENIED, GNUTLS_A_ACCESS_DENIED, "CN \"SEP001122334455\", DNS \"phone-4711.example.com\"", 3 },
		{ "NUL in a name", &nul_name, M_TLS_REFUSED_IDENTITY,
			GNUTLS_A_ACCESS_DENIED, GNUTLS_A_ACCESS_DENIED, "not plain text", 1 },
	};
	/* clang-format on */
	bool found = false;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		refuse_one(&rows[i], TLS12, rows[i].alert12);
		refuse_one(&rows[i], TLS13, rows[i].alert13);
	}
	log_recent(look_for_line, &found);
	assert_true(found);
}

/* Whoever shows a chain without an end is refused before it is worked on. */
static void long_chains_are_refused(void **state)
{
	static const struct {
		const char *name;
		unsigned issuers;
		int err;
		const char *says;
	} rows[] = {
		{ "10", 9, 0, "" },
		{ "11", 10, EACCES, "sent 11 certificates, at most 10" },
		{ "100", 99, EACCES, "sent 100 certificates, at most 10" },
		{ "1000", 999, EPROTO, "" }, /* more than a message may have */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tls_peer peer = { .cert = phone,
			.issuer = inter,
			.issuers = rows[i].issuers,
			.trusts = root };
		struct outcome o = { 0 };
		struct hs_params p;
		int fd[2];

		tls_tcp_pair(fd);
		peer.fd = fd[1];
		p = server_params(fd[0], &o);
		tls_peer_start(&peer);
		hs_start(pool, &p);
		await(&o, 1);
		if (o.err == 0)
			say_ok(&o);
		tls_peer_join(&peer);
		if (o.err != rows[i].err ||
			strstr(o.text, rows[i].says) == NULL)
			fail_msg("row %s: %d, \"%s\"", rows[i].name, o.err,
				o.text);
		forget(&o);
	}
}

static void without_verify_all_come_in(void **state)
{
	struct outcome o = { 0 };
	struct hs_params p;
	struct tls_peer peer = { .trusts = root };
	int fd[2];

	(void)state;
	tls_tcp_pair(fd);
	peer.fd = fd[1];
	p = server_params(fd[0], &o);
	p.verify = false;
	tls_peer_start(&peer);
	hs_start(pool, &p);
	await(&o, 1);
	assert_int_equal(o.err, 0);
	say_ok(&o);
	tls_peer_join(&peer);
	assert_false(o.id->certified);
	assert_string_equal(o.id->device, "");
	assert_string_equal(o.id->tls_version, "TLS1.3");
	forget(&o);
}

/* Sends `n` bytes and waits for the outcome. */
static void talk(const void *bytes, size_t n, int err, const char *says,
	enum metric counter)
{
	uint64_t before = metric_read(counter);
	struct outcome o = { 0 };
	struct hs_params p;
	int fd[2];

	tls_tcp_pair(fd);
	assert_int_equal(send(fd[1], bytes, n, MSG_NOSIGNAL), n);
	p = server_params(fd[0], &o);
	hs_start(pool, &p);
	await(&o, 1);
	if (o.err != err || strstr(o.text, says) == NULL)
		fail_msg("%d, \"%s\"", o.err, o.text);
	assert_int_equal(metric_read(counter) - before, 1);
	(void)close(fd[1]);
	forget(&o);
}

static void garbage_is_told_from_tls(void **state)
{
	static const char sip[] = "REGISTER sip:example.com SIP/2.0\r\n";
	static const uint8_t zeros[600];
	static const uint8_t tls[] = { 22, 3, 1, 0, 5, 99, 0, 0, 1, 0 };
	static const uint8_t tls11[] = { 22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2, 1,
		2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
		20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 0, 0, 2, 0,
		0x2f, 1, 0 };

	(void)state;
	talk(sip, sizeof(sip) - 1, EPROTO, "began with \"REGISTER sip\"",
		M_TLS_NOT_TLS);
	talk(zeros, sizeof(zeros), EPROTO, "does not speak TLS", M_TLS_NOT_TLS);
	talk(tls, sizeof(tls), EPROTO, "", M_TLS_PROTOCOL);
	talk(tls11, sizeof(tls11), EPROTO, "no common TLS version",
		M_TLS_NO_COMMON);
}

static void stalling_ends_at_the_deadline(void **state)
{
	uint64_t begin = clock_ms();
	struct outcome o = { 0 };
	struct hs_params p;
	int fd[2];
	uint8_t byte = 22;
	char last;

	(void)state;
	tls_tcp_pair(fd);
	p = server_params(fd[0], &o);
	p.deadline_ms = 200;
	hs_start(pool, &p);
	/* A record that never ends, byte by byte. */
	while (!o.told) {
		struct pollfd pf = { .fd = mq_fd(reply), .events = POLLIN };

		(void)send(fd[1], &byte, 1, MSG_NOSIGNAL);
		byte = byte == 22 ? 3 : 1;
		(void)poll(&pf, 1, 5);
		(void)mq_run(reply);
	}
	assert_int_equal(o.err, ETIMEDOUT);
	assert_non_null(strstr(o.text, "0.2 s"));
	assert_true(clock_ms() - begin >= 200);
	assert_true(clock_ms() - begin < 5000);
	/* And is closed, not only forgotten. */
	while (recv(fd[1], &last, 1, 0) > 0)
		;
	(void)close(fd[1]);
	forget(&o);
}

static void leaving_is_noticed(void **state)
{
	uint64_t before = metric_read(M_TLS_CLOSED);
	struct outcome o = { 0 };
	struct hs_params p;
	int fd[2];

	(void)state;
	tls_tcp_pair(fd);
	(void)close(fd[1]);
	p = server_params(fd[0], &o);
	hs_start(pool, &p);
	await(&o, 1);
	assert_int_equal(o.err, ECONNRESET);
	assert_int_equal(metric_read(M_TLS_CLOSED) - before, 1);
	forget(&o);
}

static void refusal_by_the_peer_is_told(void **state)
{
	uint64_t before = metric_read(M_TLS_REFUSED_US);
	struct outcome o = { 0 };
	struct hs_params p;
	struct tls_peer peer = {
		.cert = phone, .issuer = inter, .trusts = other_root
	};
	int fd[2];

	(void)state;
	tls_tcp_pair(fd);
	peer.fd = fd[1];
	p = server_params(fd[0], &o);
	tls_peer_start(&peer);
	hs_start(pool, &p);
	await(&o, 1);
	tls_peer_join(&peer);
	assert_int_equal(o.err, EPROTO);
	assert_non_null(strstr(o.text, "the peer refused us"));
	assert_non_null(strstr(o.text, "certificate"));
	assert_int_equal(metric_read(M_TLS_REFUSED_US) - before, 1);
	forget(&o);
}

/* As a client, towards a server that is not ours. */
static void connect_one(
	struct tls_peer *peer, struct outcome *o, const struct hs_params *like)
{
	struct hs_params p = *like;
	int fd[2];

	tls_tcp_pair(fd);
	p.fd = fd[0];
	p.arg = o;
	peer->server = true;
	peer->fd = fd[1];
	tls_peer_start(peer);
	hs_start(pool, &p);
	await(o, 1);
	if (o->err == 0)
		say_ok(o);
	tls_peer_join(peer);
}

static void servers_are_judged(void **state)
{
	const struct {
		const char *name;
		struct pki_cert *cert, *issuer;
		const char *expected, *says;
		int err;
		struct trustpoint *own;
	} rows[] = {
		{ "good", server, inter, "edge.example.com", "", 0, edge },
		{ "without a key", server, inter, "EDGE.example.com", "", 0,
			anchors_only },
		{ "any name", server, inter, NULL, "", 0, edge },
		{ "address", server, inter, "127.0.0.1", "", 0, edge },
		{ "wrong name", server, inter, "cm.example.com",
			"\"cm.example.com\" was expected", EACCES, edge },
		{ "wrong CA", stranger, NULL, NULL, "\"CN=Other root\"", EACCES,
			edge },
		{ "no intermediate", server, NULL, NULL, "\"CN=Inter\"", EACCES,
			edge },
		{ "expired", expired, inter, NULL, "expired on", EACCES, edge },
	};
	static const char *const versions[] = { TLS12, TLS13 };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		size_t r = i / 2;
		struct outcome o = { 0 };
		struct tls_peer peer = { .priority = versions[i % 2],
			.cert = rows[r].cert,
			.issuer = rows[r].issuer };
		struct hs_params p = client_params(-1, &o);

		p.own = rows[r].own;
		p.expected_name = rows[r].expected;
		connect_one(&peer, &o, &p);
		if (o.err != rows[r].err ||
			strstr(o.text, rows[r].says) == NULL)
			fail_msg("row %s: %d, \"%s\"", rows[r].name, o.err,
				o.text);
		check_row(rows[r].name,
			strcmp(peer.server_name, "edge.example.com") == 0);
		check_row(rows[r].name,
			o.err != 0 || strcmp(o.id->device, "edge") == 0);
		forget(&o);
	}
}

static int connect_start(unsigned short port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons(port);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		assert_int_equal(errno, EINPROGRESS);
	return fd;
}

static void connecting_can_fail(void **state)
{
	struct outcome o[2] = { 0 };
	unsigned short dead, full;
	int listener = tls_listen(1, &dead);
	int fill[3];
	struct hs_params p;

	(void)state;
	(void)close(listener);
	p = client_params(connect_start(dead), &o[0]);
	hs_start(pool, &p);
	/* With its backlog full a listener does not answer. */
	listener = tls_listen(0, &full);
	for (size_t i = 0; i < ARRAY_SIZE(fill); i++)
		fill[i] = connect_start(full);
	p = client_params(connect_start(full), &o[1]);
	p.deadline_ms = 200;
	hs_start(pool, &p);
	await(o, 2);
	assert_int_equal(o[0].err, ECONNREFUSED);
	assert_non_null(strstr(o[0].text, "Connection refused"));
	assert_int_equal(o[1].err, ETIMEDOUT);
	assert_non_null(strstr(o[1].text, "no answer to the TCP connection"));
	for (size_t i = 0; i < ARRAY_SIZE(fill); i++)
		(void)close(fill[i]);
	(void)close(listener);
}

/* Both ends ours, all at a time. */
static void many_at_once(void **state)
{
	enum { N = 200 };
	static struct outcome o[2 * N];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		struct hs_params s, c;
		int fd[2];

		tls_tcp_pair(fd);
		assert_int_equal(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
		s = server_params(fd[0], &o[2 * i]);
		c = client_params(fd[1], &o[2 * i + 1]);
		s.deadline_ms = 60000;
		c.deadline_ms = 60000;
		hs_start(pool, &s);
		hs_start(pool, &c);
	}
	await(o, ARRAY_SIZE(o));
	for (size_t i = 0; i < ARRAY_SIZE(o); i++) {
		if (o[i].err != 0)
			fail_msg("%zu: %s", i, o[i].text);
		forget(&o[i]);
	}
}

static void stopping_cancels(void **state)
{
	enum { N = 50 };
	static struct outcome o[N];
	struct hs_pool *own;
	int far[N];

	(void)state;
	assert_int_equal(hs_pool_start(&own, 3), 0);
	for (size_t i = 0; i < N; i++) {
		struct hs_params p;
		int fd[2];

		tls_tcp_pair(fd);
		far[i] = fd[1];
		p = server_params(fd[0], &o[i]);
		hs_start(own, &p);
	}
	hs_pool_stop(own);
	(void)mq_run(reply);
	for (size_t i = 0; i < N; i++) {
		assert_true(o[i].told);
		assert_int_equal(o[i].err, ECANCELED);
		(void)close(far[i]);
	}
}

static void too_many_are_refused(void **state)
{
	struct outcome o[3] = { 0 };
	struct hs_pool *own;
	uint64_t before = metric_read(M_TLS_BUSY);
	int far[3];

	(void)state;
	assert_int_equal(hs_pool_start(&own, 1), 0);
	own->limit = 2;
	for (size_t i = 0; i < ARRAY_SIZE(o); i++) {
		struct hs_params p;
		int fd[2];

		tls_tcp_pair(fd);
		far[i] = fd[1];
		p = server_params(fd[0], &o[i]);
		hs_start(own, &p);
	}
	await(&o[2], 1);
	assert_int_equal(o[2].err, EAGAIN);
	assert_int_equal(metric_read(M_TLS_BUSY) - before, 1);
	assert_false(o[0].told);
	hs_pool_stop(own);
	(void)mq_run(reply);
	assert_int_equal(o[0].err, ECANCELED);
	for (size_t i = 0; i < ARRAY_SIZE(far); i++)
		(void)close(far[i]);
}

/* One connection; `session` in: resumed from, out: to resume from. */
static void visit(const struct tls_peer *like, struct trustpoint *own,
	gnutls_datum_t *session, bool resumed)
{
	struct outcome o = { 0 };
	struct tls_peer peer = *like;
	struct hs_params p;
	int fd[2];

	tls_tcp_pair(fd);
	peer.fd = fd[1];
	peer.keep_session = true;
	peer.resume = *session;
	p = server_params(fd[0], &o);
	p.own = own;
	tls_peer_start(&peer);
	hs_start(pool, &p);
	await(&o, 1);
	assert_int_equal(o.err, 0);
	say_ok(&o);
	tls_peer_join(&peer);
	assert_true(peer.got_byte);
	assert_int_equal(peer.resumed, resumed);
	assert_string_equal(o.id->device, "SEP001122334455");
	assert_true(o.id->certified);
	*session = peer.session;
	forget(&o);
}

static void sessions_are_resumed(void **state)
{
	static const char *const versions[] = { TLS12, TLS13 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct tls_peer peer = {
			.cert = phone, .issuer = inter, .priority = versions[i]
		};
		gnutls_datum_t session = { 0 };

		visit(&peer, edge, &session, false);
		visit(&peer, edge, &session, true);
		/* Another trustpoint does not know the ticket. */
		visit(&peer, rsa_edge, &session, false);
		gnutls_free(session.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(phones_are_accepted),
		T(others_are_refused),
		T(long_chains_are_refused),
		T(without_verify_all_come_in),
		T(garbage_is_told_from_tls),
		T(stalling_ends_at_the_deadline),
		T(leaving_is_noticed),
		T(refusal_by_the_peer_is_told),
		T(servers_are_judged),
		T(connecting_can_fail),
		T(many_at_once),
		T(stopping_cancels),
		T(too_many_are_refused),
		T(sessions_are_resumed),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}
