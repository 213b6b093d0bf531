/*
 * How our TLS sessions are set up: TLS 1.2 and 1.3, AEAD ciphers with forward
 * secrecy, no renegotiation (GnuTLS leaves that to whoever reads), no early
 * data, tickets for phones that come back.
 */
#include "certs/tls/handshake_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <string.h>

#include "base/secret.h"
#include "base/thread.h"
#include "certs/store/trustpoint_int.h"

static const char priorities[] =
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
	":-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305"
	":-MAC-ALL:+AEAD:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA";

enum {
	TICKET_SECONDS = 2 * 3600,
	TICKET_KEY_MS = 24 * 3600 * 1000,
};

static gnutls_priority_t priority;

static void make_priority(void)
{
	need(gnutls_priority_init(&priority, priorities, NULL) == 0);
}

/* Made once, for all sessions: each of its own would cost some kilobytes. */
static gnutls_priority_t our_priority(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	need(pthread_once(&once, make_priority) == 0);
	return priority;
}

void hs_tickets_init(struct hs_tickets *t)
{
	need(pthread_mutex_init(&t->lock, NULL) == 0);
	random_bytes(t->key, sizeof(t->key));
	t->made = clock_ms();
}

void hs_tickets_free(struct hs_tickets *t)
{
	mem_wipe(t->key, sizeof(t->key));
	(void)pthread_mutex_destroy(&t->lock);
}

/*
 * The key of a trustpoint's tickets. It depends on the anchors, so that a
 * ticket from before a reload that changed them is no longer understood and a
 * full handshake judges anew. (A resumed session is judged, too.)
 */
static void ticket_key(struct hs_tickets *t, const struct hs_params *p,
	uint8_t out[HS_TICKET_KEY])
{
	uint8_t about[TRUSTPOINT_ID + 1];

	memcpy(about, trustpoint_id(p->own), TRUSTPOINT_ID);
	about[TRUSTPOINT_ID] = p->verify;
	need(pthread_mutex_lock(&t->lock) == 0);
	if (clock_ms() - t->made > TICKET_KEY_MS) {
		random_bytes(t->key, sizeof(t->key));
		t->made = clock_ms();
	}
	need(gnutls_hmac_fast(GNUTLS_MAC_SHA512, t->key, sizeof(t->key), about,
		     sizeof(about), out) == 0);
	need(pthread_mutex_unlock(&t->lock) == 0);
}

static int enable_tickets(struct hs *h)
{
	uint8_t key[HS_TICKET_KEY];
	gnutls_datum_t datum = { .data = key, .size = sizeof(key) };
	int err;

	ticket_key(&h->pool->tickets, &h->params, key);
	gnutls_db_set_cache_expiration(h->session, TICKET_SECONDS);
	err = gnutls_session_ticket_enable_server(h->session, &datum);
	mem_wipe(key, sizeof(key));
	return err;
}

static bool is_address(const char *name)
{
	uint8_t ip[16];

	return inet_pton(AF_INET, name, ip) == 1 ||
	       inet_pton(AF_INET6, name, ip) == 1;
}

static int set_role(struct hs *h)
{
	const char *name = h->params.server_name;

	if (h->params.server) {
		gnutls_certificate_server_set_request(
			h->session, h->params.verify ? GNUTLS_CERT_REQUEST
						     : GNUTLS_CERT_IGNORE);
		return enable_tickets(h);
	}
	if (name == NULL || name[0] == '\0' || is_address(name))
		return 0; /* RFC 6066 3: host names only */
	return gnutls_server_name_set(
		h->session, GNUTLS_NAME_DNS, name, strlen(name));
}

int hs_session_new(struct hs *h)
{
	unsigned flags =
		GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
		(h->params.server ? GNUTLS_SERVER
				  : GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT);
	int err = gnutls_init(&h->session, flags);

	if (err == 0)
		err = gnutls_priority_set(h->session, our_priority());
	if (err == 0 && trustpoint_use(h->params.own, h->session) != 0)
		err = GNUTLS_E_INVALID_REQUEST;
	if (err == 0)
		err = set_role(h);
	if (err < 0)
		return err;
	gnutls_handshake_set_max_packet_length(h->session, HS_MESSAGE_MAX);
	gnutls_transport_set_int(h->session, h->params.fd);
	return 0;
}
