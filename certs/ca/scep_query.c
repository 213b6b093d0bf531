/* The query of a SCEP request: operation=…&message=… */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/obj.h"
#include "base/wire.h"
#include "certs/ca/scep_server.h"

/* '+' stays: clients that forget to encode it mean the one of base64. */
static int decode(struct bytes *out, struct slice in)
{
	*out = (struct bytes){ .p = mem_new(in.n + 1) };
	for (size_t i = 0; i < in.n; i++) {
		int high, low;

		if (in.p[i] != '%') {
			out->p[out->n++] = (uint8_t)in.p[i];
			continue;
		}
		high = i + 2 < in.n ? hex_digit(in.p[i + 1]) : -1;
		low = i + 2 < in.n ? hex_digit(in.p[i + 2]) : -1;
		if (high < 0 || low < 0)
			return EBADMSG;
		out->p[out->n++] = (uint8_t)(high * 16 + low);
		i += 2;
	}
	return 0;
}

static int take(struct scep_query *q, struct slice name, struct slice value)
{
	struct bytes v;
	int err = decode(&v, value);

	if (err == 0 && slice_eq_str(name, "operation")) {
		if (q->operation[0] != '\0' || memchr(v.p, 0, v.n) != NULL ||
			!slice_copy(bytes_slice(&v), q->operation,
				sizeof(q->operation)))
			err = EBADMSG;
	} else if (err == 0 && slice_eq_str(name, "message")) {
		if (q->message.p != NULL) {
			err = EBADMSG;
		} else {
			q->message = v;
			return 0;
		}
	}
	bytes_free(&v);
	return err;
}

int scep_query_parse(struct scep_query *out, struct slice query)
{
	struct slice field;
	int err = 0;

	*out = (struct scep_query){ .operation = "" };
	if (query.n > SCEP_REQUEST_MAX)
		return EBADMSG;
	while (err == 0 && slice_cut(&query, '&', &field)) {
		size_t eq = slice_find(field, '=');

		err = take(
			out, slice_head(field, eq), slice_from(field, eq + 1));
	}
	if (err != 0)
		scep_query_free(out);
	return err;
}

void scep_query_free(struct scep_query *q)
{
	bytes_free(&q->message);
	*q = (struct scep_query){ .operation = "" };
}
