// The record of what src/crypto/bignum/ifma.cpp multiplies, for tools/prove_lanes.py: one number or two at a
// time, eight digits to a register. With an argument, for the longest numbers, too.
#include "crypto/bignum/ifma.cpp"

#include <random>

namespace bulla::crypto::bignum {
namespace {

template <size_t limbs, size_t streams>
struct Numbers {
  static constexpr size_t blocks = blocks_for(limbs), size = lanes * blocks, digits = digits_for(limbs);
  static constexpr size_t reduced = (limbs * limb_bits + digit_bits - 1) / digit_bits;
  struct alignas(64) Row {
    Limb limb[streams][size] = {};
    Row() = default;
    explicit Row(const char* const (&names)[2], size_t count) {
      for (size_t s = 0; s < streams; ++s)
        for (size_t i = 0; i < count; ++i) limb[s][i] = recorder::input(names[s], i);
    }
  };

  static void product(const char* name, bool in_place) {
    recorder::begin(name, digits, reduced, streams, size);
    recorder::record().compares = true;
    Row a({"a", "aa"}, digits), b({"b", "bb"}, digits), m({"m", "mm"}, reduced), out;
    Row& to = in_place ? a : out;
    almost_multiply<blocks, streams>(to.limb[0], a.limb[0], b.limb[0], m.limb[0], digits);
    for (size_t s = 0; s < streams; ++s)
      for (size_t i = 0; i < size; ++i) recorder::output(s ? "digits" : "digit", i, to.limb[s][i]);
    recorder::end();
  }
};

/// finish() gives every lane the carry of the one below, and then carries on: known words of every kind (a
/// lane below 2^52 - 1, at it, or above), eight lanes with and without a carry that comes in. The words'
/// lower bits and the carries of the first kind are made so that lanes are of that kind.
template <size_t blocks>
void finish_known(const Limb (&low)[blocks * lanes], const Limb (&high)[blocks * lanes]) {
  Sum<blocks> t;
  std::memcpy(t.low, low, sizeof low), std::memcpy(t.high, high, sizeof high);
  alignas(64) Limb out[blocks * lanes];
  finish(out, t);
  Limb carry = 0;
  for (size_t i = 0; i < blocks * lanes; ++i) {
    const Limb sum = low[i] + (i > 0 ? high[i - 1] : 0) + carry;
    if (out[i] != (sum & digit_mask)) recorder::refuse("finish() does not carry as it should");
    carry = sum >> digit_bits;
  }
}
/// What makes lane `i` of the kind, where the lane below carries 1.
Limb of_kind(size_t kind, Limb any) {
  return Limb{1} << digit_bits | (kind == 0 ? any % (digit_mask - 1) : digit_mask - 2 + kind);
}
template <size_t blocks>
size_t finish_all_kinds(size_t at) {
  std::mt19937_64 random;
  Limb low[blocks * lanes], high[blocks * lanes];
  size_t count = 0;
  for (size_t pattern = 0; pattern < 2 * 6561; ++pattern, ++count) {
    for (Limb& limb : high) limb = random() % 4;
    for (size_t i = 0; i < blocks * lanes; ++i) low[i] = of_kind(0, random() % (Limb{1} << 40));
    size_t rest = pattern / 2;
    for (size_t i = at * lanes; i < (at + 1) * lanes; ++i, rest /= 3) {
      low[i] = of_kind(rest % 3, random());
      if (i > 0) high[i - 1] = 0;
    }
    // The lane below comes to 2^52, or stays below.
    if (at > 0)
      low[at * lanes - 1] = of_kind(pattern % 2 == 0 ? 0 : 2, random() % 1000), high[at * lanes - 2] = 0;
    finish_known<blocks>(low, high);
  }
  return count;
}

}  // namespace
}  // namespace bulla::crypto::bignum

int main(int count, char**) {
  using namespace bulla::crypto::bignum;
  Numbers<4, 1>::product("product", false), Numbers<4, 2>::product("product", false);
  Numbers<16, 1>::product("product", true), Numbers<16, 2>::product("product", true);
  Numbers<17, 2>::product("product", false);
  if (count > 1) Numbers<64, 1>::product("product", false), Numbers<128, 1>::product("product", true);
  recorder::begin("finish", finish_all_kinds<1>(0), finish_all_kinds<2>(1), finish_all_kinds<3>(1));
  recorder::end();
}
