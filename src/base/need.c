/* What happens when need() finds a mistake of ours: say where, and stop. */
#include "base/need.h"

#include <stdio.h>
#include <stdlib.h>

void need_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "linesided: %s:%d: need(%s) failed\n", file, line,
		what);
	abort();
}
