#include "work_meter.h"

#include <cstdlib>
#include <new>

namespace {

// One thread fuzzes, and no destructor asks.
uint64_t bytes_taken = 0, steps_taken = 0;

void* take(size_t size) noexcept {
  bytes_taken += size;
  return std::malloc(size ? size : 1);
}

void* take_or_throw(size_t size) {
  void* out = take(size);
  if (!out) throw std::bad_alloc();
  return out;
}

}  // namespace

bulla::fuzz::Work bulla::fuzz::work_so_far() noexcept {
  return {.bytes = bytes_taken, .steps = steps_taken};
}

// In place of the standard library's. Those for larger alignments stay its own, and uncounted: no parser has
// such types.
void* operator new(size_t size) {
  return take_or_throw(size);
}
void* operator new[](size_t size) {
  return take_or_throw(size);
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return take(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  std::free(memory);
}

// What -finstrument-functions calls; libc's own do nothing.
extern "C" {
__attribute__((no_instrument_function)) void __cyg_profile_func_enter(void*, void*) {
  ++steps_taken;
}
__attribute__((no_instrument_function)) void __cyg_profile_func_exit(void*, void*) {}
}
