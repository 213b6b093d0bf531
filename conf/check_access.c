/* Contradictions in trustpoints, identities and listeners. */
#include "conf/conf_int.h"

void check_access(struct parse *p)
{
	(void)p;
}
