#pragma once

// One binary for every CPU: the loader picks the clone. It does so before the thread sanitizer has
// started, whose calls in the function that picks would end the process.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ONE_VERSION
#endif
#endif
#if defined(__x86_64__) && defined(__linux__) && !defined(ONE_VERSION)
#define MULTIVERSION __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MULTIVERSION
#endif
#define INLINED static inline __attribute__((always_inline))
