/*
 * lineside doctor: one pass over everything that must agree before phones and
 * trunks can work. It needs a configuration file and no daemon.
 */
#ifndef LINESIDE_DOCTOR_H
#define LINESIDE_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

struct doctor_params {
	const char *file; /* configuration */
	bool json;
	bool no_connect; /* looks at files only */
	const char *root; /* before the system's paths; NULL: none */
	unsigned days; /* certificates that end sooner are told; 0: 30 */
};

enum { DOCTOR_WELL, DOCTOR_WARNINGS, DOCTOR_ERRORS }; /* exit codes */

int doctor_run(const struct doctor_params *p, FILE *out);
/* "doctor [--no-connect] [--days N]": words after the first. */
int doctor_command(int n, char **words, const char *file, bool json);

#endif
