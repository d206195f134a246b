/* What the C library's allocator does for libtorch's tensors, which it keeps when they are freed. */
#ifndef LLARA_MEMORY_H
#define LLARA_MEMORY_H

#include <malloc.h>

/* Gives memory that nobody uses back to the system. */
static inline void llara_release_free_memory(void) { malloc_trim(0); }

#endif
