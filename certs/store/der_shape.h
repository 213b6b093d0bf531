/*
 * The shape of an object in DER, and in BER as streaming signers write it: how
 * long it is, what stands in it, what kind of file that makes it. Nothing is
 * decoded.
 */
#ifndef LINESIDE_CERTS_DER_SHAPE_H
#define LINESIDE_CERTS_DER_SHAPE_H

#include "base/slice.h"

enum { DER_INTEGER = 2, DER_OCTETS = 4, DER_OID = 6, DER_SEQUENCE = 0x30 };

/* Length of the element at the front, with its head; 0: none. One of
 * indefinite length goes on until as many are closed as were opened. */
size_t der_element(struct slice s, size_t *head);
/* The tag of the i-th element inside of a SEQUENCE, and its content; -1: there
 * is none. */
int der_inner(struct slice der, size_t i, struct slice *content);

/* Certificates and requests begin with two SEQUENCEs, these do not. */
bool der_is_pkcs12(struct slice der);
/* PKCS#8: 0, algorithm, octets; PKCS#1: 0 and numbers; SEC1: 1 and octets;
 * encrypted PKCS#8: algorithm, octets and nothing more. */
bool der_is_key(struct slice der);

#endif
