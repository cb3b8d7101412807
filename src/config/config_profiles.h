/* SPDX-License-Identifier: MIT */
/* The profiles beside the first one: NAME.env of the directory BEARER_PROFILES. */
#ifndef FB_CONFIG_CONFIG_PROFILES_H
#define FB_CONFIG_CONFIG_PROFILES_H

struct config_build;

/* Reads them behind the `default` in `build`, whose values have been taken; its errors count with
 * its own. What a file does not say is the default's, but for what tells one issuer from another
 * (CONFIG_SCOPE_IDENTITY). */
void config_add_profiles(struct config_build *build);

#endif
