/* Keys and their certificates in and out as PKCS#12, and out as PEM. */
#include <errno.h>
#include <gnutls/pkcs12.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "certs/store/keystore_int.h"

int keystore_export(const struct keystore *k, const char *password, char **out)
{
	gnutls_datum_t pem = { 0 };

	*out = NULL;
	if (!k->exportable || k->key == NULL)
		return EACCES;
	if (gnutls_x509_privkey_export2_pkcs8(k->key, GNUTLS_X509_FMT_PEM,
		    password, GNUTLS_PKCS_PBES2_AES_256, &pem) != 0)
		return EINVAL;
	*out = mem_ndup((const char *)pem.data, pem.size);
	gnutls_free(pem.data);
	return 0;
}

static int add_bag(gnutls_pkcs12_t p12, gnutls_pkcs12_bag_t bag,
	const char *password, unsigned flags)
{
	int err = flags != 0 ? gnutls_pkcs12_bag_encrypt(bag, password, flags)
			     : 0;

	return err == 0 ? gnutls_pkcs12_set_bag(p12, bag) : err;
}

static int fill_certs(gnutls_pkcs12_bag_t bag, const struct keystore *k,
	const char *name, gnutls_x509_crt_t const *chain, size_t n)
{
	gnutls_datum_t id = { .data = (unsigned char *)keystore_ptr(k->id),
		.size = sizeof(k->id) };
	int err = 0;

	for (size_t i = 0; i < n && err >= 0; i++) {
		err = gnutls_pkcs12_bag_set_crt(bag, chain[i]);
		if (err < 0 || i > 0)
			continue;
		(void)gnutls_pkcs12_bag_set_friendly_name(
			bag, (unsigned)err, name);
		err = gnutls_pkcs12_bag_set_key_id(bag, (unsigned)err, &id);
	}
	return err < 0 ? err : 0;
}

static int fill_key(gnutls_pkcs12_bag_t bag, const struct keystore *k,
	const char *password, const char *name)
{
	gnutls_datum_t id = { .data = (unsigned char *)keystore_ptr(k->id),
		.size = sizeof(k->id) };
	gnutls_datum_t der = { 0 };
	int err = gnutls_x509_privkey_export2_pkcs8(k->key, GNUTLS_X509_FMT_DER,
		password, GNUTLS_PKCS_PBES2_AES_256, &der);

	if (err == 0)
		err = gnutls_pkcs12_bag_set_data(
			bag, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, &der);
	gnutls_free(der.data);
	if (err >= 0) {
		(void)gnutls_pkcs12_bag_set_friendly_name(
			bag, (unsigned)err, name);
		err = gnutls_pkcs12_bag_set_key_id(bag, (unsigned)err, &id);
	}
	return err < 0 ? err : 0;
}

int keystore_export_pkcs12(const struct keystore *k, const char *password,
	const char *name, gnutls_x509_crt_t const *chain, size_t n,
	gnutls_datum_t *out)
{
	gnutls_pkcs12_bag_t certs = NULL, key = NULL;
	gnutls_pkcs12_t p12 = NULL;
	int err;

	*out = (gnutls_datum_t){ 0 };
	if (!k->exportable || k->key == NULL)
		return EACCES;
	err = gnutls_pkcs12_init(&p12);
	if (err == 0)
		err = gnutls_pkcs12_bag_init(&certs);
	if (err == 0)
		err = gnutls_pkcs12_bag_init(&key);
	if (err == 0)
		err = fill_certs(certs, k, name, chain, n);
	if (err == 0)
		err = fill_key(key, k, password, name);
	if (err == 0)
		err = add_bag(p12, certs, password, GNUTLS_PKCS_PBES2_AES_256);
	if (err == 0)
		err = add_bag(p12, key, password, 0);
	if (err == 0)
		err = gnutls_pkcs12_generate_mac2(
			p12, GNUTLS_MAC_SHA256, password);
	if (err == 0)
		err = gnutls_pkcs12_export2(p12, GNUTLS_X509_FMT_DER, out);
	if (certs != NULL)
		gnutls_pkcs12_bag_deinit(certs);
	if (key != NULL)
		gnutls_pkcs12_bag_deinit(key);
	if (p12 != NULL)
		gnutls_pkcs12_deinit(p12);
	return err == 0 ? 0 : EINVAL;
}

static void take_crts(gnutls_x509_crt_t **all, size_t *n,
	gnutls_x509_crt_t *more, unsigned count)
{
	*all = mem_resize(*all, *n + count + 1, sizeof(gnutls_x509_crt_t));
	for (unsigned i = 0; i < count; i++)
		(*all)[(*n)++] = more[i];
	gnutls_free(more);
}

int keystore_pkcs12(struct keystore **out, gnutls_x509_crt_t **crts,
	size_t *ncrts, struct slice der, const char *password, char **why)
{
	struct keystore *k = keystore_new();
	gnutls_datum_t in = { .data = (unsigned char *)slice_dup(der),
		.size = (unsigned)der.n };
	gnutls_x509_crt_t *chain = NULL, *extra = NULL;
	unsigned nchain = 0, nextra = 0;
	gnutls_pkcs12_t p12 = NULL;
	int err = gnutls_pkcs12_init(&p12);

	*why = NULL;
	*crts = NULL;
	*ncrts = 0;
	if (err == 0)
		err = gnutls_pkcs12_import(p12, &in, GNUTLS_X509_FMT_DER, 0);
	if (err == 0)
		err = gnutls_pkcs12_verify_mac(p12, password);
	if (err == 0)
		err = gnutls_pkcs12_simple_parse(p12, password, &k->key, &chain,
			&nchain, &extra, &nextra, NULL,
			GNUTLS_PKCS12_SP_INCLUDE_SELF_SIGNED);
	if (p12 != NULL)
		gnutls_pkcs12_deinit(p12);
	mem_wipe(in.data, in.size);
	free(in.data);
	take_crts(crts, ncrts, chain, nchain);
	take_crts(crts, ncrts, extra, nextra);
	if (err == 0 && k->key != NULL)
		err = keystore_complete(k);
	k->exportable = true;
	if (err == GNUTLS_E_MAC_VERIFY_FAILED)
		err = keystore_said(
			why, "the password does not open the PKCS#12 file");
	else if (err != 0)
		err = keystore_said(why, "the PKCS#12 file cannot be used: %s",
			gnutls_strerror(err));
	if (err != 0 || k->key == NULL)
		k = obj_unref(k);
	*out = k;
	return err;
}
