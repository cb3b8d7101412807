/* SPDX-License-Identifier: MIT */
/* Of hostile-mint: its directory, and what is in it besides requests and their table. */
#ifndef HOSTILE_MINT_H
#define HOSTILE_MINT_H

#include <stdio.h>

#include "cases.h"

/* A file of the directory; closed() ends the program if it could not be written. */
FILE *open_in(const char *name, const char *mode);
void closed(FILE *file);

/* Before the first family, at the beginning of each, and after the last. */
void emit_begin(const char *narrow_url, const char *wide_url, const char *profiles_url);
/* The token that is good at this site, which it keeps, in the place of the world's; before its rows. */
void emit_good(const char *site, char *token, const char *claims);
void emit_family(const char *name);
void emit_end(void);

#endif
