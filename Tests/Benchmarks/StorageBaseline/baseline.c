#include "baseline.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct llara_baseline {
    PGconn *connection;
};

typedef struct {
    char *id;
    char *title;
    int64_t time;
    float rating;
} entry;

static int64_t read_int64(const char *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return (int64_t)be64toh(value);
}

static float read_float(const char *bytes) {
    uint32_t bits;
    memcpy(&bits, bytes, sizeof bits);
    bits = be32toh(bits);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

llara_baseline *llara_baseline_open(const char *url, const char *statement) {
    PGconn *connection = PQconnectdb(url);
    const Oid types[2] = {25, 20};
    PGresult *result = PQstatus(connection) == CONNECTION_OK
        ? PQprepare(connection, "history", statement, 2, types)
        : NULL;
    const int is_prepared = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    llara_baseline *baseline = is_prepared ? malloc(sizeof *baseline) : NULL;
    if (!baseline) {
        PQfinish(connection);
        return NULL;
    }
    baseline->connection = connection;
    return baseline;
}

long llara_baseline_history(llara_baseline *baseline, const char *user, long count) {
    const uint64_t limit = htobe64((uint64_t)count);
    const char *values[2] = {user, (const char *)&limit};
    const int lengths[2] = {(int)strlen(user), sizeof limit};
    const int formats[2] = {1, 1};
    PGresult *result =
        PQexecPrepared(baseline->connection, "history", 2, values, lengths, formats, 1);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        PQclear(result);
        return -1;
    }
    const int rows = PQntuples(result);
    volatile int64_t version = 0, interactions = 0;
    entry *entries = malloc(sizeof(entry) * (size_t)(rows ? rows : 1));
    for (int row = 0; row < rows; row++) {
        if (row == 0) {
            version = read_int64(PQgetvalue(result, row, 0));
            interactions = read_int64(PQgetvalue(result, row, 1));
        }
        if (PQgetisnull(result, row, 3)) {
            entries[row] = (entry){NULL, NULL, 0, 0};
            continue;
        }
        entries[row].id =
            strndup(PQgetvalue(result, row, 3), (size_t)PQgetlength(result, row, 3));
        entries[row].title =
            strndup(PQgetvalue(result, row, 4), (size_t)PQgetlength(result, row, 4));
        entries[row].time = read_int64(PQgetvalue(result, row, 5));
        entries[row].rating = read_float(PQgetvalue(result, row, 6));
    }
    PQclear(result);
    (void)version;
    (void)interactions;
    for (int row = 0; row < rows; row++) {
        free(entries[row].id);
        free(entries[row].title);
    }
    free(entries);
    return rows;
}

void llara_baseline_close(llara_baseline *baseline) {
    PQfinish(baseline->connection);
    free(baseline);
}
