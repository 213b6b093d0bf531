/*
 * Names of servers (RFC 6125, RFC 5922): DNS names and addresses among the
 * subject alternative names, a SIP domain as URI; the common name only when
 * there is none of them. Host names are compared without regard to case.
 */
#include "certs/judge/judge_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "certs/x509/crt.h"

struct search {
	struct slice expected; /* one name of them */
	uint8_t ip[16];
	size_t ip_len; /* 0: a host name is expected */
	bool found;
	unsigned names; /* that could have matched */
	struct text seen; /* them, for the refusal */
};

static struct slice without_dot(struct slice host)
{
	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	return host;
}

/* "*.example.com" stands for one label and for at least a.b.c. */
static bool wildcard_matches(struct slice pattern, struct slice host)
{
	struct slice domain = slice_from(pattern, 1);
	size_t dot = slice_find(host, '.');

	if (!slice_starts(pattern, "*.") || dot == 0)
		return false;
	if (slice_find(slice_from(domain, 1), '.') == domain.n - 1)
		return false;
	return slice_caseeq(domain, slice_from(host, dot));
}

static bool host_matches(const struct search *s, struct slice name)
{
	name = without_dot(name);
	if (s->ip_len > 0 || name.n == 0 || slice_find(name, '\0') < name.n)
		return false;
	return slice_caseeq(name, s->expected) ||
	       wildcard_matches(name, s->expected) ||
	       wildcard_matches(s->expected, name);
}

static void see(struct search *s, struct slice name)
{
	s->names++;
	if (s->seen.n > 200)
		return;
	if (s->seen.n > 0)
		text_printf(&s->seen, ", ");
	text_addc(&s->seen, '"');
	(void)crt_clean(slice_head(name, 100), &s->seen);
	text_addc(&s->seen, '"');
}

static void see_ip(struct search *s, struct slice ip)
{
	char out[INET6_ADDRSTRLEN] = "?";

	if (ip.n == 4 || ip.n == 16)
		(void)inet_ntop(
			ip.n == 4 ? AF_INET : AF_INET6, ip.p, out, sizeof(out));
	see(s, slice_str(out));
}

static bool try_san(void *arg, unsigned type, struct slice value)
{
	struct search *s = arg;

	if (type == GNUTLS_SAN_DNSNAME) {
		see(s, value);
		s->found = host_matches(s, value);
	} else if (type == GNUTLS_SAN_IPADDRESS) {
		see_ip(s, value);
		s->found = s->ip_len > 0 &&
			   slice_eq(value, slice_of(s->ip, s->ip_len));
	} else if (type == GNUTLS_SAN_URI && slice_casestarts(value, "sip:")) {
		see(s, value);
		s->found = !slice_starts(slice_from(value, 4), "*") &&
			   host_matches(s, slice_from(value, 4));
	}
	return !s->found;
}

static void try_common_name(struct search *s, gnutls_x509_crt_t crt)
{
	char *cn = NULL;
	char out[INET6_ADDRSTRLEN];
	size_t n = 0;

	if (crt_common_name(crt, &cn, &n) != 0)
		return;
	see(s, slice_of(cn, n));
	s->found = host_matches(s, slice_of(cn, n));
	if (s->ip_len > 0 && strlen(cn) == n &&
		inet_ntop(s->ip_len == 4 ? AF_INET : AF_INET6, s->ip, out,
			sizeof(out)) != NULL)
		s->found = slice_caseeq_str(slice_of(cn, n), out);
	free(cn);
}

static void search_for(struct search *s, struct slice expected)
{
	char ip[INET6_ADDRSTRLEN] = "";

	(void)!slice_copy(expected, ip, sizeof(ip));
	s->expected = without_dot(expected);
	s->ip_len = inet_pton(AF_INET, ip, s->ip) == 1	  ? 4
		    : inet_pton(AF_INET6, ip, s->ip) == 1 ? 16
							  : 0;
	s->names = 0;
	text_free(&s->seen); /* told of the last of them */
}

bool judge_name(
	struct judge_verdict *out, gnutls_x509_crt_t crt, const char *expected)
{
	struct slice rest = slice_str(expected != NULL ? expected : ""), one;
	struct search s = { 0 };
	char subject[CRT_NAME];
	int err = 0;

	if (expected == NULL)
		return true;
	while (err == 0 && !s.found && slice_word(&rest, &one)) {
		search_for(&s, one);
		err = crt_each_san(crt, try_san, &s);
		if (err == 0 && s.names == 0)
			try_common_name(&s, crt);
	}
	if (err != 0)
		(void)judge_refuse(out, JUDGE_MALFORMED,
			"the alternative names of \"%s\" cannot be read",
			crt_subject(crt, subject));
	else if (!s.found)
		(void)judge_refuse(out, JUDGE_NAME,
			"\"%.100s\" was expected but the certificate \"%s\" "
			"is for %s",
			expected, crt_subject(crt, subject),
			s.names > 0 ? s.seen.p : "no host name at all");
	text_free(&s.seen);
	return err == 0 && s.found;
}
