/* SPDX-License-Identifier: MIT */
/* What settings mean together: what one stands for where another is not given, and what does not go
 * together. */
#ifndef FB_CONFIG_CONFIG_CROSS_H
#define FB_CONFIG_CONFIG_CROSS_H

struct config_build;

/* Completes a configuration whose values were taken one by one: the issuer and where its keys are,
 * the key cache's directory; and says what is missing or contradicts. */
void config_cross_check(struct config_build *build);

#endif
