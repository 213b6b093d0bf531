/* What the rest of certs/ asks of a trustpoint. */
#ifndef LINESIDE_CERTS_TRUSTPOINT_INT_H
#define LINESIDE_CERTS_TRUSTPOINT_INT_H

#include "certs/trustpoint.h"

enum { TRUSTPOINT_ID = 32 };

/* The same for equal trustpoints, different for others. */
const uint8_t *trustpoint_id(const struct trustpoint *t);

#endif
