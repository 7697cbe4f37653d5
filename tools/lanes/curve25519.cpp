// The record of what src/crypto/curve25519/ifma_field.h does, for tools/prove_lanes.py, with eight lanes and
// with four. `limit` is the k of a Loose<k>, or 0 for a Tight.
#include "crypto/curve25519/ifma_field.h"
#include "driver.h"

#include <utility>

namespace bulla::crypto::curve25519::ifma {
namespace {

using recorder::number, recorder::Word;

template <class Number>
void output_with(const Number& a, Word limit) {
  recorder::output_limbs("limb", a);
  recorder::output("limit", 0, limit);
  recorder::end();
}
template <class W>
void output(const Tight<W>& a) {
  output_with(a, 0);
}
template <unsigned k, class W>
void output(const Loose<k, W>& a) {
  output_with(a, k);
}

template <class W>
void of_tight() {
  using T = Tight<W>;
  recorder::begin("product", W::lanes);
  output(number<T>("a") * number<T>("b"));
  recorder::begin("product_alone", W::lanes);
  output(multiply_alone(number<T>("a"), number<T>("b")));
  recorder::begin("multiply", W::lanes);
  output(multiply(number<T>("a"), number<T>("b")));
  recorder::begin("square", W::lanes);
  output(square(number<T>("a")));
  recorder::begin("loose", W::lanes);
  output(loose(number<T>("a")));
  recorder::begin("small", W::lanes, 121665);
  output(small<W>(121665));
}
template <class W, unsigned k>
void of_loose() {
  recorder::begin("carry", W::lanes, k);
  output(carry(number<Loose<k, W>>("a")));
  if constexpr (k < 7) {
    recorder::begin("add_times_121665", W::lanes, k);
    output(add_times_121665(number<Loose<k, W>>("a"), number<Tight<W>>("b")));
  }
  recorder::begin("store", W::lanes, k);
  Stored out;
  store(number<Loose<k, W>>("a"), out);
  for (size_t i = 0; i < 5; ++i) recorder::output("limb", i, out.limb[i][0]);
  recorder::output("limit", 0, 0);
  recorder::end();
  recorder::begin("load", W::lanes, k);
  for (size_t i = 0; i < 5; ++i) {
    const Word limb = recorder::input("a", i);
    for (Word& lane : out.limb[i]) lane = limb;
  }
  output(load<W>(out));
}
template <class W, unsigned j, unsigned k>
void of_two() {
  const auto two = [](const char* what) {
    recorder::begin(what, W::lanes, j, k);
    return std::pair{number<Loose<j, W>>("a"), number<Loose<k, W>>("b")};
  };
  if constexpr (j + k <= 7) {
    const auto [a, b] = two("sum");
    output(a + b);
  }
  if constexpr (j + 2 * k <= 7) {
    const auto [a, b] = two("difference");
    output(a - b);
    const auto [c, d] = two("subtract_where");
    output(subtract_or_add(0xff, c, d));
    const auto [e, f] = two("add_where");
    output(subtract_or_add(0, e, f));
  }
}

template <class W, unsigned... k>
void all(std::integer_sequence<unsigned, k...>) {
  of_tight<W>();
  (of_loose<W, k + 1>(), ...);
  const auto row = []<unsigned j>(std::integral_constant<unsigned, j>) { (of_two<W, j, k + 1>(), ...); };
  (row(std::integral_constant<unsigned, k + 1>()), ...);
}

// What has no bounds that hold must not compile.
using recorder::CanAdd, recorder::CanMultiply, recorder::CanSubtract;
static_assert(!CanMultiply<Loose<1>, Lanes51> && !CanMultiply<Loose<1>, Loose<1>>);
static_assert(CanAdd<Loose<3>, Loose<4>> && !CanAdd<Loose<4>, Loose<4>>);
static_assert(CanSubtract<Loose<5>, Loose<1>> && !CanSubtract<Loose<6>, Loose<1>> &&
              !CanSubtract<Loose<1>, Loose<4>>);

}  // namespace
}  // namespace bulla::crypto::curve25519::ifma

int main() {
  using namespace bulla::crypto::curve25519::ifma;
  all<Eight>(std::make_integer_sequence<unsigned, 7>());
  all<Four>(std::make_integer_sequence<unsigned, 7>());
}
