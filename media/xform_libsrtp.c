/*
 * The transform by libsrtp2: what tests compare ours with, and the place for
 * suites that are too rare for a row of our own. Debian's build is slow and
 * large (NSS), so calls do not run on it.
 */
#include "media/xform.h"

#include <errno.h>
#include <pthread.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "media/suites.h"

struct lib {
	srtp_t session;
	bool receive, use_mki;
};

static void start_library(void)
{
	need(srtp_init() == srtp_err_status_ok);
}

static void set_policy(srtp_policy_t *policy, enum conf_suite suite)
{
	switch (suite) {
	case CONF_AEAD_AES_256_GCM:
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtp);
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtcp);
		break;
	case CONF_AEAD_AES_128_GCM:
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtcp);
		break;
	case CONF_AES_CM_128_HMAC_SHA1_32:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy->rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
		break;
	case CONF_AES_256_CM_HMAC_SHA1_32:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&policy->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtcp);
		break;
	case CONF_AES_256_CM_HMAC_SHA1_80:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtcp);
		break;
	case CONF_AES_CM_128_HMAC_SHA1_80:
	case CONF_SUITE_COUNT:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
		break;
	}
}

static int lib_open(void **state, const struct xform_params *p)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct secret copy = *p->key;
	unsigned char mki[8];
	srtp_master_key_t master = { .key = copy.b, .mki_id = mki };
	srtp_master_key_t *masters[1] = { &master };
	srtp_policy_t policy = {
		.ssrc.type = p->receive ? ssrc_any_inbound : ssrc_any_outbound,
		.window_size = 128,
	};
	struct lib *lib = mem_new(sizeof(*lib));

	need(p->mki_len <= sizeof(mki));
	pthread_once(&once, start_library);
	set_policy(&policy, p->suite);
	if ((p->weak & XFORM_CLEAR_RTP) != 0)
		policy.rtp.sec_serv &= ~(unsigned)sec_serv_conf;
	if ((p->weak & XFORM_UNSIGNED_RTP) != 0) {
		policy.rtp.sec_serv &= ~(unsigned)sec_serv_auth;
		/* it cuts off the tag all the same, were it to have a length */
		policy.rtp.auth_tag_len = 0;
	}
	if ((p->weak & XFORM_CLEAR_RTCP) != 0)
		policy.rtcp.sec_serv &= ~(unsigned)sec_serv_conf;
	if (p->mki_len > 0) {
		for (unsigned i = 0; i < p->mki_len; i++)
			mki[i] =
				(uint8_t)(p->mki >> (8 * (p->mki_len - 1 - i)));
		master.mki_size = p->mki_len;
		policy.keys = masters;
		policy.num_master_keys = 1;
	} else {
		policy.key = copy.b;
	}
	lib->receive = p->receive;
	lib->use_mki = p->mki_len > 0;
	if (srtp_create(&lib->session, &policy) != srtp_err_status_ok) {
		free(lib);
		lib = NULL;
	}
	secret_wipe(&copy);
	*state = lib;
	return lib == NULL ? ENOTSUP : 0;
}

static int outcome(srtp_err_status_t status)
{
	if (status == srtp_err_status_ok)
		return 0;
	if (status == srtp_err_status_auth_fail ||
		status == srtp_err_status_bad_mki)
		return EACCES;
	if (status == srtp_err_status_replay_fail ||
		status == srtp_err_status_replay_old)
		return EALREADY;
	return EBADMSG;
}

static int lib_rtp(void *state, struct pkt *p)
{
	struct lib *lib = state;
	int n = (int)p->n;
	int err = 0;

	if (lib->receive)
		err = outcome(srtp_unprotect_mki(
			lib->session, p->p, &n, lib->use_mki));
	else if (p->room < p->n + XFORM_OVERHEAD)
		err = ENOBUFS;
	else
		err = outcome(srtp_protect_mki(
			lib->session, p->p, &n, lib->use_mki, 0));
	if (err == 0)
		p->n = (size_t)n;
	return err;
}

static int lib_rtcp(void *state, struct pkt *p)
{
	struct lib *lib = state;
	int n = (int)p->n;
	int err = 0;

	if (lib->receive)
		err = outcome(srtp_unprotect_rtcp_mki(
			lib->session, p->p, &n, lib->use_mki));
	else if (p->room < p->n + XFORM_OVERHEAD)
		err = ENOBUFS;
	else
		err = outcome(srtp_protect_rtcp_mki(
			lib->session, p->p, &n, lib->use_mki, 0));
	if (err == 0)
		p->n = (size_t)n;
	return err;
}

static void lib_close(void *state)
{
	struct lib *lib = state;

	(void)srtp_dealloc(lib->session);
	free(lib);
}

const struct xform_ops xform_libsrtp = {
	.name = "libsrtp2",
	.open = lib_open,
	.rtp = lib_rtp,
	.rtcp = lib_rtcp,
	.close = lib_close,
};
