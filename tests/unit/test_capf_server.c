#include "frames.h"
#include "test.h"

#include "phoneproxy/capf/capf_server.h"

/* The owner of a session: what it is asked, what it answers, what it sees. */
struct owner {
	struct capf_plan plan;
	bool known, trusted, later; /* later: issue() does not answer */
	struct slice cert; /* to issue */
	unsigned sent, issued;
	struct text last; /* the frame sent last */
};

static bool plan(void *arg, struct slice device, struct capf_plan *out)
{
	struct owner *o = arg;

	assert_true(slice_eq_str(device, "SEP001122334455"));
	*out = o->plan;
	return o->known;
}

static bool trusted(void *arg, struct slice device, struct slice cert)
{
	struct owner *o = arg;

	(void)device;
	assert_true(cert.n > 0);
	return o->trusted;
}

static void issue(void *arg, struct capf_server *s, struct slice device,
	struct slice public_key)
{
	struct owner *o = arg;

	(void)device;
	assert_true(public_key.n > 0);
	o->issued++;
	if (!o->later)
		capf_server_issued(s, o->cert, 0);
}

static void take_frame(void *arg, struct slice frame)
{
	struct owner *o = arg;

	o->sent++;
	o->last.n = 0;
	text_add(&o->last, frame);
}

static const struct capf_server_ops ops = { plan, trusted, issue, take_frame };

static void load(struct session *s, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "capf/%s.json", name);
	session_load(s, path);
}

#define UP(type, size, on)                                                     \
	.operation = CAPF_UPGRADE, .key_type = (type), .key_size = (size),     \
	.curve = (on)

static const struct row {
	const char *name;
	struct capf_plan plan;
	bool unknown, stranger;
	enum capf_end end;
} sessions[] = {
	{ "01-install-rsa2048-no-password", { UP(CAPF_RSA, 2048, 0) }, false,
		false, CAPF_ENDED_DONE },
	{ "02-install-rsa1024-password",
		{ UP(CAPF_RSA, 1024, 0), .auth = CAPF_BY_STRING,
			.auth_string = "123456" },
		false, false, CAPF_ENDED_DONE },
	{ "03-wrong-password",
		{ UP(CAPF_RSA, 2048, 0), .auth = CAPF_BY_STRING,
			.auth_string = "123456" },
		false, false, CAPF_ENDED_STRING },
	{ "04-install-ec-secp256r1", { UP(CAPF_EC, 0, CAPF_P256) }, false,
		false, CAPF_ENDED_DONE },
	{ "05-install-ec-secp384r1", { UP(CAPF_EC, 0, CAPF_P384) }, false,
		false, CAPF_ENDED_DONE },
	{ "06-install-ec-secp521r1", { UP(CAPF_EC, 0, CAPF_P521) }, false,
		false, CAPF_ENDED_DONE },
	{ "07-install-cert-auth-rsa-lsc",
		{ UP(CAPF_RSA, 2048, 0), .auth = CAPF_BY_CERTIFICATE }, false,
		false, CAPF_ENDED_DONE },
	{ "08-install-cert-auth-ec-lsc-rsa-sudi",
		{ UP(CAPF_RSA, 2048, 0), .auth = CAPF_BY_CERTIFICATE }, false,
		false, CAPF_ENDED_DONE },
	{ "09-cert-auth-unknown-issuer",
		{ UP(CAPF_RSA, 2048, 0), .auth = CAPF_BY_CERTIFICATE }, false,
		true, CAPF_ENDED_UNTRUSTED },
	{ "10-cert-auth-without-certificate",
		{ UP(CAPF_RSA, 2048, 0), .auth = CAPF_BY_CERTIFICATE }, false,
		false, CAPF_ENDED_PROOF },
	{ "11-fetch-present", { .operation = CAPF_FETCH }, false, false,
		CAPF_ENDED_DONE },
	{ "12-fetch-absent", { .operation = CAPF_FETCH }, false, false,
		CAPF_ENDED_PHONE },
	{ "13-delete-present", { .operation = CAPF_DELETE }, false, false,
		CAPF_ENDED_DONE },
	{ "14-delete-absent", { .operation = CAPF_DELETE }, false, false,
		CAPF_ENDED_PHONE },
	{ "15-no-operation", { .operation = CAPF_NOTHING }, false, false,
		CAPF_ENDED_NOTHING },
	{ "16-unknown-device", { .operation = CAPF_NOTHING }, true, false,
		CAPF_ENDED_UNKNOWN },
	{ "17-install-rsa2048-through-relay", { UP(CAPF_RSA, 2048, 0) }, false,
		false, CAPF_ENDED_DONE },
	{ "18-install-external-issuer", { UP(CAPF_RSA, 2048, 0) }, false, false,
		CAPF_ENDED_DONE },
};

