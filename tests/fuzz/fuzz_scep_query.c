/* The query of a SCEP request. */
#include <string.h>

#include "base/need.h"
#include "certs/ca/scep_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scep_query q;

	if (scep_query_parse(&q, slice_of(data, size)) != 0) {
		need(q.message.p == NULL && q.operation[0] == '\0');
		return 0;
	}
	need(strlen(q.operation) < sizeof(q.operation));
	need(q.message.n <= size);
	scep_query_free(&q);
	return 0;
}
