/* SPDX-License-Identifier: MIT */
/* bearerctl doctor, in parts: each looks at one thing and says what it found. */
#ifndef FB_CTL_DOCTOR_DOCTOR_H
#define FB_CTL_DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "ctl/doctor/findings.h"
#include "ctl/fetch/transfer.h"
#include "ctl/users.h"

struct keyset;

struct doctor {
    struct findings findings;
    /* the workers' */
    struct config_origin origin;
    /* bearer.fcgi is there */
    bool program_found;
    /* what workers have in the cache; NULL: no keys, or too old to be used */
    struct keyset *held;
    /* all profiles; NULL: it has errors, or has not been read yet */
    struct config *all;
    /* the one of them that is looked at, `default` to begin with */
    const struct config *config;
    /* who we are while we look: the workers' user, if we know it */
    struct user user;
    /* that user owns the configuration, and root was to look without being told as whom */
    bool of_config;
    bool offline;
    /* of the deployed endpoint; NULL: none was given */
    const char *url_text;
    /* likewise */
    struct transfer_url url;
    /* of a good token for it; NULL: none was given. Goes there, and into no message */
    char *credentials;
};

/* The configuration as a worker reads it; sets doctor->all, which the caller releases, and says
 * what all profiles share. */
void doctor_config(struct doctor *doctor);

/* What the profile in doctor->config is: settings, issuer, requirement. */
void doctor_profile(struct doctor *doctor);

/* The cache directory and what is in it; sets doctor->held, which the caller releases. Needs a
 * configuration, as does the next: of a profile. */
void doctor_cache(struct doctor *doctor);

/* The keys, where they come from, beside those that are held. Writes nothing. */
void doctor_keys(struct doctor *doctor);

/* In doctor_issuer.c, for the former: whether the issuer's metadata name it, where its keys come
 * from elsewhere; and what they name for access tokens. */
struct keysource;
void doctor_issuer(struct doctor *doctor);
void doctor_token_issuer(struct doctor *doctor, const struct keysource *found);

/* The deployed endpoint, asked from here. Needs a URL, and no configuration. */
void doctor_url(struct doctor *doctor);

#endif
