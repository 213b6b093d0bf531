/* No protection: RTP and RTCP as they are. Which row is opened, too. */
#include "media/xform.h"

#include <errno.h>

#include "media/rtp.h"
#include "media/suites.h"

static int plain_open(void **state, const struct xform_params *p)
{
	(void)p;
	*state = NULL;
	return 0;
}

static int plain_rtp(void *state, struct pkt *p)
{
	struct rtp_head head;

	(void)state;
	return rtp_parse(&head, p->p, p->n);
}

static int plain_rtcp(void *state, struct pkt *p)
{
	(void)state;
	return p->n >= RTCP_HEADER && p->p[0] >> 6 == 2 ? 0 : EBADMSG;
}

static void plain_close(void *state)
{
	(void)state;
}

const struct xform_ops xform_plain = {
	.name = "plain",
	.open = plain_open,
	.rtp = plain_rtp,
	.rtcp = plain_rtcp,
	.close = plain_close,
};

int xform_open(struct xform *out, const struct xform_params *p)
{
	const struct suite_row *suite = NULL;
	int err = 0;

	*out = (struct xform){ 0 };
	if (p->plain) {
		out->ops = &xform_plain;
		return 0;
	}
	if ((unsigned)p->suite >= CONF_SUITE_COUNT || p->mki_len > 8)
		return EINVAL;
	suite = &suite_rows[p->suite];
	if (p->key->n != suite->key_len + suite->salt_len ||
		(suite->aead && p->weak != 0))
		return EINVAL;
	err = xform_srtp[p->suite].open(&out->state, p);
	if (err == 0)
		out->ops = &xform_srtp[p->suite];
	return err;
}

void xform_close(struct xform *x)
{
	if (x->ops != NULL)
		x->ops->close(x->state);
	*x = (struct xform){ 0 };
}