/* The certificate that the recorded server issued. */
static struct slice issued_in(const struct session *rec)
{
	struct capf_msg m;

	for (size_t i = 0; i < rec->n; i++)
		if (capf_parse(&m, rec->frame[i]) == 0 &&
			m.command == CAPF_STORE_REQUEST)
			return m.cert;
	return slice_of(NULL, 0);
}

/* Given the phone's frames we send what the known server sent. */
static void plays_every_session(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		const struct row *r = &sessions[i];
		struct session rec;
		struct capf_server s;
		struct owner o = { .plan = r->plan,
			.known = !r->unknown,
			.trusted = !r->stranger };
		unsigned expected = 0;

		load(&rec, r->name);
		o.cert = issued_in(&rec);
		capf_server_start(&s, session_number(&rec, 0, "session_id"),
			&capf_times_default, &ops, &o, 0);
		for (size_t k = 0; k < rec.n; k++) {
			struct capf_msg m;

			assert_int_equal(capf_parse(&m, rec.frame[k]), 0);
			if (slice_eq(text_slice(&o.last), rec.frame[k])) {
				check_row(r->name, o.sent == ++expected);
				continue;
			}
			check_row(r->name, m.command != CAPF_END);
			capf_server_frame(&s, rec.frame[k], 0);
		}
		if (s.end != r->end)
			fail_msg("%s: %s", r->name, capf_end_text(s.end));
		check_row(r->name, o.sent == expected);
		check_row(r->name, o.issued == (o.cert.n > 0));
		check_row(r->name, capf_server_due(&s) == UINT64_MAX);
		capf_server_free(&s);
		text_free(&o.last);
		session_free(&rec);
	}
}

static void check_end(
	const struct owner *o, const struct capf_server *s, enum capf_end end)
{
	struct capf_msg m;

	if (s->end != end)
		fail_msg("%s", capf_end_text(s->end));
	assert_int_equal(capf_parse(&m, text_slice(&o->last)), 0);
	assert_int_equal(m.command, CAPF_END);
	assert_int_equal(m.reason, CAPF_INVALID);
}

/* A session of recording 01 up to, not including, its frame `until`. */
static void play(struct capf_server *s, struct owner *o, struct session *rec,
	size_t until)
{
	load(rec, "01-install-rsa2048-no-password");
	capf_server_start(s, 1, &capf_times_default, &ops, o, 0);
	for (size_t k = 1; k < until; k++) {
		struct capf_msg m;

		assert_int_equal(capf_parse(&m, rec->frame[k]), 0);
		if (m.command == CAPF_AUTH_RESPONSE ||
			m.command == CAPF_KEY_RESPONSE ||
			m.command == CAPF_IN_PROGRESS)
			capf_server_frame(s, rec->frame[k], 0);
	}
}

static void done(struct capf_server *s, struct owner *o, struct session *rec)
{
	capf_server_free(s);
	text_free(&o->last);
	session_free(rec);
}

static void refuses_disorder(void **state)
{
	(void)state;
	struct capf_server s;
	struct session rec;
	struct owner o = { .known = true, .plan = { UP(CAPF_RSA, 2048, 0) } };

	play(&s, &o, &rec, 1); /* the key before the name */
	capf_server_frame(&s, rec.frame[4], 0);
	check_end(&o, &s, CAPF_ENDED_PROTOCOL);
	capf_server_frame(&s, rec.frame[1], 0); /* after the end: nothing */
	assert_int_equal(o.sent, 2);
	done(&s, &o, &rec);

	o = (struct owner){ .known = true, .plan = o.plan };
	play(&s, &o, &rec, 1); /* another session's frame */
	s.session = 2;
	capf_server_frame(&s, rec.frame[1], 0);
	assert_int_equal(s.end, CAPF_ENDED_PROTOCOL);
	done(&s, &o, &rec);

	o = (struct owner){ .known = true, .plan = o.plan };
	play(&s, &o, &rec, 1);
	capf_server_frame(&s, SLICE_LIT("garbage"), 0);
	check_end(&o, &s, CAPF_ENDED_PROTOCOL);
	done(&s, &o, &rec);

	o = (struct owner){ .known = true, .plan = o.plan };
	play(&s, &o, &rec, 1); /* in progress, but nothing was asked for */
	capf_server_frame(&s, rec.frame[3], 0);
	check_end(&o, &s, CAPF_ENDED_PROTOCOL);
	done(&s, &o, &rec);
}

