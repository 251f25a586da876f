/// What the fuzz program needs of libFuzzer and of the address sanitizer.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer, which calls `body` with one input after the other.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*body)(const uint8_t *, size_t));

/// Counts from here on what is allocated.
void fuzz_count_allocations(void);

/// Begins a count of its own: what is allocated stays out of it.
void fuzz_begin(void);

/// The most bytes that were allocated at a time since the last `fuzz_begin`.
size_t fuzz_peak(void);
