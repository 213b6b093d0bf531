/*
 * `lineside pki …`: trustpoints' keys and certificates in the state directory.
 * Works with and without a running daemon: it writes under a lock, then asks
 * the daemon to load what is new.
 */
#ifndef LINESIDE_PKI_H
#define LINESIDE_PKI_H

/* words[0] is "pki"; `file` NULL: the usual configuration. Exit code. */
int pki_command(int n, char **words, const char *file, const char *socket_path);

#endif
