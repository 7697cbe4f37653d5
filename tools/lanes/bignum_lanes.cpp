// The record of what src/crypto/bignum/lanes_ifma.cpp multiplies, for tools/prove_lanes.py.
#include "crypto/bignum/lanes_ifma.cpp"

namespace bulla::crypto::bignum::ifma {
namespace {

/// The digits of eight numbers, of which one lane is looked at; the others hold what must not get there.
template <size_t words>
struct alignas(64) Guarded {
  Limb limb[words], guard[lanes] = {};
  ~Guarded() {
    for (Limb word : guard)
      if (word != 0) recorder::refuse("words behind a number are written");
  }
};
using Row = Guarded<size>;
Row number(const char* name, size_t lane) {
  Row out;
  for (size_t i = 0; i < size; ++i)
    out.limb[i] = i % lanes == lane ? recorder::input(name, i / lanes) : recorder::input("other", i);
  return out;
}
void output(const Limb* out, size_t count, size_t lane) {
  for (size_t i = 0; i < count; ++i) recorder::output("digit", i, out[i * lanes + lane]);
  recorder::end();
}
/// Of (M + 1)/2^52, the same for all lanes.
struct Reduced {
  Limb limb[digits] = {};
  Reduced() {
    for (size_t i = 0; i < reduced_digits; ++i) limb[i] = recorder::input("m", i);
  }
};

void products(size_t lane) {
  Row out;
  recorder::begin("multiply", digits, reduced_digits, lane);
  {
    const Row a = number("a", lane), b = number("b", lane);
    multiply(out.limb, a.limb, b.limb, Reduced().limb);
    output(out.limb, digits, lane);
  }
  recorder::begin("in_place", digits, reduced_digits, lane);
  {
    Row a = number("a", lane);
    const Row b = number("b", lane);
    multiply(a.limb, a.limb, b.limb, Reduced().limb);
    output(a.limb, digits, lane);
  }
  recorder::begin("square", digits, reduced_digits, lane);
  {
    Guarded<2 * size> wide;
    const Row a = number("a", lane);
    wide_square(wide.limb, a.limb);
    reduce_wide(out.limb, wide.limb, Reduced().limb);
    output(out.limb, digits, lane);
  }
}

}  // namespace
}  // namespace bulla::crypto::bignum::ifma

int main() {
  using namespace bulla::crypto::bignum::ifma;
  products(0), products(7);
}
