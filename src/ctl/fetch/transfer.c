/* SPDX-License-Identifier: MIT */
#include "ctl/fetch/transfer_internal.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/log.h"

#define CONNECT_SECONDS 4L
#define TOTAL_SECONDS   10L
#define LOW_BYTES       100L /* per second, for LOW_SECONDS: a server that drips is given up */
#define LOW_SECONDS     5L

#define MIB ((size_t)1024 * 1024)

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct get *get = context;
    struct transfer *answer = get->answer;
    size_t length = size * count; /* curl: at most CURL_MAX_WRITE_SIZE */
    size_t left = get->request->body_max - answer->body.length;
    get->too_long = length > left;
    if (get->too_long && !get->request->part) {
        return 0;
    }
    size_t taken = length > left ? left : length;
    text_put(&answer->body, bytes, taken);
    if (answer->body.failed) {
        get->too_long = false;
        return 0;
    }
    return taken;
}

/* The octets that come before they are decoded: many of them may come to nothing, without an
 * end. */
static int watch_length(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                        curl_off_t up)
{
    struct get *get = context;
    const struct transfer_request *request = get->request;
    size_t max = request->part && request->body_max < MIB ? MIB : request->body_max;
    (void)total;
    (void)up_total;
    (void)up;
    if (now > (curl_off_t)max) {
        get->too_long = true;
    }
    return now > (curl_off_t)max ? 1 : 0;
}

/* Whether the field has a value, be it one that transfer_field() does not give. */
static bool has_value(const char *line, size_t length)
{
    const char *end = line + length;
    const char *colon = memchr(line, ':', length);
    const char *at = colon != NULL ? colon + 1 : end;
    while (at < end && strchr(" \t\r\n", *at) != NULL) {
        at++;
    }
    return at < end;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    struct get *get = context;
    size_t length = size * count;
    char value[128];
    if (length > 5 && memcmp(bytes, "HTTP/", 5) == 0) { /* what came before was an interim answer */
        get->coded = false;
        get->undecoded = false;
        get->coding[0] = '\0';
    } else if (transfer_field(bytes, length, "Content-Encoding", value, sizeof value) ||
               transfer_field(bytes, length, "Transfer-Encoding", value, sizeof value)) {
        transfer_take_codings(get, value[0] == '\0' && has_value(bytes, length) ? "?" : value);
    }
    if (get->request->header != NULL) {
        get->request->header(get->request->context, bytes, length);
    }
    bool head_ends = length <= 2;
    return head_ends && get->undecoded ? 0 : length;
}

