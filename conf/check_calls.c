/* Contradictions in dial-peers, the registrar and media. */
#include "conf/conf_int.h"

void check_calls(struct parse *p)
{
	(void)p;
}
