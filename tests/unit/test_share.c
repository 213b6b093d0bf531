#include "test.h"

#include <errno.h>

#include "b2bua/core/share.h"
#include "base/obj.h"

static char sep01[] = "SEP01", sep02[] = "SEP02";
static char ca[] = "CN=CA", other[] = "CN=Other";

static struct identity phone(char *device, char *issuer)
{
	return (struct identity){
		.certified = device != NULL, .device = device, .issuer = issuer
	};
}

static struct addr at(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(&a, slice_str(text), 5060), 0);
	return a;
}

static void test_limits(void **state)
{
	const struct conf_listener l = { .max_per_source = 100,
		.phone_bindings = 64,
		.phone_requests = 1200 };
	const struct conf_listener vast = { .max_per_source = 1000000,
		.phone_bindings = 65536,
		.phone_requests = 100000 };
	const struct identity known = phone(sep01, ca);
	const struct identity unknown = phone(NULL, NULL);
	struct share_limits s = share_limits(&l, &known);

	(void)state;
	assert_int_equal(s.bindings, 64);
	assert_int_equal(s.requests, 1200);
	s = share_limits(&l, &unknown); /* as many phones as connections */
	assert_int_equal(s.bindings, 6400);
	assert_int_equal(s.requests, 120000);
	s = share_limits(&vast, &unknown);
	assert_true(s.bindings == UINT32_MAX && s.requests == UINT32_MAX);
	s = share_limits(NULL, &known);
	assert_true(s.bindings == UINT32_MAX);
}

static void test_bindings(void **state)
{
	const struct share_limits l = { .bindings = 2, .requests = 10 };
	const struct identity a = phone(sep01, ca);
	const struct identity b = phone(sep01, other);
	const struct identity none = phone(NULL, NULL);
	struct addr here = at("198.51.100.1"), there = at("198.51.100.2");
	struct shares *s = shares_new();
	struct share *held[6];

	(void)state;
	held[0] = shares_hold(s, &a, &here, &l, 0);
	held[1] = shares_hold(s, &a, &there, &l, 0);
	assert_non_null(held[0]);
	assert_non_null(held[1]);
	assert_null(shares_hold(s, &a, &here, &l, 0));
	/* the same name by another CA is another phone */
	held[2] = shares_hold(s, &b, &here, &l, 0);
	assert_non_null(held[2]);
	/* without a certificate it is the address, whatever the port */
	held[3] = shares_hold(s, &none, &here, &l, 0);
	addr_set_port(&here, 9);
	held[4] = shares_hold(s, &none, &here, &l, 0);
	assert_null(shares_hold(s, &none, &here, &l, 0));
	held[5] = shares_hold(s, &none, &there, &l, 0);
	assert_non_null(held[5]);
	share_release(held[0]);
	held[0] = shares_hold(s, &a, &here, &l, 0);
	assert_non_null(held[0]);
	for (size_t i = 0; i < 6; i++)
		share_release(held[i]);
	/* and of IPv6 the /64 */
	here = at("2001:db8::1");
	there = at("2001:db8::2");
	held[0] = shares_hold(s, &none, &here, &l, 0);
	held[1] = shares_hold(s, &none, &there, &l, 0);
	assert_null(shares_hold(s, &none, &here, &l, 0));
	share_release(held[0]);
	share_release(held[1]);
	share_release(NULL);
	shares_free(s);
}

static void test_requests(void **state)
{
	const struct share_limits l = { .requests = 60 };
	const struct share_limits fewer = { .requests = 6 };
	const struct identity a = phone(sep01, ca);
	const struct identity b = phone(sep02, ca);
	struct addr here = at("198.51.100.1");
	struct shares *s = shares_new();
	uint64_t now = 1000000;
	bool first;

	(void)state;
	for (int i = 0; i < 60; i++)
		assert_int_equal(
			shares_request(s, &a, &here, &l, now, &first), 0);
	assert_int_equal(shares_request(s, &a, &here, &l, now, &first), EAGAIN);
	assert_true(first);
	assert_int_equal(
		shares_request(s, &a, &here, &l, now + 999, &first), EAGAIN);
	assert_false(first);
	assert_int_equal(shares_request(s, &b, &here, &l, now, &first), 0);
	/* what was refused costs nothing: one a second comes back */
	assert_int_equal(
		shares_request(s, &a, &here, &l, now + 1000, &first), 0);
	assert_int_equal(
		shares_request(s, &a, &here, &l, now + 1000, &first), EAGAIN);
	assert_true(first);
	/* a steady phone at its limit is never refused */
	for (int i = 2; i < 300; i++)
		assert_int_equal(shares_request(s, &a, &here, &l,
					 now + (uint64_t)i * 1000, &first),
			0);
	/* a lower limit holds at once; a clock that stands still gives none */
	assert_int_equal(
		shares_request(s, &a, &here, &fewer, now, &first), EAGAIN);
	shares_free(s);
}

/* Addresses that are invented push nobody out and fill no memory. */
static void test_many(void **state)
{
	const struct share_limits l = { .bindings = 1, .requests = 2 };
	const struct identity a = phone(sep01, ca);
	const struct identity none = phone(NULL, NULL);
	struct addr here = at("198.51.100.1");
	struct shares *s = shares_new();
	struct share *held = shares_hold(s, &a, &here, &l, 0);
	unsigned refused = 0;
	bool first;

	(void)state;
	for (uint32_t i = 0; i < SHARES_MAX + 100; i++) {
		here.in4.sin_addr.s_addr = i;
		refused += shares_request(s, &none, &here, &l, 1, &first) != 0;
	}
	assert_int_equal(shares_count(s), SHARES_MAX);
	assert_int_equal(refused, 101 - 2); /* of those that share a share */
	assert_null(shares_hold(s, &a, &here, &l, 2));
	/* a minute later there is room, and what is held is not forgotten */
	for (uint32_t i = 0; i < 4096; i++) {
		char name[16];
		struct identity next = phone(name, ca);

		(void)snprintf(name, sizeof(name), "N%u", i);
		assert_int_equal(
			shares_request(s, &next, &here, &l, 70000, &first), 0);
	}
	assert_true(shares_count(s) < 4096 + 1 + 8);
	assert_null(shares_hold(s, &a, &here, &l, 70000));
	share_release(held);
	shares_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_limits),
		T(test_bindings),
		T(test_requests),
		T(test_many),
	};

	return RUN_TESTS(tests);
}