bool transfer_field(const char *line, size_t length, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    if (length <= n || line[n] != ':' || strncasecmp(line, name, n) != 0) {
        return false;
    }
    const char *value = line + n + 1;
    const char *end = line + length;
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    while (end > value &&
           (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    size_t used = (size_t)(end - value);
    bool good = used < size;
    for (size_t i = 0; good && i < used; i++) {
        good = value[i] >= 0x20 && value[i] <= 0x7e;
    }
    memcpy(out, value, good ? used : 0);
    out[good ? used : 0] = '\0';
    return true;
}

int64_t transfer_date(const char *text)
{
    return curl_getdate(text, NULL);
}

static bool add_headers(struct curl_slist **headers, const char *const *lines)
{
    for (; lines != NULL && *lines != NULL; lines++) {
        struct curl_slist *longer = curl_slist_append(*headers, *lines);
        if (longer == NULL) {
            return false;
        }
        *headers = longer;
    }
    return true;
}

static CURLcode set_protocol(struct get *get)
{
    const struct transfer_request *request = get->request;
    CURL *curl = get->curl;
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, request->as_is ? 1L : 0L);
    if (request->method != NULL) {
        bad |= curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
        bad |=
            curl_easy_setopt(curl, CURLOPT_NOBODY, strcmp(request->method, "HEAD") == 0 ? 1L : 0L);
    }
    bool in_tls = transfer_by_https_proxy(request);
    if (request->plain_too || in_tls) {
        bad |= curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    }
    /* Of records within one of the proxy's, libcurl leaves those behind a frame of HTTP/2 or a
     * ticket of TLS 1.3 until more comes */
    if (in_tls) {
        bad |= curl_easy_setopt(curl, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
        bad |= curl_easy_setopt(curl, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
        bad |= curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_MAX_TLSv1_2);
    }
    return bad;
}

static bool set_options(struct get *get, struct curl_slist *headers)
{
    const struct transfer_request *request = get->request;
    CURL *curl = get->curl;
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, get->error);
    bad |= curl_easy_setopt(curl, CURLOPT_URL, request->url);
    bad |=
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, request->plain_too ? "http,https" : "https");
    bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    bad |= curl_easy_setopt(curl, CURLOPT_PROXY, request->proxy != NULL ? request->proxy : "");
    bad |= curl_easy_setopt(curl, CURLOPT_NOPROXY, ""); /* else $no_proxy decides */
    bad |= curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    bad |= curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING,
                            "identity"); /* what comes is decoded then */
    bad |= curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    bad |= curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_length);
    bad |= curl_easy_setopt(curl, CURLOPT_XFERINFODATA, get);
    bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    bad |= curl_easy_setopt(curl, CURLOPT_TIMEOUT, TOTAL_SECONDS);
    bad |= curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, LOW_BYTES);
    bad |= curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, LOW_SECONDS);
    bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
    bad |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, get);
    bad |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    bad |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, get);
    bad |= set_protocol(get);
    if (!request->part) {
        bad |= curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->body_max);
    }
    return bad == CURLE_OK;
}

/* Why nobody is connected. */
static enum cause connect_cause(CURL *curl)
{
    long number = 0;
    (void)curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number);
    return number == ECONNREFUSED ? CAUSE_REFUSED : CAUSE_UNREACHABLE;
}

/* Where the time went: libcurl counts a connection by TLS from when that is there too, its port
 * from the beginning. */
static enum cause timeout_cause(CURL *curl)
{
    curl_off_t connected = 0;
    long port = 0;
    (void)curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME_T, &connected);
    (void)curl_easy_getinfo(curl, CURLINFO_LOCAL_PORT, &port);
    return connected > 0 ? CAUSE_TIMEOUT : port > 0 ? CAUSE_TLS : CAUSE_CONNECT_TIMEOUT;
}

static enum cause cause_of(const struct get *get, CURLcode code)
{
    static const struct {
        CURLcode code;
        enum cause cause;
    } rows[] = {
        {CURLE_COULDNT_RESOLVE_HOST, CAUSE_HOST_UNKNOWN},
        {CURLE_COULDNT_RESOLVE_PROXY, CAUSE_PROXY_UNKNOWN},
        {CURLE_PROXY, CAUSE_PROXY_REFUSED}, /* SOCKS */
        {CURLE_SSL_CONNECT_ERROR, CAUSE_TLS},
        {CURLE_SSL_CIPHER, CAUSE_TLS},
        {CURLE_PEER_FAILED_VERIFICATION, CAUSE_CERTIFICATE},
        {CURLE_SSL_CACERT_BADFILE, CAUSE_CA_FILE},
        {CURLE_UNSUPPORTED_PROTOCOL, CAUSE_ENDED}, /* HTTP/0.9 */
        {CURLE_WEIRD_SERVER_REPLY, CAUSE_ENDED},
        {CURLE_GOT_NOTHING, CAUSE_ENDED},
        {CURLE_PARTIAL_FILE, CAUSE_ENDED},
        {CURLE_SEND_ERROR, CAUSE_ENDED},
        {CURLE_RECV_ERROR, CAUSE_ENDED},
    };
    CURL *curl = get->curl;
    long status = 0;
    (void)curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &status);
    if ((code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CIPHER) && transfer_at_proxy(get)) {
        return CAUSE_PROXY_TLS;
    }
    if (status >= 300) {
        return status == 407 ? CAUSE_PROXY_CREDENTIALS : CAUSE_PROXY_REFUSED;
    }
    if (code == CURLE_COULDNT_CONNECT) {
        return connect_cause(curl);
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return timeout_cause(curl);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code) {
            return rows[i].cause;
        }
    }
    return CAUSE_OTHER;
}

