#include "fuzz.h"

#include <stdatomic.h>

// Of the sanitizer's runtime (sanitizer/allocator_interface.h), which Swift's toolchain may lack.
int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void *, size_t), void (*)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *);

static _Atomic long current, peak;

static void on_malloc(const volatile void *place, size_t size) {
  (void)place;
  long now = atomic_fetch_add(&current, (long)size) + (long)size;
  if (now > atomic_load(&peak)) atomic_store(&peak, now);
}

static void on_free(const volatile void *place) {
  if (place) atomic_fetch_sub(&current, (long)__sanitizer_get_allocated_size(place));
}

void fuzz_count_allocations(void) { __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free); }

void fuzz_begin(void) {
  atomic_store(&current, 0);
  atomic_store(&peak, 0);
}

size_t fuzz_peak(void) {
  long most = atomic_load(&peak);
  return most > 0 ? (size_t)most : 0;
}
