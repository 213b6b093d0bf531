/* Answers of name servers: any bytes. The first picks what was asked. */
#include <stdlib.h>
#include <string.h>

#include "b2bua/names/dns_msg.h"
#include "base/obj.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA, DNS_SRV,
		DNS_NAPTR };
	struct dns_reply *r;

	if (size < 1)
		return 0;
	r = mem_new(sizeof(*r));
	dns_reply_read(r, slice_of(data + 1, size - 1), "sip.example.com",
		types[data[0] % 4]);
	need(r->n <= DNS_RECORDS_MAX);
	need((r->n > 0) == (r->found == DNS_FOUND));
	for (size_t i = 0; i < r->n; i++) {
		need(strnlen(r->v[i].name, DNS_NAME) < DNS_NAME);
		need(r->v[i].name[0] == '\0' || dns_name_ok(r->v[i].name));
	}
	if (r->found == DNS_ALIAS)
		need(dns_name_ok(r->name));
	free(r);
	return 0;
}
