/*
 * What IOS writes behind `7`: a password under a key that everybody knows, two
 * digits of where in the key it begins, then two hexadecimal digits a
 * character. It hides nothing; only imports read it.
 */
#include <stdlib.h>

#include "base/secret.h"
#include "base/wire.h"
#include "conf/conf_int.h"

static const char key[] =
	"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";

enum { TYPE7_MOST = 256 }; /* characters */

/* The i-th byte; -1: it is none. */
static int byte_of(struct slice hex, size_t i)
{
	int high = hex_digit(hex.p[2 * i]), low = hex_digit(hex.p[2 * i + 1]);

	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

char *secret_type7(struct slice word)
{
	struct slice hex = slice_from(word, 2);
	uint64_t at;
	char *clear;

	if (word.n < 4 || word.n % 2 != 0 || word.n > 2 + 2 * TYPE7_MOST ||
		slice_uint(slice_head(word, 2), sizeof(key) - 2, &at) != 0)
		return NULL;
	clear = mem_new(hex.n / 2 + 1);
	for (size_t i = 0; i < hex.n / 2; i++) {
		int b = byte_of(hex, i), c;

		c = b ^ key[(at + i) % (sizeof(key) - 1)];
		if (b < 0 || c < ' ' || c > '~') {
			mem_wipe(clear, i);
			free(clear);
			return NULL;
		}
		clear[i] = (char)c;
	}
	return clear;
}
