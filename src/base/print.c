/* See print.h. */
#include "base/print.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct place {
	char *p;
	size_t size;
	size_t n; /* wanted so far; it may be more than there is */
};

static void put(struct place *to, const char *s, size_t n)
{
	if (to->n < to->size) {
		size_t room = to->size - to->n;

		memcpy(to->p + to->n, s, n < room ? n : room);
	}
	to->n += n;
}

static void put_number(struct place *to, uint64_t v, bool negative)
{
	char digits[24], *at = digits + sizeof(digits);

	do
		*--at = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	if (negative)
		*--at = '-';
	put(to, at, (size_t)(digits + sizeof(digits) - at));
}

struct args { /* to hand on: a va_list may be an array */
	va_list ap;
};

static void put_text(struct place *to, const char *s, int most)
{
	size_t n;

	if (s == NULL)
		s = "(null)";
	n = most < 0 ? strlen(s) : strnlen(s, (size_t)most);
	put(to, s, n);
}

static void put_int(struct place *to, int v)
{
	put_number(to, v < 0 ? -(uint64_t)v : (uint64_t)v, v < 0);
}

/* The conversion behind a "%"; how long it is, 0: not one of ours. */
static size_t convert(struct place *to, const char *f, struct args *a)
{
	char c;
	int most;

	switch (f[0]) {
	case 's':
		put_text(to, va_arg(a->ap, const char *), -1);
		return 1;
	case 'u':
		put_number(to, va_arg(a->ap, unsigned), false);
		return 1;
	case 'd':
		put_int(to, va_arg(a->ap, int));
		return 1;
	case 'c':
		c = (char)va_arg(a->ap, int);
		put(to, &c, 1);
		return 1;
	case '%':
		put(to, "%", 1);
		return 1;
	default:
		break;
	}
	if (strncmp(f, ".*s", 3) == 0) {
		most = va_arg(a->ap, int);
		put_text(to, va_arg(a->ap, const char *), most);
		return 3;
	}
	if (strncmp(f, "lu", 2) == 0) {
		put_number(to, va_arg(a->ap, unsigned long), false);
		return 2;
	}
	if (strncmp(f, "zu", 2) == 0) {
		put_number(to, va_arg(a->ap, size_t), false);
		return 2;
	}
	return 0;
}

/* False: there is something that others must print. */
static bool print(struct place *to, const char *fmt, struct args *a)
{
	for (;;) {
		const char *end = fmt;
		size_t n;

		while (*end != '\0' && *end != '%')
			end++;
		put(to, fmt, (size_t)(end - fmt));
		if (*end == '\0')
			return true;
		n = convert(to, end + 1, a);
		if (n == 0)
			return false;
		fmt = end + 1 + n;
	}
}

size_t print_va(char *out, size_t size, const char *fmt, va_list ap)
{
	struct place to = { .p = out, .size = size };
	struct args a;
	bool done;
	int n;

	va_copy(a.ap, ap);
	done = print(&to, fmt, &a);
	va_end(a.ap);
	if (!done) {
		n = vsnprintf(out, size, fmt, ap);
		need(n >= 0);
		return (size_t)n;
	}
	if (size > 0)
		out[to.n < size ? to.n : size - 1] = '\0';
	return to.n;
}

size_t print_into(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = print_va(out, size, fmt, ap);
	va_end(ap);
	return n;
}
