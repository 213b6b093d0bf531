/* Did you mean: which candidate takes the fewest edits. */
#include "conf/conf_int.h"

enum { NEAR_MAX = 40 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours. */
static size_t edits(struct slice a, struct slice b)
{
	size_t d[NEAR_MAX + 1][NEAR_MAX + 1];

	for (size_t i = 0; i <= a.n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= b.n; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		for (size_t j = 1; j <= b.n; j++) {
			char x = lower(a.p[i - 1]), y = lower(b.p[j - 1]);

			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
				d[i - 1][j - 1] + (x == y ? 0 : 1));
			if (i > 1 && j > 1 && x == lower(b.p[j - 2]) &&
				lower(a.p[i - 2]) == y)
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a.n][b.n];
}

void near_try(struct near *n, struct slice candidate)
{
	size_t e;

	if (n->word.n > NEAR_MAX || candidate.n > NEAR_MAX)
		return;
	e = edits(n->word, candidate);
	if (n->best.p == NULL || e < n->edits) {
		n->best = candidate;
		n->edits = e;
	}
}

bool near_found(const struct near *n)
{
	size_t longest = n->word.n > n->best.n ? n->word.n : n->best.n;

	return n->best.p != NULL && n->edits > 0 && n->word.n > 1 &&
	       n->edits <= 1 + longest / 5;
}
