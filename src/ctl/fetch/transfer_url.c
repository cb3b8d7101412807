/* SPDX-License-Identifier: MIT */
/* What a URL is before anything is asked. */
#include "ctl/fetch/transfer_internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

static void free_url(CURLU **url)
{
    curl_url_cleanup(*url);
}

static void free_part(char **part)
{
    curl_free(*part);
}

/* As libcurl writes hosts: numbers in the usual form, IPv6 in brackets. */
static bool is_loopback(const char *host)
{
    struct in_addr address;
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127);
}

const char *transfer_url(const char *text, struct transfer_url *url)
{
    CURLU *parts CLEANUP(free_url) = curl_url();
    char *scheme CLEANUP(free_part) = NULL;
    char *host CLEANUP(free_part) = NULL;
    char *whole CLEANUP(free_part) = NULL;
    *url = (struct transfer_url){0};
    CURLUcode code = curl_url_set(parts, CURLUPART_URL, text, CURLU_DISALLOW_USER);
    if (code == CURLUE_USER_NOT_ALLOWED) {
        return "holds a user name; write it without: doctor sends none";
    }
    if (code != CURLUE_OK || curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)) {
        return "is not a URL to ask; write http://HOST/PATH or https://HOST/PATH";
    }
    url->https = strcmp(scheme, "https") == 0;
    url->loopback = is_loopback(host);
    if (curl_url_set(parts, CURLUPART_QUERY, NULL, 0) == CURLUE_OK &&
        curl_url_set(parts, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_URL, &whole, 0) == CURLUE_OK) {
        url->shown = strdup(whole);
    }
    return url->shown != NULL ? NULL : "could not be read, as memory ran out";
}

void transfer_url_clear(struct transfer_url *url)
{
    free(url->shown);
    url->shown = NULL;
}

const char *transfer_shown(const struct transfer_request *request)
{
    return request->shown != NULL ? request->shown : request->url;
}
