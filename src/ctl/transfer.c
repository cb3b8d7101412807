#include "transfer.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "log.h"
#include "memory.h"
#include "safefile.h"

#define CONNECT_SECONDS 4L
#define TOTAL_SECONDS   10L
#define LOW_BYTES       100L /* per second, for LOW_SECONDS: a server that drips is given up */
#define LOW_SECONDS     5L

#define MIB ((size_t)1024 * 1024)

/* With all authorities of a Debian system libcurl and GnuTLS hold 8 MB; where they get no memory they crash (memory.h). */
#define MEMORY_FOR_FETCH (16L * 1024 * 1024)

/* One GET under way. */
struct get {
    const struct transfer_request *request;
    struct transfer *answer;
    CURL *curl;
    int ca_fd;     /* of request->ca_file, as it was checked; -1: none */
    size_t size;   /* of the memory of the body */
    bool too_long; /* there was more than body_max */
    char error[CURL_ERROR_SIZE];
};

static const char *shown(const struct transfer_request *request)
{
    return request->shown != NULL ? request->shown : request->url;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct get *get = context;
    struct transfer *answer = get->answer;
    size_t length = size * count; /* curl: at most CURL_MAX_WRITE_SIZE */
    size_t left = get->request->body_max - answer->length;
    get->too_long = length > left;
    if (get->too_long && !get->request->part) {
        return 0;
    }
    size_t taken = length > left ? left : length;
    if (answer->length + taken + 1 > get->size) {
        size_t wanted = (answer->length + taken + 1) * 2;
        char *grown = realloc(answer->body, wanted);
        if (grown == NULL) {
            get->too_long = false;
            return 0;
        }
        answer->body = grown;
        get->size = wanted;
    }
    memcpy(answer->body + answer->length, bytes, taken);
    answer->length += taken;
    answer->body[answer->length] = '\0';
    return taken;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    const struct get *get = context;
    if (get->request->header != NULL) {
        get->request->header(get->request->context, bytes, size * count);
    }
    return size * count;
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
    while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ' || end[-1] == '\t')) {
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

static bool set_options(struct get *get, struct curl_slist *headers)
{
    const struct transfer_request *request = get->request;
    CURL *curl = get->curl;
    CURLcode bad = CURLE_OK;
    bad |= curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, get->error);
    bad |= curl_easy_setopt(curl, CURLOPT_URL, request->url);
    bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, request->plain_too ? "http,https" : "https");
    bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    bad |= curl_easy_setopt(curl, CURLOPT_PROXY, request->proxy != NULL ? request->proxy : "");
    bad |= curl_easy_setopt(curl, CURLOPT_NOPROXY, ""); /* else $no_proxy decides */
    bad |= curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
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
    bad |= curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, request->as_is ? 1L : 0L);
    if (request->method != NULL) {
        bad |= curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
        bad |= curl_easy_setopt(curl, CURLOPT_NOBODY, strcmp(request->method, "HEAD") == 0 ? 1L : 0L);
    }
    if (request->plain_too) {
        bad |= curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    }
    if (!request->part) {
        bad |= curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->body_max);
    }
    return bad == CURLE_OK;
}

static void close_directory(DIR **directory)
{
    if (*directory != NULL) {
        closedir(*directory);
    }
}

/* Whether libcurl would find anything in this directory. */
static bool holds_certificates(const char *path)
{
    DIR *directory CLEANUP(close_directory) = opendir(path);
    const struct dirent *entry = NULL;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        struct stat st;
        const char *ending = strrchr(entry->d_name, '.');
        if (ending != NULL &&
            (strcmp(ending, ".pem") == 0 || strcmp(ending, ".crt") == 0 || strcmp(ending, ".0") == 0) &&
            fstatat(dirfd(directory), entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
            faccessat(dirfd(directory), entry->d_name, R_OK, 0) == 0) {
            return true;
        }
    }
    return false;
}

