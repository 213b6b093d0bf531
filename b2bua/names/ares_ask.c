/* See ares_ask.h. */
#include "b2bua/names/ares_ask.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "base/obj.h"
#include "base/wire.h"

enum {
	TRY_MS = 1000, /* the first wait for a server; it doubles */
	TRIES = 2, /* of each server */
};

struct asked {
	unsigned *asked;
	resolver_reply_fn *fn;
	void *arg;
	enum dns_type type;
	char name[DNS_NAME];
};

void ares_ask_start(void)
{
	(void)ares_library_init(ARES_LIB_INIT_ALL);
}

/* ---- channels ---- */

/* "192.0.2.1:53,[2001:db8::1]:53" */
static char *servers_of(const struct conf *conf)
{
	struct text t = { 0 };
	char host[ADDR_TEXT];

	for (size_t i = 0; i < conf->nname_servers; i++)
		text_printf(&t, "%s%s:%u", i > 0 ? "," : "",
			addr_uri_host(&conf->name_server[i], host),
			addr_port(&conf->name_server[i]));
	return text_take(&t);
}

int ares_ask_open(ares_channel *out, const struct conf *conf,
	ares_sock_state_cb fn, void *arg)
{
	struct ares_options o = { .timeout = TRY_MS,
		.tries = TRIES,
		.sock_state_cb = fn,
		.sock_state_cb_data = arg };
	int err = ares_init_options(out, &o,
		ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
			(fn != NULL ? ARES_OPT_SOCK_STATE_CB : 0));

	if (err == ARES_SUCCESS && conf->nname_servers > 0) {
		char *servers = servers_of(conf);

		err = ares_set_servers_ports_csv(*out, servers);
		free(servers);
		if (err != ARES_SUCCESS)
			ares_destroy(*out);
	}
	return err;
}

/* ---- questions ---- */

static void on_answer(
	void *arg, int status, int timeouts, unsigned char *bytes, int n)
{
	struct asked *a = arg;
	struct dns_reply *reply = NULL;

	(void)status; /* the answer's own code says more */
	metric_add(M_DNS_TIMEOUTS, (uint64_t)timeouts);
	if (bytes != NULL && n > 0) {
		reply = mem_new(sizeof(*reply));
		dns_reply_read(
			reply, slice_of(bytes, (size_t)n), a->name, a->type);
	}
	--*a->asked;
	a->fn(a->arg, reply);
	free(reply);
	free(a);
}

void ares_ask(ares_channel ares, unsigned *asked, const char *name,
	enum dns_type type, resolver_reply_fn *fn, void *arg)
{
	struct asked *a;

	if (!dns_name_ok(name)) {
		fn(arg, NULL);
		return;
	}
	a = mem_new(sizeof(*a));
	a->asked = asked;
	a->fn = fn;
	a->arg = arg;
	a->type = type;
	(void)!slice_copy(slice_str(name), a->name, sizeof(a->name));
	++*asked;
	ares_query(ares, name, 1, (int)type, on_answer, a);
}

size_t ares_ask_file(ares_channel ares, const char *name, int family,
	struct addr *out, size_t max)
{
	struct hostent *h = NULL;
	size_t n = 0;

	if (ares_gethostbyname_file(ares, name, family, &h) != ARES_SUCCESS)
		return 0;
	for (; n < max && h->h_addr_list[n] != NULL; n++) {
		struct addr *a = &out[n];

		*a = (struct addr){ 0 };
		a->sa.sa_family = (sa_family_t)family;
		if (family == AF_INET6)
			memcpy(&a->in6.sin6_addr, h->h_addr_list[n], 16);
		else
			memcpy(&a->in4.sin_addr, h->h_addr_list[n], 4);
	}
	ares_free_hostent(h);
	return n;
}
