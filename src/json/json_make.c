/* SPDX-License-Identifier: MIT */
/* The values of a document that is read, each paid for before it is made: json-c takes up to 264
 * octets for each octet of a text such as [{},{}]. The costs bound json-c 0.13 to 0.18 on 64 bits,
 * with glibc, from above; tests/unit/test_json_memory.c counts what it really takes. */
#include "json/json_internal.h"

#include "base/memory.h"

/* A value beside its text: struct json_object, and a member of 8 octets at most. */
#define VALUE 48
/* A string of less is held as if it had so many octets. */
#define STRING_LEAST 8
/* Places of a new array: not json-c's 32 for each of what may be 300,000. */
#define ARRAY_PLACES 4

const char js_no_memory[] = "out of memory";

/* What a document may ask for: so much, and so many octets for each of its own. Tokens and key sets
 * of real issuers ask for 4 to 25. */
#define MEMORY_FIRST 65536
#define MEMORY_TIMES 48

void js_account_open(struct js_account *account, size_t length)
{
    *account = (struct js_account){.most = MEMORY_FIRST + MEMORY_TIMES * length};
}

bool js_afford(struct js_account *account, size_t octets)
{
    if (octets > account->most - account->held) {
        account->why = "its values would take more memory than 64 KiB and 48 times its length";
        return false;
    }
    account->held += octets;
    return true;
}

void js_give_back(struct js_account *account, size_t octets)
{
    account->held -= octets;
}

/* What was made, if it was. */
static struct json_object *made(struct js_account *account, struct json_object *value)
{
    if (value == NULL) {
        account->why = js_no_memory;
    }
    return value;
}

struct json_object *js_make_string(struct js_account *account, const char *text, size_t length)
{
    const size_t octets = length < STRING_LEAST ? STRING_LEAST : length;
    return js_afford(account, memory_block(VALUE + octets + 1))
               ? made(account, js_new_string(text, length))
               : NULL;
}

struct json_object *js_make_number(struct js_account *account, const char *text, size_t length)
{
    return js_afford(account, memory_block(VALUE) + memory_block(length + 1))
               ? made(account, js_new_number(text))
               : NULL;
}

struct json_object *js_make_boolean(struct js_account *account, bool truth)
{
    return js_afford(account, memory_block(VALUE)) ? made(account, json_object_new_boolean(truth))
                                                   : NULL;
}

struct json_object *js_make_object(struct js_account *account)
{
    const size_t table = JSON_OBJECT_DEF_HASH_ENTRIES * sizeof(struct lh_entry);
    return js_afford(account, memory_block(VALUE) + memory_block(sizeof(struct lh_table)) +
                                  memory_block(table))
               ? made(account, json_object_new_object())
               : NULL;
}

struct json_object *js_make_array(struct js_account *account)
{
    const size_t list = ARRAY_PLACES * sizeof(void *);
    return js_afford(account, memory_block(VALUE) + memory_block(sizeof(struct array_list)) +
                                  memory_block(list))
               ? made(account, json_object_new_array_ext(ARRAY_PLACES))
               : NULL;
}

/* The container has taken one more, or not: then memory ran out. */
static bool added(struct js_account *account, bool good, size_t given_back)
{
    if (good) {
        js_give_back(account, given_back);
    } else {
        account->why = js_no_memory;
    }
    return good;
}

bool js_make_member(struct js_account *account, struct json_object *object, const char *name,
                    size_t length, struct json_object *value)
{
    /* A table that grows is made anew, with a head of its own, while the old one is there. */
    const size_t head = memory_block(sizeof(struct lh_table));
    const size_t places = js_places_to_make(object);
    size_t cost = memory_block(length + 1);
    size_t before = 0;
    if (places > 0) {
        cost += head + memory_block(places * sizeof(struct lh_entry));
        before = head + memory_block(places / 2 * sizeof(struct lh_entry));
    }
    return js_afford(account, cost) && added(account, js_add(object, name, value), before);
}

bool js_make_element(struct js_account *account, struct json_object *array,
                     struct json_object *value)
{
    const size_t places = js_places_to_make(array);
    size_t cost = 0;
    size_t before = 0;
    if (places > 0) {
        cost = memory_block(places * sizeof(void *));
        before = memory_block(places / 2 * sizeof(void *));
    }
    return js_afford(account, cost) &&
           added(account, json_object_array_add(array, value) == 0, before);
}
