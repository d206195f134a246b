// A user's newest interactions read by libpq alone: what Storage is held against.
#ifndef LLARA_STORAGE_BASELINE_H
#define LLARA_STORAGE_BASELINE_H

#include <stddef.h>

typedef struct llara_baseline llara_baseline;

// NULL when there is no connection or the statement is refused.
llara_baseline *llara_baseline_open(const char *url, const char *statement);

// Runs the statement for a user and copies every field out, as a caller of Storage gets them.
// Returns the number of rows, or -1.
long llara_baseline_history(llara_baseline *baseline, const char *user, long count);

void llara_baseline_close(llara_baseline *baseline);

#endif
