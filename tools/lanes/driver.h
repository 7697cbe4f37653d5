// What several drivers of tools/lanes share: numbers of five limbs in and out, and whether types allow an
// operation.
#pragma once

#include <immintrin.h>

namespace recorder {

inline constexpr const char* lane_names[] = {"lane0", "lane1", "lane2", "lane3",
                                             "lane4", "lane5", "lane6", "lane7"};

/// The same unknown limbs in all lanes.
template <class Number>
Number number(const char* name) {
  Number out;
  for (size_t i = 0; i < 5; ++i) {
    const Word limb = input(name, i);
    for (Word& lane : out.limb[i].lane) lane = limb;
  }
  return out;
}
template <class Number>
void output_limbs(const char* name, const Number& a, size_t lane = 0) {
  for (size_t i = 0; i < 5; ++i) output(name, i, a.limb[i].lane[lane]);
}

template <class A, class B>
concept CanMultiply = requires(A a, B b) { a* b; };
template <class A, class B>
concept CanAdd = requires(A a, B b) { a + b; };
template <class A, class B>
concept CanSubtract = requires(A a, B b) { a - b; };

}  // namespace recorder
