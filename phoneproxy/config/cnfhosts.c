/*
 * Hosts in configurations: comparing them, knowing which are inside, and the
 * search for those that are left.
 */
#include "phoneproxy/config/cnfhosts.h"

#include <string.h>

#include "base/addr.h"
#include "base/obj.h"

static struct slice trim_dot(struct slice s)
{
	while (s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	return s;
}

/* Cheap, since every word of a document is asked: "0.0.0.0" at least. */
static bool may_be_addr(struct slice s)
{
	return (s.n >= 7 && s.p[0] >= '0' && s.p[0] <= '9') ||
	       slice_find(s, ':') < s.n;
}

bool host_equal(struct slice a, struct slice b)
{
	struct addr x, y;

	if (may_be_addr(a) && may_be_addr(b) && addr_parse(&x, a, 0) == 0 &&
		addr_parse(&y, b, 0) == 0)
		return addr_same_host(&x, &y);
	return slice_caseeq(trim_dot(a), trim_dot(b));
}

/* The bytes of an address; IPv4 in IPv6 as IPv4. */
static struct slice addr_bytes(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return slice_of(&a->in4.sin_addr, 4);
	if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return slice_of(a->in6.sin6_addr.s6_addr + 12, 4);
	return slice_of(&a->in6.sin6_addr, 16);
}

static bool same_prefix(struct slice a, struct slice b, size_t bits)
{
	size_t whole = bits / 8;

	if (a.n != b.n || bits > 8 * a.n || memcmp(a.p, b.p, whole) != 0)
		return false;
	if (bits % 8 == 0)
		return true;
	unsigned mask = 0xff00u >> bits % 8;

	return (((unsigned char)a.p[whole] ^ (unsigned char)b.p[whole]) &
		       mask) == 0;
}

/* "192.0.2.0/24", "192.0.2.11" or "inside.example" */
static bool matches(struct slice pattern, struct slice host)
{
	struct slice rest = pattern, base;
	struct addr a, net;
	uint64_t bits = 128;

	if (!slice_cut(&rest, '/', &base))
		return false;
	if (may_be_addr(base) && addr_parse(&net, base, 0) == 0) {
		if (!may_be_addr(host) || addr_parse(&a, host, 0) != 0)
			return false;
		if (base.n == pattern.n)
			return addr_same_host(&a, &net);
		return slice_uint(rest, 128, &bits) == 0 &&
		       same_prefix(addr_bytes(&a), addr_bytes(&net), bits);
	}
	host = trim_dot(host);
	base = trim_dot(base);
	if (base.n == 0 || host.n < base.n ||
		!slice_caseeq(slice_from(host, host.n - base.n), base))
		return false;
	return host.n == base.n || host.p[host.n - base.n - 1] == '.';
}

/* The host of "host:port", "[v6]:port" or a bare one. */
static struct slice host_of(struct slice s)
{
	size_t colon = slice_find(s, ':');