/* Where other systems than the one libcurl was built on keep the authorities. */
static const char *authorities_elsewhere(void)
{
    static const char *const files[] = {
        "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
        "/etc/pki/tls/certs/ca-bundle.crt",   /* Red Hat and its kin */
        "/etc/ssl/ca-bundle.pem",             /* SUSE */
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem", /* Alpine, the BSDs */
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct stat st;
        if (stat(files[i], &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
            access(files[i], R_OK) == 0) {
            return files[i];
        }
    }
    return NULL;
}

/* Opens the configured file, with the checks of a configuration: what passed them is what libcurl gets, by its descriptor and not by its name, which may stand for another file by
 * then. (CURLOPT_CAINFO_BLOB would do, but not over GnuTLS.) */
static bool open_configured(struct get *get, char *name, size_t size, struct diag *diag)
{
    const struct transfer_request *request = get->request;
    get->ca_fd = safe_open(request->ca_file, request->ca_owner, diag);
    (void)snprintf(name, size, "/proc/self/fd/%d", get->ca_fd);
    if (get->ca_fd >= 0 && access(name, R_OK) != 0) {
        diag_set(diag, "%s cannot be read here: is /proc mounted?", name);
        cleanup_fd(&get->ca_fd);
        get->ca_fd = -1;
    }
    if (get->ca_fd < 0) {
        get->answer->cause = CAUSE_CA_FILE;
        diag_wrap(diag, "%s: BEARER_CA_FILE", shown(request));
    }
    return get->ca_fd >= 0;
}

/* Whom to trust: the file that is configured and no other, else what libcurl was built with, else what another system has. */
static bool set_authorities(struct get *get, struct diag *diag)
{
    CURL *curl = get->curl;
    char configured[32];
    const char *wanted = get->request->ca_file != NULL ? configured : NULL;
    if (wanted != NULL && !open_configured(get, configured, sizeof configured, diag)) {
        return false;
    }
    if (wanted == NULL) {
        char *file = NULL;
        char *path = NULL;
        (void)curl_easy_getinfo(curl, CURLINFO_CAINFO, &file);
        (void)curl_easy_getinfo(curl, CURLINFO_CAPATH, &path);
        if ((file != NULL && access(file, R_OK) == 0) || (path != NULL && holds_certificates(path))) {
            return true;
        }
        wanted = authorities_elsewhere();
    }
    if (wanted == NULL) {
        get->answer->cause = CAUSE_NO_AUTHORITIES;
        diag_set(diag,
                 "%s: no authorities to trust were found on this machine: set BEARER_CA_FILE to a file of "
                 "their certificates in PEM",
                 shown(get->request));
        return false;
    }
    if (curl_easy_setopt(curl, CURLOPT_CAINFO, wanted) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) != CURLE_OK) { /* that one alone */
        diag_set(diag, "%s: libcurl could not be set up", shown(get->request));
        return false;
    }
    return true;
}

/* What is wrong with the server's certificate; NULL: libcurl itself says it. Only with GnuTLS below libcurl are the bits GnuTLS's. */
static const char *certificate_flaw(CURL *curl, enum cause *cause)
{
    static const struct {
        unsigned bit;
        enum cause cause;
        const char *text;
    } flaws[] = {
        {GNUTLS_CERT_EXPIRED, CAUSE_CERTIFICATE_EXPIRED, "it has expired"},
        {GNUTLS_CERT_NOT_ACTIVATED, CAUSE_CERTIFICATE_EARLY, "it is not valid yet"},
        {GNUTLS_CERT_REVOKED, CAUSE_CERTIFICATE, "it has been revoked"},
        {GNUTLS_CERT_INSECURE_ALGORITHM, CAUSE_CERTIFICATE,
         "it is signed by an algorithm that is not secure"},
        {GNUTLS_CERT_SIGNER_NOT_FOUND, CAUSE_CERTIFICATE_AUTHORITY,
         "no authority that is trusted here has signed it"},
        {GNUTLS_CERT_SIGNER_NOT_CA, CAUSE_CERTIFICATE_AUTHORITY, "what has signed it is no authority"},
        {GNUTLS_CERT_SIGNATURE_FAILURE, CAUSE_CERTIFICATE, "its signature is wrong"},
        {GNUTLS_CERT_PURPOSE_MISMATCH, CAUSE_CERTIFICATE, "it is not for servers"},
    };
    long status = 0;
    const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;
    *cause = CAUSE_CERTIFICATE;
    if (library == NULL || strncmp(library, "GnuTLS/", 7) != 0 ||
        curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &status) != CURLE_OK) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof flaws / sizeof flaws[0]; i++) {
        if (((unsigned long)status & flaws[i].bit) != 0) {
            *cause = flaws[i].cause;
            return flaws[i].text;
        }
    }
    *cause =
        status == 0 ? CAUSE_CERTIFICATE_HOST : CAUSE_CERTIFICATE; /* the one thing libcurl looks at itself */
    return NULL;
}

