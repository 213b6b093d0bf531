/* What both programs do without a daemon. Exit codes. */
#ifndef LINESIDE_OFFLINE_H
#define LINESIDE_OFFLINE_H

/* Every error of a configuration on standard error. */
int offline_check(const char *file);
/* What may follow the last line ("session ?") below the lines before it. */
int offline_syntax(int n, char *const *lines);
/* "configuration" (NULL), "messages", "counters": as Markdown. */
int offline_manual(const char *which);

#endif
