#include "constant_time/graveyard.h"

#include <malloc.h>
#include <cstdlib>
#include <cstring>
#include <new>

namespace bulla::constant_time::graveyard {
namespace {

/// Blocks one behind the other, each after its size. One that does not fit ends the program.
constexpr size_t room = size_t{256} << 20;
uint8_t* memory = nullptr;
size_t used = 0;
bool is_open = false;

void bury(const void* block) noexcept {
  if (!is_open || !block) return;
  const size_t size = malloc_usable_size(const_cast<void*>(block));
  if (room - used < sizeof size + size) std::abort();
  std::memcpy(memory + used, &size, sizeof size);
  std::memcpy(memory + used + sizeof size, block, size);
  used += sizeof size + size;
}

void* allocate(size_t size, size_t alignment) {
  // Zeroed: a block that nobody wrote to holds nothing of the one before it, which was looked at already.
  const size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* block = std::aligned_alloc(alignment, rounded ? rounded : alignment);
  if (!block) std::abort();
  std::memset(block, 0, malloc_usable_size(block));
  return block;
}

}  // namespace

void open() noexcept {
  if (!memory) memory = static_cast<uint8_t*>(std::malloc(room));
  if (!memory) std::abort();
  is_open = true;
}

void close() noexcept {
  is_open = false;
}

void for_each(const std::function<void(Bytes block)>& what) {
  for (size_t at = 0; at < used;) {
    size_t size = 0;
    std::memcpy(&size, memory + at, sizeof size);
    what({memory + at + sizeof size, size});
    at += sizeof size + size;
  }
}

}  // namespace bulla::constant_time::graveyard

using bulla::constant_time::graveyard::allocate, bulla::constant_time::graveyard::bury;

void* operator new(size_t size) {
  return allocate(size, alignof(std::max_align_t));
}
void* operator new(size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<size_t>(alignment));
}
void operator delete(void* block) noexcept {
  bury(block);
  std::free(block);
}
void operator delete(void* block, size_t) noexcept {
  operator delete(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  operator delete(block);
}
void operator delete(void* block, size_t, std::align_val_t) noexcept {
  operator delete(block);
}