static void refuses_keys(void **state)
{
	(void)state;
	static const struct capf_plan plans[] = { { UP(CAPF_RSA, 1024, 0) },
		{ UP(CAPF_RSA, 4096, 0) }, { UP(CAPF_EC, 0, CAPF_P256) } };

	for (size_t i = 0; i < ARRAY_SIZE(plans); i++) {
		struct owner o = { .known = true, .plan = plans[i] };
		struct capf_server s;
		struct session rec;

		play(&s, &o, &rec, 5);
		check_end(&o, &s, CAPF_ENDED_KEY);
		assert_int_equal(o.issued, 0);
		done(&s, &o, &rec);
	}
}

static void issues_later(void **state)
{
	(void)state;
	struct capf_server s;
	struct session rec;
	struct owner o = {
		.known = true, .later = true, .plan = { UP(CAPF_RSA, 2048, 0) }
	};

	play(&s, &o, &rec, 5);
	assert_int_equal(o.sent, 2);
	assert_true(capf_server_due(&s) == UINT64_MAX);
	o.cert = issued_in(&rec);
	capf_server_issued(&s, o.cert, 70000);
	assert_true(slice_eq(text_slice(&o.last), rec.frame[5]));
	capf_server_issued(&s, o.cert, 70000); /* nobody waits any more */
	assert_int_equal(o.sent, 3);
	assert_int_equal(capf_server_due(&s), 100000);
	capf_server_frame(&s, rec.frame[6], 80000);
	assert_int_equal(s.end, CAPF_ENDED_DONE);
	assert_true(slice_eq(text_slice(&s.cert), o.cert));
	done(&s, &o, &rec);

	o = (struct owner){ .known = true, .plan = o.plan };
	play(&s, &o, &rec, 5); /* refused at once: an empty certificate */
	check_end(&o, &s, CAPF_ENDED_ISSUING);
	done(&s, &o, &rec);
}

/* Old phones need long for a key, and say so; not for ever. */
static void waits_for_keys(void **state)
{
	(void)state;
	struct capf_server s;
	struct session rec;
	struct owner o = { .known = true, .plan = { UP(CAPF_RSA, 2048, 0) } };
	uint64_t now = 0;

	play(&s, &o, &rec, 2);
	for (int i = 0; i < 3; i++) {
		now = capf_server_due(&s) - 1;
		capf_server_timer(&s, now);
		assert_int_equal(s.end, CAPF_GOING_ON);
		capf_server_frame(&s, rec.frame[3], now);
	}
	assert_int_equal(capf_server_due(&s), now + 1800000);
	capf_server_timer(&s, capf_server_due(&s));
	check_end(&o, &s, CAPF_ENDED_TIMEOUT);
	done(&s, &o, &rec);

	o = (struct owner){ .known = true, .plan = o.plan };
	play(&s, &o, &rec, 2);
	for (int i = 0; i < 4; i++)
		capf_server_frame(&s, rec.frame[3], 0);
	check_end(&o, &s, CAPF_ENDED_PROTOCOL);
	done(&s, &o, &rec);

	o = (struct owner){ .known = true, .plan = o.plan };
	play(&s, &o, &rec, 1); /* a silent scanner */
	assert_int_equal(capf_server_due(&s), 30000);
	capf_server_timer(&s, 30000);
	check_end(&o, &s, CAPF_ENDED_TIMEOUT);
	done(&s, &o, &rec);
}

/* An operator who set no string has not said "any". */
static void wants_strings(void **state)
{
	(void)state;
	static const char *const set[] = { NULL, "", "1234" };

	for (size_t i = 0; i < ARRAY_SIZE(set); i++) {
		struct owner o = { .known = true,
			.plan = { UP(CAPF_RSA, 2048, 0), .auth = CAPF_BY_STRING,
				.auth_string = set[i] } };
		struct capf_server s;
		struct session rec;

		play(&s, &o, &rec, 2);
		check_end(&o, &s, CAPF_ENDED_STRING);
		done(&s, &o, &rec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(plays_every_session),
		T(refuses_disorder),
		T(refuses_keys),
		T(issues_later),
		T(waits_for_keys),
		T(wants_strings),
	};

	return RUN_TESTS(tests);
}
