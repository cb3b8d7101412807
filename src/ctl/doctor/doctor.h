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
    struct config_origin origin; /* the workers' */
    bool program_found;          /* bearer.fcgi is there */
    struct keyset *held;         /* what workers have in the cache; NULL: no keys, or too old to be used */
    struct config *config;       /* NULL: it has errors, or has not been read yet */
    struct user user;            /* who we are while we look: the workers' user, if we know it */
    bool of_config; /* that user owns the configuration, and root was to look without being told as whom */
    bool offline;
    const char *url_text;    /* of the deployed endpoint; NULL: none was given */
    struct transfer_url url; /* likewise */
    char *credentials; /* of a good token for it; NULL: none was given. Goes there, and into no message */
};

/* The configuration as a worker reads it; sets doctor->config, which the caller releases. */
void doctor_config(struct doctor *doctor);

/* The cache directory and what is in it; sets doctor->held, which the caller releases. Needs a configuration, as does the next. */
void doctor_cache(struct doctor *doctor);

/* The keys, where they come from, beside those that are held. Writes nothing. */
void doctor_keys(struct doctor *doctor);

/* The deployed endpoint, asked from here. Needs a URL, and no configuration. */
void doctor_url(struct doctor *doctor);

#endif
