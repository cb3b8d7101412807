/* SPDX-License-Identifier: MIT */
/* Records from a web server that misbehaves, to a worker on a Unix socket, in a thread of this
 * process. One a line:
 *
 *     B1k        begin a request, role 1 (2: authorizer), k: keep the connection      A     abort it
 *     PNAME=v    add a param (@T and so on as in site.h)                              L3,9,text  add one with these lengths, right or not
 *     W  w       send the params added; end of them                                   Itext  i  send STDIN; end of it
 *     Dtext      DATA
 *     @2  +7  S5  V2   from here on: this request id; padding; records of so many octets; version
 *     C12        leave out the last 12 octets of it all
 *
 * What libfcgi 2.4.2 itself does not survive is left out: lengths of more than 15 bits, so a param
 * has no octet of more than 7; and management records, for GET_VALUES overruns its stack and every
 * other type loses it 48 octets of memory. What must hold: the worker answers with records, one
 * well-formed answer for each request that it ends, claims only for params that were sent to their
 * end with the good token; and then takes the next connection. */
#include "site.h"

#include <fastcgi.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "fcgi/worker.h"

#define STREAM_MAX 65536
#define LINES_MAX  60 /* so many answers have room */

static struct sockaddr_un address = {.sun_family = AF_UNIX};

/* No length has an octet of 8 bits: wherever a reader that was led astray begins to read, it finds
 * none that is too large. */
static size_t fenced(size_t length)
{
    return length & 0x7f7f;
}

static void *work(void *context)
{
    (void)context;
    const struct service service = {.answer = app_answer, .context = &site, .log = &site.guard.log};
    must_hold(worker_fastcgi(&service) != 0, "it does not end");
    return NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    pthread_t thread;
    (void)argc;
    (void)argv;
    site_make();
    must_hold(fenced(strlen("Bearer ") + strlen(good)) == strlen("Bearer ") + strlen(good),
              "credentials of a length that can be sent");
    snprintf(address.sun_path, sizeof address.sun_path, "%s", at("worker"));
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must_hold(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
                  listen(listener, 16) == 0 && dup2(listener, STDIN_FILENO) == STDIN_FILENO,
              "a socket to listen on");
    close(listener);
    must_hold(pthread_create(&thread, NULL, work, NULL) == 0, "a worker");
    return 0;
}

/* ---- What is sent ---- */

struct stream {
    unsigned char bytes[STREAM_MAX];
    size_t length;
    /* added, not yet sent */
    unsigned char params[STREAM_MAX];
    size_t pending;
    size_t id, padding, piece, version, cut;
    /* where params end */
    size_t ends[LINES_MAX];
    size_t ends_count;
};

static void record(struct stream *stream, unsigned char type, size_t id, const void *content,
                   size_t length)
{
    const unsigned char header[8] = {(unsigned char)stream->version, type,
                                     (unsigned char)(id >> 8),       (unsigned char)id,
                                     (unsigned char)(length >> 8),   (unsigned char)length,
                                     (unsigned char)stream->padding};
    if (sizeof header + length + stream->padding > STREAM_MAX - stream->length) {
        return;
    }
    unsigned char *to = stream->bytes + stream->length;
    memcpy(to, header, sizeof header);
    memcpy(to + sizeof header, content, length);
    memset(to + sizeof header + length, 0xff, stream->padding);
    stream->length += sizeof header + length + stream->padding;
}

static void records(struct stream *stream, unsigned char type, const unsigned char *content,
                    size_t length)
{
    for (size_t sent = 0; sent < length;) {
        size_t part = length - sent < stream->piece ? length - sent : stream->piece;
        record(stream, type, stream->id, content + sent, part);
        sent += part;
    }
}

static size_t number(struct piece *rest, size_t max)
{
    size_t value = 0;
    while (rest->length > 0 && *rest->text >= '0' && *rest->text <= '9') {
        value = value < 100000 ? value * 10 + (size_t)(*rest->text - '0') : value;
        rest->text++;
        rest->length--;
    }
    return value < max ? value : max;
}

static size_t put_length(unsigned char *to, size_t length)
{
    if (length < 0x80) {
        to[0] = (unsigned char)length;
        return 1;
    }
    to[0] = 0x80;
    to[1] = 0;
    to[2] = (unsigned char)(length >> 8);
    to[3] = (unsigned char)length;
    return 4;
}

static void add_param(struct stream *stream, size_t name_length, size_t value_length,
                      const char *text, size_t length)
{
    if (length + 8 > STREAM_MAX - stream->pending) {
        return;
    }
    unsigned char *to = stream->params + stream->pending;
    to += put_length(to, name_length);
    to += put_length(to, value_length);
    for (size_t i = 0; i < length; i++) {
        *to++ = text[i] & 0x7f;
    }
    stream->pending = (size_t)(to - stream->params);
}

static void add_named(struct stream *stream, struct piece text)
{
    char *param = expanded(text);
    char *equals = strchr(param, '=');
    size_t name_length = equals != NULL ? fenced((size_t)(equals - param)) : 0;
    if (equals != NULL && name_length == (size_t)(equals - param)) {
        size_t value_length = fenced(strlen(equals + 1)); /* it may be cut */
        memmove(equals, equals + 1, strlen(equals));
        add_param(stream, name_length, value_length, param, name_length + value_length);
    }
    free(param);
}

static void add_lying(struct stream *stream, struct piece rest)
{
    size_t name_length = fenced(number(&rest, 0x7fff));
    take_until(&rest, ',');
    size_t value_length = fenced(number(&rest, 0x7fff));
    take_until(&rest, ',');
    add_param(stream, name_length, value_length, rest.text, rest.length);
}

