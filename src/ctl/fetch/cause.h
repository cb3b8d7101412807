/* SPDX-License-Identifier: MIT */
/* Why something could not be had from a server: what a remedy is chosen by (remedy.h). The message
 * beside it says the particulars. */
#ifndef FB_CTL_FETCH_CAUSE_H
#define FB_CTL_FETCH_CAUSE_H

enum cause {
    /* nothing is known that would help */
    CAUSE_OTHER = 0,
    CAUSE_MEMORY,

    /* on the way there */
    /* its name has no address */
    CAUSE_HOST_UNKNOWN,
    CAUSE_PROXY_UNKNOWN,
    /* nobody listens there, or who is between says so */
    CAUSE_REFUSED,
    /* no route, or not permitted */
    CAUSE_UNREACHABLE,
    /* nobody said anything */
    CAUSE_CONNECT_TIMEOUT,
    /* the proxy lets nobody through to there */
    CAUSE_PROXY_REFUSED,
    CAUSE_PROXY_CREDENTIALS,

    /* TLS */
    /* it never came about */
    CAUSE_TLS,
    /* not even with the proxy */
    CAUSE_PROXY_TLS,
    /* the proxy's: any flaw but the next */
    CAUSE_PROXY_CERTIFICATE,
    /* none that is trusted has signed it */
    CAUSE_PROXY_AUTHORITY,
    CAUSE_CERTIFICATE,
    /* none that is trusted has signed it */
    CAUSE_CERTIFICATE_AUTHORITY,
    CAUSE_CERTIFICATE_EXPIRED,
    /* it is not valid yet */
    CAUSE_CERTIFICATE_EARLY,
    /* it is for another one */
    CAUSE_CERTIFICATE_HOST,
    /* that cannot be used */
    CAUSE_CA_FILE,
    /* this machine has none */
    CAUSE_NO_AUTHORITIES,

    /* the answer */
    /* it did not come, or not all of it */
    CAUSE_TIMEOUT,
    /* the connection ended before it was whole, or it is no HTTP */
    CAUSE_ENDED,
    CAUSE_TOO_LARGE,
    /* it is compressed in a way that is not undone here */
    CAUSE_ENCODING,
    CAUSE_REDIRECT,
    /* any status of 400 to 499 but the next */
    CAUSE_NOT_FOUND,
    /* 401 or 403 */
    CAUSE_CLOSED,
    /* any other but the one that was wanted */
    CAUSE_STATUS,
    CAUSE_NOT_JSON,
    /* the metadata are those of an issuer whose name differs by the slash at its end */
    CAUSE_ISSUER_SLASH,
    /* the metadata are another issuer's */
    CAUSE_ISSUER,
    /* and nothing can be fetched by its name */
    CAUSE_ISSUER_PLAIN,
    /* they name no issuer: they are none */
    CAUSE_ISSUER_NONE,
    CAUSE_METADATA_NOT_FOUND,
    /* 401 or 403: not for everybody */
    CAUSE_METADATA_CLOSED,
    /* the metadata name no place to fetch keys from */
    CAUSE_JWKS_URI,

    CAUSE__MAX
};

#endif
