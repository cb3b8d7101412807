/* Why something could not be had from a server: what a remedy is chosen by (remedy.h). The message beside it says the particulars. */
#ifndef FB_CTL_FETCH_CAUSE_H
#define FB_CTL_FETCH_CAUSE_H

enum cause {
    CAUSE_OTHER = 0, /* nothing is known that would help */
    CAUSE_MEMORY,

    /* on the way there */
    CAUSE_HOST_UNKNOWN, /* its name has no address */
    CAUSE_PROXY_UNKNOWN,
    CAUSE_REFUSED,         /* nobody listens there, or who is between says so */
    CAUSE_UNREACHABLE,     /* no route, or not permitted */
    CAUSE_CONNECT_TIMEOUT, /* nobody said anything */
    CAUSE_PROXY_REFUSED,   /* the proxy lets nobody through to there */
    CAUSE_PROXY_CREDENTIALS,

    /* TLS */
    CAUSE_TLS,               /* it never came about */
    CAUSE_PROXY_TLS,         /* not even with the proxy */
    CAUSE_PROXY_CERTIFICATE, /* the proxy's: any flaw but the next */
    CAUSE_PROXY_AUTHORITY,   /* none that is trusted has signed it */
    CAUSE_CERTIFICATE,
    CAUSE_CERTIFICATE_AUTHORITY, /* none that is trusted has signed it */
    CAUSE_CERTIFICATE_EXPIRED,
    CAUSE_CERTIFICATE_EARLY, /* it is not valid yet */
    CAUSE_CERTIFICATE_HOST,  /* it is for another one */
    CAUSE_CA_FILE,           /* that cannot be used */
    CAUSE_NO_AUTHORITIES,    /* this machine has none */

    /* the answer */
    CAUSE_TIMEOUT, /* it did not come, or not all of it */
    CAUSE_ENDED,   /* the connection ended before it was whole, or it is no HTTP */
    CAUSE_TOO_LARGE,
    CAUSE_ENCODING, /* it is compressed in a way that is not undone here */
    CAUSE_REDIRECT,
    CAUSE_NOT_FOUND, /* any status of 400 to 499 but the next */
    CAUSE_CLOSED,    /* 401 or 403 */
    CAUSE_STATUS,    /* any other but the one that was wanted */
    CAUSE_NOT_JSON,
    CAUSE_ISSUER_SLASH, /* the metadata are those of an issuer whose name differs by the slash at its end */
    CAUSE_ISSUER,       /* the metadata are another issuer's */
    CAUSE_ISSUER_PLAIN, /* and nothing can be fetched by its name */
    CAUSE_ISSUER_NONE,  /* they name no issuer: they are none */
    CAUSE_METADATA_NOT_FOUND,
    CAUSE_METADATA_CLOSED, /* 401 or 403: not for everybody */
    CAUSE_JWKS_URI,        /* the metadata name no place to fetch keys from */

    CAUSE__MAX
};

#endif