static void begin(struct stream *stream, struct piece rest)
{
    unsigned char body[8] = {0, 1};
    body[1] = (unsigned char)number(&rest, 255);
    body[2] = rest.length > 0 && *rest.text == 'k' ? FCGI_KEEP_CONN : 0;
    record(stream, FCGI_BEGIN_REQUEST, stream->id, body, sizeof body);
}

/* What holds from here on. */
static void setting(struct stream *stream, char what, struct piece rest)
{
    switch (what) {
    case '@':
        stream->id = number(&rest, 65535);
        stream->id += stream->id == FCGI_NULL_REQUEST_ID ? 1 : 0;
        break;
    case '+':
        stream->padding = number(&rest, 255);
        break;
    case 'S':
        stream->piece = number(&rest, 32000);
        stream->piece += stream->piece == 0 ? 1 : 0;
        break;
    case 'V':
        stream->version = number(&rest, 255);
        break;
    case 'C':
        stream->cut = number(&rest, STREAM_MAX);
        break;
    default:
        break;
    }
}

static void line(struct stream *stream, struct piece rest)
{
    char what = *rest.text++;
    rest.length--;
    const unsigned char *text = (const unsigned char *)rest.text;
    switch (what) {
    case 'B':
        begin(stream, rest);
        break;
    case 'P':
        add_named(stream, rest);
        break;
    case 'L':
        add_lying(stream, rest);
        break;
    case 'W':
        records(stream, FCGI_PARAMS, stream->params, stream->pending);
        stream->pending = 0;
        break;
    case 'w':
        record(stream, FCGI_PARAMS, stream->id, "", 0);
        stream->ends[stream->ends_count++] = stream->length;
        break;
    case 'I':
        records(stream, FCGI_STDIN, text, rest.length);
        break;
    case 'i':
        record(stream, FCGI_STDIN, stream->id, "", 0);
        break;
    case 'D':
        records(stream, FCGI_DATA, text, rest.length);
        break;
    case 'A':
        record(stream, FCGI_ABORT_REQUEST, stream->id, "", 0);
        break;
    default:
        setting(stream, what, rest);
    }
}

/* ---- What comes back ---- */

struct reply {
    /* STDOUT of the request that is being answered */
    char out[STREAM_MAX];
    size_t length;
    /* how often they may be sent: as often as params with the good token can have come to their
     * end */
    size_t claims;
};

static void ended(struct reply *reply)
{
    if (reply->length > 0) {
        struct answer answer = read_answer(reply->out, reply->length);
        must_hold(!is_private(&answer) || reply->claims > 0,
                  "claims only for the good token, sent whole");
        reply->claims -= is_private(&answer) ? 1 : 0;
    }
    reply->length = 0;
}

static void check_record(struct reply *reply, const unsigned char *header, const char *content,
                         size_t length)
{
    must_hold(header[0] == FCGI_VERSION_1, "a version");
    switch (header[1]) {
    case FCGI_STDOUT:
        must_hold(length < sizeof reply->out - reply->length, "answers are short");
        memcpy(reply->out + reply->length, content, length);
        reply->length += length;
        break;
    case FCGI_STDERR:
        collect(&logged, content, length);
        break;
    case FCGI_END_REQUEST:
        must_hold(length == 8, "the end of a request");
        if (content[4] == FCGI_REQUEST_COMPLETE) {
            ended(reply);
        }
        break;
    default:
        must_hold(header[1] == FCGI_UNKNOWN_TYPE, "a record that a worker sends: %d", header[1]);
    }
}

static void check_reply(const struct gathered *received, size_t claims)
{
    static struct reply reply;
    reply.length = 0;
    reply.claims = claims;
    logged.length = 0;
    for (size_t at_octet = 0; at_octet < received->length;) {
        const unsigned char *header = (const unsigned char *)received->bytes + at_octet;
        must_hold(received->length - at_octet >= 8, "a whole header");
        size_t length = (size_t)header[4] << 8 | header[5];
        must_hold(received->length - at_octet >= 8 + length + header[6], "a whole record");
        check_record(&reply, header, received->bytes + at_octet + 8, length);
        at_octet += 8 + length + header[6];
    }
    must_hold(reply.length == 0, "an answer is ended");
    check_log();
}

static void exchange(const struct stream *stream, size_t length, struct gathered *received)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must_hold(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0,
              "the worker is there");
    received->length = 0;
    /* A worker that has enough may close before all is sent. */
    ssize_t sent = send(fd, stream->bytes, length, MSG_NOSIGNAL);
    must_hold(sent == (ssize_t)length || sent < 0, "sent");
    shutdown(fd, SHUT_WR);
    for (;;) {
        ssize_t n = recv(fd, received->bytes + received->length,
                         sizeof received->bytes - received->length, 0);
        if (n <= 0) {
            break;
        }
        received->length += (size_t)n;
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct stream stream;
    struct piece rest = {(const char *)data, size};
    stream.length = 0;
    stream.pending = 0;
    stream.id = 1;
    stream.padding = 0;
    stream.piece = 32000;
    stream.version = FCGI_VERSION_1;
    stream.cut = 0;
    stream.ends_count = 0;
    for (unsigned i = 0; rest.length > 0 && i < LINES_MAX; i++) {
        struct piece one = take_until(&rest, '\n');
        if (one.length > 0) {
            line(&stream, one);
        }
    }
    size_t length = stream.length - (stream.cut < stream.length ? stream.cut : stream.length);
    size_t claims = 0;
    while (claims < stream.ends_count && stream.ends[claims] <= length) {
        claims++;
    }
    exchange(&stream, length, &answered);
    check_reply(&answered, memmem(data, size, "@T", 2) != NULL ? claims : 0);
    return 0;
}
