#include "certs/store/der_shape.h"

enum { CONSTRUCTED = 0x20 };

/* Head of the element at the front and the length of its content, or
 * INDEFINITE (X.690 8.1.3.6). False: none. */
#define INDEFINITE SIZE_MAX

static bool head_of(struct slice s, size_t *head, size_t *content)
{
	const uint8_t *b = (const uint8_t *)s.p;
	size_t digits, n = 0;

	if (s.n < 2)
		return false;
	*head = 2;
	digits = b[1] & 0x7fu;
	if (b[1] < 0x80) {
		*content = b[1];
		return *content <= s.n - 2;
	}
	if (digits == 0) {
		*content = INDEFINITE;
		return (b[0] & CONSTRUCTED) != 0;
	}
	if (digits > 4 || s.n < 2 + digits)
		return false;
	for (size_t i = 0; i < digits; i++)
		n = n << 8 | b[2 + i];
	*head += digits;
	*content = n;
	return n <= s.n - *head;
}

size_t der_element(struct slice s, size_t *head)
{
	size_t at = 0, open = 0, n = 0, first = 0;

	do {
		struct slice rest = slice_from(s, at);
		size_t h = 0;

		if (!head_of(rest, &h, &n))
			return 0;
		if (at == 0)
			first = h;
		if (n == INDEFINITE) {
			open++;
			n = 0;
		} else if (open > 0 && rest.p[0] == 0 && n == 0) {
			open--; /* the mark of an end */
		}
		at += h + n;
	} while (open > 0);
	*head = first;
	return at;
}

int der_inner(struct slice der, size_t i, struct slice *content)
{
	struct slice rest;
	size_t head = 0, n = der_element(der, &head);

	rest = slice_from(slice_head(der, n), head);
	for (;; i--) {
		n = der_element(rest, &head);
		if (n == 0 || rest.p[0] == 0)
			return -1;
		if (i == 0)
			break;
		rest = slice_from(rest, n);
	}
	*content = slice_from(slice_head(rest, n), head);
	return (uint8_t)rest.p[0];
}

static bool is_integer(struct slice der, size_t i, uint8_t value)
{
	struct slice v;

	return der_inner(der, i, &v) == DER_INTEGER && v.n == 1 &&
	       (uint8_t)v.p[0] == value;
}

bool der_is_pkcs12(struct slice der)
{
	struct slice v;

	return is_integer(der, 0, 3) && der_inner(der, 1, &v) == DER_SEQUENCE;
}

bool der_is_key(struct slice der)
{
	struct slice v;

	if (is_integer(der, 0, 0) || is_integer(der, 0, 1))
		return true;
	return der_inner(der, 0, &v) == DER_SEQUENCE &&
	       der_inner(der, 1, &v) == DER_OCTETS && der_inner(der, 2, &v) < 0;
}