/* What libcurl calls a header line of more than 100 KiB. */
#if LIBCURL_VERSION_NUM >= 0x080600
#define LINE_TOO_LONG CURLE_TOO_LARGE
#else
#define LINE_TOO_LONG CURLE_OUT_OF_MEMORY
#endif

/* True if there is an answer. */
static bool judge(struct get *get, CURLcode code, struct diag *diag)
{
    const char *url = transfer_shown(get->request);
    enum cause *cause = &get->answer->cause;
    bool cut = code == CURLE_OK && get->coded &&
               get->answer->body.bytes == NULL; /* before anything came out */
    if (get->undecoded || code == CURLE_BAD_CONTENT_ENCODING || cut) {
        return transfer_judge_coding(get, diag);
    }
    if (code == CURLE_OK || (get->too_long && get->request->part)) {
        (void)curl_easy_getinfo(get->curl, CURLINFO_RESPONSE_CODE, &get->answer->status);
        return true;
    }
    if (get->too_long || code == CURLE_FILESIZE_EXCEEDED) {
        *cause = CAUSE_TOO_LARGE;
        diag_set(diag, "%s: the answer is larger than %zu MiB", url, get->request->body_max / MIB);
        return false;
    }
    *cause = cause_of(get, code);
    if (*cause == CAUSE_CA_FILE &&
        get->request->ca_file != NULL) { /* libcurl would name a descriptor */
        diag_set(diag, "%s: no certificates can be read from BEARER_CA_FILE, %s", url,
                 get->request->ca_file);
        return false;
    }
    const char *flaw =
        code == CURLE_PEER_FAILED_VERIFICATION ? transfer_certificate_flaw(get, cause) : NULL;
    if (flaw != NULL) {
        diag_set(diag, "%s: the %s's certificate is refused: %s", url,
                 transfer_at_proxy(get) ? "proxy" : "server", flaw);
        return false;
    }
    if (code == LINE_TOO_LONG) {
        diag_set(diag, "%s: out of memory, or the answer has a header line of more than 100 KiB",
                 url);
        return false;
    }
    char escaped[CURL_ERROR_SIZE]; /* the peer's certificate may be quoted in it */
    diag_set(diag, "%s: %s", url,
             get->error[0] != '\0'
                 ? log_escape(escaped, sizeof escaped, get->error, strlen(get->error))
                 : curl_easy_strerror(code));
    return false;
}

static void free_get(struct get *get)
{
    cleanup_fd(&get->ca_fd);
}

static void free_headers(struct curl_slist **headers)
{
    curl_slist_free_all(*headers);
}

static void free_curl(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static void end_curl(const bool *started)
{
    if (*started) {
        curl_global_cleanup();
    }
}

bool transfer(const struct transfer_request *request, struct transfer *transfer, struct diag *diag)
{
    *transfer = (struct transfer){0};
    const bool started CLEANUP(end_curl) = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    if (!started) {
        diag_set(diag, "libcurl could not be initialized");
        return false;
    }
    /* $GNUTLS_DEBUG_LEVEL counts from before main(), and would have keys written down. */
    gnutls_global_set_log_level(0);
    struct curl_slist *headers CLEANUP(free_headers) = NULL;
    CURL *curl CLEANUP(free_curl) = curl_easy_init();
    struct get get CLEANUP(free_get) = {
        .request = request, .answer = transfer, .curl = curl, .ca_fd = -1};
    if (curl == NULL || !add_headers(&headers, request->headers) || !set_options(&get, headers)) {
        diag_set(diag, "%s: libcurl could not be set up", transfer_shown(request));
        return false;
    }
    return transfer_set_authorities(&get, diag) && judge(&get, curl_easy_perform(curl), diag);
}

void transfer_clear(struct transfer *transfer)
{
    text_clear(&transfer->body);
}
