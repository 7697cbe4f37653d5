// malloc and its kin, counted: stands before glibc's in this program, so that libssl is counted as well.
#include "measure.h"

#include <malloc.h>

#include <algorithm>
#include <cerrno>

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void __libc_free(void*);
}

namespace bulla::bench {
namespace {

thread_local Account* open_account = nullptr;

void book(int64_t bytes) noexcept {
  if (!open_account) return;
  open_account->now += bytes;
  open_account->peak = std::max(open_account->peak, open_account->now);
}

int64_t size_of(void* p) noexcept {
  return p ? static_cast<int64_t>(malloc_usable_size(p)) : 0;
}

}  // namespace

OpenAccount::OpenAccount(Account& account) noexcept {
  open_account = &account;
}
OpenAccount::~OpenAccount() {
  open_account = nullptr;
}

}  // namespace bulla::bench

using bulla::bench::book;
using bulla::bench::size_of;

extern "C" {
void* malloc(size_t n) {
  void* p = __libc_malloc(n);
  book(size_of(p));
  return p;
}
void* calloc(size_t n, size_t size) {
  void* p = __libc_calloc(n, size);
  book(size_of(p));
  return p;
}
void* realloc(void* old, size_t n) {
  book(-size_of(old));
  void* p = __libc_realloc(old, n);
  book(size_of(p ? p : old));
  return p;
}
void* aligned_alloc(size_t alignment, size_t n) {
  void* p = __libc_memalign(alignment, n);
  book(size_of(p));
  return p;
}
int posix_memalign(void** out, size_t alignment, size_t n) {
  *out = aligned_alloc(alignment, n);
  return *out ? 0 : ENOMEM;
}
void free(void* p) {
  book(-size_of(p));
  __libc_free(p);
}
}
