/* SPDX-License-Identifier: MIT */
/* An API for items, each somebody's own: GET and POST /items; GET, PUT, DELETE /items/{id}. */
#include <bearer-app.h>
#include <json-c/json.h>
#include <sqlite3.h>
#include <string.h>

#define NAME "{\"required\":[\"name\"],\"properties\":{\"name\":{\"type\":\"string\"}}}"
#define TABLE \
    "CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, name TEXT UNIQUE, owner TEXT)"
#define ITEM "json_object('id', id, 'name', name, 'owner', owner)"
#define MINE "owner = ?3 AND id = ?2"

/* A statement with a text, a number and who asks as ?1, ?2 and ?3. */
static sqlite3_stmt *prepare(struct bearer_call *call, sqlite3 *db, const char *sql,
                             const char *text, int64_t number)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    sqlite3_bind_text(statement, 1, text, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(statement, 2, number);
    sqlite3_bind_text(statement, 3, bearer_sub(call), -1, SQLITE_TRANSIENT);
    return statement;
}

/* Answers with the JSON that a statement gives of one item, or of all. */
static int answer(struct bearer_call *call, void *db, int status, const char *sql, const char *text,
                  int64_t number)
{
    sqlite3_stmt *row = prepare(call, db, sql, text, number);
    int result = sqlite3_step(row);
    char *json = result == SQLITE_ROW ? sqlite3_mprintf("%s", sqlite3_column_text(row, 0)) : NULL;
    if (result == SQLITE_ROW && sqlite3_step(row) != SQLITE_DONE) { /* nothing has changed */
        result = SQLITE_ERROR;
    }
    sqlite3_finalize(row);
    if (result == SQLITE_ROW && status == 201) {
        char *location = sqlite3_mprintf("%s/items/%lld", bearer_variable(call, "SCRIPT_NAME"),
                                         sqlite3_last_insert_rowid(db));
        bearer_add_header(call, "Location", location);
        sqlite3_free(location);
    }
    result = result == SQLITE_ROW && json != NULL
                 ? bearer_reply(call, status, "application/json", json, strlen(json))
             : result == SQLITE_DONE       ? bearer_fail(call, 404, "no such item of yours")
             : result == SQLITE_CONSTRAINT ? bearer_fail(call, 409, "there is an item of this name")
                                           : bearer_fail(call, 500, sqlite3_errmsg(db));
    sqlite3_free(json);
    return result;
}

/* The same for a statement that needs the name in the body. */
static int answer_named(struct bearer_call *call, void *db, int status, const char *sql, int64_t id)
{
    struct json_object *name = json_object_object_get(bearer_json(call), "name");
    return json_object_is_type(name, json_type_string)
               ? answer(call, db, status, sql, json_object_get_string(name), id)
               : bearer_fail(call, 422, "name has to be a text");
}

static int list(struct bearer_call *call, void *db)
{
    return answer(call, db, 200,
                  "SELECT json_group_array(json(item)) FROM (SELECT " ITEM " AS item FROM items "
                  "WHERE owner = ?3 AND (?1 IS NULL OR instr(name, ?1)) ORDER BY id LIMIT ?2)",
                  bearer_string(call, "q"), bearer_integer(call, "limit"));
}

static int create(struct bearer_call *call, void *db)
{
    return answer_named(call, db, 201,
                        "INSERT INTO items (name, owner) VALUES (?1, ?3) RETURNING " ITEM, 0);
}

static int show(struct bearer_call *call, void *db)
{
    return answer(call, db, 200, "SELECT " ITEM " FROM items WHERE " MINE, NULL,
                  bearer_integer(call, "id"));
}

static int change(struct bearer_call *call, void *db)
{
    return answer_named(call, db, 200, "UPDATE items SET name = ?1 WHERE " MINE " RETURNING " ITEM,
                        bearer_integer(call, "id"));
}

static int discard(struct bearer_call *call, void *db)
{
    return answer(call, db, 204, "DELETE FROM items WHERE " MINE " RETURNING " ITEM, NULL,
                  bearer_integer(call, "id"));
}

static int setup(struct bearer_app *app, void **db)
{
    static const char one[] = "/items/{id}", id[] = "path id integer 1..";
    static const char reading[] = "permission=read:items", writing[] = "permission=write:items";
    struct bearer_route *route = bearer_app_route(app, "GET", "/items", reading, list, "My items");
    bearer_route_param(route, "query limit integer 1..100 = 20");
    bearer_route_param(route, "query q string 1..50 optional");
    route = bearer_app_route(app, "POST", "/items", writing, create, "A new item");
    bearer_route_body(route, "application/json", 4096, NAME);
    bearer_route_answer(route, 201, "application/json", NULL);
    bearer_route_param(bearer_app_route(app, "GET", one, reading, show, "One item"), id);
    route = bearer_app_route(app, "PUT", one, writing, change, "Another name");
    bearer_route_param(route, id);
    bearer_route_body(route, "application/json", 4096, NAME);
    bearer_route_param(bearer_app_route(app, "DELETE", one, writing, discard, "No more"), id);
    return sqlite3_open(ITEMS_DB, (sqlite3 **)db) || sqlite3_busy_timeout(*db, 5000) ||
           sqlite3_exec(*db, TABLE, NULL, NULL, NULL);
}

int main(int argc, char **argv)
{
    return bearer_app_main(argc, argv, "Items 1.0", setup, NULL);
}
