/* SPDX-License-Identifier: MIT */
/* JSON documents of the shapes that cost most, of any length: for tests of what they cost. */
#ifndef JSON_SHAPES_H
#define JSON_SHAPES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct json_shape {
    const char *name;
    const char *before, *unit,
        *after; /* the unit as often as fits, with commas between; each `%` in it is its number, in six letters */
    /* however long; else only while it is short */
    bool taken;
};

#define SHAPES_TEN "\"a\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0,\"j\":0"

static const struct json_shape json_shapes[] = {
    {"empty objects", "\"a\":[", "{}", "]", false},
    {"empty arrays", "\"a\":[", "[]", "]", false},
    {"deep arrays", "\"a\":[", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "]",
     false},
    {"deep objects", "\"a\":[", "{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":{}}}}}}}}}}",
     "]", false},
    {"digits", "\"a\":[", "0", "]", false},
    {"dates", "\"a\":[", "1700000000", "]", true},
    {"truths", "\"a\":[", "true", "]", true},
    {"nulls", "\"a\":[", "null", "]", true},
    {"empty strings", "\"a\":[", "\"\"", "]", true},
    {"short strings", "\"a\":[", "\"abcdefgh\"", "]", true},
    {"one long string", "\"a\":\"", "abcdefgh", "\"", true},
    {"escapes", "\"a\":[\"", "\\u0001", "\"]", true},
    {"long numbers", "\"a\":[",
     "12345678901234567890123456789012345678901234567890123456789012345678901234567890", "]", true},
    {"names of numbers", "\"a\":0,", "\"%\":0", "", true},
    {"names of nulls", "\"a\":0,", "\"%\":null", "", true},
    {"names of objects", "\"a\":0,", "\"%\":{}", "", false},
    {"objects of one name", "\"a\":[", "{\"a\":0}", "]", false},
    {"objects just grown", "\"a\":[", "{" SHAPES_TEN ",\"k\":0,\"l\":0}", "]", true},
};

#define JSON_SHAPES (sizeof json_shapes / sizeof json_shapes[0])

struct json_writer {
    char *out;
    size_t size, used;
};

static inline void json_write(struct json_writer *writer, const char *piece)
{
    size_t length = strlen(piece);
    if (writer->used + length < writer->size) {
        memcpy(writer->out + writer->used, piece, length + 1);
        writer->used += length;
    }
}

static inline void json_write_unit(struct json_writer *writer, const char *unit, unsigned number)
{
    for (; *unit != '\0'; unit++) {
        char piece[8] = {*unit};
        for (int i = 0; *unit == '%' && i < 6; i++, number /= 26) {
            piece[i] = (char)('a' + number % 26);
        }
        json_write(writer, piece);
    }
}

/* Writes an object with these members (each with a comma behind it) and the shape's, of at most
 * `length` octets, into `out`, which has one more. Returns its length. */
static inline size_t json_shape_write(const struct json_shape *shape, const char *members,
                                      char *out, size_t length)
{
    struct json_writer writer = {.out = out, .size = length + 1};
    const size_t least = strlen(shape->unit) + 6 + 1 + strlen(shape->after) + 1;
    json_write(&writer, "{");
    json_write(&writer, members);
    json_write(&writer, shape->before);
    for (unsigned n = 0; writer.used + least <= length; n++) {
        json_write(&writer, n == 0 ? "" : ",");
        json_write_unit(&writer, shape->unit, n);
    }
    json_write(&writer, shape->after);
    json_write(&writer, "}");
    return writer.used;
}

#endif
