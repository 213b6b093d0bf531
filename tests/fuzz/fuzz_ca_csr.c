/* Certificate requests, as strangers send them to the CA. */
#include "base/need.h"
#include "certs/ca/ca_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[CA_WHY] = "";
	struct ca_csr c;
	X509 *crt;

	for (int how = 0; how < 4; how++) {
		if (ca_csr_read(&c, slice_of(data, size), how & 1, how & 2,
			    why) != 0) {
			need(why[0] != '\0' && c.req == NULL);
			continue;
		}
		need(c.subject != NULL);
		crt = X509_new();
		need(crt != NULL);
		need(X509_set_pubkey(crt, X509_REQ_get0_pubkey(c.req)) == 1);
		(void)!ca_csr_wishes(&c, crt, crt);
		(void)ca_csr_same_names(&c, crt);
		X509_free(crt);
		ca_csr_free(&c);
	}
	return 0;
}
