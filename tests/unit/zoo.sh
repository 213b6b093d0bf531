#!/bin/sh
# Certificates that GnuTLS does not make: zoo.sh DIRECTORY
set -eu
cd "$1"

# NAME SUBJECT "openssl req" options: a root
root() {
	name=$1 subject=$2
	shift 2
	openssl req -x509 -nodes -days 30 -subj "$subject" -keyout "$name.key" \
		-out "$name.pem" -addext basicConstraints=critical,CA:TRUE \
		-addext keyUsage=critical,keyCertSign,cRLSign "$@"
}

# NAME ROOT KEY-OPTIONS SIGN-OPTIONS EXTENSIONS: a leaf
leaf() {
	name=$1 by=$2 key=$3 sign=$4 more=$5
	# shellcheck disable=SC2086
	openssl req -new -nodes -subj "/CN=$name" -newkey $key \
		-keyout "$name.key" -out "$name.csr"
	printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n%b' \
		"$more" > "$name.ext"
	# shellcheck disable=SC2086
	openssl x509 -req -in "$name.csr" -CA "$by.pem" -CAkey "$by.key" \
		-days 20 -extfile "$name.ext" -out "$name.pem" $sign
}

ec="ec -pkeyopt ec_paramgen_curve:P-256"
root rsa-root "/CN=RSA root of OpenSSL" -newkey rsa:2048 -sha256
leaf md5 rsa-root "$ec" -md5 ""
leaf rsa512 rsa-root rsa:512 -sha256 ""
leaf e3 rsa-root "rsa:2048 -pkeyopt rsa_keygen_pubexp:3" -sha256 ""
leaf negative rsa-root "$ec" "-sha256 -set_serial -5" ""
leaf long-serial rsa-root "$ec" "-sha256 -set_serial 0x7f0102030405060708090a0b0c0d0e0f101112131415161718" ""
leaf pss rsa-root "$ec" "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest" ""
leaf pss-max rsa-root "$ec" "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max" ""
leaf critical rsa-root "$ec" -sha256 "1.2.3.4.5=critical,ASN1:UTF8String:x\n"
leaf unknown rsa-root "$ec" -sha256 "1.2.3.4.5=ASN1:UTF8String:x\n"
leaf p521 rsa-root "ec -pkeyopt ec_paramgen_curve:P-521" -sha512 ""
leaf k256 rsa-root "ec -pkeyopt ec_paramgen_curve:secp256k1" -sha256 ""
leaf idn rsa-root "$ec" -sha256 "subjectAltName=DNS:xn--mnchen-3ya.example\n"
