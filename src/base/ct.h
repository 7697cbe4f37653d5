// Constant-time helpers: no branch and no index depends on a secret. `BULLA_CT_VALGRIND` (a build of its own)
// and clang's MemorySanitizer check that, by secrets that count as uninitialised memory.
#pragma once

#include <bulla/bytes.h>

#include <concepts>

#if defined(BULLA_CT_VALGRIND)
#include <valgrind/memcheck.h>
#elif defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define BULLA_CT_MSAN 1
#endif
#endif

namespace bulla::ct {

/// Hides a value from the optimiser, so that it cannot turn masks back into branches.
template <std::unsigned_integral T>
inline T value_barrier(T v) noexcept {
#if defined(BULLA_CT_MSAN)
  // MemorySanitizer takes the operand of an asm for a use of the value; through memory it keeps what it
  // knows. It follows no carries, so that a secret bit leaves the others of a mask public: here all become
  // secret.
  volatile T hidden = v;
  if (__msan_test_shadow(const_cast<T*>(&hidden), sizeof hidden) != -1)
    __msan_allocated_memory(const_cast<T*>(&hidden), sizeof hidden);
  v = hidden;
#else
  __asm__("" : "+r"(v));
#endif
  return v;
}

/// A truth value that is secret: all ones or zero.
template <std::unsigned_integral T>
class Mask {
 public:
  /// From 0 or 1.
  static Mask of_bit(T bit) noexcept { return Mask(value_barrier(static_cast<T>(T{0} - bit))); }
  /// From the highest bit.
  static Mask of_top_bit(T v) noexcept { return of_bit(static_cast<T>(v >> (8 * sizeof(T) - 1))); }
  static Mask is_zero(T v) noexcept {
    v = value_barrier(v);
    return of_top_bit(static_cast<T>(static_cast<T>(~v) & static_cast<T>(v - 1)));
  }
  static Mask is_equal(T a, T b) noexcept { return is_zero(static_cast<T>(a ^ b)); }
  /// a < b, by the borrow of a - b.
  static Mask is_less(T a, T b) noexcept {
    const T difference = static_cast<T>(a - b);
    return of_top_bit(static_cast<T>(a ^ ((a ^ b) | (difference ^ a))));
  }

  Mask operator~() const noexcept { return Mask(static_cast<T>(~bits_)); }
  Mask operator&(Mask other) const noexcept { return Mask(static_cast<T>(bits_ & other.bits_)); }
  Mask operator|(Mask other) const noexcept { return Mask(static_cast<T>(bits_ | other.bits_)); }

  /// `a` where true, `b` where not.
  T select(T a, T b) const noexcept { return static_cast<T>(b ^ (bits() & (a ^ b))); }
  /// `v` where true, zero where not.
  T keep(T v) const noexcept { return static_cast<T>(bits() & v); }
  /// All ones or zero.
  T bits() const noexcept { return value_barrier(bits_); }
  /// 1 or 0.
  T bit() const noexcept { return bits() & 1; }

 private:
  explicit Mask(T bits) noexcept : bits_(bits) {}
  T bits_;
};

/// Marks bytes as secret for the checker, if there is one: no branch and no index may depend on them from
/// here.
inline void poison([[maybe_unused]] const void* at, [[maybe_unused]] size_t size) noexcept {
#if defined(BULLA_CT_VALGRIND)
  VALGRIND_MAKE_MEM_UNDEFINED(at, size);
#elif defined(BULLA_CT_MSAN)
  __msan_allocated_memory(at, size);
#endif
}

#if defined(BULLA_CT_VALGRIND) || defined(BULLA_CT_MSAN)
/// tests/constant_time defines it, nobody else: whether declassify() does nothing for that reason, so that a
/// leak is planted where nothing but the declassification keeps the checker quiet.
[[gnu::weak]] bool withheld(const char* reason) noexcept;
#endif

/// Tells the checker that these bytes may be known to everybody, although they come from secrets. `reason`:
/// why.
inline void declassify([[maybe_unused]] const void* at, [[maybe_unused]] size_t size,
                       [[maybe_unused]] const char* reason) noexcept {
#if defined(BULLA_CT_VALGRIND) || defined(BULLA_CT_MSAN)
  if (withheld && withheld(reason)) return;
#endif
#if defined(BULLA_CT_VALGRIND)
  VALGRIND_MAKE_MEM_DEFINED(at, size);
#elif defined(BULLA_CT_MSAN)
  __msan_unpoison(at, size);
#endif
}
/// The same for one value.
template <std::integral T>
inline T declassified(T v, const char* reason) noexcept {
  declassify(&v, sizeof v, reason);
  return v;
}

/// Whether two secrets of the same public length are equal. Time depends on the length only; the answer is
/// public, since whoever asks acts upon it.
[[nodiscard]] inline bool equal(Bytes a, Bytes b) noexcept {
  if (a.size() != b.size()) return false;
  uint32_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= value_barrier(static_cast<uint32_t>(a[i] ^ b[i]));
  return declassified(Mask<uint32_t>::is_zero(difference).bit(), "the outcome of a comparison") != 0;
}

}  // namespace bulla::ct