	if (slice_starts(s, "["))
		return slice_head(s, slice_find(s, ']') + 1);
	if (slice_find(slice_from(s, colon + 1), ':') + colon + 1 < s.n)
		return s; /* more than one: IPv6 without brackets */
	return slice_head(s, colon);
}

/* What we put in is outside, whatever network it is in. */
static bool is_ours(const struct cnf_rules *r, struct slice host)
{
	const char *const one[] = { r->tvs_address, r->ntp, r->load_server,
		r->http_proxy };

	for (size_t i = 0; i < ARRAY_SIZE(one); i++)
		if (one[i] != NULL &&
			host_equal(host_of(slice_str(one[i])), host))
			return true;
	for (size_t i = 0; i < r->nmembers; i++)
		if (host_equal(slice_str(r->member[i].address), host))
			return true;
	for (size_t i = 0; i < r->nrelays; i++)
		if (host_equal(slice_str(r->relay[i].address), host))
			return true;
	for (size_t i = 0; i < r->ncapfs; i++)
		if (host_equal(slice_str(r->capf[i].address), host))
			return true;
	return false;
}

static bool is_named(const struct cnf_rules *r, struct slice host)
{
	for (size_t i = 0; i < r->nmembers; i++)
		if (host_equal(slice_str(r->member[i].inside), host))
			return true;
	for (size_t i = 0; i < r->nrelays; i++)
		if (host_equal(slice_str(r->relay[i].inside), host))
			return true;
	for (size_t i = 0; i < r->ncapfs; i++)
		if (host_equal(slice_str(r->capf[i].inside), host))
			return true;
	for (size_t i = 0; i < r->ninside; i++)
		if (matches(slice_str(r->inside[i]), host))
			return true;
	return false;
}

bool host_inside(const struct cnf_rules *rules, struct slice host)
{
	static const char *const private[] = { "10.0.0.0/8", "172.16.0.0/12",
		"192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10" };

	if (host.n == 0 || is_ours(rules, host))
		return false;
	if (is_named(rules, host))
		return true;
	for (size_t i = 0; rules->private_is_inside && i < ARRAY_SIZE(private);
		i++)
		if (matches(slice_str(private[i]), host))
			return true;
	return false;
}

static bool split_authority(struct url *u, struct slice a)
{
	struct slice rest = a, port = { 0 };
	size_t at = slice_find(a, '@');
	uint64_t n;

	if (at < a.n) {
		u->user = slice_head(a, at + 1);
		rest = slice_from(a, at + 1);
	}
	size_t end = slice_starts(rest, "[") ? slice_find(rest, ']') + 1
					     : slice_find(rest, ':');

	if (end > rest.n)
		return false;
	u->host = slice_head(rest, end);
	rest = slice_from(rest, end);
	if (rest.n > 0 && rest.p[0] != ':')
		return false;
	port = slice_from(rest, 1);
	u->has_port = port.n > 0;
	if (u->has_port && slice_uint(port, UINT16_MAX, &n) != 0)
		return false;
	if (u->has_port)
		u->port = (uint16_t)n;
	return u->host.n > 0;
}

bool url_split(struct url *out, struct slice text)
{
	size_t colon = slice_search(text, SLICE_LIT("://"));
	struct slice rest = slice_from(text, colon + 3);
	size_t end = 0;

	*out = (struct url){ .scheme = slice_head(text, colon) };
	if (colon == text.n)
		return false;
	if (slice_caseeq_str(out->scheme, "http"))
		out->port = 80;
	else if (slice_caseeq_str(out->scheme, "https"))
		out->port = 443;
	else
		return false;
	while (end < rest.n && strchr("/?#", rest.p[end]) == NULL)
		end++;
	out->rest = slice_from(rest, end);
	return split_authority(out, slice_head(rest, end));
}

static bool name_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
}

struct search {
	struct cnf_result *out;
	const struct cnfdoc *d;
	const struct cnf_rules *rules;
	const struct text *found; /* one host per line */
};

static bool was_found(const struct search *s, struct slice host)
{
	struct slice rest = text_slice(s->found), line;

	while (slice_line(&rest, &line))
		if (host_equal(line, host) && !is_ours(s->rules, host))
			return true;
	return false;
}

static void check_token(
	struct search *s, const struct cnf_string *in, struct slice token)
{
	struct cnf_result *out = s->out;
	struct text path = { 0 };

	token = trim_dot(token);
	if (token.n == 0 || out->nleaks == CNF_LEAKS_MAX ||
		!(host_inside(s->rules, token) || was_found(s, token)))
		return;
	cnfdoc_path(s->d, in->element, &path);
	out->leak =
		mem_resize(out->leak, out->nleaks + 1, sizeof(out->leak[0]));
	out->leak[out->nleaks++] = (struct cnf_leak){
		.path = text_take(&path),
		.kind = in->kind,
		.found = slice_dup(token),
	};
}

/* Every word that may be a name or an address; those with ':' only if they
 * look like IPv6, since ports follow hosts with one too. */
static void search_string(struct search *s, const struct cnf_string *in)
{
	struct slice v = slice_str(in->value);
	size_t at = 0;

	while (at < v.n) {
		size_t n = 0, colons = 0;

		while (at + n < v.n &&
			(name_char(v.p[at + n]) || v.p[at + n] == ':')) {
			colons += v.p[at + n] == ':';
			n++;
		}
		struct slice word = slice_of(v.p + at, n), part;
		struct addr a;

		if (colons >= 2 && addr_parse(&a, word, 0) == 0)
			check_token(s, in, word);
		else
			while (slice_cut(&word, ':', &part))
				check_token(s, in, part);
		at += n + 1;
	}
}

void cnf_find_leaks(struct cnf_result *out, const struct cnfdoc *d,
	const struct cnf_rules *rules, const struct text *found)
{
	struct search s = { out, d, rules, found };

	for (size_t i = 0; i < d->nstrings; i++)
		search_string(&s, &d->string[i]);
}
