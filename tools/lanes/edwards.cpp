// The record of what src/crypto/curve25519/edwards_ifma.cpp does with points, for tools/prove_lanes.py: the
// two of a vector, X, Y, Z and T in a lane each.
#include "crypto/curve25519/edwards_ifma.cpp"
#include "driver.h"

#include <algorithm>

namespace bulla::crypto::curve25519::ifma {
namespace {

using recorder::Word;
const char* const names[2][8] = {{"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"},
                                 {"q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7"}};

template <class Number>
Number number(const char* const (&of)[8]) {
  Number out;
  for (size_t lane = 0; lane < 8; ++lane)
    for (size_t i = 0; i < 5; ++i) out.limb[i].lane[lane] = recorder::input(of[lane], i);
  return out;
}
template <class Number>
void output(const Number& a) {
  for (size_t lane = 0; lane < 8; ++lane) recorder::output_limbs(recorder::lane_names[lane], a, lane);
  recorder::end();
}
Word most(const uint64_t* limbs, size_t count) {
  return *std::max_element(limbs, limbs + count);
}

}  // namespace
}  // namespace bulla::crypto::curve25519::ifma

int main() {
  using namespace bulla::crypto::curve25519::ifma;
  recorder::begin("add");
  {
    const auto p = number<Point>(names[0]);
    output(add(p, number<ReadyPoint>(names[1])));
  }
  recorder::begin("twice");
  output(twice(number<Point>(names[0])));
  recorder::begin("negative");
  output(negative(number<ReadyPoint>(names[1])));
  recorder::begin("factors");
  output(factors_of(number<Point>(names[0])));
  recorder::begin("tables");
  recorder::output("most", 0, most(ready_rows.limb[0][0][0], sizeof ready_rows / 8));
  recorder::output("most", 1, most(ready_multiples.limb[0][0], sizeof ready_multiples / 8));
  recorder::end();
}
