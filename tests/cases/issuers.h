/* SPDX-License-Identifier: MIT */
/* What the rows of issuers.def are made of: two issuers, whose keys have the same kid. */
#ifndef CASES_ISSUERS_H
#define CASES_ISSUERS_H

#define ONE                  "https://one.test/"
#define TWO                  "https://two.test/"
#define BODY(iss, aud, more) "{\"iss\":" iss ",\"aud\":\"" aud "\",\"exp\":4102444800" more "}"

/* Signed by the key of one or of two, both of which are called k, or of nobody. */
enum signer { BY_ONE, BY_TWO, BY_NOBODY, SIGNERS };

#endif
