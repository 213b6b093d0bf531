/* The operator's shell: a prompt, "?" for help, tab for completion. */
#ifndef LINESIDE_SHELL_H
#define LINESIDE_SHELL_H

/* Until "exit" or the end of input. Exit code. */
int shell_run(const char *socket_path);

#endif
