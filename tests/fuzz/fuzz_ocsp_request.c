/* OCSP requests to a CA that is made once, in a directory of its own. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/need.h"
#include "base/obj.h"
#include "certs/ca/ca.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ca *ca;
static char dir[] = "/tmp/fuzz-ocsp-XXXXXX";

static void end(void)
{
	char *cmd = mem_printf("rm -r %s", dir);
	FILE *f;

	ca_close(ca);
	f = popen(cmd, "r");
	if (f != NULL)
		pclose(f);
	free(cmd);
}

static void begin(void)
{
	struct ca_params p = {
		.name = "FUZZ",
		.dir = dir,
		.modulus = 1024,
		.cert_s = 1000,
		.ca_s = 1000000,
		.crl_s = 1000,
		.keys = ca_keys_plain,
	};
	char why[CA_WHY];

	need(mkdtemp(dir) != NULL);
	need(ca_open(&ca, &p, why) == 0);
	need(atexit(end) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes out;

	if (ca == NULL)
		begin();
	ca_ocsp(ca, slice_of(data, size), &out);
	need(out.n > 0); /* there is always an answer */
	bytes_free(&out);
	return 0;
}
