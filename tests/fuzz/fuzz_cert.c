/*
 * What a peer presents: a chain of arbitrary bytes is judged and its first
 * certificate made an identity. Input: certificates, each after its length in
 * two bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/need.h"
#include "base/obj.h"
#include "base/wire.h"
#include "certs/judge/identity.h"
#include "certs/judge/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHAIN = JUDGE_CHAIN_MAX + 2 };

static unsigned split(gnutls_datum_t chain[CHAIN], struct slice in)
{
	struct rbuf r = rbuf_of(in);
	unsigned n = 0;

	while (n < CHAIN && rbuf_left(&r) > 0) {
		uint16_t want = rbuf_u16(&r);
		size_t left = rbuf_left(&r);
		struct slice der = rbuf_bytes(&r, want < left ? want : left);

		chain[n].data = (unsigned char *)slice_dup(der);
		chain[n++].size = (unsigned)der.n;
	}
	return n;
}

/* The first certificate is trusted as well, so that more than "unknown CA"
 * is reached. */
static void judge(const gnutls_datum_t *chain, unsigned n, bool trusted)
{
	gnutls_x509_trust_list_t anchors;
	struct judge_verdict v;
	struct judge_params p = {
		.chain = chain,
		.chain_len = n,
		.peer_is_client = n % 2,
		.expected_name = trusted ? "cm.example.com" : NULL,
		.now = 1800000000,
	};

	need(gnutls_x509_trust_list_init(&anchors, 0) == 0);
	if (trusted)
		(void)gnutls_x509_trust_list_add_trust_mem(anchors,
			&chain[n - 1], NULL, GNUTLS_X509_FMT_DER, 0, 0);
	p.anchors = anchors;
	need(judge_chain(&v, &p) == (v.reason == JUDGE_OK));
	need((v.text[0] == '\0') == (v.reason == JUDGE_OK));
	gnutls_x509_trust_list_deinit(anchors, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gnutls_datum_t chain[CHAIN];
	unsigned n = split(chain, slice_of(data, size));
	struct identity *id;
	char *why;

	judge(chain, n, false);
	if (n > 0) {
		judge(chain, n, true);
		if (identity_from_der(&id, &chain[0], NULL, &why) == 0)
			need(id->device[0] != '\0' && why == NULL);
		free(why);
		obj_unref(id);
	}
	for (unsigned i = 0; i < n; i++)
		free(chain[i].data);
	return 0;
}
