/* SPDX-License-Identifier: MIT */
/* The name of an issuer: what it may be, and what makes of it a place to ask. */
#ifndef FB_CONFIG_CONFIG_ISSUER_H
#define FB_CONFIG_CONFIG_ISSUER_H

#include <stdbool.h>

#define CONFIG_ISSUER_MAX 512 /* characters */

struct config_build;

/* What keeps a text from being an issuer's name, which is compared and nothing else: 1 to
 * CONFIG_ISSUER_MAX characters of UTF-8 that a person sees, no space among them. NULL: nothing. A
 * constant. */
const char *config_issuer_fault(const char *text);

/* Whether all of it is UTF-8 that a person sees, without a space. */
bool config_is_visible(const char *text);

/* The issuer, of the domain where none is given; says what is wrong with it. `only_compared`: its
 * keys are found without its name, so that it need not be an https:// URL. */
void config_find_issuer(struct config_build *build, bool only_compared);

#endif
