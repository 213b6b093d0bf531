/*
 * Files and sockets that this process has open, of those that it may have
 * (RLIMIT_NOFILE). Any thread.
 */
#ifndef LINESIDE_BASE_OPEN_FILES_H
#define LINESIDE_BASE_OPEN_FILES_H

#include <stdbool.h>

enum { /* what they are for, about */
	FILES_BESIDE = 200, /* listeners, files, threads' own */
	FILES_OF_CALL = 4, /* RTP and RTCP of both legs */
};

struct open_files {
	unsigned used, limit;
};

/* `used` leaves out what is open above a gap in the numbers: gaps are filled
 * first, so that near the limit it is exact. */
void open_files_count(struct open_files *out);
unsigned open_files_percent(void); /* used, of the limit */
/* That number was given to a file that was just opened: are so many in use that
 * what can be done without had better be? By the limit that open_files_count()
 * found last: asking for each socket would be a system call. */
bool open_files_few(int fd);
/* The same for another part of the limit, in per cent. */
bool open_files_beyond(int fd, unsigned percent);

#endif
