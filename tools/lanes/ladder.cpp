// The record of a step of the ladder in four lanes, or two in eight, of
// src/crypto/curve25519/x25519_ifma.cpp, for tools/prove_lanes.py.
#include "crypto/curve25519/x25519_ifma.cpp"
#include "driver.h"

namespace bulla::crypto::curve25519::ifma {
namespace {

template <class W>
void steps(__mmask8 swap) {
  const char* const names[] = {"z2", "x2", "x3", "z3", "other_z2", "other_x2", "other_x3", "other_z3"};
  const char* const points[] = {"x1", "other_x1"};
  recorder::begin("step", W::lanes, swap);
  Loose<1, W> v;
  Tight<W> one_one_x_1;
  for (size_t i = 0; i < 5; ++i)
    for (size_t lane = 0; lane < W::lanes; ++lane) {
      v.limb[i].lane[lane] = recorder::input(names[lane], i);
      one_one_x_1.limb[i].lane[lane] =
          lane % 4 == 3 ? recorder::input(points[lane / 4], i) : lane % 4 != 0 && i == 0;
    }
  const Loose<1, W> out = step(v, one_one_x_1, swap);
  for (size_t lane = 0; lane < W::lanes; ++lane)
    recorder::output_limbs(recorder::lane_names[lane], out, lane);
  recorder::end();
}

}  // namespace
}  // namespace bulla::crypto::curve25519::ifma

int main() {
  using namespace bulla::crypto::curve25519::ifma;
  for (__mmask8 swap : {0x00, 0x0f, 0xf0, 0xff}) steps<Eight>(swap);
  for (__mmask8 swap : {0x00, 0xff}) steps<Four>(swap);
}
