/*
 * What a phone asks for by a name: the one place that understands names from
 * outside. No name opens a path here or anywhere: it becomes a kind, a device
 * and a canonical text to look up or to ask the call manager for.
 */
#ifndef LINESIDE_PHONEPROXY_FILENAME_H
#define LINESIDE_PHONEPROXY_FILENAME_H

#include "base/slice.h"

enum file_kind {
	FILE_CTL, /* of a device, or "CTLFile.tlv" for all */
	FILE_ITL, /* likewise */
	FILE_CONFIG, /* SEP<mac>.cnf.xml */
	FILE_DEFAULT_CONFIG, /* XMLDefault.cnf.xml */
	FILE_OTHER, /* ring lists, tones, locales, firmware … */
};

enum file_form {
	FORM_PLAIN,
	FORM_SIGNED, /* .sgn */
	FORM_ENCRYPTED, /* .enc.sgn, of configurations only */
};

enum { FILE_TEXT_MAX = 255, FILE_DEVICE_TEXT = 16 };

struct file_name {
	enum file_kind kind;
	enum file_form form;
	char device[FILE_DEVICE_TEXT]; /* "SEP001122334455", or empty */
	/* Without .sgn or .enc.sgn: what the call manager's server has. */
	char base[FILE_TEXT_MAX + 1];
	/* As asked for, with folder, for the header of signed files. */
	char asked[FILE_TEXT_MAX + 1];
};

/*
 * A name from TFTP, or the path of an HTTP target after its first '/'. False:
 * too long, odd characters, a folder that is no name, or a configuration or
 * trust list of a form that no phone of ours asks for: to be answered like a
 * file that is not there. Case of letters does not matter where the meaning is
 * known; devices come out in upper case.
 */
bool file_name_parse(struct file_name *out, struct slice name);

/* The path of an HTTP request target ("/CTLSEP…"), %xx decoded, into `out`;
 * false when there is a query, or what cannot be decoded. */
bool file_name_from_target(struct file_name *out, struct slice target);

#endif
