/* What the files of media.h share; call logic knows nothing of it. */
#ifndef LINESIDE_MEDIA_MEDIA_INT_H
#define LINESIDE_MEDIA_MEDIA_INT_H

#include "media/media.h"
#include "media/worker.h"

/* The worker's, from the call's first message on. */
struct bridge *mcall_bridge(struct mcall *mc);
struct worker *mcall_worker(const struct mcall *mc);
bool mcall_is_closed(const struct mcall *mc);

#endif
