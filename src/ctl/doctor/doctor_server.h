/* SPDX-License-Identifier: MIT */
/* doctor: which web server answers, and what is to be written into its configuration. */
#ifndef FB_CTL_DOCTOR_DOCTOR_SERVER_H
#define FB_CTL_DOCTOR_DOCTOR_SERVER_H

#include "ctl/doctor/probe.h"

enum server {
    SERVER_UNKNOWN = 0,
    SERVER_APACHE,
    SERVER_CADDY,
    SERVER_HAPROXY,
    SERVER_LIGHTTPD,
    SERVER_NGINX,
    SERVER__MAX
};

/* By what its answer says: the field Server, or for HAProxy, which sends none, that field names are
 * in small letters. */
enum server server_of(const struct probe_answer *answer);

struct server_lines {
    const char *name;
    /* what makes the header arrive */
    const char *authorization;
    /* what lets long tokens through */
    const char *limit;
    /* what leaves denials as they are */
    const char *denials;
    /* what opens a way around a guard */
    const char *doors;
    /* what lets it keep answers for others */
    const char *cache;
    /* what says where workers are, and how they are started */
    const char *workers;
};

/* Never NULL, nor is any of its texts: parts of a sentence, printable ASCII. */
const struct server_lines *server_lines(enum server server);

#endif
