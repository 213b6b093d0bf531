/*
 * Signed and encrypted files: header and payload make up the file. With no
 * key of ours nothing decrypts, but padding and digest are gone through.
 */
#include <string.h>

#include "base/need.h"
#include "phoneproxy/config/encfile.h"
#include "phoneproxy/signed/sgnfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int any_key(void *arg, struct slice wrapped, uint8_t aes[ENC_BLOCK])
{
	(void)arg;
	(void)wrapped;
	memset(aes, 0, ENC_BLOCK);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice file = slice_of(data, size);
	struct sgnfile f;
	struct encfile e;
	struct text out = { 0 };

	if (sgnfile_read(&f, file) == FAULT_NONE) {
		need(f.head.size + f.payload.n == size);
		need(f.head.signature_at + f.head.signature.n < size);
	}
	if (encfile_read(&e, file) == FAULT_NONE) {
		need(e.head.size + e.ciphertext.n == size);
		if (encfile_decrypt(&out, &e, any_key, NULL) == FAULT_NONE)
			need(out.n < e.ciphertext.n);
		text_free(&out);
	}
	return 0;
}
