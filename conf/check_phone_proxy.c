/* Contradictions in phone proxies. */
#include "conf/conf_int.h"

/* Two proxies cannot have one port. */
static const struct conf_phone_proxy *same_port(
	const struct parse *p, const struct conf_phone_proxy *x)
{
	for (const struct conf_phone_proxy *y = p->conf->phone_proxies; y != x;
		y = y->next)
		for (size_t i = 0; i < y->ntftps && y->complete; i++)
			for (size_t k = 0; k < x->ntftps; k++)
				if (addr_equal(&x->tftp[k].access,
					    &y->tftp[i].access) &&
					(x->tftp_port == y->tftp_port ||
						x->http_port == y->http_port))
					return y;
	return NULL;
}

static bool any_member(const struct conf *c, const struct conf_phone_proxy *x)
{
	for (const struct conf_dial_peer *d = c->dial_peers; d != NULL;
		d = d->next)
		if (d->phone_proxy == x)
			return true;
	return false;
}

static bool any_mode(
	const struct conf_phone_proxy *x, enum conf_device_mode mode)
{
	if (conf_pp_mode(x, NULL) == mode)
		return true;
	for (size_t i = 0; i < x->nphones; i++)
		if (conf_pp_mode(x, x->phone[i].name) == mode)
			return true;
	return false;
}

static bool any_required(const struct conf *c, const struct conf_phone_proxy *x)
{
	if (conf_pp_encrypted(c, x, NULL) == CONF_ENCRYPTED_REQUIRED)
		return true;
	for (size_t i = 0; i < x->nphones; i++)
		if (conf_pp_encrypted(c, x, x->phone[i].name) ==
			CONF_ENCRYPTED_REQUIRED)
			return true;
	return false;
}

static void check_mutual(struct parse *p, const struct conf_phone_proxy *x)
{
	if (x->mutual == NULL)
		return;
	if (!conf_trustpoint_has_own(x->mutual))
		complain(p, false, x, "https-port",
			"give it a certificate and key of ours",
			"trustpoint %s has no certificate to show",
			x->mutual->name);
	if (!conf_trustpoint_has_anchors(x->mutual))
		complain(p, false, x, "https-port",
			"add 'ca-bundle file PATH' with the phones' "
			"authorities to it",
			"trustpoint %s has nobody to judge phones by",
			x->mutual->name);
	if (x->mutual_port == x->https_port)
		complain(p, false, x, "https-port", "6971 and 6972 are usual",
			"both HTTPS servers would listen at port %u",
			x->https_port);
}

/* Modes and lists that do not go together. */
static void check_protection(struct parse *p, const struct conf_phone_proxy *x)
{
	if (x->access_secure && x->mode_set && x->mode == CONF_DEVICE_NONE)
		complain(p, true, x, "device-security-mode",
			"take one of them out",
			"device-security-mode none goes before access-secure: "
			"phones are told to use neither TLS nor SRTP");
	if (x->ctl_file == NULL &&
		(any_mode(x, CONF_DEVICE_ENCRYPTED) ||
			any_mode(x, CONF_DEVICE_AUTHENTICATED)))
		complain(p, false, x,
			x->access_secure ? "access-secure"
					 : "device-security-mode",
			"add 'ctl-file NAME'",
			"phones without a trust list cannot use TLS");
	if (x->ctl_file == NULL && any_required(p->conf, x))
		complain(p, false, x, "encrypted-config", "add 'ctl-file NAME'",
			"encrypted configuration is signed, and nothing signs");
	check_mutual(p, x);
}

static void check_proxy(struct parse *p, const struct conf_phone_proxy *x)
{
	const struct conf_phone_proxy *other;

	if (!x->complete)
		return;
	if (x->ntftps == 0)
		complain(p, false, x, "complete",
			"add 'tftp-server address … local-addr … acc-addr …'",
			"phone proxy %s has no files to serve", x->name);
	if (x->ctl_file != NULL && !x->ctl_file->complete)
		complain(p, false, x, "ctl-file",
			"write 'complete' in the voice-ctl-file",
			"trust list %s is not complete", x->ctl_file->name);
	check_protection(p, x);
	if (x->https != NULL && !conf_trustpoint_has_own(x->https))
		complain(p, false, x, "https-port",
			"give it a certificate and key of ours",
			"trustpoint %s has no certificate to show",
			x->https->name);
	if (!any_member(p->conf, x))
		complain(p, true, x, "complete",
			"add 'phone-proxy … signal-addr … cucm …' to a "
			"dial-peer",
			"no configuration file can be served by phone proxy "
			"%s: no dial-peer tells where its call manager is found",
			x->name);
	other = same_port(p, x);
	if (other != NULL)
		complain(p, false, x, "tftp-server",
			"give one of them another acc-addr, or tftp-port and "
			"http-port",
			"phone proxies %s and %s would listen at the same "
			"address and port",
			other->name, x->name);
	for (size_t i = 0; i < x->ntftps; i++)
		if (!addr_is_set(&x->tftp[i].server))
			continue;
		else if (x->tftp[i].server.sa.sa_family !=
			 x->tftp[i].local.sa.sa_family)
			complain(p, false, x, "tftp-server",
				"write both as IPv4 or both as IPv6",
				"address and local-addr are of different "
				"families");
}

void check_phone_proxies(struct parse *p)
{
	for (const struct conf_phone_proxy *x = p->conf->phone_proxies;
		x != NULL; x = x->next)
		check_proxy(p, x);
}