/* Why nobody is connected. */
static enum cause connect_cause(CURL *curl)
{
    long number = 0;
    (void)curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number);
    return number == ECONNREFUSED ? CAUSE_REFUSED : CAUSE_UNREACHABLE;
}

/* Where the time went: libcurl counts a connection by TLS from when that is there too, its port from the beginning. */
static enum cause timeout_cause(CURL *curl)
{
    curl_off_t connected = 0;
    long port = 0;
    (void)curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME_T, &connected);
    (void)curl_easy_getinfo(curl, CURLINFO_LOCAL_PORT, &port);
    return connected > 0 ? CAUSE_TIMEOUT : port > 0 ? CAUSE_TLS : CAUSE_CONNECT_TIMEOUT;
}

static enum cause cause_of(CURL *curl, CURLcode code)
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
    long status = 0;
    (void)curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &status);
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

/* True if there is an answer. */
static bool judge(struct get *get, CURLcode code, struct diag *diag)
{
    const char *url = shown(get->request);
    enum cause *cause = &get->answer->cause;
    if (code == CURLE_OK || (get->too_long && get->request->part)) {
        (void)curl_easy_getinfo(get->curl, CURLINFO_RESPONSE_CODE, &get->answer->status);
        return true;
    }
    if (get->too_long || code == CURLE_FILESIZE_EXCEEDED) {
        *cause = CAUSE_TOO_LARGE;
        diag_set(diag, "%s: the answer is larger than %zu MiB", url, get->request->body_max / MIB);
        return false;
    }
    *cause = cause_of(get->curl, code);
    if (*cause == CAUSE_CA_FILE && get->request->ca_file != NULL) { /* libcurl would name a descriptor */
        diag_set(diag, "%s: no certificates can be read from BEARER_CA_FILE, %s", url, get->request->ca_file);
        return false;
    }
    const char *flaw = code == CURLE_PEER_FAILED_VERIFICATION ? certificate_flaw(get->curl, cause) : NULL;
    if (flaw != NULL) {
        diag_set(diag, "%s: the server's certificate is refused: %s", url, flaw);
        return false;
    }
    if (code == CURLE_OUT_OF_MEMORY) {
        diag_set(diag, "%s: out of memory, or the answer has a header line of more than 100 KiB", url);
        return false;
    }
    char escaped[CURL_ERROR_SIZE]; /* the peer's certificate may be quoted in it */
    diag_set(diag, "%s: %s", url,
             get->error[0] != '\0' ? log_escape(escaped, sizeof escaped, get->error, strlen(get->error))
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
    if (!memory_left(MEMORY_FOR_FETCH)) {
        transfer->cause = CAUSE_MEMORY;
        diag_set(diag, "%s: less than 16 MiB of memory are left for the fetch", shown(request));
        return false;
    }
    const bool started CLEANUP(end_curl) = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    if (!started) {
        diag_set(diag, "libcurl could not be initialized");
        return false;
    }
    struct curl_slist *headers CLEANUP(free_headers) = NULL;
    CURL *curl CLEANUP(free_curl) = curl_easy_init();
    struct get get CLEANUP(free_get) = {.request = request, .answer = transfer, .curl = curl, .ca_fd = -1};
    if (curl == NULL || !add_headers(&headers, request->headers) || !set_options(&get, headers)) {
        diag_set(diag, "%s: libcurl could not be set up", shown(request));
        return false;
    }
    return set_authorities(&get, diag) && judge(&get, curl_easy_perform(curl), diag);
}

void transfer_clear(struct transfer *transfer)
{
    free(transfer->body);
    transfer->body = NULL;
    transfer->length = 0;
}

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
