/* SPDX-License-Identifier: MIT */
#include "guard/denials.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define SECOND_MS 1000

#define PLACES (sizeof((struct denials *)NULL)->places / sizeof(struct denials_place))

/* A sum that tells texts apart (FNV-1a); who could choose them gains nothing but silence about
 * itself. */
static uint64_t sum_of(uint64_t sum, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        sum = (sum ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    }
    return sum;
}

#define SUM_BEGIN UINT64_C(0xcbf29ce484222325)

static struct denials_who who_is(enum bearer_code code, const char *client)
{
    struct denials_who who = {.code = code};
    const size_t length = strcspn(client, " \t%");
    char text[INET6_ADDRSTRLEN];
    struct in6_addr six;
    struct in_addr four;
    (void)snprintf(text, sizeof text, "%.*s", (int)(length < sizeof text ? length : 0), client);
    if (inet_pton(AF_INET, text, &four) == 1) {
        who.family = 4;
        memcpy(who.net, &four, sizeof four);
    } else if (inet_pton(AF_INET6, text, &six) == 1 && IN6_IS_ADDR_V4MAPPED(&six)) {
        who.family = 4;
        memcpy(who.net, six.s6_addr + 12, 4);
    } else if (inet_pton(AF_INET6, text, &six) == 1) {
        who.family = 6;
        memcpy(who.net, six.s6_addr, sizeof who.net);
    } else {
        const uint64_t sum = sum_of(SUM_BEGIN, client, length);
        memcpy(who.net, &sum, sizeof who.net);
    }
    return who;
}

static bool same(const struct denials_who *a, const struct denials_who *b)
{
    return a->code == b->code && a->family == b->family &&
           memcmp(a->net, b->net, sizeof a->net) == 0;
}

static bool is_over(const struct denials_place *place, int64_t now)
{
    return place->lines == 0 || now - place->since >= SECOND_MS || now < place->since;
}

/* Whose second is under way, or begins now: their own place, or the one that is shared. */
static struct denials_place *place_of(struct denials *denials, const struct denials_who *who,
                                      int64_t now)
{
    struct denials_place *place = NULL;
    for (size_t i = 0; i < PLACES - 1; i++) {
        struct denials_place *at = &denials->places[i];
        const bool over = is_over(at, now);
        if (!over && same(&at->who, who)) {
            return at;
        }
        if (over && place == NULL) {
            place = at;
        }
    }
    if (place == NULL) {
        place = &denials->places[PLACES - 1];
    }
    if (is_over(place, now)) {
        *place = (struct denials_place){.who = *who, .since = now};
    }
    return place;
}

/* Whether the request was written about already; else it has been from now on. */
static bool was_said(struct denials *denials, const char *client, const char *id)
{
    uint64_t sum = sum_of(SUM_BEGIN, id, strlen(id) + 1);
    sum = sum_of(sum, client, strlen(client));
    sum += sum == 0;
    for (size_t i = 0; i < DENIALS_REQUESTS; i++) {
        if (denials->requests[i] == sum) {
            return true;
        }
    }
    denials->requests[denials->oldest] = sum;
    denials->oldest = (denials->oldest + 1) % DENIALS_REQUESTS;
    return false;
}

bool denials_admit(struct denials *denials, enum bearer_code code, const char *client,
                   const char *id, int64_t now)
{
    client = client != NULL ? client : "";
    if (id != NULL && *id != '\0' && was_said(denials, client, id)) {
        return false;
    }
    if (now == 0) {
        return true;
    }
    const struct denials_who who = who_is(code, client);
    struct denials_place *place = place_of(denials, &who, now);
    if (place->lines < DENIALS_A_SECOND) {
        place->lines++;
        return true;
    }
    place->more++;
    denials->more = true;
    return false;
}

/* The address as a line has it. */
static const char *show(char *out, size_t size, const struct denials_who *who)
{
    struct in6_addr six = {0};
    (void)snprintf(out, size, "-");
    if (who->family == 4) {
        (void)inet_ntop(AF_INET, who->net, out, (socklen_t)size);
    } else if (who->family == 6) {
        memcpy(six.s6_addr, who->net, sizeof who->net);
        (void)inet_ntop(AF_INET6, &six, out, (socklen_t)size);
        (void)snprintf(out + strlen(out), size - strlen(out), "/64");
    }
    return out;
}

static void tell(const struct log *log, const struct denials_place *place, bool shared)
{
    const struct bearer_outcome *outcome = bearer_outcome(place->who.code);
    char address[INET6_ADDRSTRLEN + 4];
    const char *reason = shared ? "any" : outcome->reason;
    const char *client = shared ? "any" : show(address, sizeof address, &place->who);
    const struct log_field fields[] = {
        {"status", NULL, 0, outcome->status, true, 0},
        {"reason", reason, strlen(reason), 0, true, 64},
        {"client", client, strlen(client), 0, true, 64},
        {"count", NULL, 0, place->more, true, 0},
    };
    const size_t first = shared ? 1 : 0;
    log_fields(log, LOG_LEVEL_WARN, "denied", fields + first,
               sizeof fields / sizeof fields[0] - first);
}

void denials_tell(struct denials *denials, const struct log *log, int64_t now)
{
    if (!denials->more) {
        return;
    }
    denials->more = false;
    for (size_t i = 0; i < PLACES; i++) {
        struct denials_place *place = &denials->places[i];
        if (place->more == 0) {
            continue;
        }
        if (is_over(place, now)) {
            tell(log, place, i == PLACES - 1);
            place->more = 0;
        } else {
            denials->more = true;
        }
    }
}
